"""An event of a history in plain sentences. Every field that is set is said, so that none can be left out unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from troth.history.event import Event
from troth.history.vocabulary import EVENTS, LIST_FIELDS
from troth.receipt.phrases import listed, when
from troth.receipt.quoting import quoted

_HAPPENED: Mapping[str, str] = {
    "account.opened": "The account {account} was opened",
    "account.changed": "The account {account} was changed",
    "account.closed": "The account {account} was closed",
    "organisation.changed": "The organisation {organisation} was changed",
    "terms.acknowledged": "The account {account} acknowledged version {version} of the terms",
    "conversation.started": "The account {account} started the conversation {conversation}",
    "conversation.joined": "The account {account} joined the conversation {conversation}",
    "conversation.audience": "The audience of the conversation {conversation} was set to {audience}",
    "conversation.rated": "The conversation {conversation} was rated",
    "conversation.flagged": "The conversation {conversation} was flagged",
    "conversation.cleared": "The conversation {conversation} was cleared after it had been flagged",
    "conversation.reviewed": "The conversation {conversation} was reviewed",
    "conversation.migrated": "The conversation {conversation} was moved to the plan {plan}",
    "conversation.deleted": "The conversation {conversation} was deleted",
    "signal.received": "The signal {signal} was received from the account {account} with the value {value}",
    "record.said": "The record {record} was said in the conversation {conversation} under the account {account}",
    "record.deleted": "The record {record} was deleted",
    "hold.placed": "The hold {hold} was placed: what it covers must not be erased",
    "hold.released": "The hold {hold} was released",
}
"""What happened, by the name of the event; the fields named here are said here."""

_BESIDE: Mapping[str, str] = {
    "plan": "The plan was {}.",
    "organisation": "It belonged to the organisation {}.",
    "region": "The region was {}.",
    "age": "The age was given as {}.",
    "zero_retention": "That nothing is retained was set to {}.",
    "retention": "The retention was set to {}.",
    "features": "The features set were {}.",
    "period": "It was made for the period {}.",
    "notice_digest": "The notice shown had the digest {}.",
    "layout_digest": "The layout shown had the digest {}.",
    "locale": "It was shown in the locale {}.",
    "shown_at": "It was shown on {}.",
    "project": "The account keeps it in its project {}.",
    "conversation": "It was received for the conversation {} alone.",
    "mode": "The mode was {}.",
    "audience": "The audience was {}.",
    "record": "The record was {}.",
    "account": "The account was {}.",
    "role": "It was said in the role {}.",
    "kind": "It was of the kind {}.",
    "product": "It was said in the product {}.",
    "channel": "It was said through the channel {}.",
    "accounts": "It covers the accounts {}.",
    "conversations": "It covers the conversations {}.",
    "plans": "It covers the plans {}.",
    "exclude_plans": "It does not cover the plans {}.",
    "regions": "It covers the regions {}.",
    "exclude_regions": "It does not cover the regions {}.",
    "since": "It covers what was said from {} on.",
    "until": "It covers what was said before {}.",
    "why": "The reason given was {}.",
}
"""The other fields, each in a sentence of its own."""

_CHOICE = frozenset(
    {
        "choice",
        "value",
        "account",
        "organisation",
        "conversation",
        "project",
        "mechanism",
        "notice",
        "initial_state",
    }
)
_ACTS = {
    "signup": "by the person, when signing up",
    "dialog": "by the person, in a dialog",
    "settings": "by the person, in the settings",
    "default": "by a default, without an act of the person",
    "admin": "by an administrator",
    "import": "by an import from elsewhere",
}
_STOOD = {"none": "Before the choice, no control was set.", "on": "Before the choice, the control stood on.",
          "off": "Before the choice, the control stood off."}  # fmt: skip


def event_words(event: Event) -> Iterator[str]:
    """The sentences of one event."""
    if event.event == "choice.made":
        said = _CHOICE
        yield from _choice(event)
    else:
        template = _HAPPENED[event.event]
        said = frozenset(name for name in EVENTS[event.event].fields if f"{{{name}}}" in template)
        words = template.format_map({name: quoted(getattr(event, name)) for name in said})
        yield f"{words}, on {when(event.at)}."
    for name in EVENTS[event.event].fields:
        if name not in said and getattr(event, name) is not None:
            yield _BESIDE[name].format(_value(name, getattr(event, name)))
    if event.recorded_at != event.at:
        yield f"This was learned of on {when(event.recorded_at)}."
    if event.id is not None:
        yield f"The event has the id {quoted(event.id)}."


def _choice(event: Event) -> Iterator[str]:
    chose = f"{_who(event)} chose {quoted(event.value or '')} for {quoted(event.choice or '')}"
    yield f"{chose}{_place(event)}, on {when(event.at)}."
    if event.notice is None:
        yield "Which notice was shown was not recorded."
    else:
        yield f"The notice shown had the version {quoted(event.notice)}."
    if event.initial_state is None:
        yield "How the control stood before was not recorded; it counts as not set."
    else:
        yield _STOOD.get(
            event.initial_state, f"Before the choice, the control stood {quoted(event.initial_state)}."
        )
    if event.mechanism is None:
        yield 'By what act the choice was made was not recorded; it counts as "dialog".'
    else:
        act = f" ({_ACTS[event.mechanism]})" if event.mechanism in _ACTS else ""
        yield f"The act was {quoted(event.mechanism)}{act}."


def _who(event: Event) -> str:
    if event.account is not None:
        return f"The account {quoted(event.account)}"
    if event.organisation is not None:
        return f"The organisation {quoted(event.organisation)}"
    return "Somebody whose account was not recorded"


def _place(event: Event) -> str:
    if event.conversation is not None:
        return f", for the conversation {quoted(event.conversation)} alone"
    return "" if event.project is None else f", for its project {quoted(event.project)} alone"


def _value(name: str, value: Any) -> str:
    if name in LIST_FIELDS:
        return listed(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return when(value) if isinstance(value, int) else quoted(value)
