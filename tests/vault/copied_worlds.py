"""A keyring whose database is copied with every change, and what is left of it where its disk is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from keys_worlds import World

from troth.vault.keys.copies import KeyCopy
from troth.vault.keys.keyring import Keyring, open_keyring


@dataclass(frozen=True)
class CopiedWorld(World):
    """A world with a place for key copies."""

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    @property
    def copy(self) -> Path:
        return self.copies / "keys.db"

    def create(self) -> CopiedWorld:
        super().create()
        self.copies.mkdir()
        with self.opened() as keyring:
            keyring.copied()
        return self

    def open(self) -> Keyring:
        return open_keyring(self.keys, self.all_keepers(), KeyCopy(self.copies))

    def lost_disk(self, place: Path) -> World:
        """The same keepers, of which nothing is changed, and the copy where the key database was."""
        shutil.copytree(self.folder, place, ignore=shutil.ignore_patterns("keys", "copies"))
        found = World(place, self.keepers)
        found.keys.mkdir()
        with closing(sqlite3.connect(self.copy)) as source, closing(sqlite3.connect(found.database)) as taken:
            source.backup(taken)
        return found

    def table(self, sql: str, database: Path) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(sql).fetchall()


TABLES = ("state", "node", "root", "handle", "removed")


def same(world: CopiedWorld) -> bool:
    """Whether the copy has every row of the key database; of the evidence the newest may be missing."""
    return all(
        sorted(world.table(f"SELECT * FROM {name}", world.database))
        == sorted(world.table(f"SELECT * FROM {name}", world.copy))
        for name in TABLES
    )
