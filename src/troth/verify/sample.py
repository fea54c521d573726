"""Which conversations the seed draws (``docs/formats/manifest.md``, "Sample")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

_DIGITS = 13
_SPACE = 2**52


class Sample:
    """The sample of a release."""

    def __init__(self, seed: int, share: float) -> None:
        self._whole = share >= 1
        self._prefix = f"troth:sample:1\0{seed}\0"
        self._limit = int(share * _SPACE)

    def outside(self, conversations: Iterable[str]) -> Iterator[str]:
        """Those of some conversations that are not in it."""
        if self._whole:
            return
        for conversation in conversations:
            if not self._draws(conversation):
                yield conversation

    def inside(self, conversations: Iterable[str]) -> Iterator[str]:
        """Those of some conversations that are in it."""
        for conversation in conversations:
            if self._whole or self._draws(conversation):
                yield conversation

    def _draws(self, conversation: str) -> bool:
        digest = hashlib.sha256(f"{self._prefix}{conversation}".encode()).hexdigest()
        return int(digest[:_DIGITS], 16) < self._limit
