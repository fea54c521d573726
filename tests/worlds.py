"""Random small worlds: histories in which everything that can happen happens, often at the same instant.

Of two kinds. In a *wild* world anything may be said of anybody, and nearly every answer is no. In a *calm* one
some rule of the terms that allows is met on purpose, and then a little of a wild world happens to it: there an
answer is often yes, so that what should have made it a no is seen to.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from troth.errors import Place
from troth.history.event import Event, read_event
from troth.terms.model import Choice, Rule, Terms, Version
from troth.types.moment import DAY, Moment, format_moment, parse_moment
from troth.types.vocabulary import KINDS, MECHANISMS, PRODUCTS, SIGNAL_VALUES

PERIODS = ("P3M", "P18M", "P36M", "P10D", "PT72H", "indefinite")
PROJECTS = ("atlas", "borea")
RETENTIONS = ("P7D", "P29D", "P30D", "P1M", "P60D", "P2Y")


def clock(rng: random.Random, terms: Terms) -> list[Moment]:
    """A few instants around the dates of the terms, so that ties and borders are common."""
    dates = [v.effective for v in terms.versions] + [v.published for v in terms.versions]
    dates += [c.deadline for v in terms.versions for c in v.choices if c.deadline]
    start = rng.choice(dates) - rng.choice((0, 1, 40, 200)) * DAY
    steps = (
        0,
        0,
        1,
        3600_000_000,
        DAY,
        3 * DAY,
        29 * DAY,
        30 * DAY,
        31 * DAY,
        92 * DAY,
        548 * DAY,
        731 * DAY,
        1826 * DAY,
    )
    instants = [start]
    for _ in range(rng.randint(3, 12)):
        instants.append(instants[-1] + rng.choice(steps))
    return [*instants, *rng.sample(dates, min(2, len(dates)))]


def world(rng: random.Random, terms: Terms) -> list[Event]:
    """The events of one small world, in any order."""
    return wild(rng, terms) if rng.random() < 0.4 else calm(rng, terms)


def calm(rng: random.Random, terms: Terms) -> list[Event]:
    """A world in which one rule that allows is met, disturbed by up to two events of a wild one."""
    version = rng.choice((*terms.versions, terms.newest))
    rules = [rule for rule in version.rules if rule.effect == "allow"]
    training = [rule for rule in rules if "train.general" in rule.purposes or "train.safety" in rule.purposes]
    rule = rng.choice(training if training and rng.random() < 0.9 else rules)
    events = [read_event(event, Place("calm", n)) for n, event in enumerate(_meeting(rng, version, rule))]
    disturbing = [e for e in wild(rng, terms) if e.event not in ("record.said", "account.opened")]
    events += rng.sample(disturbing, min(len(disturbing), rng.choice((0, 0, 0, 1, 1, 2))))
    rng.shuffle(events)
    return events


def _meeting(rng: random.Random, version: Version, rule: Rule) -> list[dict[str, Any]]:
    """Events that meet the conditions of a rule."""
    steps = (1, 3600_000_000, DAY, 3 * DAY)
    start = version.effective + rng.choice((0, 1, DAY, 40 * DAY))
    chosen, said = start + rng.choice(steps), start + 4 * DAY + rng.choice((0, *steps))
    after = said + rng.choice(steps)

    def fits(fact: str, values: Any) -> str:
        return rng.choice(sorted(set(values) & set(rule.when.get(fact, values)) or set(values)))

    plan = fits("plan", version.plans)
    member = {"organisation": "acme"} if plan in version.organisation_plans else {}
    events: list[dict[str, Any]] = [
        {"event": "account.opened", "at": start, "account": account, "plan": plan, **member}
        for account in ("ada", "ben")
    ]
    if member:
        events.append(
            {"event": "organisation.changed", "at": start, "organisation": "acme", "features": ["rate_chats"]}
        )
    for choice in version.choices:
        wanted = rule.when.get(f"{choice.name}.standing", ("undecided",))
        if "granted" in wanted and ("undecided" not in wanted or rng.random() < 0.5):
            late = "new" not in rule.when.get(f"{choice.name}.reach", ("new",))
            at = after if late else said if rng.random() < 0.1 else chosen
            theirs = choice.by == "organisation" or (choice.by == "plan" and member)
            for who in ({"organisation": "acme"},) if theirs else ({"account": "ada"}, {"account": "ben"}):
                events += _acts(rng, choice, at, said, who)
    if "audience" in rule.when:
        events.append(
            {
                "event": "conversation.started",
                "at": start,
                "conversation": "c1",
                "account": "ada",
                "audience": "public",
            }
        )
    for number in range(rng.randint(1, 3)):
        events.append({
            "event": "record.said", "at": said + number * rng.choice((0, *steps)), "record": f"r{number}",
            "conversation": "c1", "account": "ben" if rng.random() < 0.15 else "ada", "kind": fits("kind", KINDS),
            "product": fits("product", PRODUCTS), "role": rng.choice(("user", "assistant")),
        })  # fmt: skip
    for fact in ("rated", "flagged"):
        if "yes" in rule.when.get(fact, ()):
            events.append({"event": f"conversation.{fact}", "at": after + 3 * DAY, "conversation": "c1"})
    return [{**event, "at": format_moment(event["at"])} for event in events]


def _acts(
    rng: random.Random, choice: Choice, at: Moment, said: Moment, who: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A grant; now and then with a refusal at its instant, or one before it and the grant long after."""
    grant = "refused" if choice.refusal == "granted" else "granted"
    kind, chance = {"event": "choice.made", "choice": choice.name, **who}, rng.random()
    if choice.period:
        kind["period"] = rng.choice(PERIODS)
    if chance < 0.15:
        at = said + rng.choice((29, 30, 31, 100)) * DAY
    acts = [{**kind, "at": at, "value": grant, "mechanism": "settings"}]
    if chance < 0.3:
        acts.append({**kind, "at": at if chance > 0.15 else said - DAY, "value": choice.refusal})
    return acts


