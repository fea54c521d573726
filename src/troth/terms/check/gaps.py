"""What no row speaks of: purposes, combinations of facts, and content that nothing limits the keeping of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.terms.boxes import Box, Space, covered, left_over, meet, relax
from troth.terms.check.case import Case, Found, started
from troth.terms.words import USUAL, notable
from troth.types.vocabulary import PURPOSE_WORDS, PURPOSES

ORDINARY = ("account", "channel", "mode", "age", "deleted", "moved_to", "retained")
"""Facts whose usual value makes an ordinary case, of which some rule must speak for every purpose."""

UNUSUAL = "what is deleted, closed, incognito, a minor's, moved, kept by exception or from another channel"


def unspoken(case: Case) -> Iterator[Found]:
    """Look at each purpose: whether rules speak of it, and of every combination on covered plans."""
    plans = {"plan": frozenset(case.version.covered_plans)}
    ordinary = case.space.box({**plans, **{fact: frozenset({USUAL[fact]}) for fact in ORDINARY}})
    for purpose in PURPOSES:
        boxes = [box for rule, box in case.rules if purpose in rule.purposes]
        if not any(meet(box, ordinary) for box in boxes):
            only = f", only of {UNUSUAL}" if boxes else ""
            yield Found(
                "purpose",
                0,
                f"no rule speaks of {purpose} ({PURPOSE_WORDS[purpose]}){only}{case.where}",
                "add a rule for it: a deny with its clause says it best",
                every=False,
                subject=purpose,
            )
            continue
        example = _first(case.space, case.version.covered_plans, boxes, case.never)
        if example:
            yield Found(
                "combination",
                0,
                f"no rule speaks of {purpose} {example}{case.where}; it is denied as no_rule",
                "nothing needs to be done; an otherwise rule would say why it is denied",
                note=True,
                every=False,
                subject=purpose,
            )


def retention_gaps(case: Case) -> Iterator[Found]:
    """Look for what is said on a covered plan and no limit matches.

    A limit counts only where its clock has started: one counted from the deletion says nothing of what has
    not been deleted.
    """
    space = case.retention_space
    limits = [
        box
        for row, whole in case.rows
        if row.kind == "limit" and (box := meet(whole, space.box(started(row)))) is not None
    ]
    example = _first(space, case.version.covered_plans, limits, case.retention_never)
    if example:
        yield Found(
            "retention-gap",
            -1,
            f"no limit says how long to keep content {example}{case.where}",
            'add a limit for it; period = "indefinite" where the terms set no end',
            every=False,
        )


def _first(space: Space, plans: Sequence[str], spoken: Sequence[Box], never: Sequence[Box]) -> str:
    """Say the first combination that is left, in words; nothing where none is.

    What is said is as wide as it can be: a fact that does not matter is not named.
    """
    possible = space.possible(never)
    start = meet(possible, space.box({"plan": frozenset(plans)}))
    left = next(_left(start, space, [*spoken, *never]), None) if start else None
    if start is None or left is None:
        return ""
    wide = relax(lean(widen(left, start, spoken), never), start, never)
    return f"where {notable(space.when(wide, start)) or 'all is as usual'}"


def _left(start: Box, space: Space, taken: Sequence[Box]) -> Iterator[Box]:
    """Give what is left, of what is as usual first."""
    usual = meet(start, space.box({fact: frozenset({value}) for fact, value in USUAL.items()}))
    yield from left_over(usual, taken) if usual else ()
    yield from left_over(start, taken)


def widen(box: Box, start: Box, spoken: Sequence[Box]) -> Box:
    """Widen a box within another, fact by fact from the last, as far as it meets nothing spoken of."""
    for place in reversed(range(len(box))):
        for bit in _bits(start[place]):
            wider = (*box[:place], box[place] | bit, *box[place + 1 :])
            if not any(meet(wider, other) for other in spoken):
                box = wider
    return box


def lean(box: Box, never: Sequence[Box]) -> Box:
    """Leave out of a box the values that nothing possible in it has."""
    for place, mask in enumerate(box):
        for bit in _bits(mask):
            if mask.bit_count() > 1 and covered((*box[:place], bit, *box[place + 1 :]), never):
                box = (*box[:place], box[place] & ~bit, *box[place + 1 :])
    return box


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
