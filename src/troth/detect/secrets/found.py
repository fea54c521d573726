"""The ways in which a secret is recognised, and how often each is right.

The figures are judgements, made here and nowhere else; ``docs/detection-secrets.md`` gives what was measured of
them together.
"""

from __future__ import annotations

from typing import Final

from troth.detect.finding import Finding

CONFIDENCE: Final = {
    "secret/token": 0.97,  # the published form of one service
    "secret/split-token": 0.9,  # the same over several lines
    "secret/jwt": 0.98,
    "secret/private-key": 0.99,
    "secret/password": 0.9,  # assigned to a name that says so
    "secret/key": 0.85,
    "secret/said": 0.8,  # "the password is ..."
    "secret/option": 0.9,  # of a command
    "secret/header": 0.95,
    "secret/url": 0.95,
    "secret/encoded": 0.9,  # decodes to one of the others
    "secret/azure": 0.95,
}
"""How often a finding is right, by its ``why``, up to the colon."""


def secret(start: int, end: int, why: str) -> Finding:
    """A finding of a secret."""
    return Finding(start, end, "SECRET", CONFIDENCE[why.partition(":")[0]], why)
