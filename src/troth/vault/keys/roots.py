"""The root at the top of the key tree: made anew and destroyed with every batch of destructions, at one keeper or more.

The order is that of ``docs/vault.md``: the new root is durable beside the old one, then the key database goes over to it,
then the old one is destroyed. Whatever interrupts it, one root that opens the database is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from troth.errors import VaultError
from troth.vault.keys.ggm import KEY_BYTES
from troth.vault.keys.keeper import Evidence, RootKeeper
from troth.vault.keys.key_file import KeyFile
from troth.vault.keys.nodes import NONCE_BYTES, open_retired, open_top_key, seal_retired, seal_top_key

FIRST = 1
"""The version of the first root."""


class Roots:
    """The keepers of one keyring, and what the key database has sealed under their roots."""

    def __init__(self, file: KeyFile, keepers: Sequence[RootKeeper], random: Callable[[int], bytes]) -> None:
        """Raises `VaultError` where there is no keeper, or two have one name."""
        names = [keeper.name for keeper in keepers]
        if not names or len(set(names)) != len(names):
            raise VaultError(
                f"a keyring needs keepers of its root, each with a name of its own, not {names}",
                remedy="name one keeper, or two with different names",
            )
        self._file = file
        self._keepers = keepers
        self._random = random

    def top_key(self, version: int) -> bytes:
        """The key of the top node, by the first keeper. Raises `VaultError` where its root does not open it."""
        return self._top_key_by(self._keepers[0], version)

    def _top_key_by(self, keeper: RootKeeper, version: int) -> bytes:
        sealed = self._sealed().get(keeper.name)
        if sealed is None:
            raise VaultError(
                f"the key database was never sealed under a root of the keeper {keeper.name!r}",
                remedy="open it with the keepers it was made with",
            )
        return open_top_key(keeper.get(version), sealed, version, keeper.name)

    def _sealed(self) -> dict[str, bytes]:
        return dict(self._file.rows("SELECT keeper, sealed FROM root"))

    def check_all_here(self) -> None:
        """Raise `VaultError` where a keeper of the root was not given: its old root could not be destroyed."""
        missing = self._sealed().keys() - {keeper.name for keeper in self._keepers}
        if missing:
            names = ", ".join(sorted(map(str, missing)))
            raise VaultError(
                f"the root is also held by {names}: keys are destroyed only with all its keepers",
                remedy="open the keyring with every keeper it was made with, and do it again",
            )

    def make(self, version: int) -> bytes:
        """Make a root at every keeper, and seal a new top key under each, in the caller's transaction; return that key."""
        top_key = self._random(KEY_BYTES)
        rows = []
        for keeper in self._keepers:
            keeper.make(version)
            nonce = self._random(NONCE_BYTES)
            rows.append(
                (keeper.name, seal_top_key(keeper.get(version), nonce, top_key, version, keeper.name))
            )
        self._file.change_each("REPLACE INTO root VALUES (?, ?)", rows)
        return top_key

    def check(self, live: int, check: Callable[[bytes], None]) -> bytes:
        """Raise `VaultError` where what the keepers hold cannot be what an interrupted rotation left; return the top key.

        ``check`` is given the top key by each keeper, and raises unless it opens the top of the tree. Changes nothing.
        """
        top_key = b""
        for keeper in self._keepers:
            _check_held(keeper, keeper.versions(), live)
            top_key = self._top_key_by(keeper, live)
            check(top_key)
        return top_key

    def mend(self, live: int, check: Callable[[bytes], None]) -> bytes:
        """Undo an interrupted rotation that was never written; return the top key. What is to be finished is `retire`'s.

        Belongs into the one writer's place. Raises as `check` does, before anything is destroyed.
        """
        top_key = self.check(live, check)
        for keeper in self._keepers:
            for version in keeper.versions():
                if version > live:
                    keeper.destroy(version)
        return top_key

    def has_older(self, live: int) -> bool:
        """Whether a keeper holds a root of before the live one."""
        return any(version < live for keeper in self._keepers for version in keeper.versions())

    def retire(self, live: int, top_key: bytes) -> None:
        """Destroy every root before the live one, and keep the evidence for the last of them, sealed.

        Belongs into the one writer's place, behind the transaction that went over to the live root.
        """
        held = [(keeper, version) for keeper in self._keepers for version in keeper.versions()]
        found = [keeper.destroy(version) for keeper, version in held if version < live]
        kept = {
            keeper
            for (keeper,) in self._file.rows("SELECT keeper FROM retired WHERE version = ?", (live - 1,))
        }
        fresh = {one.keeper: one for one in found if one.version == live - 1}
        for keeper in self._keepers:
            if live > FIRST and keeper.name not in kept | fresh.keys():
                fresh[keeper.name] = Evidence(keeper.name, live - 1, _FOUND, None, None)
        if fresh:
            self._keep(list(fresh.values()), top_key)

    def _keep(self, evidence: Sequence[Evidence], top_key: bytes) -> None:
        rows = [
            (
                one.keeper,
                one.version,
                seal_retired(
                    top_key, self._random(NONCE_BYTES), msgspec.json.encode(one), one.version, one.keeper
                ),
            )
            for one in evidence
        ]
        with self._file.writing():
            self._file.change_each("REPLACE INTO retired VALUES (?, ?, ?)", rows)

    def note_taken_over(self, live: int, top_key: bytes) -> None:
        """Say of the root before the live one that others may have held it: they tell of its end, and not these keepers."""
        told = [Evidence(keeper.name, live - 1, TAKEN_OVER, None, None) for keeper in self._keepers]
        self._keep(told, top_key)

    def evidence(self, live: int, top_key: bytes) -> tuple[Evidence, ...]:
        """How the root before the live one was destroyed, at each keeper; nothing before the first rotation."""
        rows = self._file.rows("SELECT keeper, sealed FROM retired WHERE version = ?", (live - 1,))
        told = {keeper: open_retired(top_key, sealed, live - 1, keeper) for keeper, sealed in rows}
        return tuple(
            msgspec.json.decode(told[keeper.name], type=Evidence)
            for keeper in self._keepers
            if keeper.name in told
        )

    def check_new(self, *, unfinished: bool) -> None:
        """Raise `VaultError` where a keeper has roots of something else. Those of an unfinished making are destroyed."""
        for keeper in self._keepers:
            versions = keeper.versions()
            if versions and not (unfinished and versions == [FIRST]):
                raise VaultError(
                    f"the keeper {keeper.name!r} holds roots already",
                    remedy="they open another key database: restore that one, or give the new keyring its own keeper",
                )
            for version in versions:
                keeper.destroy(version)


def _check_held(keeper: RootKeeper, versions: Sequence[int], live: int) -> None:
    """The live root is there, and at most the next one, of an interrupted rotation, above it."""
    if live not in versions or (versions and max(versions) > live + 1):
        raise VaultError(
            f"the key database is of version {live} of the root, and the keeper {keeper.name!r} holds "
            f"{', '.join(map(str, versions)) or 'none'}",
            remedy="restore the copy of the key database that was made last, or the keeper that belongs to it",
        )


_FOUND = (
    "The keeper did not hold this version any more when an interrupted rotation was finished: it was destroyed before, "
    "in the keeper's way, and when is not known."
)
TAKEN_OVER = (
    "The root went over to other keepers with this rotation. The ledger's entry of that says how each keeper of before "
    "destroyed the version that it held."
)
