"""A small organisation around some conversations: accounts, plans, choices, deletions, flags; all from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from troth.types.moment import DAY, HOUR, Moment, format_moment

MINUTE = 60_000_000

FIRST_DAY: Moment = 1_754_006_400_000_000
"""2025-08-01: where conversations without times begin."""
LAST_DAY: Moment = 1_772_236_800_000_000
"""2026-02-28: where they end."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the logs tell it: when it began and whose it is, or None."""

    conversation: str
    began: Moment | None
    account: str | None


@dataclass(frozen=True, slots=True)
class Organisation:
    """What was made up: a history, and an account and a beginning for each conversation."""

    events: tuple[Mapping[str, Any], ...]
    accounts: Mapping[str, str]
    began: Mapping[str, Moment]
    asked: Moment
    """The time at which the release is built: after everything."""


def organisation(talks: Iterable[Talk], seed: int) -> Organisation:
    """Make up an organisation. The same conversations and seed give the same organisation."""
    rng = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    talks = sorted(talks, key=lambda talk: talk.conversation)
    people = [f"person-{number:05}" for number in range(max(8, len(talks) // 6))]
    known = [talk.began for talk in talks if talk.began is not None]
    start, end = min([FIRST_DAY, *known]), max([LAST_DAY, *known])
    began = {
        talk.conversation: talk.began
        if talk.began is not None
        else rng.randrange(FIRST_DAY, LAST_DAY, MINUTE)
        for talk in talks
    }
    accounts = {talk.conversation: talk.account or rng.choice(people) for talk in talks}
    events: list[Mapping[str, Any]] = []
    asked = sorted(began.values())[len(began) // 10] if began else start
    for person in sorted({*people, *accounts.values()}):
        events.extend(_person(person, start, asked, rng))
    for talk in talks:
        events.extend(_conversation(talk.conversation, began[talk.conversation], accounts, people, end, rng))
    return Organisation(tuple(events), accounts, began, end + 2 * DAY)


def _event(event: str, at: Moment, **fields: Any) -> Mapping[str, Any]:
    return {"event": event, "at": format_moment(at), **fields}


def _person(person: str, start: Moment, first: Moment, rng: random.Random) -> Iterable[Mapping[str, Any]]:
    """An account, opened before all, its plan, and what the person answered to the question asked from ``first`` on."""
    plan = rng.choices(("free", "pro", "max", "team"), (46, 30, 10, 14))[0]
    minor = {"age": "minor"} if rng.random() < 0.02 else {}
    work = {"organisation": "acme"} if plan == "team" else {}
    yield _event(
        "account.opened", start - rng.randint(20, 400) * DAY, account=person, plan=plan, **minor, **work
    )
    asked = first + rng.randint(-20 * 24, 60 * 24) * HOUR
    answer = rng.random()
    if answer < 0.15:
        return
    mechanism, initial = (
        ("dialog", "on") if rng.random() < 0.08 else (rng.choice(("dialog", "settings", "signup")), "none")
    )
    value = "granted" if answer < 0.78 else "refused"
    yield _event("choice.made", asked, account=person, choice="improve_models", value=value, mechanism=mechanism,
                 initial_state=initial, notice="2025-08-28")  # fmt: skip
    if answer > 0.70 and value == "granted":
        yield _event("choice.made", asked + rng.randint(5, 90) * DAY, account=person, choice="improve_models",
                     value="refused", mechanism="settings")  # fmt: skip


def _conversation(
    conversation: str,
    began: Moment,
    accounts: Mapping[str, str],
    people: list[str],
    end: Moment,
    rng: random.Random,
) -> Iterable[Mapping[str, Any]]:
    """What happened to a conversation, if anything did."""
    chance = rng.random()
    later = min(began + rng.randint(1, 60) * DAY, end + DAY)
    if chance < 0.02:
        yield _event(
            "conversation.started",
            began,
            conversation=conversation,
            account=accounts[conversation],
            mode="incognito",
        )
    elif chance < 0.05:
        yield _event("conversation.deleted", later, conversation=conversation)
    elif chance < 0.06:
        yield _event("conversation.flagged", later, conversation=conversation)
    elif chance < 0.075:
        yield _event("conversation.rated", later, conversation=conversation, account=accounts[conversation])
    elif chance < 0.09:
        yield _event("conversation.joined", began, conversation=conversation, account=rng.choice(people))
