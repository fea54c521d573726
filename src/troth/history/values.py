"""What the type of a field cannot say: closed words, durations, digests, and whom a choice is for."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from troth.errors import HistoryError, Place
from troth.history.vocabulary import CHOICE_VALUES, PATTERNS
from troth.terms.problems import did_you_mean
from troth.types.moment import MomentError, parse_period
from troth.types.vocabulary import SIGNAL_VALUES

if TYPE_CHECKING:
    from troth.history.event import Event

_PATTERNS = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}

_REMEDIES = {
    "notice_digest": 'write "sha256:" and 64 hexadecimal digits, in small letters',
    "layout_digest": 'write "sha256:" and 64 hexadecimal digits, in small letters',
    "locale": 'write a language tag of BCP 47, like "de" or "pt-BR"',
}


def check_values(event: Event, place: Place) -> None:
    """Raise `HistoryError` where a field of an event has a value that no event may have."""
    if event.event == "choice.made":
        _check_whose(event, place)
        _check_word(event, event.value, CHOICE_VALUES, place)
        _check_shown(event, place)
    elif event.event == "signal.received":
        _check_signal(event, place)
    for name, text in (("period", event.period), ("retention", event.retention)):
        if text is not None and not (name == "period" and text == "indefinite"):
            try:
                parse_period(text)
            except MomentError as problem:
                raise HistoryError(
                    f"{event.event}: {name} {problem}", place=place, remedy="mend it"
                ) from None


def _check_whose(event: Event, place: Place) -> None:
    """A choice is an account's, an organisation's, one for a conversation, or one for a project of an account."""
    if event.conversation is not None or event.project is not None:
        if event.organisation is not None or None not in (event.conversation, event.project):
            raise HistoryError(
                "choice.made for a conversation or a project names one of them, and no organisation",
                place=place,
                remedy="write an event for each",
            )
        if event.project is not None and event.account is None:
            raise HistoryError(
                "choice.made for a project has no account",
                place=place,
                remedy="a project is an account's own name for a folder: name its account",
            )
    elif (event.account is None) == (event.organisation is None):
        raise HistoryError(
            "choice.made names one of account and organisation", place=place, remedy="keep one of them"
        )


def _check_signal(event: Event, place: Place) -> None:
    if event.signal not in SIGNAL_VALUES:
        raise HistoryError(
            f"{event.event}: signal {event.signal!r}",
            place=place,
            remedy=did_you_mean(str(event.signal), SIGNAL_VALUES),
        )
    _check_word(event, event.value, SIGNAL_VALUES[event.signal], place)


def _check_word(event: Event, value: str | None, words: Collection[str], place: Place) -> None:
    if value not in words:
        raise HistoryError(
            f"{event.event}: value {value!r}", place=place, remedy=did_you_mean(str(value), words)
        )


def _check_shown(event: Event, place: Place) -> None:
    """What was shown, and when: recorded as it was, and it decides nothing."""
    for name, pattern in _PATTERNS.items():
        value = getattr(event, name)
        if value is not None and not pattern.fullmatch(value):
            raise HistoryError(f"{event.event}: {name} {value!r}", place=place, remedy=_REMEDIES[name])
    if event.shown_at is not None and event.shown_at > event.at:
        raise HistoryError(
            f"{event.event}: shown_at is after at",
            place=place,
            remedy="what is answered was shown before: mend one of the two times",
        )
