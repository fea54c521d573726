"""Stage 6. The seeded sample: a conversation's hash says whether it is in, whatever else there is."""

from __future__ import annotations

import hashlib

from troth.build.engine import Engine

_BITS = 52
_DIGITS = 13


def sample_hash(seed: int, purpose: str) -> str:
    """SQL for the first 13 hexadecimal digits of the hash of the column ``conversation``."""
    return (
        f"substr(sha256('troth:{purpose}:1' || chr(0) || '{seed:d}' || chr(0) || conversation), 1, {_DIGITS})"
    )


def hash_of(seed: int, purpose: str, id_: str) -> str:
    """The same digits of the hash of one id."""
    return hashlib.sha256(f"troth:{purpose}:1\0{seed:d}\0{id_}".encode()).hexdigest()[:_DIGITS]


def limit(share: float) -> str:
    """Which hashes are in a share below 1: those below this."""
    return f"{int(share * 2**_BITS):0{_DIGITS}x}"


def keep_sample(engine: Engine, seed: int, share: float) -> None:
    """Make the table ``kept``: conversations that are no duplicates and are in the sample, by number."""
    inside = "true"
    if share < 1:
        inside = f"{sample_hash(seed, 'sample')} < '{limit(share)}'"
    engine.run(
        "CREATE TABLE kept AS SELECT s.number, s.conversation, s.rows, s.size, s.words FROM sketches s"
        f" LEFT JOIN duplicates d USING (number) WHERE d.number IS NULL AND {inside} ORDER BY s.number"
    )
