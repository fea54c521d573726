"""The facts of two versions together: what one record is under both at the same moment.

Most facts mean the same under both. Some are read from the version itself: whether it was said since the
version took effect, whether its last day has passed, whether silence is a yes, whether it is in the sample.
Those are split into values that decide both, such as "from 2025-08-28 to 2025-10-08".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from troth.terms.boxes import Box, Space
from troth.terms.check.archive import around
from troth.terms.check.impossible import impossible
from troth.terms.facts import REACH, UNKNOWN, YES_NO, domains
from troth.terms.model import Choice, Retention, Rule, Version, When
from troth.terms.words import day_in_words

Translation = Mapping[str, tuple[str, Mapping[str, frozenset[str]]]]
"""Fact of one version to the joint fact, and each of its values to the joint values that it covers."""


@dataclass(frozen=True, slots=True)
class Joint:
    """The space of two versions, and how the facts of each stand in it."""

    space: Space
    translations: tuple[Translation, Translation]
    silence: tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]
    """For each version: choices on which the two differ, to the plans where silence is a yes."""
    never: tuple[Box, ...]

    def boxes(self, which: int, when: When) -> list[Box]:
        """Translate the conditions of a row of one version (0 or 1) into boxes, most often one."""
        plain: dict[str, frozenset[str]] = {}
        parts: list[list[dict[str, frozenset[str]]]] = []
        for fact, values in when.items():
            choice = fact.removesuffix(".reach")
            if fact.endswith(".reach") and choice in self.silence[which]:
                parts.append(_reach(choice, values, self.silence[which][choice], self.space))
                continue
            name, covers = self.translations[which].get(fact, (fact, {}))
            wider = frozenset().union(*(covers.get(value, frozenset({value})) for value in values))
            plain[name] = plain[name] & wider if name in plain else wider
        return [box for chosen in product(*parts) if all(box := self._box([plain, *chosen]))]

    def _box(self, whens: Iterable[Mapping[str, frozenset[str]]]) -> Box:
        box = self.space.full
        for when in whens:
            box = tuple(mask & other for mask, other in zip(box, self.space.box(when), strict=True))
        return box


def join(old: Version, new: Version) -> Joint:
    """Make the joint space of two versions."""
    pair = (old, new)
    plans = tuple(dict.fromkeys((*old.plans, *new.plans)))
    choices = tuple(dict.fromkeys(choice.name for version in pair for choice in version.choices))
    regions = {region for version in pair for region in _regions(version)}
    values: dict[str, tuple[str, ...]] = {**domains(plans, choices, regions)}
    translations: tuple[dict[str, tuple[str, Mapping[str, frozenset[str]]]], ...] = ({}, {})
    for which, version in enumerate(pair):
        strangers = frozenset(plans) - set(version.plans)
        translations[which]["plan"] = ("plan", {})
        translations[which]["moved_to"] = ("moved_to", {UNKNOWN: strangers | {UNKNOWN}})
        unnamed = frozenset(regions) - _regions(version)
        translations[which]["region"] = ("region", {"other": unnamed | {"other"}})
        for signal, fact in (("flag", "flagged"), ("rating", "rated"), ("review", "reviewed")):
            if signal not in version.signals:
                translations[which][fact] = (fact, {"no": frozenset(YES_NO), "yes": frozenset()})
    for thresholds in _thresholds(old, new, choices):
        thresholds.enter(values, translations)
    silence = _silence(old, new, choices)
    for choice in silence[0]:
        values[f"{choice}.refused_before"] = YES_NO
    joint = Joint(Space.of(values), (translations[0], translations[1]), silence, ())
    return Joint(joint.space, joint.translations, silence, tuple(_never(joint, pair)))


def _never(joint: Joint, pair: tuple[Version, Version]) -> Iterator[Box]:
    for which, version in enumerate(pair):
        for entry in impossible(version, around(version, [*pair])):
            yield from joint.boxes(which, entry.when)
    for choice in joint.silence[0]:
        for parts in _REFUSED_BEFORE:
            yield joint.space.box({f"{choice}.{part}": frozenset(values) for part, values in parts.items()})


_REFUSED_BEFORE: Sequence[Mapping[str, tuple[str, ...]]] = (
    {"standing": ("undecided",), "refused_before": ("yes",)},
    {"standing": ("refused", "withdrawn"), "refused_before": ("no",)},
    {"at_said": ("refused", "withdrawn"), "refused_before": ("no",)},
    {"standing": ("undecided", "refused", "withdrawn"), "reach": ("new", "resumed", "past")},
    {"standing": ("granted",), "reach": ("none",)},
)
"""What cannot hold together where reach is that of an act alone, and silence is looked at apart."""


def _reach(
    choice: str, values: frozenset[str], on: frozenset[str], space: Space
) -> list[dict[str, frozenset[str]]]:
    """Say a reach by what was done and by silence: on some plans, nothing refused so far reaches as new."""
    off = frozenset(space.values[space.names.index("plan")]) - on
    reach, before = f"{choice}.reach", f"{choice}.refused_before"
    by_act = {reach: values}
    if "new" in values:
        return [by_act, {"plan": on, before: frozenset({"no"}), reach: frozenset(REACH) - values}]
    return [{**by_act, "plan": off}, {**by_act, "plan": on, before: frozenset({"yes"})}]


def _silence(
    old: Version, new: Version, choices: Sequence[str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Find the choices that both versions have, and on which silence is a yes on different plans."""
    pairs = {name: (_choice(old, name), _choice(new, name)) for name in choices}
    differing = {
        name: (one.default_on, other.default_on)
        for name, (one, other) in pairs.items()
        if one is not None and other is not None and one.default_on != other.default_on
    }
    return {name: on[0] for name, on in differing.items()}, {name: on[1] for name, on in differing.items()}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A fact that is read from the version: low below its threshold, high from it on."""

    fact: str
    name: str
    """The joint fact."""
    low: str
    high: str
    at: tuple[float | None, float | None]
    """The threshold of each version; None where the version has none, and the fact is ``without``."""
    words: Callable[[float | None, float | None], str]
    """Says the joint value between two thresholds; None: no bound."""
    without: str

    def enter(
        self,
        values: dict[str, tuple[str, ...]],
        translations: Sequence[dict[str, tuple[str, Mapping[str, frozenset[str]]]]],
    ) -> None:
        """Replace the fact by the joint one in the values and in both translations."""
        marks = sorted({at for at in self.at if at is not None})
        spans = list(zip([None, *marks], [*marks, None], strict=True))
        said = [self.words(start, end) for start, end in spans]
        del values[self.fact]
        values[self.name] = tuple(said)
        for translation, at in zip(translations, self.at, strict=True):
            if at is None:
                covers = {
                    self.low: frozenset[str](),
                    self.high: frozenset[str](),
                    self.without: frozenset(said),
                }
            else:
                below = frozenset(
                    w for w, (_, end) in zip(said, spans, strict=True) if end is not None and end <= at
                )
                covers = {self.low: below, self.high: frozenset(said) - below}
                if self.without not in covers:
                    covers[self.without] = frozenset()
            translation[self.fact] = (self.name, covers)


def _thresholds(old: Version, new: Version, choices: Sequence[str]) -> Iterator[Thresholds]:
    yield Thresholds(
        "said_since_version", "said", "no", "yes", (old.effective, new.effective), _days, without="no"
    )
    rates = (_rate(old), _rate(new))
    if rates[0] != rates[1]:
        yield Thresholds("sampled", "sample", "yes", "no", rates, _samples, without="yes")
    for name in choices:
        ends = (_choice(old, name), _choice(new, name))
        dates = (ends[0].deadline if ends[0] else None, ends[1].deadline if ends[1] else None)
        yield Thresholds(
            f"{name}.deadline", f"{name}.asked", "before", "passed", dates, _days, without="none"
        )


def _days(start: float | None, end: float | None) -> str:
    if start is None or end is None:
        known = start if end is None else end
        day = "" if known is None else day_in_words(int(known))
        return f"before {day}" if start is None and day else f"from {day} on" if day else "at any time"
    return f"from {day_in_words(int(start))} and before {day_in_words(int(end))}"


def _samples(start: float | None, end: float | None) -> str:
    if start is None and end is None:
        return "every sample"
    if start is None:
        return f"a sample of {end:g}"
    return f"no sample beyond {start:g}" if end is None else f"a sample of {end:g} and not of {start:g}"


def _rate(version: Version) -> float | None:
    return version.sample_rate if any(o.name == "sample_rate" for o in version.options) else None


def _choice(version: Version, name: str) -> Choice | None:
    return next((choice for choice in version.choices if choice.name == name), None)


def _regions(version: Version) -> set[str]:
    rows: tuple[Rule | Retention, ...] = (*version.rules, *version.retention)
    return {region for row in rows for region in row.when.get("region", ())} - {"other", "none"}
