"""What two versions mean: which combinations of facts they decide, or keep, in different ways.

For every purpose, each row of the old table is laid over each row of the new one. What remains of the two,
after everything that comes before either, is decided by exactly this pair; it is counted, and described by
the smallest box around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from troth.terms.boxes import Box, Effort, Space, TooMuchEffort, hull, inside, left_over, meet, relax, size
from troth.terms.joint import Joint, join
from troth.terms.model import Rule, Version
from troth.terms.table import effective_when
from troth.terms.words import notable, row_in_words
from troth.types.vocabulary import PURPOSES

EFFORT = 150_000
"""Steps that a comparison may take; the shipped profiles need some thousands."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table answers."""

    allow: bool
    reason: str
    rule: str
    clause: str

    def __str__(self) -> str:
        return f"{'allowed' if self.allow else 'denied'} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Shift:
    """Combinations of facts that are decided otherwise, for one purpose or for several alike."""

    purposes: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    """The smallest box around them: joint fact to values. Facts that are not limited are left out."""
    words: str
    old: Outcome
    new: Outcome
    combinations: int
    """How many combinations of the facts that the two versions speak of, for each purpose."""
    whole: bool
    """Whether all possible combinations of the box are meant, or only some."""

    @property
    def sort(self) -> str:
        """``opens``, ``closes``, or ``reason``: denied as before, for another reason."""
        return "reason" if self.old.allow == self.new.allow else "opens" if self.new.allow else "closes"

    def __str__(self) -> str:
        where = self.words or "everywhere"
        return f"{', '.join(self.purposes)}: {where}: {self.old} → {self.new}"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Combinations of facts that a sort of limit or extension matches in one version and not in the other."""

    row: str
    """The limit or extension in words."""
    added: bool
    where: Mapping[str, tuple[str, ...]]
    words: str
    combinations: int

    def __str__(self) -> str:
        return f"{'now' if self.added else 'no longer'} {self.row}: {self.words or 'everywhere'}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the meaning of two versions differs."""

    shifts: tuple[Shift, ...]
    keeping: tuple[Keeping, ...]
    cut: bool
    """Whether the comparison was given up before its end, so that there may be more."""


Row = tuple[Outcome, list[Box]]


def compare(old: Version, new: Version, steps: int = EFFORT) -> Meaning:
    """Compare what two versions mean, in a bounded number of steps; what was cut off says so."""
    joint = _lean(join(old, new), old, new)
    effort = Effort(steps)
    shifts: list[Shift] = []
    keeping: list[Keeping] = []
    cut = False
    try:
        for shift in _shifts(joint, old, new, effort):
            shifts.append(shift)
        for kept in _keeping(joint, old, new, effort):
            keeping.append(kept)
    except TooMuchEffort:
        cut = True
    return Meaning(tuple(_grouped(shifts)), tuple(keeping), cut)


def _grouped(shifts: Sequence[Shift]) -> list[Shift]:
    """Join what is said of several purposes alike; what opens comes first, mere reasons last."""
    alike: dict[object, Shift] = {}
    for shift in shifts:
        key = (shift.words, shift.combinations, shift.old, shift.new)
        same = alike.get(key)
        alike[key] = replace(same, purposes=(*same.purposes, *shift.purposes)) if same else shift
    order = {"opens": 0, "closes": 1, "reason": 2}
    return sorted(alike.values(), key=lambda s: (order[s.sort], PURPOSES.index(s.purposes[0])))


def _lean(joint: Joint, old: Version, new: Version) -> Joint:
    """Leave out the facts that no row of either version speaks of, and whatever is impossible about them."""
    full = joint.space.full
    rows = [box for which, version in enumerate((old, new)) for box in _boxes(joint, which, version)]
    named = {place for box in rows for place, mask in enumerate(box) if mask != full[place]}
    named |= {joint.space.names.index("plan")}
    limits = [{place for place, mask in enumerate(box) if mask != full[place]} for box in joint.never]
    while more := {p for places in limits if places & named for p in places} - named:
        named |= more
    keep = sorted(named)
    space = Space(tuple(joint.space.names[p] for p in keep), tuple(joint.space.values[p] for p in keep))
    never = [
        tuple(box[p] for p in keep)
        for box, places in zip(joint.never, limits, strict=True)
        if places <= named
    ]
    return Joint(space, joint.translations, joint.silence, tuple(dict.fromkeys(never)))


