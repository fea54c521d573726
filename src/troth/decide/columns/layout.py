"""How the facts of a record are packed into one whole number, and read back.

A fact that no rule mentions is left out of the number: records that differ only in it share an answer. The
facts that are denied when unknown keep at least ``known`` and ``unknown``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.decide.columns.dialect import text
from troth.decide.versions import Timetable
from troth.terms.facts import CHECKED_FOR_UNKNOWN, UNKNOWN, domains
from troth.terms.laws import law_facts, laws
from troth.terms.model import Choice
from troth.terms.table import effective_when

ALWAYS = ("time", "account")
NOT_PACKED = ("retained",)


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes-or-no fact, as the SQL condition that makes it yes."""

    condition: str


@dataclass(frozen=True, slots=True)
class Digit:
    """One fact of the number: its values, and the value that stands for any known one if it is not told apart."""

    fact: str
    values: tuple[str, ...]
    told_apart: bool

    def sql(self, expression: str | Holds) -> str:
        """The index of a value in SQL. A value that is not in the list takes the last index."""
        if isinstance(expression, Holds):
            return f"CASE WHEN {expression.condition} THEN {self.values.index('yes')} ELSE {self.values.index('no')} END"
        known = self.values[:-1]
        cases = " ".join(f"WHEN {text(v)} THEN {i if self.told_apart else 0}" for i, v in enumerate(known))
        return f"CASE {expression} {cases} ELSE {self.size - 1} END"

    @property
    def size(self) -> int:
        """How many values the digit takes."""
        return len(self.values) if self.told_apart else 2

    def value(self, index: int) -> str:
        """The fact of an index."""
        return self.values[index] if self.told_apart or index == 0 else UNKNOWN


class Layout:
    """The digits of the number for one profile."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self.mentioned = _mentioned(timetable)
        self.clocks = _clocks(timetable)
        self.periods = _periods(timetable)
        self.choices: tuple[Choice, ...] = timetable.choices(None)
        self.digits = tuple(self._digits())
        self.tells_resumed = _tells_apart(timetable, "resumed", "past")
        self._names = timetable.names

    def needs(self, fact: str) -> bool:
        """Whether some rule mentions a fact."""
        return fact in self.mentioned

    def digit(self, fact: str) -> Digit | None:
        """The digit of a fact, if it has one."""
        return next((digit for digit in self.digits if digit.fact == fact), None)

    def _digits(self) -> Iterable[Digit]:
        versions = self.timetable.versions
        plans = tuple(dict.fromkeys(plan for version in versions for plan in version.plans))
        regions = {region for version in versions for region in self.timetable.regions(version)}
        names = [choice.name for choice in self.choices]
        space = {**domains(plans, names, regions), **law_facts(names)}
        for fact, domain in space.items():
            if fact in NOT_PACKED:
                continue
            values = (*(value for value in domain if value != UNKNOWN), UNKNOWN)
            if fact in ALWAYS or fact in self.mentioned:
                yield Digit(fact, values, told_apart=True)
            elif fact in CHECKED_FOR_UNKNOWN:
                yield Digit(fact, values, told_apart=False)

    def pack(self, expressions: Mapping[str, str | Holds], version: str) -> str:
        """The number in SQL, from an expression for each fact and one for the place of the version."""
        code = f"({version} + 1)::BIGINT"
        for digit in self.digits:
            code = f"({code} * {digit.size} + {digit.sql(expressions[digit.fact])})"
        return code

    def unpack(self, code: int) -> tuple[int, tuple[str, ...]]:
        """The place of the version (-1: none) and the facts, in the order of the timetable's names."""
        found: dict[str, str] = {}
        for digit in reversed(self.digits):
            code, index = divmod(code, digit.size)
            found[digit.fact] = digit.value(index)
        return code - 1, tuple(found.get(name, _stand_in(name)) for name in self._names)


def _stand_in(fact: str) -> str:
    if fact == "retained":
        return "ordinary"
    return "none" if fact.endswith(".here") else "no"


def _mentioned(timetable: Timetable) -> frozenset[str]:
    facts: set[str] = set()
    for version in timetable.versions:
        for rule in version.rules:
            facts.update(effective_when(rule))
        for row in version.retention:
            facts.update(row.when)
        for law in laws(version):
            facts.update(law.when)
    return frozenset(facts)


def _clocks(timetable: Timetable) -> frozenset[str]:
    return frozenset(row.clock for version in timetable.versions for row in version.retention)


def _periods(timetable: Timetable) -> frozenset[str]:
    return frozenset(
        row.period
        for version in timetable.versions
        for row in version.retention
        if row.period == "organisation" or row.period.startswith("choice:")
    )


def _tells_apart(timetable: Timetable, one: str, other: str) -> bool:
    """Whether some rule accepts one value of a reach and not the other."""
    return any(
        (one in values) != (other in values)
        for version in timetable.versions
        for when in ([row.when for row in version.rules] + [row.when for row in version.retention])
        for fact, values in when.items()
        if fact.endswith(".reach")
    )