def wild(rng: random.Random, terms: Terms) -> list[Event]:
    """A world in which anything may be said of anybody."""
    times = clock(rng, terms)
    plans = [*terms.newest.plans, "platinum"]
    accounts, conversations = ["ada", "ben", "cleo"], ["c1", "c2"]
    choices = [c.name for v in terms.versions for c in v.choices]
    events: list[dict[str, Any]] = []

    def add(event: str, **fields: Any) -> None:
        at = rng.choice(times)
        if rng.random() < 0.15:
            fields["recorded_at"] = format_moment(rng.choice(times))
        events.append(
            {"event": event, "at": format_moment(at), **{k: v for k, v in fields.items() if v is not None}}
        )

    def maybe(values: Any, chance: float = 0.5) -> Any:
        return rng.choice(list(values)) if rng.random() < chance else None

    first = format_moment(min(times) - rng.choice((0, 0, 0, DAY)))
    for account in accounts:
        if rng.random() < 0.9:
            events.append({k: v for k, v in {
                "event": "account.opened", "at": first, "account": account,
                "plan": maybe(terms.newest.covered_plans, 0.9), "organisation": maybe(("acme", "bolt"), 0.4),
                "region": maybe(("eu", "us"), 0.5), "age": maybe(("adult", "adult", "minor", "unknown"), 0.2),
            }.items() if v is not None})  # fmt: skip
    for _ in range(rng.randint(0, 3)):
        add("account.changed", account=rng.choice(accounts), plan=maybe(plans, 0.6), organisation=maybe(("acme", "bolt"), 0.3),
            region=maybe(("eu", "us", "xx"), 0.3), age=maybe(("adult", "minor", "unknown"), 0.2))  # fmt: skip
    if rng.random() < 0.2:
        add("account.closed", account=rng.choice(accounts))
    if rng.random() < 0.1:
        add("account.opened", account=rng.choice(accounts), plan=maybe(plans))
    for _ in range(rng.randint(0, 3)):
        add("organisation.changed", organisation=rng.choice(("acme", "bolt")), plan=maybe(plans, 0.3),
            zero_retention=maybe((True, False), 0.3), retention=maybe(RETENTIONS, 0.4),
            features=maybe((["rate_chats"], ["files"], ["rate_chats", "files"], []), 0.5))  # fmt: skip
    for _ in range(rng.randint(0, 5)):
        who = (
            {"account": rng.choice(accounts)}
            if rng.random() < 0.7
            else {"organisation": rng.choice(("acme", "bolt"))}
        )
        add("choice.made", choice=rng.choice(choices), value=rng.choice(("granted", "granted", "refused", "deferred")),
            mechanism=maybe(MECHANISMS, 0.6), initial_state=maybe(("none", "on", "off"), 0.2),
            period=maybe(PERIODS, 0.8), **who)  # fmt: skip
    if rng.random() < 0.3:
        add("terms.acknowledged", account=rng.choice(accounts), version=rng.choice(terms.versions).version)
    for conversation in conversations:
        if rng.random() < 0.4:
            add("conversation.started", conversation=conversation, account=rng.choice(accounts),
                mode=maybe(("normal", "incognito", "ghost"), 0.3), audience=maybe(("private", "public", "friends"), 0.6),
                project=maybe(PROJECTS, 0.5))  # fmt: skip
        if rng.random() < 0.2:
            add("conversation.joined", conversation=conversation, account=rng.choice(accounts))
        for event in ("flagged", "flagged", "cleared", "reviewed", "deleted"):
            if rng.random() < 0.15:
                add(f"conversation.{event}", conversation=conversation)
        for _ in range(rng.choice((0, 0, 1, 2))):
            add("conversation.rated", conversation=conversation, account=maybe(accounts, 0.6))
        if rng.random() < 0.15:
            add(
                "conversation.audience", conversation=conversation, audience=rng.choice(("private", "public"))
            )
        if rng.random() < 0.1:
            add("conversation.migrated", conversation=conversation, plan=rng.choice(plans))
    talker = {c: rng.choice(accounts) for c in conversations}
    products = rng.choice(
        (("chat",), ("code",), ("voice",), ("social",), ("chat", "code", "voice", "social", "api", "toaster"))
    )
    for number in range(rng.randint(1, 5)):
        conversation = rng.choice(conversations)
        account = talker[conversation] if rng.random() < 0.8 else rng.choice(accounts)
        add("record.said", record=f"r{number}", conversation=conversation, account=account,
            role=maybe(("user", "assistant", "tool", "ghost"), 0.3), kind=maybe((*KINDS, "smell"), 0.5),
            product=rng.choice(products), channel=maybe(("first_party", "bedrock", "pigeon"), 0.1),
            plan=maybe(plans, 0.15))  # fmt: skip
        if rng.random() < 0.1:
            add("record.deleted", record=f"r{number}")
    for fields in _against(rng, accounts, conversations, choices):
        add(**fields)
    for hold in ("h1", "h2"):
        if rng.random() < 0.15:
            add("hold.placed", hold=hold, **_scope(rng, accounts, conversations, plans, times))
            if rng.random() < 0.5:
                add("hold.released", hold=hold)
    rng.shuffle(events)
    return [read_event(event, Place("world", n)) for n, event in enumerate(events)]


