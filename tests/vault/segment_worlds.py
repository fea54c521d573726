"""Records of every shape, and a vault to put them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from troth.types.record import RECORD_SCHEMA
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring, create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper
from troth.vault.segments.compact import Compacted
from troth.vault.segments.vault import Vault, create_vault

words = st.text(st.characters(codec="utf-8"), max_size=40)
maybe = st.none() | words
moments = st.none() | st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of a few conversations: every column, nulls, media, any text."""
    ids = draw(st.lists(words.filter(bool), min_size=1, max_size=12, unique=True))
    return [
        {
            "record": record,
            "conversation": draw(st.sampled_from(["talk-1", "talk-2", "Gespräch 3", ""])),
            "account": draw(st.none() | st.sampled_from(["ada", "ben"])),
            "at": draw(moments),
            **{name: draw(words) for name in ("role", "kind", "product", "channel")},
            "position": draw(st.integers(-(2**63), 2**63 - 1)),
            **{
                name: draw(maybe)
                for name in ("plan", "parent", "media_type", "digest", "path", "model", "tool")
            },
            "text": draw(st.none() | st.text(st.characters(codec="utf-8"), max_size=5_000)),
            "bytes": draw(st.none() | st.binary(max_size=5_000)),
        }
        for record in ids
    ]


def batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in RECORD_SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=RECORD_SCHEMA)


def said(
    conversation: str, position: int, text: str = "pears", account: str | None = "ada", **more: Any
) -> dict[str, Any]:
    return {
        "record": f"{conversation}/{position}", "conversation": conversation, "account": account,
        "at": 1_760_000_000_000_000 + position, "role": "user", "kind": "text", "product": "chat",
        "channel": "first_party", "position": position, "text": text, **more,
    }  # fmt: skip


def talks(count: int, turns: int = 2, size: int = 100, first: int = 0) -> pa.RecordBatch:
    """So many conversations of so many turns of so many letters."""
    return batch(
        [
            said(f"talk-{talk}", turn, f"{talk}/{turn} ".ljust(size, "p"), f"account-{talk // 3}")
            for talk in range(first, first + count)
            for turn in range(turns)
        ]
    )


def in_order(batches: Sequence[pa.RecordBatch]) -> list[dict[str, Any]]:
    """The records by their ids, with times as numbers: some lie beyond what Python's own can say."""
    table = pa.Table.from_batches(batches, RECORD_SCHEMA)
    place = RECORD_SCHEMA.get_field_index("at")
    table = table.set_column(place, "at", table["at"].cast(pa.int64()))
    return sorted(table.to_pylist(), key=lambda row: row["record"])


@dataclass(frozen=True)
class Safe:
    """A vault with its keys."""

    folder: Path
    keyring: Keyring
    handles: Handles
    vault: Vault
    segments: str | None = None
    """The URL of the segments, where they lie in an object store."""

    def again(self) -> Vault:
        """The same vault, opened once more."""
        return Vault(self.folder, self.keyring, self.handles, self.segments)

    def files(self) -> list[Path]:
        """The files of the segments."""
        return sorted((self.folder / "segments").glob("*.parquet"))

    def erase(self, *conversations: str) -> None:
        slots = self.handles.slots("conversation", conversations, make=False)
        self.keyring.destroy([slot for slot in slots.values() if slot is not None])

    def rows(self) -> list[dict[str, Any]]:
        """Everything that can be read."""
        return in_order(list(self.vault.records()))

    def lying(self) -> list[dict[str, Any]]:
        """The rows that lie in the files, as they are, whether a key opens them or not."""
        return [row for file in self.files() for row in pq.read_table(file).to_pylist()]

    def compact(self) -> Compacted:
        return self.vault.compact(silent)


def silent(stage: str, done: int, total: int | None) -> None:
    """Nobody looks on."""


@contextmanager
def safe(folder: Path, *, make: bool = True, segments: str | None = None) -> Iterator[Safe]:
    keepers = [LocalKeeper(folder / "root", lambda: 0)]
    if make:
        folder.mkdir(parents=True, exist_ok=True)
        create_keyring(folder, keepers)
        create_vault(folder)
    keyring = open_keyring(folder, keepers)
    handles = Handles(keyring, folder)
    vault = Vault(folder, keyring, handles, segments)
    try:
        yield Safe(folder, keyring, handles, vault, segments)
    finally:
        vault.close()
        keyring.close()
