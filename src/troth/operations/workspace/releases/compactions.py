"""Which shards of a release were compacted, as the ledger of its workspace has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.proof.payloads import ReleaseCompacted, read_payload
from troth.store.interface import Opened, Store

KIND = "compaction"


@dataclass(frozen=True, slots=True)
class Compaction:
    """One entry: a shard was written anew."""

    row: Opened
    told: ReleaseCompacted


def compactions_of(store: Store, manifest: str) -> Mapping[str, tuple[Compaction, ...]]:
    """The compactions of a release that are in the ledger, by the name of the shard, in the order of the ledger."""
    found: dict[str, tuple[Compaction, ...]] = {}
    for row in store.opened(kinds=(KIND,)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, ReleaseCompacted) and told.manifest == manifest and row.index is not None:
            found[told.shard] = (*found.get(told.shard, ()), Compaction(row, told))
    return found
