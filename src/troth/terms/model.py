"""The nouns of terms: one frozen type for each table of a terms file (``docs/formats/terms.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from troth.errors import Place
from troth.types.moment import Moment, Period

When = Mapping[str, frozenset[str]]
"""What a rule needs of the facts: fact name to the values it accepts. All must hold."""

INDEFINITE = "indefinite"


@dataclass(frozen=True, slots=True)
class Option:
    """A declared reading of the terms, where their text leaves two open. The first value is the default."""

    name: str
    type: str
    """``word`` (one of ``values``), ``duration`` (ISO 8601) or ``rate`` (a number from 0 to 1)."""
    values: tuple[str, ...]
    default: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person, or their organisation, is asked."""

    name: str
    by: str
    """``account``, ``organisation``, or ``plan`` (the organisation's under an organisation's plan)."""
    notice: str
    """The question in the words that people are shown."""
    default_on: frozenset[str]
    """Plans under which the terms take silence as a yes. Empty unless the published terms say so."""
    acts: str
    """Which grants count: ``person`` (an act of the person, not on a switch set beforehand),
    ``express`` (the same, or an administrator's act for an organisation), or ``any``."""
    refusal: str
    """The event value that takes away: ``refused``, or ``granted`` where the choice is an objection."""
    period: bool
    """Whether a grant carries a period, as an automatic deletion does."""
    deadline: Moment | None
    """The first moment at which the time to choose is over, or None."""
    after_deadline: str
    """What happens to someone undecided after the deadline, in words."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the decision table."""

    id: str
    effect: str
    """``deny``, ``allow``, or ``otherwise``: why it is denied where no rule allows."""
    purposes: tuple[str, ...]
    when: When
    reason: str
    clause: str
    source: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Retention:
    """One row of the retention table: a limit (gone by then at the latest) or an extension (kept to then)."""

    id: str
    kind: str
    """``limit``: the shortest that matches counts. ``extension``: the longest that matches counts."""
    period: str
    """``indefinite``, ``organisation`` (the organisation's own), ``choice:NAME``, or a duration as text."""
    length: Period | None
    """The parsed duration, where ``period`` is one."""
    clock: str
    """``said``, ``deleted``, ``flagged``, ``rated``, ``reviewed`` or ``refused:NAME``."""
    when: When
    clause: str
    source: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Signal:
    """How far a flag, a rating or a review reaches."""

    lasts: Period | None
    """How long after it the signal is in force; None: as long as the record is kept."""
    reaches_back: Period | None = None
    """How far before it records are covered; None: all of the conversation."""
    feature: str = ""
    """A feature that the organisation must have switched on at that moment; empty: none."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """What a machine signal that says no keeps its sender's words from."""

    signal: str
    """A name of ``troth.types.vocabulary.SIGNAL_VALUES``."""
    purposes: tuple[str, ...]
    clause: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """How conversations of several people are treated, under the options in force."""

    ask: str
    """``all``: every other party must be allowed; ``none``; ``rules``: none of ``rules`` may deny them."""
    rules: tuple[str, ...]
    purposes: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who may be given content, for a purpose, under a clause."""

    name: str
    purposes: tuple[str, ...]
    clause: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Sensitive data that must be replaced before content is used for some purposes."""

    purposes: tuple[str, ...]
    kinds: tuple[str, ...]
    clause: str
    text: str
    source: str = ""
    replace: Mapping[str, str] = field(default_factory=dict)
    """Kind of sensitive data to a manner of ``troth.types.manner``; ``*`` for all that are not named. Empty: tags."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A kind of sensitive data that the terms declare, and how it is found."""

    kind: str
    pattern: str
    """In the syntax of RE2. What is found is its first group, if it has one."""
    check: str
    """A name of ``troth.terms.sensitive.CHECKS``, or empty."""
    context: tuple[str, ...]
    """Words of which one must stand near it; empty: none need."""
    finds: tuple[str, ...]
    """Texts in which exactly what stands in braces must be found."""
    passes: tuple[str, ...]
    """Texts in which nothing may be found."""
    text: str
    place: Place
    case_lines: tuple[int, ...] = ()
    """The lines of ``finds``, then those of ``passes``."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is not replaced, though it looks like sensitive data: names of services, public addresses."""

    values: tuple[str, ...]
    patterns: tuple[str, ...]
    """In the syntax of RE2; one must match all of what was found."""
    kinds: tuple[str, ...]
    """Kinds of sensitive data; empty: all."""
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Finding:
    """A conflict between the vendor's own texts, recorded and never silently resolved."""

    id: str
    text: str
    taken: str
    """The reading that this file takes, and why."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a clause can be read."""

    id: str
    text: str
    url: str
    confidence: str
    """``primary``, ``excerpt``, ``secondary`` or ``not confirmed``."""


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of the terms, with its options already settled."""

    name: str
    version: str
    title: str
    controller: str
    published: Moment
    effective: Moment
    covered_plans: tuple[str, ...]
    organisation_plans: tuple[str, ...]
    other_plans: tuple[str, ...]
    choices: tuple[Choice, ...]
    rules: tuple[Rule, ...]
    retention: tuple[Retention, ...]
    signals: Mapping[str, Signal]
    parties: Parties
    recipients: tuple[Recipient, ...]
    filters: tuple[Filter, ...]
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    options: tuple[Option, ...]
    settled: Mapping[str, str]
    """The value of each option."""
    retention_minimum: Period | None
    """The shortest retention that an organisation may set; None: any."""
    replaces_deadline_of: tuple[str, ...]
    digest: str
    """Of the canonical content of the file, options not settled."""
    place: Place
    opt_outs: tuple[OptOut, ...] = ()
    """What machine signals do; where the file says nothing of a signal, ``troth.terms.laws`` does."""
    recognisers: tuple[Recogniser, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    @property
    def plans(self) -> tuple[str, ...]:
        """Every plan that these terms know."""
        return tuple(dict.fromkeys((*self.covered_plans, *self.organisation_plans, *self.other_plans)))

    @property
    def sample_rate(self) -> float:
        """The share of sampled content that is taken, from 0 to 1."""
        return float(self.settled.get("sample_rate", 1.0))


@dataclass(frozen=True, slots=True)
class Terms:
    """All versions of one profile, oldest first, under one set of options."""

    name: str
    versions: tuple[Version, ...]
    digest: str
    """Of the names and digests of the versions and the options in force."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Every option with its value, given or default."""

    @property
    def newest(self) -> Version:
        """The version published last."""
        return self.versions[-1]
