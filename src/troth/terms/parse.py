"""A terms file (TOML) to a `Version`, with every problem and its line. Closed world: an unknown key is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from troth.canon.canonical import digest_of
from troth.errors import Place, TermsError
from troth.terms.facts import RETENTION_CLOCKS, domains
from troth.terms.fields import DATE, FLAG, PERIOD, TABLE, TABLES, WORD, WORDS, Fields
from troth.terms.lines import Lines, flatten
from troth.terms.model import (
    INDEFINITE,
    Choice,
    Filter,
    Finding,
    Option,
    Parties,
    Recipient,
    Retention,
    Rule,
    Signal,
    Source,
    Version,
    When,
)
from troth.terms.options import Settled, read_options, settle
from troth.terms.problems import Problems, did_you_mean
from troth.types.moment import DAY, Moment, MomentError, Period, parse_period
from troth.types.reasons import REASONS
from troth.types.vocabulary import FEATURES, KINDS, PURPOSES

TOP = {
    "format": (WORD, True),
    "name": (WORD, True),
    "version": (WORD, True),
    "title": (WORD, True),
    "controller": (WORD, True),
    "published": (DATE, True),
    "effective": (DATE, True),
    "replaces_deadline_of": (WORDS, False),
    "plans": (TABLE, True),
    "organisation": (TABLE, False),
    "options": (TABLE, False),
    "choices": (TABLE, False),
    "signals": (TABLE, False),
    "parties": (TABLE, False),
    "rules": (TABLES, True),
    "retention": (TABLES, True),
    "recipients": (TABLES, False),
    "filters": (TABLES, False),
    "findings": (TABLES, False),
    "sources": (TABLES, True),
}

FORMAT = "troth.terms/1"

ACTS = {"strict": "person", "as_published": "any"}
"""Values of the option ``consent_standard`` in the words of `Choice.acts`."""


class TermsFile:
    """One terms file, read once; `version` gives its `Version` under some options."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.problems = Problems(str(path))
        self.lines = Lines(text)
        try:
            self.content: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            raise TermsError(
                f"not TOML: {problem}", place=Place(str(path)), remedy="mend the line that it names"
            ) from None
        top = Fields(self.content, (), "the terms", self.lines, self.problems)
        self.top = top.take(TOP)
        self.options = read_options(self.top.get("options", {}), self.lines, self.problems)
        if self.top.get("format", FORMAT) != FORMAT:
            self.problems.add(
                self.lines.of("format"), f"unknown format {self.top['format']!r}", f'write "{FORMAT}"'
            )
        self.digest = digest_of(_plain(self.content))

    @classmethod
    def read(cls, path: Path) -> TermsFile:
        """Read a file. Raises `TermsError` where it cannot be read at all, or is not TOML."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise TermsError(
                f"cannot be read: {problem}", place=Place(str(path)), remedy="give a TOML file in UTF-8"
            ) from None
        return cls(path, text)

    def version(self, given: Mapping[str, str]) -> Version:
        """The version under the given options; what is not given takes its default. Problems are collected."""
        settled = settle(self.options, given)
        top = self.top
        plans = self._fields(top.get("plans", {}), ("plans",), "[plans]").take(
            {"covered": (WORDS, True), "organisation": (WORDS, False), "other": (WORDS, False)}
        )
        organisation = self._fields(
            top.get("organisation", {}), ("organisation",), "[organisation]"
        ).take({"retention_minimum": (PERIOD, False)})
        choices = self._choices(settled)
        sources = self._sources()
        self._domains = domains(
            (*plans.get("covered", ()), *plans.get("organisation", ()), *plans.get("other", ())),
            [c.name for c in choices],
            self._regions(),
        )
        self._source_ids = {source.id for source in sources}
        rules = self._rules(settled)
        return Version(
            name=top.get("name", ""),
            version=top.get("version", ""),
            title=top.get("title", ""),
            controller=top.get("controller", ""),
            published=top.get("published", 0),
            effective=top.get("effective", 0),
            covered_plans=plans.get("covered", ()),
            organisation_plans=plans.get("organisation", ()),
            other_plans=plans.get("other", ()),
            choices=choices,
            rules=rules,
            retention=self._retention(settled, {c.name for c in choices if c.period}),
            signals=self._signals(),
            parties=self._parties(settled, {rule.id for rule in rules}),
            recipients=self._recipients(),
            filters=self._filters(settled),
            findings=self._findings(),
            sources=sources,
            options=self.options,
            settled=settled.values,
            retention_minimum=organisation.get("retention_minimum"),
            replaces_deadline_of=top.get("replaces_deadline_of", ()),
            digest=self.digest,
            place=Place(str(self.path), 1),
        )

    def _fields(self, value: Any, path: tuple[str | int, ...], what: str) -> Fields:
        return Fields(value, path, what, self.lines, self.problems)

    def _tables(self, name: str, shape: Mapping[str, Any], what: str) -> list[tuple[dict[str, Any], int]]:
        """The tables of an array, checked, each with its line."""
        found = []
        for index, table in enumerate(self.top.get(name, ())):
            line = self.lines.of(name, index)
            title = f"{what} {table.get('id', table.get('name', index + 1))!r}"
            found.append((self._fields(table, (name, index), title).take(shape), line))
        return found

    def _when(self, table: Mapping[str, Any], line: int, what: str) -> When:
        """The conditions of a rule; unknown facts and values become problems."""
        when: dict[str, frozenset[str]] = {}
        for fact, given in flatten(table.get("when", {})).items():
            values = [given] if isinstance(given, str) else given
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                self.problems.add(line, f"{what}: {fact} is not a list of words", 'write ["a", "b"]')
                continue
            if fact not in self._domains:
                self.problems.add(
                    line, f"{what}: unknown fact {fact!r}", did_you_mean(fact, self._domains)
                )
                continue
            for value in values:
                if value not in self._domains[fact]:
                    self.problems.add(
                        line,
                        f"{what}: fact {fact!r} is never {value!r}",
                        did_you_mean(value, self._domains[fact]),
                    )
            when[fact] = frozenset(values)
        return when

    def _purposes(self, table: Mapping[str, Any], line: int, what: str) -> tuple[str, ...]:
        purposes: tuple[str, ...] = table.get("purposes", ())
        for purpose in purposes:
            if purpose not in PURPOSES:
                self.problems.add(
                    line, f"{what}: unknown purpose {purpose!r}", did_you_mean(purpose, PURPOSES)
                )
        return purposes

    def _source(self, table: Mapping[str, Any], line: int, what: str) -> str:
        source: str = table.get("source", "")
        if source and source not in self._source_ids:
            self.problems.add(
                line, f"{what}: unknown source {source!r}", did_you_mean(source, self._source_ids)
            )
        return source

    def _unique(self, ids: list[tuple[str, int]], what: str) -> None:
        seen: dict[str, int] = {}
        for id_, line in ids:
            if id_ in seen:
                self.problems.add(
                    line, f"{what} id {id_!r} is used again", f"it stands in line {seen[id_]}; rename one"
                )
            seen.setdefault(id_, line)

    def _rules(self, settled: Settled) -> tuple[Rule, ...]:
        shape = {
            "id": (WORD, True),
            "effect": (WORD, True),
            "purposes": (WORDS, True),
            "when": (TABLE, False),
            "options": (TABLE, False),
            "reason": (WORD, True),
            "clause": (WORD, True),
            "source": (WORD, True),
            "text": (WORD, True),
        }
        rules, ids = [], []
        for table, line in self._tables("rules", shape, "rule"):
            what = f"rule {table.get('id', '')!r}"
            ids.append((table.get("id", ""), line))
            effect, reason = table.get("effect", "deny"), table.get("reason", "")
            if effect not in ("allow", "deny", "otherwise"):
                self.problems.add(line, f"{what}: effect {effect!r}", "write allow, deny or otherwise")
            elif reason not in REASONS:
                self.problems.add(
                    line, f"{what}: unknown reason {reason!r}", did_you_mean(reason, REASONS)
                )
            elif REASONS[reason].allows != (effect == "allow"):
                self.problems.add(
                    line,
                    f"{what}: the reason {reason!r} does not go with {effect!r}",
                    "take one that says what the rule does",
                )
            rule = Rule(
                id=table.get("id", ""),
                effect=effect,
                purposes=self._purposes(table, line, what),
                when=self._when(table, line, what),
                reason=reason,
                clause=table.get("clause", ""),
                source=self._source(table, line, what),
                text=table.get("text", ""),
                place=Place(str(self.path), line),
            )
            if settled.admits(table.get("options", {}), self.lines, line, what, self.problems):
                rules.append(rule)
        self._unique(ids, "rule")
        return tuple(rules)

    def _retention(self, settled: Settled, period_choices: set[str]) -> tuple[Retention, ...]:
        shape = {
            "id": (WORD, True),
            "kind": (WORD, True),
            "period": (WORD, True),
            "from": (WORD, True),
            "when": (TABLE, False),
            "options": (TABLE, False),
            "clause": (WORD, True),
            "source": (WORD, True),
            "text": (WORD, True),
        }
        rows, ids = [], []
        for table, line in self._tables("retention", shape, "retention"):
            what = f"retention {table.get('id', '')!r}"
            ids.append((table.get("id", ""), line))
            if table.get("kind") not in ("limit", "extension"):
                self.problems.add(line, f"{what}: kind {table.get('kind')!r}", 'write "limit" or "extension"')
            period = settled.resolve(table.get("period", INDEFINITE))
            row = Retention(
                id=table.get("id", ""),
                kind=table.get("kind", "limit"),
                period=period,
                length=self._length(period, period_choices, line, what),
                clock=self._clock(table.get("from", "said"), line, what),
                when=self._when(table, line, what),
                clause=table.get("clause", ""),
                source=self._source(table, line, what),
                text=table.get("text", ""),
                place=Place(str(self.path), line),
            )
            if settled.admits(table.get("options", {}), self.lines, line, what, self.problems):
                rows.append(row)
        self._unique(ids, "retention")
        return tuple(rows)

    def _length(self, period: str, period_choices: set[str], line: int, what: str) -> Period | None:
        if period in (INDEFINITE, "organisation"):
            return None
        if period.startswith("choice:"):
            if period.removeprefix("choice:") not in period_choices:
                self.problems.add(
                    line,
                    f"{what}: {period!r} names no choice with a period",
                    "declare the choice with period = true",
                )
            return None
        try:
            return parse_period(period)
        except MomentError as problem:
            self.problems.add(line, f"{what}: {problem}", "or write indefinite, organisation or choice:NAME")
            return None

    def _clock(self, clock: str, line: int, what: str) -> str:
        named = clock.startswith("refused:") and f"{clock[8:]}.standing" in self._domains
        if clock not in RETENTION_CLOCKS and not named:
            self.problems.add(
                line, f"{what}: unknown clock {clock!r}", did_you_mean(clock, RETENTION_CLOCKS)
            )
            return "said"
        return clock

    def _choices(self, settled: Settled) -> tuple[Choice, ...]:
        shape = {
            "notice": (WORD, True),
            "by": (WORD, False),
            "default_on": (WORDS, False),
            "counts": (WORD, False),
            "refusal": (WORD, False),
            "period": (FLAG, False),
            "last_day": (DATE, False),
            "after_deadline": (WORD, False),
        }
        allowed = {
            "by": ("account", "organisation", "plan"),
            "counts": ("person", "express", "any"),
            "refusal": ("refused", "granted"),
        }
        choices = []
        for name, table in self.top.get("choices", {}).items():
            what, line = f"choice {name!r}", self.lines.of("choices", name)
            got = self._fields(table, ("choices", name), what).take(shape)
            got["counts"] = ACTS.get(word := settled.resolve(got.get("counts", "person")), word)
            for key, words in allowed.items():
                if got.get(key, words[0]) not in words:
                    self.problems.add(
                        self.lines.of("choices", name, key),
                        f"{what}: {key} is {got[key]!r}",
                        did_you_mean(got[key], words),
                    )
            last_day: Moment | None = got.get("last_day")
            if last_day is not None and not got.get("after_deadline"):
                self.problems.add(
                    line, f"{what} has a last day", "say in after_deadline what happens afterwards"
                )
            choices.append(
                Choice(
                    name=name,
                    by=got.get("by", "account"),
                    notice=got.get("notice", ""),
                    default_on=frozenset(got.get("default_on", ())),
                    acts=got.get("counts", "person"),
                    refusal=got.get("refusal", "refused"),
                    period=got.get("period", False),
                    deadline=None if last_day is None else last_day + DAY,
                    after_deadline=got.get("after_deadline", ""),
                )
            )
        return tuple(choices)

    def _signals(self) -> dict[str, Signal]:
        shape = {"lasts": (PERIOD, False), "reaches_back": (PERIOD, False), "feature": (WORD, False)}
        signals = {}
        for name, table in self.top.get("signals", {}).items():
            line = self.lines.of("signals", name)
            if name not in ("flag", "rating", "review"):
                self.problems.add(
                    line, f"unknown signal {name!r}", did_you_mean(name, ("flag", "rating", "review"))
                )
                continue
            got = self._fields(table, ("signals", name), f"signal {name!r}").take(shape)
            if got.get("feature", FEATURES[0]) not in FEATURES:
                self.problems.add(
                    line, f"unknown feature {got['feature']!r}", did_you_mean(got["feature"], FEATURES)
                )
            signals[name] = Signal(got.get("lasts"), got.get("reaches_back"), got.get("feature", ""))
        return signals

    def _parties(self, settled: Settled, rule_ids: set[str]) -> Parties:
        if "parties" not in self.top:
            return Parties("none", (), (), "")
        shape = {
            "ask": (WORD, True),
            "rules": (WORDS, False),
            "purposes": (WORDS, True),
            "clause": (WORD, True),
            "text": (WORD, True),
        }
        line = self.lines.of("parties")
        got = self._fields(self.top["parties"], ("parties",), "[parties]").take(shape)
        ask = settled.resolve(got.get("ask", "all"))
        words = {"every_party": "all", "own_part": "none", "any_objector": "rules", "all": "all",
                 "none": "none", "rules": "rules"}  # fmt: skip
        if ask not in words:
            self.problems.add(line, f"[parties] ask is {ask!r}", did_you_mean(ask, words))
        for rule in got.get("rules", ()):
            if rule not in rule_ids:
                self.problems.add(
                    line, f"[parties] names no rule {rule!r}", did_you_mean(rule, rule_ids)
                )
        purposes = self._purposes(got, line, "[parties]")
        return Parties(words.get(ask, "all"), got.get("rules", ()), purposes, got.get("clause", ""))

    def _recipients(self) -> tuple[Recipient, ...]:
        shape = {"name": (WORD, True), "purposes": (WORDS, True), "clause": (WORD, True), "text": (WORD, True)}
        return tuple(
            Recipient(
                got.get("name", ""),
                self._purposes(got, line, "recipient"),
                got.get("clause", ""),
                got.get("text", ""),
            )
            for got, line in self._tables("recipients", shape, "recipient")
        )

    def _filters(self, settled: Settled) -> tuple[Filter, ...]:
        shape = {
            "purposes": (WORDS, True),
            "kinds": (WORDS, False),
            "options": (TABLE, False),
            "clause": (WORD, True),
            "text": (WORD, True),
        }
        filters = []
        for got, line in self._tables("filters", shape, "filter"):
            for kind in got.get("kinds", ()):
                if kind not in KINDS:
                    self.problems.add(line, f"filter: unknown kind {kind!r}", did_you_mean(kind, KINDS))
            if settled.admits(got.get("options", {}), self.lines, line, "filter", self.problems):
                filters.append(
                    Filter(
                        self._purposes(got, line, "filter"),
                        got.get("kinds", KINDS),
                        got.get("clause", ""),
                        got.get("text", ""),
                    )
                )
        return tuple(filters)

    def _findings(self) -> tuple[Finding, ...]:
        shape = {"id": (WORD, True), "text": (WORD, True), "taken": (WORD, True), "sources": (WORDS, True)}
        return tuple(
            Finding(got.get("id", ""), got.get("text", ""), got.get("taken", ""), got.get("sources", ()))
            for got, _ in self._tables("findings", shape, "finding")
        )

    def _sources(self) -> tuple[Source, ...]:
        shape = {"id": (WORD, True), "text": (WORD, True), "url": (WORD, False), "confidence": (WORD, True)}
        grades = ("primary", "excerpt", "secondary", "not confirmed")
        sources = []
        for got, line in self._tables("sources", shape, "source"):
            if got.get("confidence", "primary") not in grades:
                self.problems.add(
                    line,
                    f"source {got.get('id')!r}: confidence {got['confidence']!r}",
                    did_you_mean(got["confidence"], grades),
                )
            sources.append(
                Source(got.get("id", ""), got.get("text", ""), got.get("url", ""), got.get("confidence", ""))
            )
        self._unique([(s.id, self.lines.of("sources", i)) for i, s in enumerate(sources)], "source")
        return tuple(sources)

    def _regions(self) -> set[str]:
        """Every region that a rule names: the list that closes the open fact."""
        regions: set[str] = set()
        for name in ("rules", "retention"):
            for table in self.top.get(name, ()):
                given = table.get("when", {}).get("region", []) if isinstance(table, dict) else []
                regions.update([given] if isinstance(given, str) else [v for v in given if isinstance(v, str)])
        return regions - {"other", "none"}


def _plain(value: Any) -> Any:
    """TOML values as canonical JSON can hold them: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
