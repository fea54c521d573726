"""Facts, conditions and periods in plain English, for reports that a lawyer and an engineer both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from troth.terms.facts import domains
from troth.terms.model import INDEFINITE, Retention, Rule, When
from troth.types.moment import Moment, Period, format_moment

LISTS: Mapping[str, str] = {
    "plan": "it was said under the plan {}",
    "channel": "it came through the channel {}",
    "product": "it was said in the product {}",
    "kind": "its kind is {}",
    "role": "the speaker is the {}",
    "region": "the account's region is {}",
    "moved_to": "the conversation was moved into a workspace of the plan {}",
    "said": "it was said {}",
    "sample": "it is in {}",
}
"""Facts whose values are named one after the other."""

SINGLE: Mapping[str, Mapping[str, str]] = {
    "time": {"known": "the time of saying is known", "unknown": "the time of saying is not known"},
    "account": {
        "open": "the account is open",
        "closed": "the account has been closed",
        "unknown": "the account is not known",
    },
    "mode": {
        "normal": "the conversation is an ordinary one",
        "incognito": "the conversation is an incognito (temporary) one",
    },
    "audience": {"private": "the conversation is private", "public": "the conversation is public"},
    "age": {"adult": "the person is an adult", "minor": "the person is a minor"},
    "deleted": {"no": "it has not been deleted", "yes": "it has been deleted"},
    "flagged": {"no": "no safety flag is in force", "yes": "a safety flag is in force"},
    "rated": {"no": "no rating covers it", "yes": "a rating covers it"},
    "reviewed": {"no": "no human reviewer has read it", "yes": "a human reviewer has read it"},
    "moved_to": {"none": "the conversation was not moved"},
    "region": {"none": "the account has no region"},
    "zero_retention": {
        "no": "the organisation had no zero data retention",
        "yes": "the organisation had zero data retention",
    },
    "files": {
        "no": "the organisation has the files feature off",
        "yes": "the organisation has the files feature on",
    },
    "own_retention": {
        "no": "the organisation has set no retention of its own",
        "yes": "the organisation has set a retention of its own",
    },
    "sampled": {"no": "it is not in the sample", "yes": "it is in the sample"},
    "said_since_version": {
        "no": "it was said before the version took effect",
        "yes": "it was said since the version took effect",
    },
    "retained": {
        "ordinary": "the ordinary rule keeps it",
        "exception": "only a flag, a rating or a review still keeps it",
        "gone": "it is gone",
    },
}
"""Facts with a sentence for each value."""

USUAL: Mapping[str, str] = {
    "time": "known",
    "account": "open",
    "channel": "first_party",
    "mode": "normal",
    "age": "adult",
    "deleted": "no",
    "flagged": "no",
    "rated": "no",
    "reviewed": "no",
    "moved_to": "none",
    "zero_retention": "no",
    "own_retention": "no",
    "retained": "ordinary",
}
"""The value of a fact that goes without saying in the description of a combination."""

REACH_WORDS: Mapping[str, str] = {
    "new": "it was said while {c} gave the permission that stands",
    "resumed": "it was said before {c} gave permission, and resumed since",
    "past": "it was said before {c} gave permission, and not resumed",
    "none": "{c} gives no permission",
}

DEADLINE_WORDS: Mapping[str, str] = {
    "none": "{c} has no last day",
    "before": "the last day of {c} is still to come",
    "passed": "the last day of {c} has passed",
}

CLOCK_WORDS: Mapping[str, str] = {
    "said": "after it was said",
    "deleted": "after its deletion",
    "flagged": "after the flag",
    "rated": "after the rating",
    "reviewed": "after the review",
}

EFFECT_WORDS: Mapping[str, str] = {
    "deny": "denied",
    "allow": "allowed",
    "otherwise": "otherwise denied",
}


def either(words: Iterable[str]) -> str:
    """Join words: ``a``, ``a or b``, ``a, b or c``."""
    words = list(words)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def fact_in_words(fact: str, values: Iterable[str]) -> str:
    """Say that a fact has one of some values.

    >>> fact_in_words("plan", ["free", "pro"])
    'it was said under the plan free or pro'
    >>> fact_in_words("improve.standing", ["refused", "withdrawn"])
    'improve stands refused or withdrawn'
    """
    values = list(values)
    choice, _, part = fact.rpartition(".")
    if part in ("standing", "at_said") and choice:
        verb = "stands" if part == "standing" else "stood, when it was said,"
        return f"{choice} {verb} {either(values)}"
    if part in ("reach", "deadline") and choice:
        words = REACH_WORDS if part == "reach" else DEADLINE_WORDS
        return either(words[value].format(c=choice) if value in words else value for value in values)
    if part == "asked" and choice:
        return f"the question is asked {either(values)}"
    sentences = SINGLE.get(fact, {})
    if values == ["no", "yes"] and "yes" in sentences:
        return f"whether or not {sentences['yes']}"
    said = [sentences[value] for value in values if value in sentences]
    listed = [value for value in values if value not in sentences]
    if listed:
        said.append(LISTS.get(fact, fact + " is {}").format(either(listed)))
    return either(said)


def when_in_words(when: Mapping[str, Iterable[str]]) -> str:
    """Say all conditions of a row, in the order of the facts; nothing where there are none."""
    return ", and ".join(fact_in_words(fact, values) for fact, values in sorted(when.items(), key=_place))


def notable(when: Mapping[str, Iterable[str]]) -> str:
    """Say the conditions of a combination that are out of the ordinary, and that the rest is as usual."""
    usual = {fact for fact, values in when.items() if fact in USUAL and USUAL[fact] in values}
    said = when_in_words({fact: values for fact, values in when.items() if fact not in usual})
    return ", ".join(part for part in (said, "all else as usual" if usual and said else "") if part)


def in_order(when: When, known: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Put the values of each fact in the order in which the terms know them."""
    return {
        fact: tuple(sorted(values, key=lambda v: (list(known.get(fact, ())).index(v), v)))
        for fact, values in when.items()
    }


