"""The decision table: facts in, answer out. This is the meaning of the terms; it knows nothing of time.

Deciding, in order (``docs/design.md``, "Deciding"):

1. what is not known denies: time, account, terms, purpose, then each fact that may be unknown;
2. what is gone denies;
3. any matching deny denies: the first in the order of the file is the one that is cited, then those of
   ``troth.terms.laws``;
4. any matching allow allows: the first is cited;
5. everything else is denied: the first matching ``otherwise`` says why.

An allow that does not speak of deleted content, closed accounts or content kept only by an exception does
not reach them, and no allow reaches what a minor said for training or human review (laws 1 to 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.terms.facts import CHECKED_FOR_UNKNOWN, UNKNOWN, domains
from troth.terms.laws import laws
from troth.terms.model import Choice, Retention, Rule, Version, When
from troth.types.vocabulary import PURPOSES

Facts = tuple[str, ...]
"""The value of each fact, in the order of a table's ``names``."""

PROTECTED_PURPOSES = ("train.general", "train.safety", "review.human")

SAFE_ALLOW: Mapping[str, frozenset[str]] = {
    "deleted": frozenset({"no"}),
    "account": frozenset({"open"}),
    "retained": frozenset({"ordinary"}),
}
"""What an allow needs of the facts that it does not mention."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a table says of one combination of facts."""

    allow: bool
    reason: str
    rule: str
    clause: str


@dataclass(frozen=True, slots=True)
class Keep:
    """What the retention table says of one combination of facts: which rows match."""

    limits: tuple[Retention, ...]
    extensions: tuple[Retention, ...]


class Row:
    """A rule with its conditions at the positions of the facts."""

    __slots__ = ("answer", "conditions", "effect", "id", "purposes")

    def __init__(self, rule: Rule, when: When, names: Sequence[str]) -> None:
        self.id, self.effect = rule.id, rule.effect
        self.purposes = frozenset(rule.purposes)
        self.conditions = tuple((names.index(fact), values) for fact, values in when.items())
        self.answer = Answer(rule.effect == "allow", rule.reason, rule.id, rule.clause)

    def matches(self, facts: Facts) -> bool:
        """Whether every condition holds."""
        return all(facts[index] in values for index, values in self.conditions)


class Table:
    """One version of terms under settled options, ready to answer.

    ``names`` may leave out the facts of the laws: then it answers as if nothing of theirs stood against a record.
    """

    def __init__(self, version: Version, names: Sequence[str]) -> None:
        self.version = version
        self.names = tuple(names)
        rows = [Row(rule, effective_when(rule), self.names) for rule in version.rules]
        always = [law for law in laws(version) if all(fact in self.names for fact in law.when)]
        rows += [Row(law, law.when, self.names) for law in always]
        self._denies = tuple(row for row in rows if row.effect == "deny")
        self._allows = tuple(row for row in rows if row.answer.allow)
        self._otherwise = tuple(row for row in rows if row.effect == "otherwise")
        self._retention = tuple(
            (row, tuple((self.names.index(f), v) for f, v in row.when.items())) for row in version.retention
        )
        self._checked = tuple((self.names.index(f), f"{f}_unknown") for f in CHECKED_FOR_UNKNOWN)
        self._time, self._account = self.names.index("time"), self.names.index("account")
        self._retained = self.names.index("retained")
        self._answers: dict[tuple[Facts, str], Answer] = {}
        self._keeps: dict[Facts, Keep] = {}

    def answer(self, facts: Facts, purpose: str) -> Answer:
        """Answer one combination of facts and a purpose."""
        key = (facts, purpose)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._answer(facts, purpose)
        return found

    def keep(self, facts: Facts) -> Keep:
        """Find the rows of the retention table that match. ``retained`` is not looked at."""
        found = self._keeps.get(facts)
        if found is None:
            found = self._keeps[facts] = self._keep(facts)
        return found

    def rule_denies(self, rule_id: str, facts: Facts) -> bool:
        """Whether one deny rule, by its id, matches."""
        return any(row.id == rule_id and row.matches(facts) for row in self._denies)

    def _answer(self, facts: Facts, purpose: str) -> Answer:
        unknown = self._unknown(facts, purpose)
        if unknown:
            return Answer(False, unknown, "", "")
        if facts[self._retained] == "gone":
            return Answer(False, "gone", "", "")
        for row in (*self._denies, *self._allows, *self._otherwise):
            if purpose in row.purposes and row.matches(facts):
                return row.answer
        return Answer(False, "no_rule", "", "")

    def _unknown(self, facts: Facts, purpose: str) -> str:
        if facts[self._time] == UNKNOWN:
            return "time_unknown"
        if facts[self._account] == UNKNOWN:
            return "account_unknown"
        if purpose not in PURPOSES:
            return "purpose_unknown"
        for index, reason in self._checked:
            if facts[index] == UNKNOWN:
                return reason
        return ""

    def _keep(self, facts: Facts) -> Keep:
        matching = [
            row for row, when in self._retention if all(facts[index] in values for index, values in when)
        ]
        return Keep(
            tuple(row for row in matching if row.kind == "limit"),
            tuple(row for row in matching if row.kind == "extension"),
        )


def effective_when(rule: Rule) -> When:
    """Give the conditions of a rule with the laws of an allow added."""
    if rule.effect != "allow":
        return rule.when
    when = {**SAFE_ALLOW, **rule.when}
    if any(purpose in PROTECTED_PURPOSES for purpose in rule.purposes):
        when["age"] = frozenset({"adult"})
    return when


def fact_names(choices: Sequence[Choice]) -> tuple[str, ...]:
    """Give the order of the facts for some choices."""
    return tuple(domains((), [choice.name for choice in choices], ()))
