"""What operators do, and what they are refused: each an act of the workspace, logged before it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace
from troth.proof.payloads import AccessPayload, read_payload
from troth.store.interface import Item
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Access:
    """One act of an operator. ``index`` and ``at`` (UTC) are None until it is in the ledger."""

    index: int | None
    at: Moment | None
    act: str
    by: str
    role: str
    allowed: bool


def access_act(name: str, by: str, role: str, *, allowed: bool) -> Item:
    """The item of an act: another one each time."""
    payload = AccessPayload(act=name, allowed=allowed, by=by, role=role)
    return act("access", payload, every_time=True)


def accesses(workspace: Workspace, most: int, below: int | None) -> tuple[list[Access], int | None]:
    """The newest acts of operators that are in the ledger, or those with a smaller index than one, the newest first.

    At most so many, and the index to go on below where there may be more. Raises ``StoreError``.
    """
    page = workspace.store.page("access", most, below=below, newest=True)
    told = ((row, read_payload(row.kind, row.payload)) for row in page.rows)
    found = [
        Access(row.index, row.at, one.act, one.by, one.role, one.allowed)
        for row, one in told
        if isinstance(one, AccessPayload)
    ]
    return found, page.last
