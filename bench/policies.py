"""The rules of one version of terms for one purpose, written for Cedar and for Rego.

Both are made from the same rows as Troth's table, and are given the same facts ready-made: what time does to a
history is worked out for them. Neither says why; Troth does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from troth.terms.facts import CHECKED_FOR_UNKNOWN, UNKNOWN
from troth.terms.model import Version
from troth.terms.table import effective_when

Condition = Mapping[str, frozenset[str]]


def rows(version: Version, purpose: str) -> Iterator[tuple[bool, Condition]]:
    """What forbids (False) and what permits (True), in the order in which Troth reads it."""
    for fact in ("time", "account", *CHECKED_FOR_UNKNOWN):
        yield False, {fact: frozenset({UNKNOWN})}
    yield False, {"retained": frozenset({"gone"})}
    for rule in version.rules:
        if purpose in rule.purposes and rule.effect != "otherwise":
            yield rule.effect == "allow", effective_when(rule)


def facts_read(version: Version, purpose: str) -> tuple[str, ...]:
    """The facts that the policies look at: nothing else is handed over."""
    return tuple(sorted({fact for _, when in rows(version, purpose) for fact in when}))


def cedar(version: Version, purpose: str) -> str:
    """The policy set as Cedar text."""
    return "\n".join(
        f"{'permit' if permits else 'forbid'}(principal, action == Action::{json.dumps(purpose)}, resource) "
        f"when {{ {' && '.join(_in_cedar(*item) for item in when.items()) or 'true'} }};"
        for permits, when in rows(version, purpose)
    )


def _in_cedar(fact: str, values: frozenset[str]) -> str:
    if len(values) == 1:
        return f"context[{json.dumps(fact)}] == {json.dumps(next(iter(values)))}"
    return f"{json.dumps(sorted(values))}.contains(context[{json.dumps(fact)}])"


def rego(version: Version, purpose: str) -> str:
    """The module as Rego text; the query is ``data.terms.allow``."""
    lines = ["package terms", "default allow := false", "allow if { permit; not forbid }"]
    for permits, when in rows(version, purpose):
        conditions = "; ".join(_in_rego(*item) for item in when.items()) or "true"
        lines.append(f"{'permit' if permits else 'forbid'} if {{ {conditions} }}")
    return "\n".join(lines)


def _in_rego(fact: str, values: frozenset[str]) -> str:
    words = ", ".join(json.dumps(value) for value in sorted(values))
    if len(values) == 1:
        return f"input[{json.dumps(fact)}] == {words}"
    return f"input[{json.dumps(fact)}] in {{{words}}}"
