"""How long conversations are kept, as their records are decided now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.operations.live.around import around
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Terms
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Keeping:
    """One conversation: from when, until when, and why that long."""

    conversation: str
    said: Moment | None
    """When the first of it was said, where anybody knows."""
    until: Moment | None
    """When the last of it must be gone; None where the terms set no end."""
    held: bool
    """Whether a legal hold keeps it beyond that."""


def keeping(
    workspace: Workspace, terms: Terms, conversations: Sequence[str], purpose: str, at: Moment
) -> list[Keeping]:
    """How long some conversations are kept, in the given order; what has no records any more is left out.

    Raises ``StoreError``, and ``VerificationError`` where the vault is damaged.
    """
    found = around(workspace, conversations)
    point = found.point(terms)
    told = []
    for name in conversations:
        decisions = [point.decide(record, purpose, at) for record in found.records(name)]
        if not decisions:
            continue
        said = [one.at for one in found.said if one.conversation == name and one.at is not None]
        said += [e.at for e in found.events if e.event == "record.said" and e.conversation == name]
        ends = [one.keep_until for one in decisions if one.keep_until is not None]
        until = max(ends) if len(ends) == len(decisions) else None
        told.append(Keeping(name, min(said, default=None), until, not all(one.erasable for one in decisions)))
    return told
