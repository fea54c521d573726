"""The one place where salts of entries and conversations come from."""

from __future__ import annotations

import os

from troth.proof.entry import SALT_BYTES


def fresh_salts(count: int) -> list[bytes]:
    """So many salts of 32 bytes, from the operating system's randomness.

    Nothing else makes salts. The store seals each under the key of what it is about, so that destroying a key closes
    every commitment that was made under it.
    """
    drawn = os.urandom(SALT_BYTES * count)
    return [drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES)]
