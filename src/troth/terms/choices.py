"""Reading what people are asked, how far their signals reach, and how several people are treated."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from troth.terms.fields import Shape, a_date, a_flag, a_period, a_word, some_words
from troth.terms.model import Choice, Parties, Signal
from troth.terms.options import Settled
from troth.terms.problems import did_you_mean
from troth.terms.reader import Reader
from troth.types.moment import DAY, Moment
from troth.types.vocabulary import FEATURES

CHOICE: Shape = {
    "notice": (a_word, True),
    "by": (a_word, False),
    "default_on": (some_words, False),
    "counts": (a_word, False),
    "refusal": (a_word, False),
    "period": (a_flag, False),
    "last_day": (a_date, False),
    "after_deadline": (a_word, False),
}

SIGNAL: Shape = {"lasts": (a_period, False), "reaches_back": (a_period, False), "feature": (a_word, False)}

PARTIES: Shape = {
    "ask": (a_word, True),
    "rules": (some_words, False),
    "purposes": (some_words, True),
    "clause": (a_word, True),
    "text": (a_word, True),
}

ACTS = {"strict": "person", "as_published": "any"}
"""Values of the option ``consent_standard`` in the words of `Choice.acts`."""

CHOICE_WORDS = {
    "by": ("account", "organisation", "plan"),
    "counts": ("person", "express", "any"),
    "refusal": ("refused", "granted"),
}
"""Keys of a choice with the words that each may have; the first is the default."""

SIGNALS = ("flag", "rating", "review")

ASK = {
    "every_party": "all",
    "own_part": "none",
    "any_objector": "rules",
    "all": "all",
    "none": "none",
    "rules": "rules",
}
"""Values of ``ask``, those of the shipped options among them, in the words of `Parties.ask`."""


def read_choices(reader: Reader, settled: Settled) -> tuple[Choice, ...]:
    """Read every choice."""
    return tuple(
        _choice(reader, settled, name, table) for name, table in reader.top.get("choices", {}).items()
    )


def _choice(reader: Reader, settled: Settled, name: str, table: Any) -> Choice:
    what = f"choice {name!r}"
    got = reader.fields(table, ("choices", name), what).take(CHOICE)
    got["counts"] = ACTS.get(word := settled.resolve(got.get("counts", "person")), word)
    for key, words in CHOICE_WORDS.items():
        word = got.setdefault(key, words[0])
        reader.known(word, words, reader.line("choices", name, key), f"{what}: {key} is {word!r}")
    last_day: Moment | None = got.get("last_day")
    if last_day is not None and not got.get("after_deadline"):
        reader.problems.add(
            reader.line("choices", name, "last_day"),
            f"{what} has a last day",
            "say in after_deadline what happens afterwards",
        )
    return Choice(
        name=name,
        by=got["by"],
        notice=got.get("notice", ""),
        default_on=frozenset(got.get("default_on", ())),
        acts=got["counts"],
        refusal=got["refusal"],
        period=got.get("period", False),
        deadline=None if last_day is None else last_day + DAY,
        after_deadline=got.get("after_deadline", ""),
    )


def read_signals(reader: Reader) -> dict[str, Signal]:
    """Read how far flags, ratings and reviews reach."""
    signals = {}
    for name, table in reader.top.get("signals", {}).items():
        if name not in SIGNALS:
            reader.known(name, SIGNALS, reader.line("signals", name), f"unknown signal {name!r}")
            continue
        got = reader.fields(table, ("signals", name), f"signal {name!r}").take(SIGNAL)
        feature = got.get("feature", "")
        if feature:
            line = reader.line("signals", name, "feature")
            reader.known(feature, FEATURES, line, f"unknown feature {feature!r}")
        signals[name] = Signal(got.get("lasts"), got.get("reaches_back"), feature)
    return signals


def read_parties(reader: Reader, settled: Settled, rule_ids: Collection[str]) -> Parties:
    """Read how a conversation of several people is treated. Where nothing is said, each stands alone."""
    if "parties" not in reader.top:
        return Parties("none", (), (), "")
    got = reader.fields(reader.top["parties"], ("parties",), "[parties]").take(PARTIES)
    ask = settled.resolve(got.get("ask", "all"))
    reader.known(ask, ASK, reader.line("parties", "ask"), f"[parties] ask is {ask!r}")
    for rule in got.get("rules", ()):
        if rule not in rule_ids:
            line = reader.line("parties", "rules")
            reader.problems.add(line, f"[parties] names no rule {rule!r}", did_you_mean(rule, rule_ids))
    purposes = reader.purposes(got, reader.line("parties", "purposes"), "[parties]")
    return Parties(ASK.get(ask, "all"), got.get("rules", ()), purposes, got.get("clause", ""))
