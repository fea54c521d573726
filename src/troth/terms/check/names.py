"""Names that are declared and never used, or used for something else than they were declared for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from troth.terms.check.case import conditioned_on
from troth.terms.model import Rule, Version
from troth.terms.parse import TermsFile
from troth.terms.problems import Problem, did_you_mean

CITING = ("rules", "retention", "recipients", "opt_outs", "filters")
"""Tables that cite sources, beside findings."""

OUTWARD = ("share.third_party", "sell")
"""Purposes that hand content to somebody, who must be named."""


def names(file: TermsFile, variants: Sequence[Version]) -> Iterator[Problem]:
    """Look at what a file declares: its version under every combination of options, the defaults first."""
    version = variants[0]
    yield from _options(file)
    yield from _sources(file, version)
    yield from _plans(file, version)
    yield from _choices(file, version)
    for variant in variants:
        yield from _parties(file, variant)
    yield from _recipients(file, version, [rule for variant in variants for rule in variant.rules])


def _problem(
    file: TermsFile, path: tuple[str | int, ...], what: str, remedy: str, *, note: bool = False
) -> Problem:
    return Problem(file.lines.of(*path), what, remedy, str(file.path), note)


def _options(file: TermsFile) -> Iterator[Problem]:
    used = conditioned_on(file.content) | set(_resolved(file.content))
    if "sampled" in _facts(file.content):
        used.add("sample_rate")
    for option in file.options:
        if option.name not in used:
            yield _problem(
                file,
                ("options", option.name),
                f"option {option.name!r} is declared and nothing depends on it",
                'use it (options = { … }, or "option:NAME" as a value), or take it out',
                note=True,
            )


def _resolved(value: Any) -> Iterator[str]:
    """Find every ``option:NAME`` that stands as a value."""
    if isinstance(value, str) and value.startswith("option:"):
        yield value.removeprefix("option:")
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _resolved(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _resolved(inner)


def _facts(content: Mapping[str, Any]) -> set[str]:
    facts: set[str] = set()
    for name in ("rules", "retention"):
        tables = content.get(name)
        for table in tables if isinstance(tables, list) else []:
            when = table.get("when") if isinstance(table, dict) else None
            facts.update(when if isinstance(when, dict) else ())
    return facts


def _sources(file: TermsFile, version: Version) -> Iterator[Problem]:
    cited = {source for finding in version.findings for source in finding.sources}
    for name in CITING:
        cited |= {str(table.get("source")) for table in file.top.get(name, ())}
    for index, source in enumerate(version.sources):
        if source.id and source.id not in cited:
            yield _problem(
                file,
                ("sources", index),
                f"source {source.id!r} is never cited",
                "cite it where it is relied on, or take it out",
                note=True,
            )


def _plans(file: TermsFile, version: Version) -> Iterator[Problem]:
    for plan in version.other_plans:
        for key, plans in (("covered", version.covered_plans), ("organisation", version.organisation_plans)):
            if plan in plans:
                yield _problem(
                    file,
                    ("plans", "other"),
                    f"plan {plan!r} stands under other and under {key}",
                    "other is for plans that these terms know and do not speak of; keep it in one list",
                )


def _choices(file: TermsFile, version: Version) -> Iterator[Problem]:
    for choice in version.choices:
        at = ("choices", choice.name)
        for plan in sorted(choice.default_on):
            if version.plans and plan not in version.plans:
                yield _problem(
                    file,
                    (*at, "default_on"),
                    f"choice {choice.name!r}: unknown plan {plan!r}",
                    did_you_mean(plan, version.plans),
                )
        if choice.after_deadline and choice.deadline is None:
            yield _problem(
                file,
                (*at, "after_deadline"),
                f"choice {choice.name!r} says what happens after a last day, and has none",
                "add last_day, or take after_deadline out",
                note=True,
            )


def _parties(file: TermsFile, version: Version) -> Iterator[Problem]:
    effects = {rule.id: rule.effect for rule in version.rules}
    for rule in version.parties.rules:
        if effects.get(rule, "deny") != "deny":
            yield _problem(
                file,
                ("parties", "rules"),
                f"[parties] asks rule {rule!r}, which does not deny",
                "name rules with the effect deny: they are asked about every other person",
            )
    if version.parties.ask == "rules" and not version.parties.rules:
        yield _problem(
            file,
            ("parties", "ask"),
            "[parties] asks rules of every other person, and names none",
            "add rules = [ids of denies]",
        )


def _recipients(file: TermsFile, version: Version, rules: Sequence[Rule]) -> Iterator[Problem]:
    allowed = {p for rule in rules if rule.effect == "allow" for p in rule.purposes}
    received = {purpose for recipient in version.recipients for purpose in recipient.purposes}
    for purpose in OUTWARD:
        if purpose in allowed - received:
            line = next(r.place.line for r in rules if r.effect == "allow" and purpose in r.purposes)
            what = f"{purpose} is allowed, and no recipient is named for it"
            yield Problem(line or 1, what, "add [[recipients]] with their clause", str(file.path), note=True)
    for index, recipient in enumerate(version.recipients):
        never = [purpose for purpose in recipient.purposes if purpose not in allowed]
        if never:
            yield _problem(
                file,
                ("recipients", index),
                f"recipient {recipient.name!r} is named for {', '.join(never)}, which no rule allows",
                "take the purpose out, or add the rule that allows it",
                note=True,
            )
