"""What a change would do, before it is made: the same decisions, with one event more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.history.event import Event
from troth.operations.live.around import around
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Terms


@dataclass(frozen=True, slots=True)
class Preview:
    """Conversations of which anything may be used for a purpose, as things stand and after a change."""

    looked_at: int
    before: int
    after: int


def preview(
    workspace: Workspace, terms: Terms, conversations: Sequence[str], purpose: str, change: Event
) -> Preview:
    """Decide conversations now and after a change, at the time of the change. Nothing is recorded.

    Raises ``StoreError``, and ``VerificationError`` where the vault is damaged.
    """
    found = around(workspace, conversations)
    counts = []
    for point in (found.point(terms), found.point(terms, change)):
        counts.append(
            sum(
                any(point.decide(record, purpose, change.at).allow for record in found.records(name))
                for name in conversations
            )
        )
    return Preview(len(conversations), counts[0], counts[1])
