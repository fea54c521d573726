"""What operators do, and what they are refused: each an act of the workspace, logged before it is answered."""

from __future__ import annotations

from collections.abc import Iterator
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


def accesses(workspace: Workspace) -> Iterator[Access]:
    """Every act of an operator, in the order of the ledger. Raises ``StoreError``."""
    for row in workspace.store.opened(kinds=("access",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, AccessPayload):
            yield Access(row.index, row.at, told.act, told.by, told.role, told.allowed)
