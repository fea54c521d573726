"""One erasure, in its order: the intent in the ledger, the keys, the rows, the end in the ledger (``docs/erasure.md``).

A crash in between is finished by whoever opens the workspace next (`troth.operations.workspace.unfinished`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.errors import LedgerError
from troth.operations.decide import Progress
from troth.operations.workspace.acts import act
from troth.operations.workspace.holds_of import forbids
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.sequencing import sequence_pending
from troth.operations.workspace.unfinished import done_item
from troth.proof.payloads import CitedCheckpoint, ErasureAbandoned, ErasureIntended, Kept
from troth.store.interface import Item
from troth.vault.keys.keyring import Destruction

AT_ONCE = 4_096
"""Conversations of one batch: one rotation of the root destroys all their keys."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one act is to destroy: conversations with the number of records that were judged, and what they rest on."""

    records: Mapping[str, int]
    """How many records of each conversation were judged: one that has more by now is judged again."""
    said: Sequence[str]
    """The records of these conversations: what was recorded of one alone is sealed under a key of its own."""
    accounts: Sequence[str]
    decided_on: CitedCheckpoint
    why: str
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What one act has destroyed: the numbers of its two entries, the commitments and the slots."""

    intent: int
    done: int
    commitments: Mapping[str, bytes]
    slots: tuple[int, ...]
    destruction: Destruction


@dataclass(frozen=True, slots=True)
class _Targets:
    names: Mapping[str, Mapping[str, int]]
    """By the kind of handle, the names that have a slot, and the slot."""
    commitments: Mapping[str, bytes]

    @property
    def slots(self) -> tuple[int, ...]:
        """All slots, in order."""
        return tuple(sorted(slot for named in self.names.values() for slot in named.values()))


def destroy(workspace: Workspace, batch: Batch, progress: Progress) -> Destroyed | None:
    """Destroy a batch for good. None where something that may forbid it came in meanwhile: then judge it again.

    When this returns, the ledger says that it is done. The caller is the only one who erases here (`erasing_alone`).
    """
    targets = _targets(workspace, batch)
    item = act("erasure", _intended(targets, batch), every_time=True)
    workspace.store.append([item])
    sequence_pending(workspace, progress)
    intent = _index(workspace, item)
    names = list(batch.records)
    with workspace.vault.still():
        if forbids(workspace, names, batch.decided_on.size, intent) or _grown(workspace, batch):
            destruction = None
        else:
            destruction = workspace.keyring.destroy(targets.slots)
    if destruction is None:
        workspace.store.append([act("erasure", ErasureAbandoned(intent))])
        sequence_pending(workspace, progress)
        return None
    _forget(workspace, targets)
    done = done_item(intent, destruction, batch.kept)
    workspace.store.append([done])
    sequence_pending(workspace, progress)
    end = _index(workspace, done)
    return Destroyed(intent, end, targets.commitments, targets.slots, destruction)


def _targets(workspace: Workspace, batch: Batch) -> _Targets:
    """The keys that are to go, by the names that they stand for."""
    asked = (("conversation", list(batch.records)), ("record", batch.said), ("account", batch.accounts))
    names: dict[str, Mapping[str, int]] = {}
    for kind, given in asked:
        found = workspace.handles.slots(kind, given, make=False)
        names[kind] = {name: slot for name, slot in found.items() if slot is not None}
    return _Targets(names, workspace.store.commitments(list(batch.records)))


def _intended(targets: _Targets, batch: Batch) -> ErasureIntended:
    return ErasureIntended(
        accounts=len(batch.accounts),
        checkpoint=batch.decided_on,
        slots=targets.slots,
        subjects=tuple(sorted(one.hex() for one in targets.commitments.values())),
        why=batch.why,
    )


def _grown(workspace: Workspace, batch: Batch) -> bool:
    """Whether a conversation has other records by now than were judged."""
    return any(workspace.vault.stored(name) != count for name, count in batch.records.items())


def _forget(workspace: Workspace, targets: _Targets) -> None:
    """Rows first, then what stands for the names: a conversation that goes on gets a new key."""
    handles = workspace.handles
    marks = [handles.mark(kind, name) for kind, named in targets.names.items() for name in named]
    workspace.store.erase_rows(marks)
    for kind, named in targets.names.items():
        if named:
            handles.forget(kind, named)


def _index(workspace: Workspace, item: Item) -> int:
    for row in workspace.store.opened(key=item.key):
        if row.index is not None:
            return row.index
    raise LedgerError(
        "the entry of an erasure is not in the ledger yet",
        remedy="call troth sequence; what was begun is finished when the workspace is opened again",
    )
