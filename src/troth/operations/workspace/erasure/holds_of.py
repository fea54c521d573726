"""Legal holds as the ledger has them: which came in while an erasure was being decided."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from troth.proof.payloads import EventPayload, read_payload
from troth.store.interface import Opened

if TYPE_CHECKING:
    from troth.operations.workspace.opened import Workspace

PLACED = "hold.placed"
SIGNALS = ("conversation.flagged", "conversation.rated", "conversation.reviewed")
"""Events from which an extension may run."""


def forbids(
    workspace: Workspace, conversations: Collection[str] | None, decided_on: int, intent: int
) -> bool:
    """Whether something that may forbid an erasure was logged after what it was decided on and before its intent.

    ``decided_on`` is how many entries the decision rests on, ``intent`` the number of the entry of the intent. Every new
    hold counts, whatever its scope; a flag, a rating or a review counts where it is of one of the conversations, or of
    any where these are None: not known any more.
    """
    named = None if conversations is None else set(conversations)
    kinds = {row.kind for row in workspace.store.logged(decided_on, intent)} & {"hold", "event"}
    rows = workspace.store.opened(kinds=kinds, since=decided_on, below=intent) if kinds else ()
    return any(_may_forbid(row, named) for row in rows)


def _may_forbid(row: Opened, conversations: Collection[str] | None) -> bool:
    told = read_payload(row.kind, row.payload)
    if not isinstance(told, EventPayload):
        return False
    if told.event.event in SIGNALS:
        return conversations is None or told.event.conversation in conversations
    return told.event.event == PLACED


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
