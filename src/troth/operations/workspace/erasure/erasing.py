"""One erasure, in its order: the intent in the ledger, the keys, the rows, the end in the ledger (``docs/erasure.md``).

A crash in between is finished by whoever opens the workspace next (`troth.operations.workspace.erasure.unfinished`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.errors import LedgerError
from troth.operations.decide import Progress
from troth.operations.workspace.acts import act
from troth.operations.workspace.erasure.holds_of import forbids
from troth.operations.workspace.erasure.parted import part
from troth.operations.workspace.erasure.unfinished import done_item
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import CitedCheckpoint, ErasureAbandoned, ErasureIntended, Kept
from troth.store.interface import Item
from troth.vault.segments.moving import Move

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
class Parts:
    """What one act is to destroy of conversations of which a part stays: as `Batch`, by records."""

    records: Mapping[str, int]
    """How many records of each conversation were judged, those that stay among them."""
    going: Sequence[str]
    staying: Sequence[str]
    decided_on: CitedCheckpoint
    why: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What one act has destroyed: the numbers of its two entries."""

    intent: int
    done: int


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
    intent = _logged(workspace, act("erasure", _intended(targets, batch), every_time=True), progress)
    with workspace.vault.still():
        if _came_in(workspace, batch, targets.names["conversation"], intent):
            destruction = None
        else:
            destruction = workspace.keyring.destroy(targets.slots)
    if destruction is None:
        _logged(workspace, act("erasure", ErasureAbandoned(intent)), progress)
        return None
    _forget(workspace, targets)
    return Destroyed(intent, _logged(workspace, done_item(intent, destruction, batch.kept), progress))


def destroy_parts(workspace: Workspace, parts: Parts, progress: Progress) -> Destroyed | None:
    """Destroy a part of each of some conversations for good, and give what stays keys of its own. Else as `destroy`.

    Each of the conversations has a commitment. Releases that were built before have nothing of them any more. Raises
    ``VerificationError`` where what stays cannot be read: then nothing was destroyed.
    """
    names = list(parts.records)
    old = _living(workspace, "conversation", names)
    moves = {
        name: Move(old[name], new) for name, new in zip(old, workspace.keyring.allot(len(old)), strict=True)
    }
    intended = ErasureIntended(
        accounts=0,
        checkpoint=parts.decided_on,
        slots=tuple(sorted({*old.values(), *_living(workspace, "record", parts.going).values()})),
        subjects=(),
        why=parts.why,
        parts=tuple(sorted(one.hex() for one in workspace.store.commitments(names).values())),
    )
    intent = _logged(workspace, act("erasure", intended, every_time=True), progress)
    with workspace.vault.still():
        came_in = _came_in(workspace, parts, old, intent)
        if not came_in:
            workspace.vault.stage(moves, parts.staying)
            destruction = part(workspace, intended)
    if came_in:
        _logged(workspace, act("erasure", ErasureAbandoned(intent)), progress)
        return None
    return Destroyed(intent, _logged(workspace, done_item(intent, destruction), progress))


def _logged(workspace: Workspace, item: Item, progress: Progress) -> int:
    """Log an act; its number in the ledger."""
    workspace.store.append([item])
    sequence_pending(workspace, progress)
    for row in workspace.store.opened(key=item.key):
        if row.index is not None:
            return row.index
    raise LedgerError(
        "the entry of an erasure is not in the ledger yet",
        remedy="call troth sequence; what was begun is finished when the workspace is opened again",
    )


def _living(workspace: Workspace, kind: str, names: Sequence[str]) -> dict[str, int]:
    """The slots of those names that have one."""
    found = workspace.handles.slots(kind, names, make=False)
    return {name: slot for name, slot in found.items() if slot is not None}


def _targets(workspace: Workspace, batch: Batch) -> _Targets:
    """The keys that are to go, by the names that they stand for."""
    asked = (("conversation", list(batch.records)), ("record", batch.said), ("account", batch.accounts))
    names = {kind: _living(workspace, kind, given) for kind, given in asked}
    return _Targets(names, workspace.store.commitments(list(batch.records)))


def _intended(targets: _Targets, batch: Batch) -> ErasureIntended:
    return ErasureIntended(
        accounts=len(batch.accounts),
        checkpoint=batch.decided_on,
        slots=targets.slots,
        subjects=tuple(sorted(one.hex() for one in targets.commitments.values())),
        why=batch.why,
        kept=batch.kept,
    )


def _came_in(workspace: Workspace, batch: Batch | Parts, slots: Mapping[str, int], intent: int) -> bool:
    """Whether something came in since the decision: what may forbid it, or other records than were judged."""
    if forbids(workspace, batch.records, batch.decided_on.size, intent):
        return True
    counts = workspace.vault.stored_in(slots.values())
    return any(counts.get(slots.get(name, -1), 0) != count for name, count in batch.records.items())


def _forget(workspace: Workspace, targets: _Targets) -> None:
    """Rows first, then what stands for the names: a conversation that goes on gets a new key."""
    mark = workspace.handles.mark
    workspace.store.erase_rows([mark(kind, name) for kind, named in targets.names.items() for name in named])
    workspace.handles.forget_slots(targets.slots)
