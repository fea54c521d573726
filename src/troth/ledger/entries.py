"""The bytes of many entries at once, from rows of the store. The same as `troth.proof.entry.entry_bytes` of each."""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from troth.errors import LedgerError
from troth.proof.entry import KINDS, Entry, entry_bytes
from troth.proof.merkle import HASH_BYTES
from troth.store.interface import Logged, Pending
from troth.types.moment import Moment

BATCH = 16_384
"""Entries that are planned, committed and written together."""

_PLACEHOLDER = bytes(HASH_BYTES)


def entries_at(at: Moment, rows: Iterable[Pending | Logged]) -> list[bytes]:
    """The entries of rows that are logged at one time (UTC).

    Raises `LedgerError` for a kind of entry that there is not, and for a commitment that has not 32 bytes.
    """
    parts: dict[str, tuple[bytes, bytes]] = {}
    for kind in KINDS:
        before, _, after = entry_bytes(Entry(at, kind, _PLACEHOLDER)).partition(hexlify(_PLACEHOLDER))
        parts[kind] = before, after
    entries = []
    for row in rows:
        if row.kind not in parts or len(row.commitment) != HASH_BYTES:
            raise LedgerError(
                f"the store holds a row that cannot be logged: kind {row.kind!r}, {len(row.commitment)} bytes committed",
                remedy="find out who wrote to the store past Troth, and restore it from a backup",
            )
        before, after = parts[row.kind]
        entries.append(before + hexlify(row.commitment) + after)
    return entries


def entries_again(rows: Iterator[Logged], start: int, stop: int) -> Iterator[list[bytes]]:
    """The entries that rows were logged as, in batches, from index ``start`` to before ``stop``.

    Raises `LedgerError` where a row in between is missing.
    """
    index = start
    while batch := list(islice(rows, BATCH)):
        _check_indexes(batch, index)
        index += len(batch)
        yield [entry for at, same in groupby(batch, key=lambda row: row.at) for entry in entries_at(at, same)]
    if index != stop:
        raise _row_missing(index)


def _check_indexes(rows: Sequence[Logged], first: int) -> None:
    for index, row in enumerate(rows, start=first):
        if row.index != index:
            raise _row_missing(index)


def _row_missing(index: int) -> LedgerError:
    return LedgerError(
        f"the store holds no row for entry {index} of the ledger",
        remedy="restore the store from its newest backup; if there is none, start a new workspace from an export",
    )
