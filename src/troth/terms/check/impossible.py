"""Facts that cannot hold together, whatever the history. A rule that needs them can never match.

Each entry follows from how the facts are computed (``troth.decide.point``), and stands with its reason on the
page ``docs/formats/terms.md``. A property test looks for a history in which one of them does happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.terms.facts import DEADLINE
from troth.terms.model import Choice, Version, When


@dataclass(frozen=True, slots=True)
class Impossible:
    """Conditions that no record can ever meet, and why."""

    when: When
    why: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the other versions of a profile add to one of them."""

    organisation_plans: frozenset[str]
    """Every plan that some version counts as an organisation's."""
    deadlines: Mapping[str, frozenset[str]]
    """Choice to the values that its deadline may have under this version."""


NOT_READ: Sequence[Impossible] = (
    Impossible(
        {"time": frozenset({"unknown"})},
        "a record whose time is not known is denied before any rule is read",
    ),
    Impossible(
        {"account": frozenset({"unknown"})},
        "a record whose account is not known is denied before any rule is read",
    ),
    Impossible({"retained": frozenset({"gone"})}, "what is gone is denied before any rule is read"),
)
"""Values that deny before any rule is read."""

CLOSED: Sequence[Impossible] = (
    Impossible(
        {"account": frozenset({"closed"}), "deleted": frozenset({"no"})},
        "what a closed account said counts as deleted, so deleted is yes",
    ),
)

CHOICE: Sequence[tuple[Mapping[str, tuple[str, ...]], str]] = (
    (
        {"standing": ("undecided",), "reach": ("resumed", "past")},
        "someone who has not decided has no yes before which anything was said",
    ),
    (
        {"standing": ("refused", "withdrawn"), "reach": ("new", "resumed", "past")},
        "after a no there is no standing yes, so reach is none",
    ),
    ({"standing": ("granted",), "reach": ("none",)}, "a standing yes always has a reach"),
    (
        {"standing": ("undecided",), "at_said": ("granted", "refused", "withdrawn")},
        "someone who has not decided by now had not decided earlier either",
    ),
    (
        {"standing": ("refused",), "at_said": ("granted", "withdrawn")},
        "a no after an earlier yes is withdrawn, not refused",
    ),
    (
        {"reach": ("new",), "at_said": ("refused", "withdrawn")},
        "what was said while the answer was no was not said under the standing yes",
    ),
)
"""For every choice: parts of it that cannot hold together."""


def impossible(version: Version, around: Around) -> tuple[Impossible, ...]:
    """List the conditions that no record can meet under a version when its rules are read."""
    return (*NOT_READ, *of_retention(version, around), *_exception(version))


def of_retention(version: Version, around: Around) -> tuple[Impossible, ...]:
    """List the conditions that no record can meet under a version when its retention table is read."""
    return (
        NOT_READ[0],
        *CLOSED,
        *_organisation(around),
        *_signals(version),
        *_sample(version),
        *_choices(version, around),
    )


def _organisation(around: Around) -> Iterator[Impossible]:
    if around.organisation_plans:
        yield Impossible(
            {"account": frozenset({"closed"}), "plan": around.organisation_plans},
            "what was said under an organisation's plan stays the organisation's when the account closes",
        )


def _signals(version: Version) -> Iterator[Impossible]:
    for signal, fact in (("flag", "flagged"), ("rating", "rated"), ("review", "reviewed")):
        if signal not in version.signals:
            yield Impossible(
                {fact: frozenset({"yes"})}, f"no [signals.{signal}] is declared, so {fact} is always no"
            )


def _sample(version: Version) -> Iterator[Impossible]:
    if not any(option.name == "sample_rate" for option in version.options):
        yield Impossible(
            {"sampled": frozenset({"no"})}, "no option sample_rate is declared, so everything is sampled"
        )


def _exception(version: Version) -> Iterator[Impossible]:
    if not any(row.kind == "extension" for row in version.retention):
        yield Impossible(
            {"retained": frozenset({"exception"})},
            "no extension stands in the retention table, so nothing is kept by exception",
        )


def _choices(version: Version, around: Around) -> Iterator[Impossible]:
    for choice in version.choices:
        for parts, why in CHOICE:
            yield Impossible({f"{choice.name}.{part}": frozenset(v) for part, v in parts.items()}, why)
        yield from _silence(choice, version)
        never = frozenset(DEADLINE) - around.deadlines[choice.name]
        if never:
            dated = "none" in never
            yield Impossible(
                {f"{choice.name}.deadline": never},
                f"{choice.name} has {'a' if dated else 'no'} last day",
            )


def _silence(choice: Choice, version: Version) -> Iterator[Impossible]:
    """Say what silence is: a yes on some plans (``default_on``), not on the others."""
    on = frozenset(version.plans) & choice.default_on
    off = frozenset(version.plans) - on
    standing, reach, at_said = (f"{choice.name}.{part}" for part in ("standing", "reach", "at_said"))
    if off:
        yield Impossible(
            {standing: frozenset({"undecided"}), reach: frozenset({"new"}), "plan": off},
            f"silence is a yes to {choice.name} only on the plans of its default_on",
        )
        yield Impossible(
            {reach: frozenset({"new"}), at_said: frozenset({"undecided"}), "plan": off},
            f"silence is a yes to {choice.name} only on the plans of its default_on",
        )
    if on:
        yield Impossible(
            {standing: frozenset({"undecided"}), reach: frozenset({"none"}), "plan": on},
            f"on the plans of its default_on silence is a yes to {choice.name}, so reach is new",
        )