def _boxes(joint: Joint, which: int, version: Version) -> Iterator[Box]:
    for rule in version.rules:
        yield from joint.boxes(which, effective_when(rule))
    for row in version.retention:
        yield from joint.boxes(which, row.when)


def _shifts(joint: Joint, old: Version, new: Version, effort: Effort) -> Iterator[Shift]:
    possible = joint.space.possible(joint.never)
    for purpose in PURPOSES:
        tables = [list(_rows(joint, which, v, purpose)) for which, v in enumerate((old, new))]
        for i, (before, those) in enumerate(tables[0]):
            for j, (after, these) in enumerate(tables[1]):
                if (before.allow, before.reason) == (after.allow, after.reason):
                    continue
                earlier = [box for _, boxes in (*tables[0][:i], *tables[1][:j]) for box in boxes]
                left = _shared(those, these, possible, [*earlier, *joint.never], effort)
                if left:
                    yield _shift(joint, purpose, (before, after), left, effort)


def _shared(
    those: Sequence[Box], these: Sequence[Box], possible: Box, taken: Sequence[Box], effort: Effort
) -> list[Box]:
    """Find what two rows share, of what is possible and not taken before."""
    left: list[Box] = []
    for one in those:
        for other in these:
            both = meet(one, other)
            box = meet(both, possible) if both else None
            if box is None or any(inside(box, earlier) for earlier in taken):
                continue
            left += left_over(box, [*taken, *left], effort)
    return left


def _shift(
    joint: Joint, purpose: str, pair: tuple[Outcome, Outcome], left: Sequence[Box], effort: Effort
) -> Shift:
    around = hull(left)
    possible = joint.space.possible(joint.never)
    where = joint.space.when(relax(around, possible, joint.never, effort), possible)
    combinations = sum(map(size, left))
    whole = combinations == sum(map(size, left_over(around, joint.never, effort)))
    return Shift((purpose,), where, notable(where), *pair, combinations, whole)


def _rows(joint: Joint, which: int, version: Version, purpose: str) -> Iterator[Row]:
    """Give what answers for a purpose, in the order in which it does; the last matches everything."""
    strangers = frozenset(joint.space.values[joint.space.names.index("plan")]) - set(version.plans)
    yield Outcome(False, "plan_unknown", "", ""), [joint.space.box({"plan": strangers})]
    for effect in ("deny", "allow", "otherwise"):
        for rule in version.rules:
            if rule.effect == effect and purpose in rule.purposes:
                yield _outcome(rule), joint.boxes(which, effective_when(rule))
    yield Outcome(False, "no_rule", "", ""), [joint.space.full]


def _outcome(rule: Rule) -> Outcome:
    return Outcome(rule.effect == "allow", rule.reason, rule.id, rule.clause)


def _keeping(joint: Joint, old: Version, new: Version, effort: Effort) -> Iterator[Keeping]:
    """Compare the retention tables, one sort of row (kind, period and clock) after the other."""
    possible = joint.space.possible(joint.never)
    plans = frozenset({*old.plans, *new.plans})
    start = meet(possible, joint.space.box({"plan": plans})) or possible
    sorts = [_sorts(joint, which, version) for which, version in enumerate((old, new))]
    for added, (ours, theirs) in ((False, (sorts[0], sorts[1])), (True, (sorts[1], sorts[0]))):
        for words, boxes in ours.items():
            taken = [*theirs.get(words, ()), *joint.never]
            left = _shared(boxes, [start], possible, taken, effort)
            if left:
                where = joint.space.when(relax(hull(left), start, joint.never, effort), start)
                yield Keeping(words, added, where, notable(where), sum(map(size, left)))


def _sorts(joint: Joint, which: int, version: Version) -> dict[str, list[Box]]:
    sorts: dict[str, list[Box]] = {}
    for row in version.retention:
        sorts.setdefault(row_in_words(row), []).extend(joint.boxes(which, row.when))
    return sorts
