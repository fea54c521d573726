"""Sampling by id: a record is in a sample at a rate if a hash of its id falls below the rate."""

from __future__ import annotations

import hashlib
from fractions import Fraction

SPACE = 2**64


def threshold(rate: float) -> int:
    """The least whole number that is not below ``rate`` times 2^64: hashes below it are in the sample."""
    scaled = Fraction(rate) * SPACE
    return -(-scaled.numerator // scaled.denominator)


def in_sample(record: str, rate: float) -> bool:
    """Whether the first 8 bytes of the SHA-256 of the id, big-endian, divided by 2^64, are below the rate."""
    return int.from_bytes(hashlib.sha256(record.encode()).digest()[:8], "big") < threshold(rate)
