"""Recording a choice: for the person, their organisation, one conversation or one project."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from troth.errors import HistoryError, Place, UsageError
from troth.history.event import Event, read_event
from troth.operations.live.people import Person
from troth.operations.live.standpoint import Standpoint, Stands
from troth.terms.model import Choice
from troth.types.moment import Moment, format_moment

ADMIN = "admin"
_PLACE = Place("choice")


@dataclass(frozen=True, slots=True)
class Choosing:
    """A choice as somebody makes it."""

    choice: str
    value: str
    account: str | None = None
    organisation: str | None = None
    conversation: str | None = None
    project: str | None = None
    mechanism: str | None = None
    initial_state: str | None = None
    period: str | None = None
    notice: str | None = None
    notice_digest: str | None = None
    layout_digest: str | None = None
    locale: str | None = None
    shown_at: str | None = None
    """RFC 3339 in UTC."""


def event_id(who: str, key: str | None) -> str:
    """The id of an event: the same for the same sender and key, so that what is sent twice happens once.

    Without a key it is random: then what is sent twice happens twice.
    """
    if key is None:
        return f"live-{secrets.token_hex(16)}"
    told = b"\x00".join((who.encode(), key.encode()))
    return f"live-{hashlib.sha256(told).hexdigest()[:32]}"


def choice_event(asked: Choosing, at: Moment, name: str) -> Event:
    """The event of a choice. ``name`` is its id. Raises `HistoryError` for what the vocabulary does not have."""
    fields = {key: getattr(asked, key) for key in asked.__slots__ if getattr(asked, key) is not None}
    return read_event({"event": "choice.made", "at": format_moment(at), "id": name, **fields}, _PLACE)


def asked_choice(standpoint: Standpoint, name: str, at: Moment) -> Choice:
    """A choice of the newest published terms. Raises `UsageError` where they have none of this name."""
    place = standpoint.timetable.published(at)
    choices = standpoint.terms.versions[place].choices if place >= 0 else ()
    for choice in choices:
        if choice.name == name:
            return choice
    known = ", ".join(one.name for one in choices) or "none"
    raise UsageError(f"there is no choice {name!r}", remedy=f"choose one of: {known}")


def check_notice(digests: Collection[str], asked: Choosing) -> None:
    """Raise `UsageError` where a choice names a notice that is none of ours. ``digests`` are those of all notices."""
    if asked.notice_digest is not None and asked.notice_digest not in digests:
        raise UsageError(
            f"no notice has the digest {asked.notice_digest}",
            remedy="send the digest of the notice that was shown, as the question gave it",
        )


def check_layout(digests: Collection[str], asked: Choosing) -> None:
    """Raise `UsageError` where a choice names a layout that is none of ours. ``digests`` are those of all layouts."""
    if asked.layout_digest is not None and asked.layout_digest not in digests:
        raise UsageError(
            f"no layout has the digest {asked.layout_digest}",
            remedy="send the digest of the layout that was shown, as the question gave it",
        )


def check_own(asked: Choosing, stands: Stands) -> None:
    """Raise `UsageError` where a choice is not the person's, but their organisation's."""
    stand = stands.choice(asked.choice)
    if stand is not None and stand.by == "organisation":
        raise UsageError(
            "the organisation of this account decides this choice",
            remedy="ask the organisation's administrator; a no for one conversation or project is possible",
        )


def same_choice(recorded: Event, asked: Choosing) -> bool:
    """Whether an event that was recorded before says what is asked now; when it happened does not matter."""
    now = choice_event(asked, recorded.at, recorded.id or "")
    return now == recorded


def check_same(recorded: Event, asked: Choosing) -> None:
    """Raise `HistoryError` unless an event recorded under the same key says what is asked now."""
    if not same_choice(recorded, asked):
        raise HistoryError(
            "this key was used for another choice before",
            place=_PLACE,
            remedy="nothing was recorded; send a new choice with a key of its own",
        )


def recorded_under(person: Person, name: str) -> Event | None:
    """The event of a person with an id, if it was recorded before."""
    return next((event for event in (*person.events, *person.talks) if event.id == name), None)
