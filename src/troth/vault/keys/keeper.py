"""Who keeps the root of the key tree: a narrow interface, and the evidence of a root's destruction.

Whoever can read what a keeper keeps, and has a copy of the key database of the same root version, has every key that
was left in that version. Whoever can destroy it has erased everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from troth.types.moment import Moment

ROOT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one version of a root was destroyed.

    ``how`` is a plain sentence that also says what it did not reach. ``effective`` is when the root could no longer be
    read by anybody; ``scheduled`` is when it will be, where the keeper cannot do it at once. Both are UTC. Neither is
    known where a root was found destroyed after an interruption.
    """

    keeper: str
    version: int
    how: str
    scheduled: Moment | None
    effective: Moment | None


class RootKeeper(Protocol):
    """Keeps roots of 32 random bytes, each under its version.

    A version that was destroyed, or whose destruction is scheduled, is neither listed nor given again, whatever
    happens: the keyring takes a version above its own for the rest of an interrupted rotation, and destroys it. A version
    of an interrupted rotation that was destroyed may be made again, with other bytes.
    """

    @property
    def name(self) -> str:
        """The keeper's name, which is written into the key database: one keyring has no two of the same name."""

    @property
    def statement(self) -> str:
        """What makes a destroyed root destroyed here, in plain words."""

    def versions(self) -> list[int]:
        """Every version that is held, ascending. Raises `VaultError` where that cannot be told."""

    def make(self, version: int) -> None:
        """Make a new root beside the old ones; it is durable when this returns. Raises `VaultError`."""

    def get(self, version: int) -> bytes:
        """The 32 bytes of a version. Raises `VaultError` where it is not held, or damaged."""

    def destroy(self, version: int) -> Evidence:
        """Destroy a version, whether it can be read or is damaged. Raises `VaultError`; then it may still be there."""
