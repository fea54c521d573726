"""Terms in plain English, for `troth terms show` and `troth terms list`: text without a word of code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.terms.archive import load, shipped_names
from troth.terms.check.case import known
from troth.terms.facets import last_day
from troth.terms.model import Choice, Retention, Rule, Source, Terms, Version
from troth.terms.words import (
    EFFECT_WORDS,
    day_in_words,
    either,
    in_order,
    period_in_words,
    row_in_words,
    when_in_words,
)
from troth.types.manner import MANNERS, OTHERS
from troth.types.reasons import REASONS
from troth.types.vocabulary import KINDS, PURPOSES

BY_WORDS = {
    "account": "the person",
    "organisation": "the organisation",
    "plan": "the person, or the organisation under a plan of organisations",
}

ACTS_WORDS = {
    "person": "an act of the person, on a control that was not set beforehand",
    "express": "an act of the person or of an administrator, on a control that was not set beforehand",
    "any": "any act, also on a control that was set beforehand",
}

ASK_WORDS = {
    "all": "allowed only where every one of them may be used",
    "none": "each person's records follow that person alone",
    "rules": "denied where one of these rules denies another person: {}",
}


LAWS = (
    "In every one of these, unless it says otherwise: the account is open, it has not been deleted, and the",
    "ordinary rule keeps it. None of them reaches what a minor said for training or human review.",
)
"""What `troth.terms.table` adds to an allow, in words."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One version of a shipped profile."""

    version: str
    published: str
    effective: str
    digest: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One shipped profile."""

    name: str
    title: str
    """Of the newest version."""
    controller: str
    versions: tuple[ListedVersion, ...]


def listing() -> tuple[Listed, ...]:
    """List the shipped profiles, each with its versions, oldest first."""
    return tuple(_listed(load(name)) for name in shipped_names())


def _listed(terms: Terms) -> Listed:
    versions = tuple(
        ListedVersion(v.version, day_in_words(v.published), day_in_words(v.effective), v.digest)
        for v in terms.versions
    )
    return Listed(terms.name, terms.newest.title, terms.newest.controller, versions)


def show(terms: Terms, version: Version | None = None) -> tuple[Section, ...]:
    """Say all of a profile: its versions, and what one of them (the newest, unless another is given) says."""
    shown = terms.newest if version is None else version
    sections = (
        Section("Versions", tuple(_versions(terms, shown))),
        Section("Plans", tuple(_plans(shown))),
        Section("Options", tuple(_options(shown))),
        Section("Choices", tuple(_choices(shown))),
        Section("Signals", tuple(_signals(shown))),
        Section("Conversations of several people", tuple(_parties(shown))),
        Section("What stays out, whatever was chosen", tuple(_rules(shown, "deny"))),
        Section("What is allowed, where nothing above denies it", tuple(_rules(shown, "allow"))),
        Section("Why everything else stays out", tuple(_rules(shown, "otherwise"))),
        Section("How long it is kept: the earliest end counts", tuple(_retention(shown, "limit"))),
        Section("What keeps it longer: the latest end counts", tuple(_retention(shown, "extension"))),
        Section("Who may be given it", tuple(_recipients(shown))),
        Section("What machine signals stop", tuple(_opt_outs(shown))),
        Section("What must be filtered first", tuple(_filters(shown))),
        Section("What else counts as sensitive data", tuple(_recognisers(shown))),
        Section("What is never replaced", tuple(_allowed(shown))),
        Section("Findings", tuple(_findings(shown))),
        Section("Sources", tuple(_sources(shown))),
    )
    return tuple(section for section in sections if section.lines)


def as_text(sections: Sequence[Section]) -> str:
    """Set sections as text: a heading, and under it its lines."""
    parts = (f"{section.title}\n" + "\n".join(f"  {line}" for line in section.lines) for section in sections)
    return "\n\n".join(parts) + "\n"


def _versions(terms: Terms, shown: Version) -> Iterator[str]:
    for version in terms.versions:
        mark = " (shown here)" if version.version == shown.version else ""
        days = f"published {day_in_words(version.published)}, in force from {day_in_words(version.effective)}"
        yield f"{version.version}{mark}: {version.title}; {days}"
        for replaced in version.replaces_deadline_of:
            yield f"  its last days take the place of those of {replaced}, for everybody, once published"


def _plans(version: Version) -> Iterator[str]:
    named = (
        ("covered", version.covered_plans),
        ("of organisations", version.organisation_plans),
        ("known, and left out", version.other_plans),
    )
    for what, plans in named:
        if plans:
            yield f"{what}: {', '.join(plans)}"
    if version.retention_minimum:
        yield f"an organisation may set no retention below {period_in_words(version.retention_minimum)}"


def _options(version: Version) -> Iterator[str]:
    for option in version.options:
        values = either(option.values) if option.values else f"a {option.type}"
        yield f"{option.name} = {version.settled[option.name]} ({values}): {option.text}"


def _choices(version: Version) -> Iterator[str]:
    for choice in version.choices:
        yield f'{choice.name}: "{choice.notice}"'
        yield from (f"  {line}" for line in _choice(choice))


def _choice(choice: Choice) -> Iterator[str]:
    yield f"made by {BY_WORDS.get(choice.by, choice.by)}"
    yield f"what counts as a yes: {ACTS_WORDS.get(choice.acts, choice.acts)}"
    if choice.default_on:
        yield f"silence is a yes on the plan {either(sorted(choice.default_on))}, until the first no"
    else:
        yield "silence is no yes"
    if choice.refusal == "granted":
        yield "it is an objection: making it is the no, and refused below means that the person objected"
    if choice.period:
        yield "a yes carries a period"
    if choice.deadline is not None:
        yield f"last day {last_day(choice)}; afterwards: {choice.after_deadline}"


def _signals(version: Version) -> Iterator[str]:
    for name, signal in version.signals.items():
        lasts = period_in_words(signal.lasts) if signal.lasts else "as long as the record is kept"
        back = f"; reaches {period_in_words(signal.reaches_back)} back" if signal.reaches_back else ""
        feature = f"; only where the organisation has {signal.feature} on" if signal.feature else ""
        yield f"{name}: in force for {lasts}{back}{feature}"


def _parties(version: Version) -> Iterator[str]:
    parties = version.parties
    if parties.purposes:
        ask = ASK_WORDS.get(parties.ask, parties.ask).format(either(parties.rules))
        yield f"{', '.join(parties.purposes)}: {ask} (clause: {parties.clause})"


def _rules(version: Version, effect: str) -> Iterator[str]:
    """Say the rules of one effect, in the order in which they are looked at and cited."""
    if effect == "allow":
        yield from LAWS
    domains = known(version)
    rules = [rule for rule in version.rules if rule.effect == effect]
    for number, rule in enumerate(rules, start=1):
        when = when_in_words(in_order(rule.when, domains))
        purposes = "every purpose" if set(rule.purposes) == set(PURPOSES) else ", ".join(rule.purposes)
        yield f"{number}. {rule.id}: {EFFECT_WORDS[effect]} for {purposes}{', when ' + when if when else ''}"
        yield f"   because: {rule.text} ({rule.reason})"
        yield f"   {_cited(version, rule)}"
    if effect == "otherwise":
        yield f"{len(rules) + 1}. {REASONS['no_rule'].text} (no_rule)"


def _retention(version: Version, kind: str) -> Iterator[str]:
    domains = known(version)
    for row in version.retention:
        if row.kind == kind:
            when = when_in_words(in_order(row.when, domains))
            yield f"{row.id}: {row_in_words(row)}{', where ' + when if when else ''}"
            yield f"   because: {row.text}"
            yield f"   {_cited(version, row)}"


def _cited(version: Version, row: Rule | Retention) -> str:
    confidence = next((s.confidence for s in version.sources if s.id == row.source), "")
    return f"clause: {row.clause}; source: {row.source} [{confidence}]"


def _recipients(version: Version) -> Iterator[str]:
    for recipient in version.recipients:
        purposes = ", ".join(recipient.purposes)
        yield f"{recipient.name}, for {purposes}: {recipient.text} (clause: {recipient.clause})"


def _opt_outs(version: Version) -> Iterator[str]:
    for each in version.opt_outs:
        yield f"{each.signal}: no {', '.join(each.purposes)}: {each.text} (clause: {each.clause})"


def _filters(version: Version) -> Iterator[str]:
    for each in version.filters:
        kinds = "" if tuple(each.kinds) == KINDS else f", in {either(each.kinds)}"
        yield f"before {', '.join(each.purposes)}{kinds}: {each.text} (clause: {each.clause})"
        for kind, manner in sorted(each.replace.items()):
            what = "every other kind" if kind == OTHERS else kind
            yield f"  {what} is replaced by {MANNERS[manner]}"


def _recognisers(version: Version) -> Iterator[str]:
    for each in version.recognisers:
        check = f", with the check {each.check}" if each.check else ""
        near = f", near {either(each.context)}" if each.context else ""
        yield f"{each.kind}: {each.text} ({each.pattern}{check}{near})"


def _allowed(version: Version) -> Iterator[str]:
    for each in version.allowed:
        kinds = f" taken for {either(each.kinds)}" if each.kinds else ""
        yield f"{either((*each.values, *each.patterns))}{kinds}: {each.text}"


def _findings(version: Version) -> Iterator[str]:
    for finding in version.findings:
        yield f"{finding.id}: {finding.text}"
        yield f"  taken here: {finding.taken} (sources: {', '.join(finding.sources)})"


def _sources(version: Version) -> Iterator[str]:
    for source in version.sources:
        yield _source(source)


def _source(source: Source) -> str:
    return f"{source.id} [{source.confidence}]: {source.text}" + (f", {source.url}" if source.url else "")