def _against(
    rng: random.Random,
    accounts: list[str],
    conversations: list[str],
    choices: list[str],
    projects: tuple[str, ...] = PROJECTS,
) -> Iterator[dict[str, Any]]:
    """Beginnings in a project, choices for one conversation or project, and machine signals."""
    if rng.random() < 0.3:
        yield {"event": "conversation.started", "conversation": rng.choice(conversations),
               "account": rng.choice(accounts), "project": rng.choice(projects)}  # fmt: skip
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        place = (
            {"conversation": rng.choice(conversations), "account": rng.choice([None, *accounts])}
            if rng.random() < 0.6
            else {"project": rng.choice(projects), "account": rng.choice(accounts)}
        )
        value = rng.choice(("granted", "granted", "refused", "refused", "deferred"))
        yield {"event": "choice.made", "choice": rng.choice(choices), "value": value, **place,
               "mechanism": rng.choice((None, "settings", "admin", "import")),
               "initial_state": rng.choice((None, None, "off", "on"))}  # fmt: skip
    for _ in range(rng.choice((0, 0, 1, 2))):
        signal = rng.choice(sorted(SIGNAL_VALUES))
        yield {"event": "signal.received", "account": rng.choice(accounts), "signal": signal,
               "value": rng.choice(SIGNAL_VALUES[signal]),
               "conversation": rng.choice([None, *conversations])}  # fmt: skip


