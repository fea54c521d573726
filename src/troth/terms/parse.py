"""A terms file (TOML) to a `Version`, with every problem and its line. An unknown key is an error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from troth.canon.canonical import digest_of
from troth.errors import Place, TermsError
from troth.terms.choices import read_choices, read_parties, read_signals
from troth.terms.facts import domains
from troth.terms.fields import Fields, Shape, a_date, a_period, a_table, a_word, some_tables, some_words
from troth.terms.lines import Lines
from troth.terms.model import Source, Version
from troth.terms.options import read_options, settle
from troth.terms.problems import Problems
from troth.terms.promises import (
    read_filters,
    read_findings,
    read_opt_outs,
    read_recipients,
    read_sources,
)
from troth.terms.reader import Reader
from troth.terms.rules import Names, read_retention, read_rules
from troth.terms.sensitive import read_allowed, read_recognisers

TOP: Shape = {
    "format": (a_word, True),
    "name": (a_word, True),
    "version": (a_word, True),
    "title": (a_word, True),
    "controller": (a_word, True),
    "published": (a_date, True),
    "effective": (a_date, True),
    "replaces_deadline_of": (some_words, False),
    "plans": (a_table, True),
    "organisation": (a_table, False),
    "options": (a_table, False),
    "choices": (a_table, False),
    "signals": (a_table, False),
    "parties": (a_table, False),
    "rules": (some_tables, True),
    "retention": (some_tables, True),
    "recipients": (some_tables, False),
    "opt_outs": (some_tables, False),
    "filters": (some_tables, False),
    "recognisers": (some_tables, False),
    "allowed": (some_tables, False),
    "findings": (some_tables, False),
    "sources": (some_tables, True),
}

PLANS: Shape = {
    "covered": (some_words, True),
    "organisation": (some_words, False),
    "other": (some_words, False),
}

ORGANISATION: Shape = {"retention_minimum": (a_period, False)}

FORMAT = "troth.terms/1"

_AT_LINE = re.compile(r"at line (\d+)")


class TermsFile:
    """One terms file, read once; `version` gives its `Version` under some options."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.problems = Problems(str(path))
        self.lines = Lines(text)
        self.content = _content(path, text)
        self.top = Fields(self.content, (), "the terms", self.lines, self.problems).take(TOP)
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
        """Give the version under some options; what is not given takes its default. Problems are collected.

        Raises ``UsageError`` for an option that is not declared, or a value that it cannot have.
        """
        settled = settle(self.options, given)
        reader, top = Reader(self.top, self.lines, self.problems), self.top
        plans = reader.fields(top.get("plans", {}), ("plans",), "[plans]").take(PLANS)
        organisation = reader.fields(top.get("organisation", {}), ("organisation",), "[organisation]")
        choices, sources = read_choices(reader, settled), read_sources(reader)
        names = self._names(plans, choices=[c.name for c in choices], sources=sources,
                            periods={c.name for c in choices if c.period})  # fmt: skip
        rules = read_rules(reader, settled, names)
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
            retention=read_retention(reader, settled, names),
            signals=read_signals(reader),
            parties=read_parties(reader, settled, {rule.id for rule in rules}),
            recipients=read_recipients(reader, names.sources),
            filters=read_filters(reader, settled, names.sources),
            findings=read_findings(reader, names.sources),
            sources=sources,
            options=self.options,
            settled=settled.values,
            retention_minimum=organisation.take(ORGANISATION).get("retention_minimum"),
            replaces_deadline_of=top.get("replaces_deadline_of", ()),
            digest=self.digest,
            place=Place(str(self.path), 1),
            opt_outs=read_opt_outs(reader, names.sources),
            recognisers=read_recognisers(reader),
            allowed=read_allowed(reader),
        )

    def _names(
        self, plans: Mapping[str, Any], choices: list[str], sources: tuple[Source, ...], periods: set[str]
    ) -> Names:
        known = (plan for key in PLANS for plan in plans.get(key, ()))
        space = domains(dict.fromkeys(known), choices, self._regions())
        return Names(space, [source.id for source in sources], periods)

    def _regions(self) -> set[str]:
        """Collect every region that a rule names: the list that closes the open fact."""
        regions: set[str] = set()
        for table in (*self.top.get("rules", ()), *self.top.get("retention", ())):
            when = table.get("when")
            given = when.get("region", []) if isinstance(when, dict) else []
            values = given if isinstance(given, list) else [given]
            regions.update(value for value in values if isinstance(value, str))
        return regions - {"other", "none"}


def _content(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = _AT_LINE.search(str(problem))
        place = Place(str(path), int(line.group(1)) if line else max(1, len(text.splitlines())))
        raise TermsError(f"not TOML: {problem}", place=place, remedy="mend the line that it names") from None


def _plain(value: Any) -> Any:
    """Give TOML values as canonical JSON can hold them: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
