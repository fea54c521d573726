"""One event as a frozen value, read from JSON or TOML, and every way in which it can be wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from troth.errors import HistoryError, Place
from troth.history.values import check_values
from troth.history.vocabulary import EVENTS, LIST_FIELDS, TIME_FIELDS
from troth.terms.problems import did_you_mean
from troth.types.moment import Moment, MomentError, format_moment, moment_of, parse_moment


class Event(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What happened, when it counts (``at``) and when we learned of it (``recorded_at``): microseconds, UTC."""

    event: str
    at: Moment
    recorded_at: Moment
    id: str | None = None
    account: str | None = None
    organisation: str | None = None
    conversation: str | None = None
    record: str | None = None
    hold: str | None = None
    plan: str | None = None
    region: str | None = None
    age: str | None = None
    retention: str | None = None
    version: str | None = None
    choice: str | None = None
    value: str | None = None
    mechanism: str | None = None
    period: str | None = None
    notice: str | None = None
    initial_state: str | None = None
    mode: str | None = None
    audience: str | None = None
    role: str | None = None
    kind: str | None = None
    product: str | None = None
    channel: str | None = None
    zero_retention: bool | None = None
    features: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    conversations: tuple[str, ...] | None = None
    plans: tuple[str, ...] | None = None
    exclude_plans: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    exclude_regions: tuple[str, ...] | None = None
    since: Moment | None = None
    until: Moment | None = None
    project: str | None = None
    notice_digest: str | None = None
    layout_digest: str | None = None
    locale: str | None = None
    signal: str | None = None
    shown_at: Moment | None = None
    why: str | None = None

    @property
    def narrow(self) -> bool:
        """Whether it is a choice for one conversation or project only: never one of the account as a whole."""
        return self.event == "choice.made" and (self.conversation is not None or self.project is not None)


_FIELD = re.compile(r"`\$?\.?(\w+)`")


def read_event(raw: Mapping[str, Any], place: Place) -> Event:
    """An event from the fields of a JSON object or TOML table. Times are RFC 3339 text or aware datetimes.

    Raises `HistoryError` with the place, what is wrong and the remedy.
    """
    fields = dict(raw)
    name = fields.get("event")
    kind = EVENTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise HistoryError(f"unknown event {name!r}", place=place, remedy=did_you_mean(str(name), EVENTS))
    known = ("event", "at", "recorded_at", "id", *kind.fields)
    for key in fields:
        if key not in known:
            raise HistoryError(f"{name}: unknown key {key!r}", place=place, remedy=did_you_mean(key, known))
    for key in ("at", *kind.required):
        if fields.get(key) is None:
            raise HistoryError(f"{name} has no {key}", place=place, remedy=f"every {name} names its {key}")
    for key in TIME_FIELDS:
        if fields.get(key) is not None:
            fields[key] = _time(fields[key], f"{name}: {key}", place)
    fields.setdefault("recorded_at", fields["at"])
    if fields["recorded_at"] is None:
        fields["recorded_at"] = fields["at"]
    try:
        event = msgspec.convert(fields, Event)
    except msgspec.ValidationError as problem:
        raise HistoryError(f"{name}: {problem}", place=place, remedy="mend the value") from None
    check_values(event, place)
    return event


def _time(value: Any, what: str, place: Place) -> Moment:
    try:
        if isinstance(value, datetime):
            return moment_of(value)
        if isinstance(value, str):
            return parse_moment(value)
    except MomentError as problem:
        raise HistoryError(f"{what}: {problem}", place=place, remedy="all times are UTC") from None
    raise HistoryError(f"{what} is not a time", place=place, remedy='write it like "2025-09-10T14:00:00Z"')


def public_form(event: Event) -> dict[str, Any]:
    """The event as the public format writes it: only what is set, times as RFC 3339."""
    form: dict[str, Any] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if value is None or (name == "recorded_at" and value == event.at):
            continue
        if name in TIME_FIELDS:
            value = format_moment(value)
        form[name] = list(value) if name in LIST_FIELDS else value
    return form


def event_bytes(event: Event) -> bytes:
    """The canonical bytes (RFC 8785) of an event: what its digest is taken of.

    Made of text, yes or no, and lists of text alone, `public_form` has the same bytes in a far faster encoder.
    """
    form: dict[str, Any] = msgspec.to_builtins(event)
    if form["recorded_at"] == form["at"]:
        del form["recorded_at"]
    for name in TIME_FIELDS:
        if name in form:
            form[name] = format_moment(form[name])
    return _ENCODER.encode(form)


_ENCODER = msgspec.json.Encoder(order="deterministic")