def disputed(rng: random.Random, terms: Terms) -> list[Event]:
    """A calm world whose conversation begins in a project, with many choices for both, and signals."""
    events = calm(rng, terms)
    times = sorted({event.at for event in events})
    choices = [choice.name for version in terms.versions for choice in version.choices]
    told: list[dict[str, Any]] = []
    if rng.random() < 0.8:
        told.append({"event": "conversation.started", "conversation": "c1", "account": rng.choice(("ada", "ben")),
                     "project": "atlas", "at": times[0]})  # fmt: skip
    for _ in range(rng.randint(1, 3)):
        for fields in _against(rng, ["ada", "ben"], ["c1"], choices, ("atlas",)):
            at = rng.choice(times) + rng.choice((-1, 0, 0, 0, 1))
            told.append({**fields, "at": at})
    if rng.random() < 0.5:
        choice = rng.choice([choice for version in terms.versions for choice in version.choices])
        place = rng.choice(({"conversation": "c1", "account": "ben"}, {"project": "atlas", "account": "ada"}))
        lifts = "refused" if choice.refusal == "granted" else "granted"
        for at, value in zip(sorted(rng.choices(times, k=2)), (choice.refusal, lifts), strict=True):
            told.append({"event": "choice.made", "choice": choice.name, "value": value, "at": at, **place})
    for number, fields in enumerate(told):
        fields["at"] = format_moment(fields["at"])
        if rng.random() < 0.1:
            fields["recorded_at"] = format_moment(rng.choice(times))
        given = {key: value for key, value in fields.items() if value is not None}
        events.append(read_event(given, Place("disputed", number)))
    rng.shuffle(events)
    return events


def _scope(
    rng: random.Random, accounts: list[str], conversations: list[str], plans: list[str], times: list[Moment]
) -> Mapping[str, Any]:
    choices: dict[str, Any] = {
        "accounts": rng.sample(accounts, 2), "conversations": rng.sample(conversations, 1),
        "plans": rng.sample(plans, 2), "exclude_plans": rng.sample(plans, 1), "regions": ["eu"],
        "exclude_regions": ["eu"], "since": format_moment(rng.choice(times)), "until": format_moment(rng.choice(times)),
    }  # fmt: skip
    return {key: choices[key] for key in rng.sample(sorted(choices), rng.randint(0, 3))}


def questions(rng: random.Random, events: list[Event]) -> list[Moment]:
    """Times to ask at: at the later events, just beside them, and far later."""
    times = sorted({e.at for e in events} | {e.recorded_at for e in events})
    picked = {rng.choice(times[len(times) // 2 :]) + rng.choice((0, 0, -1, 1, DAY)) for _ in range(2)}
    picked.add(times[-1] + rng.choice((0, 1, 29 * DAY, 30 * DAY, 90 * DAY, 740 * DAY, 1900 * DAY)))
    return sorted(picked)


SOME_DAY = parse_moment("2025-09-10T14:00:00Z")
