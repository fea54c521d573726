"""``troth vault keeper``: who keeps the root of the keys; and its way to other keepers, which the ledger is told of."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.errors import LedgerError, Place, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.roots.change import Edge, change
from troth.operations.workspace.roots.keepers import kept_by, kind_of, open_keepers
from troth.operations.workspace.roots.note import Tables
from troth.operations.workspace.roots.told import KIND
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import KeeperPayload, read_payload


@dataclass(frozen=True, slots=True)
class Kept:
    """One keeper: its name and kind, the versions of the root that it holds, and what destroyed means with it."""

    name: str
    kind: str
    versions: tuple[int, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Keepers:
    """Who keeps the root, and the version that is live."""

    version: int
    keepers: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What the ledger was told of a change of keepers, and the number of its entry."""

    told: KeeperPayload
    entry: int
    ledger: Sequenced


def keepers_of(workspace: Path) -> Keepers:
    """Who keeps the root of a workspace. Raises ``StoreError`` and ``VaultError``."""
    with opened(workspace) as found:
        keepers = open_keepers(found.settings, now, os.environ)
        kept = tuple(
            Kept(keeper.name, kind_of(choice), tuple(keeper.versions()), keeper.statement)
            for (choice, _), keeper in zip(kept_by(found.settings), keepers, strict=True)
        )
        return Keepers(found.keyring.stats().root_version, kept)


def hand_over(workspace: Path, tables: Path, progress: Progress = silent) -> HandedOver:
    """Give the root to the keepers that a file of tables names. When this returns, the old root is destroyed.

    Interrupted, it is finished or undone by whatever opens the workspace next. Raises `UsageError` for a file that names
    no keepers or those of now, ``StoreError``, ``VaultError`` and `LedgerError`.
    """
    wanted = read_tables(tables)
    with opened(workspace):
        pass  # what was interrupted before is finished first
    progress("hand over", 0, None)
    change(workspace, wanted, Edge(now, os.environ))
    with opened(workspace) as found:  # that tells the ledger
        ledger = sequence_pending(found, progress)
        for row in reversed(list(found.store.opened(kinds=(KIND,)))):
            told = read_payload(row.kind, row.payload)
            if isinstance(told, KeeperPayload) and row.index is not None:
                return HandedOver(told, row.index, ledger)
    raise LedgerError(
        "the change of keepers is done, and not in the ledger yet",
        remedy="call troth sequence, which says more",
    )


def read_tables(file: Path) -> Tables:
    """The tables ``[root]`` and ``[second-root]`` of a file, as in ``troth.toml``. Raises `UsageError`."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise UsageError(
            f"these are not the tables of root keepers: {problem}",
            place=Place(str(file)),
            remedy="it has the table [root], and [second-root] for a second keeper, as docs/root-keepers.md shows them",
        ) from None
