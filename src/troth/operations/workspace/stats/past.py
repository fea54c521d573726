"""How a vault came to be what it is, by the entries of its ledger: conversations taken in, and erased, over time."""

from __future__ import annotations

from dataclasses import dataclass

from troth.proof.payloads import ErasureDone, ErasureIntended, IntakePayload, KeeperPayload, read_payload
from troth.store.interface import Store
from troth.types.moment import Moment

KINDS = ("intake", "erasure", "keeper")


@dataclass(frozen=True, slots=True)
class Step:
    """After an entry of the ledger: how many conversations were ever taken in, and how many of them erased."""

    at: Moment
    taken_in: int
    erased: int


@dataclass(frozen=True, slots=True)
class Past:
    """Every step, in the order of the ledger; times are those of the entries, UTC."""

    steps: tuple[Step, ...]
    root_since: Moment | None
    """When the ledger was told of the live root; None for the first one, and where no entry tells yet."""


def past(store: Store, root: int) -> Past:
    """Read it. ``root`` is the version of the live root."""
    steps: list[Step] = []
    intended: dict[int, int] = {}
    taken_in = erased = 0
    since: Moment | None = None
    for row in store.opened(kinds=KINDS):
        if row.index is None or row.at is None:
            continue
        told = read_payload(row.kind, row.payload)
        match told:
            case IntakePayload(conversations=conversations):
                taken_in += conversations
            case ErasureIntended(subjects=subjects):
                intended[row.index] = len(subjects)
                continue
            case ErasureDone(intent=intent):
                erased += intended.pop(intent, 0)
            case _:
                pass
        if isinstance(told, IntakePayload | ErasureDone):
            steps.append(Step(row.at, taken_in, erased))
        if isinstance(told, ErasureDone | KeeperPayload) and told.root[1] == root and told.root[0] != root:
            since = row.at
    return Past(tuple(steps), since)
