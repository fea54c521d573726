"""Reading the two tables of a terms file: the rules that decide, and the rows of retention."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from troth.terms.facts import RETENTION_CLOCKS
from troth.terms.fields import Shape, a_table, a_word, some_words
from troth.terms.lines import flatten
from troth.terms.model import INDEFINITE, Retention, Rule, When
from troth.terms.options import Settled
from troth.terms.problems import did_you_mean
from troth.terms.reader import Reader
from troth.types.moment import MomentError, Period, parse_period
from troth.types.reasons import REASONS

EFFECTS = ("allow", "deny", "otherwise")
KINDS_OF_ROW = ("limit", "extension")

RULE: Shape = {
    "id": (a_word, True),
    "effect": (a_word, True),
    "purposes": (some_words, True),
    "when": (a_table, False),
    "options": (a_table, False),
    "reason": (a_word, True),
    "clause": (a_word, True),
    "source": (a_word, True),
    "text": (a_word, True),
}

RETENTION: Shape = {
    "id": (a_word, True),
    "kind": (a_word, True),
    "period": (a_word, True),
    "from": (a_word, True),
    "when": (a_table, False),
    "options": (a_table, False),
    "clause": (a_word, True),
    "source": (a_word, True),
    "text": (a_word, True),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What rows may name: facts with their values, sources, and choices that have a period."""

    domains: Mapping[str, tuple[str, ...]]
    sources: Collection[str]
    period_choices: Collection[str]


def read_rules(reader: Reader, settled: Settled, names: Names) -> tuple[Rule, ...]:
    """Read the rules that are in force under the settled options; every rule is checked."""
    rules, ids = [], []
    for table, index, what in reader.tables("rules", RULE, "rule"):
        line = reader.line("rules", index)
        ids.append((table.get("id", ""), line))
        effect, reason = table.get("effect", "deny"), table.get("reason", "")
        _check_reason(reader, effect, reason, index, what)
        rule = Rule(
            id=table.get("id", ""),
            effect=effect,
            purposes=reader.purposes(table, reader.line("rules", index, "purposes"), what),
            when=_when(reader, table, ("rules", index, "when"), what, names),
            reason=reason,
            clause=table.get("clause", ""),
            source=reader.source(table, reader.line("rules", index, "source"), what, names.sources),
            text=table.get("text", ""),
            place=reader.place(line),
        )
        if settled.admits(
            table.get("options", {}), reader.line("rules", index, "options"), what, reader.problems
        ):
            rules.append(rule)
    reader.unique(ids, "rule")
    return tuple(rules)


def _check_reason(reader: Reader, effect: str, reason: str, index: int, what: str) -> None:
    if effect not in EFFECTS:
        reader.problems.add(
            reader.line("rules", index, "effect"),
            f"{what}: effect {effect!r}",
            "write allow, deny or otherwise",
        )
    elif reason not in REASONS:
        if reason:
            reader.known(
                reason,
                REASONS,
                reader.line("rules", index, "reason"),
                f"{what}: unknown reason {reason!r}",
            )
    elif REASONS[reason].allows != (effect == "allow"):
        reader.problems.add(
            reader.line("rules", index, "reason"),
            f"{what}: the reason {reason!r} does not go with {effect!r}",
            "take one that says what the rule does",
        )


def read_retention(reader: Reader, settled: Settled, names: Names) -> tuple[Retention, ...]:
    """Read the rows of retention that are in force under the settled options; every row is checked."""
    rows, ids = [], []
    for table, index, what in reader.tables("retention", RETENTION, "retention"):
        line = reader.line("retention", index)
        ids.append((table.get("id", ""), line))
        if table.get("kind", "limit") not in KINDS_OF_ROW:
            reader.problems.add(
                reader.line("retention", index, "kind"),
                f"{what}: kind {table['kind']!r}",
                'write "limit" or "extension"',
            )
        period = settled.resolve(table.get("period", INDEFINITE))
        row = Retention(
            id=table.get("id", ""),
            kind=table.get("kind", "limit"),
            period=period,
            length=_length(reader, period, reader.line("retention", index, "period"), what, names),
            clock=_clock(
                reader, table.get("from", "said"), reader.line("retention", index, "from"), what, names
            ),
            when=_when(reader, table, ("retention", index, "when"), what, names),
            clause=table.get("clause", ""),
            source=reader.source(table, reader.line("retention", index, "source"), what, names.sources),
            text=table.get("text", ""),
            place=reader.place(line),
        )
        conditions = table.get("options", {})
        if settled.admits(conditions, reader.line("retention", index, "options"), what, reader.problems):
            rows.append(row)
    reader.unique(ids, "retention")
    return tuple(rows)


def _when(
    reader: Reader, table: Mapping[str, Any], path: tuple[str | int, ...], what: str, names: Names
) -> When:
    """Read the conditions of a row; unknown facts and values, and empty lists, become problems."""
    when: dict[str, frozenset[str]] = {}
    for fact, given in flatten(table.get("when", {})).items():
        line = reader.line(*path, *fact.split("."))
        values = [given] if isinstance(given, str) else given
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            reader.problems.add(line, f"{what}: {fact} is not a list of words", 'write ["a", "b"]')
        elif fact not in names.domains:
            reader.problems.add(line, f"{what}: unknown fact {fact!r}", did_you_mean(fact, names.domains))
        elif not values:
            reader.problems.add(
                line,
                f"{what}: {fact} has an empty list, so the row can never match",
                f"list the values it is about, or leave {fact} out",
            )
        else:
            domain = names.domains[fact]
            for value in values:
                reader.known(value, domain, line, f"{what}: fact {fact!r} is never {value!r}")
            when[fact] = frozenset(values)
    return when


def _length(reader: Reader, period: str, line: int, what: str, names: Names) -> Period | None:
    if period in (INDEFINITE, "organisation"):
        return None
    if period.startswith("choice:"):
        if period.removeprefix("choice:") not in names.period_choices:
            reader.problems.add(
                line,
                f"{what}: {period!r} names no choice with a period",
                "declare the choice with period = true",
            )
        return None
    try:
        return parse_period(period)
    except MomentError as problem:
        reader.problems.add(line, f"{what}: {problem}", "or write indefinite, organisation or choice:NAME")
        return None


def _clock(reader: Reader, clock: str, line: int, what: str, names: Names) -> str:
    named = clock.startswith("refused:") and f"{clock[8:]}.standing" in names.domains
    if clock not in RETENTION_CLOCKS and not named:
        reader.problems.add(line, f"{what}: unknown clock {clock!r}", did_you_mean(clock, RETENTION_CLOCKS))
        return "said"
    return clock
