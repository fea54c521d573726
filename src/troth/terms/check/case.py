"""One case to look at: a version under one combination of options, with its facts as boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from troth.terms.boxes import Box, Space
from troth.terms.check.impossible import Around, Impossible, impossible, of_retention
from troth.terms.facts import domains
from troth.terms.model import Option, Retention, Rule, Version
from troth.terms.parse import TermsFile
from troth.terms.table import effective_when

MOST_SETTINGS = 256
"""Combinations of options that are looked at; beyond them each option is varied alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """A problem of one case, before it is known whether it holds in every case."""

    sort: str
    line: int
    what: str
    remedy: str
    note: bool = False
    every: bool = True
    """Whether it is a problem only if it holds in every case that has the row of this line."""
    subject: str = ""
    """Tells apart several problems of one sort in one line."""


@dataclass(frozen=True)
class Case:
    """A version under one combination of options. Not slotted: what it derives is kept."""

    version: Version
    around: Around
    changed: Mapping[str, str]
    """The options that are not at their default."""
    unsure: frozenset[int]
    """Lines of rows that have problems of their own: nothing is concluded from what they say."""

    @cached_property
    def rules(self) -> Sequence[tuple[Rule, Box]]:
        """The rules, each with the box that it matches."""
        return [(rule, self.space.box(effective_when(rule))) for rule in self.version.rules]

    @cached_property
    def sure_rules(self) -> Sequence[tuple[Rule, Box]]:
        """The rules that have no problems of their own."""
        return [(rule, box) for rule, box in self.rules if rule.place.line not in self.unsure]

    @cached_property
    def rows(self) -> Sequence[tuple[Retention, Box]]:
        """The rows of retention, each with the box that it matches."""
        return [(row, self.retention_space.box(row.when)) for row in self.version.retention]

    @cached_property
    def sure_rows(self) -> Sequence[tuple[Retention, Box]]:
        """The rows of retention that have no problems of their own."""
        return [(row, box) for row, box in self.rows if row.place.line not in self.unsure]

    @cached_property
    def impossible(self) -> Sequence[Impossible]:
        """What cannot hold together when the rules are read."""
        return impossible(self.version, self.around)

    @cached_property
    def retention_impossible(self) -> Sequence[Impossible]:
        """What cannot hold together when the retention table is read."""
        return of_retention(self.version, self.around)

    @cached_property
    def space(self) -> Space:
        """The facts that the rules speak of."""
        return self._space([effective_when(rule) for rule in self.version.rules], self.impossible)

    @cached_property
    def retention_space(self) -> Space:
        """The facts that the retention table speaks of."""
        clocks: list[Mapping[str, Any]] = [started(row) for row in self.version.retention]
        return self._space(
            [*(row.when for row in self.version.retention), *clocks], self.retention_impossible
        )

    def _space(self, whens: Sequence[Mapping[str, Any]], never: Sequence[Impossible]) -> Space:
        named = {"plan", *(fact for when in whens for fact in when)}
        while more := {f for entry in never if named & set(entry.when) for f in entry.when} - named:
            named |= more
        return Space.of({fact: values for fact, values in known(self.version).items() if fact in named})

    @cached_property
    def never(self) -> Sequence[Box]:
        """The boxes of what cannot hold together when the rules are read."""
        return _boxes(self.space, self.impossible)

    @cached_property
    def retention_never(self) -> Sequence[Box]:
        """The boxes of what cannot hold together when the retention table is read."""
        return _boxes(self.retention_space, self.retention_impossible)

    @property
    def where(self) -> str:
        """Name the options that are not at their default, to stand behind a sentence."""
        named = " and ".join(f"{name} = {value}" for name, value in self.changed.items())
        return f", with {named}" if named else ""


def _boxes(space: Space, entries: Sequence[Impossible]) -> list[Box]:
    return [space.box(entry.when) for entry in entries if set(entry.when) <= set(space.names)]


def known(version: Version) -> Mapping[str, tuple[str, ...]]:
    """Give every fact of a version with the values that it knows."""
    rows: tuple[Rule | Retention, ...] = (*version.rules, *version.retention)
    regions = {region for row in rows for region in row.when.get("region", ())} - {"other", "none"}
    return domains(version.plans, [choice.name for choice in version.choices], regions)


def started(row: Retention) -> Mapping[str, frozenset[str]]:
    """Give the facts under which the clock of a row, and the period that it names, are there."""
    facts: dict[str, frozenset[str]] = {}
    yes, refused = frozenset({"yes"}), frozenset({"refused", "withdrawn"})
    if row.clock in ("deleted", "flagged", "rated", "reviewed"):
        facts[row.clock] = yes
    elif row.clock.startswith("refused:"):
        facts[f"{row.clock.removeprefix('refused:')}.standing"] = refused
    if row.period.startswith("choice:"):
        facts[f"{row.period.removeprefix('choice:')}.standing"] = frozenset({"granted"})
    elif row.period == "organisation":
        facts["own_retention"] = yes
    return facts


def settings(file: TermsFile) -> Iterator[Mapping[str, str]]:
    """Give the combinations of word options to look at, the defaults first.

    Every combination of the options that rows are conditioned on; each other option is varied alone.
    """
    varied = _varied(file) if combinations_of(file) <= MOST_SETTINGS else []
    for values in product(*(dict.fromkeys(option.values) for option in varied)):
        yield dict(zip((option.name for option in varied), values, strict=True))
    for option in file.options:
        if option.type == "word" and option not in varied:
            for value in option.values[1:]:
                yield {option.name: value}


def combinations_of(file: TermsFile) -> int:
    """Count the combinations of the options that rows are conditioned on."""
    return prod(len(option.values) for option in _varied(file))


def _varied(file: TermsFile) -> list[Option]:
    named = conditioned_on(file.content)
    return [o for o in file.options if o.type == "word" and o.values and o.name in named]


def conditioned_on(content: Mapping[str, Any]) -> set[str]:
    """Find the options that rules, rows of retention and filters are conditioned on, or take periods from."""
    named: set[str] = set()
    for name in ("rules", "retention", "filters"):
        tables = content.get(name)
        for table in tables if isinstance(tables, list) else []:
            conditions = table.get("options") if isinstance(table, dict) else None
            named.update(conditions if isinstance(conditions, dict) else ())
            period = table.get("period") if isinstance(table, dict) else None
            if isinstance(period, str) and period.startswith("option:"):
                named.add(period.removeprefix("option:"))
    return named