_PLACES = {name: place for place, name in enumerate(domains((), (), ()))}


def _place(item: tuple[str, object]) -> tuple[int, str]:
    return _PLACES.get(item[0], len(_PLACES)), item[0]


def period_in_words(period: Period) -> str:
    """Say a period: ``5 years``, ``18 months``, ``30 days``."""
    months, hours = period.months, period.micros // 3_600_000_000
    years, months = (months // 12, 0) if months % 12 == 0 else (0, months)
    days, hours = divmod(hours, 24)
    if period.micros % 3_600_000_000:
        return str(period)
    parts = ((years, "year"), (months, "month"), (days, "day"), (hours, "hour"))
    return " and ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n) or "no time"


def row_in_words(row: Retention) -> str:
    """Say how long a row of the retention table keeps, and from when."""
    clock = CLOCK_WORDS.get(row.clock, f"after the no to {row.clock.removeprefix('refused:')}")
    if row.kind == "extension":
        return f"kept on for {_length(row)} {clock}, if that is longer"
    if row.period == INDEFINITE:
        return "kept with no end"
    if row.length is not None and not row.length.months and not row.length.micros:
        return "gone at once" if row.clock == "said" else f"gone at once {clock}"
    return f"gone {_length(row)} {clock}"


def _length(row: Retention) -> str:
    if row.length is not None:
        return period_in_words(row.length)
    if row.period == "organisation":
        return "the organisation's own period"
    return (
        f"the period chosen in {row.period.removeprefix('choice:')}"
        if row.period.startswith("choice:")
        else "ever"
    )


def rule_in_words(rule: Rule, known: Mapping[str, Sequence[str]]) -> str:
    """Say what a rule does and when."""
    when = when_in_words(in_order(rule.when, known))
    effect = EFFECT_WORDS.get(rule.effect, rule.effect)
    return f"{effect} for {', '.join(rule.purposes)}" + (f" where {when}" if when else ", always")


def day_in_words(moment: Moment) -> str:
    """Say the day of a moment that is a date."""
    return format_moment(moment)[:10]
