"""Legal holds as the ledger has them: which came in while an erasure was being decided."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from troth.proof.payloads import EventPayload, read_payload
from troth.store.interface import Opened

if TYPE_CHECKING:
    from troth.operations.workspace.opened import Workspace

PLACED = "hold.placed"
_SIGNALS = ("conversation.flagged", "conversation.rated", "conversation.reviewed")
"""Events from which an extension may run."""


def forbids(
    workspace: Workspace, conversations: Collection[str] | None, decided_on: int, intent: int
) -> bool:
    """Whether something that may forbid an erasure was logged after what it was decided on and before its intent.

    ``decided_on`` is how many entries the decision rests on, ``intent`` the number of the entry of the intent. Every new
    hold counts, whatever its scope; a flag, a rating or a review counts where it is of one of the conversations, or of
    any where these are None: not known any more.
    """
    kinds = {row.kind for row in workspace.store.logged(decided_on, intent)}
    if "hold" in kinds:
        rows = workspace.store.opened(kinds=("hold",), below=intent)
        if any(_is(row, decided_on, (PLACED,)) for row in rows):
            return True
    if "event" not in kinds:
        return False
    if conversations is None:
        rows = workspace.store.opened(kinds=("event",), below=intent)
        return any(_is(row, decided_on, _SIGNALS) for row in rows)
    return any(
        _is(row, decided_on, _SIGNALS)
        for name in conversations
        for row in workspace.store.opened(conversation=name, kinds=("event",), below=intent)
    )


def _is(row: Opened, decided_on: int, events: Collection[str]) -> bool:
    if row.index is None or row.index < decided_on:
        return False
    told = read_payload(row.kind, row.payload)
    return isinstance(told, EventPayload) and told.event.event in events


def held_account(workspace: Workspace, account: str) -> bool:
    """Whether a hold that stands names an account, or names no accounts at all."""
    standing: dict[str, bool] = {}
    for row in workspace.store.opened(kinds=("hold",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, EventPayload) and told.event.hold is not None:
            event = told.event
            if event.event != PLACED:
                standing[told.event.hold] = False
            elif event.accounts is None or account in event.accounts:
                standing[told.event.hold] = True
    return any(standing.values())


def hold_names(workspace: Workspace, below: int) -> tuple[str, ...]:
    """The names of the holds that were placed and not released, by the first so many entries; for the operator only."""
    standing: dict[str, bool] = {}
    for row in workspace.store.opened(kinds=("hold",), below=below):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, EventPayload) and told.event.hold is not None:
            standing[told.event.hold] = told.event.event == PLACED
    return tuple(sorted(name for name, stands in standing.items() if stands))
