"""Credentials in texts: passwords, keys, tokens, connection strings, private keys. The door is `SECRETS`."""

from __future__ import annotations

from troth.detect.secrets.all import SECRETS

__all__ = ["SECRETS"]
