"""A version of terms laid out in words: topic, name, field. What `troth terms diff` compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from troth.terms.check.case import known
from troth.terms.model import (
    Allowed,
    Choice,
    Filter,
    OptOut,
    Parties,
    Recogniser,
    Retention,
    Rule,
    Signal,
    Version,
    When,
)
from troth.terms.words import day_in_words, in_order, period_in_words, row_in_words, when_in_words
from troth.types.moment import DAY, Period
from troth.types.vocabulary import KINDS

Fields = Mapping[str, str]

Facets = Mapping[str, Mapping[str, Fields]]
"""Topic to name to field to words. An empty text is a field that says nothing."""


def facets(version: Version) -> Facets:
    """Lay out everything that a version says."""
    domains = known(version)
    return {
        "version": {"": _version(version)},
        "options": {o.name: {"values": _list(o.values) or o.type, "default": o.default, "text": o.text}
                    for o in version.options},
        "choices": {choice.name: _choice(choice) for choice in version.choices},
        "signals": {name: _signal(signal) for name, signal in version.signals.items()},
        "parties": {"": _parties(version.parties)} if version.parties.purposes else {},
        "rules": {rule.id: _rule(rule, domains) for rule in version.rules},
        "retention": {row.id: _row(row, domains) for row in version.retention},
        "recipients": {r.name: {"purposes": _list(r.purposes), "clause": r.clause, "text": r.text}
                       for r in version.recipients},
        "opt-outs": _opt_outs(version.opt_outs),
        "filters": _filters(version.filters),
        "recognisers": _recognisers(version.recognisers),
        "allowed": _allowed(version.allowed),
        "findings": {f.id: {"text": f.text, "taken": f.taken, "sources": _list(f.sources)}
                     for f in version.findings},
        "sources": {s.id: {"text": s.text, "url": s.url, "confidence": s.confidence}
                    for s in version.sources},
    }  # fmt: skip


def _version(version: Version) -> Fields:
    minimum = version.retention_minimum
    return {
        "title": version.title,
        "controller": version.controller,
        "published": day_in_words(version.published),
        "in force from": day_in_words(version.effective),
        "replaces the deadline of": _list(version.replaces_deadline_of),
        "covered plans": _list(version.covered_plans),
        "plans of organisations": _list(version.organisation_plans),
        "other plans": _list(version.other_plans),
        "shortest retention of an organisation": _period(minimum),
    }


def _choice(choice: Choice) -> Fields:
    return {
        "notice": choice.notice,
        "made by": choice.by,
        "a yes unless refused on": _list(sorted(choice.default_on)),
        "counts": choice.acts,
        "taken away by": choice.refusal,
        "carries a period": "yes" if choice.period else "",
        "last day": last_day(choice),
        "after the last day": choice.after_deadline,
    }


def last_day(choice: Choice) -> str:
    """Say the last day on which a choice can be made; nothing where there is none."""
    return "" if choice.deadline is None else day_in_words(choice.deadline - DAY)


def _signal(signal: Signal) -> Fields:
    return {
        "lasts": _period(signal.lasts),
        "reaches back": _period(signal.reaches_back),
        "needs the feature": signal.feature,
    }


def _parties(parties: Parties) -> Fields:
    return {
        "ask": parties.ask,
        "rules": _list(parties.rules),
        "purposes": _list(parties.purposes),
        "clause": parties.clause,
    }


def _rule(rule: Rule, domains: Mapping[str, Sequence[str]]) -> Fields:
    return {
        "effect": rule.effect,
        "purposes": _list(rule.purposes),
        "when": _when(rule.when, domains),
        "reason": rule.reason,
        "clause": rule.clause,
        "source": rule.source,
        "text": rule.text,
    }


def _row(row: Retention, domains: Mapping[str, Sequence[str]]) -> Fields:
    return {
        "kept": row_in_words(row),
        "when": _when(row.when, domains),
        "clause": row.clause,
        "source": row.source,
        "text": row.text,
    }


def _opt_outs(opt_outs: Iterable[OptOut]) -> Mapping[str, Fields]:
    """Name each opt-out by its signal and purposes."""
    return {
        f"{each.signal} ({_list(each.purposes)})": {"clause": each.clause, "text": each.text}
        for each in opt_outs
    }


def _filters(filters: Iterable[Filter]) -> Mapping[str, Fields]:
    """Name each filter by its purposes and kinds: filters have no ids."""
    named: dict[str, Fields] = {}
    for each in filters:
        kinds = "" if tuple(each.kinds) == KINDS else f" ({_list(each.kinds)})"
        name = base = f"{_list(each.purposes)}{kinds}"
        while name in named:
            name = f"{base} #{len(named) + 1}"
        replaced = _list(f"{kind}: {manner}" for kind, manner in sorted(each.replace.items()))
        named[name] = {"clause": each.clause, "text": each.text, "replaced by": replaced}
    return named


def _recognisers(recognisers: Iterable[Recogniser]) -> Mapping[str, Fields]:
    """Name each recogniser by its kind and, where a kind has several, its number."""
    named: dict[str, Fields] = {}
    for each in recognisers:
        name = each.kind
        while name in named:
            name = f"{each.kind} #{len(named) + 1}"
        named[name] = {
            "pattern": each.pattern,
            "check": each.check,
            "context": _list(each.context),
            "finds": _list(each.finds),
            "passes": _list(each.passes),
            "text": each.text,
        }
    return named


def _allowed(allowed: Iterable[Allowed]) -> Mapping[str, Fields]:
    """Number what is allowed: it has no ids."""
    return {
        str(number): {
            "values": _list(each.values),
            "patterns": _list(each.patterns),
            "kinds": _list(each.kinds),
            "text": each.text,
        }
        for number, each in enumerate(allowed, start=1)
    }


def _when(when: When, domains: Mapping[str, Sequence[str]]) -> str:
    return when_in_words(in_order(when, domains)) or "always"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _period(period: Period | None) -> str:
    return "" if period is None else period_in_words(period)
