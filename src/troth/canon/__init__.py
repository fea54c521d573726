"""Canonical bytes and hashes: the same value always has the same bytes (RFC 8785), and so the same digest."""
