"""Rules that can never match, or never be cited, and allows that a law or the denies forbid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.terms.boxes import Box, covered, inside, meet
from troth.terms.check.case import Case, Found
from troth.terms.check.impossible import Impossible
from troth.terms.model import Rule
from troth.terms.table import PROTECTED_PURPOSES


def matching(case: Case) -> Iterator[Found]:
    """Look at each rule: whether it can match, and whether what it says ever counts."""
    for place, (rule, box) in enumerate(case.sure_rules):
        yield from _laws(rule)
        why = never_matches(
            box, case.never, [e for e in case.impossible if set(e.when) <= set(case.space.names)]
        )
        if why:
            yield Found(
                "never",
                rule.place.line or 1,
                f"rule {rule.id!r} can never match: {why}",
                "mend its conditions, or take the rule out",
            )
        else:
            yield from _counts(case, place, rule, box)


def never_matches(box: Box, never: Sequence[Box], entries: Sequence[Impossible]) -> str:
    """Say why no record can lie in a box; nothing where one can."""
    alone = [entry.why for entry, taken in zip(entries, never, strict=True) if inside(box, taken)]
    if alone:
        return alone[0]
    if not covered(box, never):
        return ""
    meeting = [entry.why for entry, taken in zip(entries, never, strict=True) if meet(box, taken) is not None]
    return "; ".join(dict.fromkeys(meeting))


def _laws(rule: Rule) -> Iterator[Found]:
    protected = [purpose for purpose in rule.purposes if purpose in PROTECTED_PURPOSES]
    if rule.effect == "allow" and protected and "minor" in rule.when.get("age", ()):
        yield Found(
            "law",
            rule.place.line or 1,
            f"rule {rule.id!r} allows {', '.join(protected)} for what a minor said, which no terms can",
            'write age = ["adult"], or leave age out',
        )


def _counts(case: Case, place: int, rule: Rule, box: Box) -> Iterator[Found]:
    """Tell whether some purpose is left for which a rule that matches also counts, and is ever cited."""
    denies = [(r, b) for r, b in case.sure_rules if r.effect == "deny"]
    if rule.effect == "allow":
        beaten = [p for p in rule.purposes if _taken(case, box, _of(denies, p))]
        if beaten:
            yield _denied(rule, box, beaten, denies)
        if set(beaten) == set(rule.purposes):
            return
    before = [(r, b) for r, b in case.sure_rules[:place] if r.effect == rule.effect]
    if rule.effect == "otherwise":
        before += [(r, b) for r, b in case.sure_rules if r.effect != "otherwise"]
    if all(_taken(case, box, _of(before, p)) for p in rule.purposes):
        lines = _together(box, rule.purposes, before)
        verb = "comes" if len(lines) == 1 else "come"
        yield Found(
            "uncited",
            rule.place.line or 1,
            f"rule {rule.id!r} is never cited: {_lines(lines)} always {verb} first",
            "take it out, or move it before them if its clause says it better",
            note=True,
        )


def _of(rules: Sequence[tuple[Rule, Box]], purpose: str) -> list[Box]:
    return [box for rule, box in rules if purpose in rule.purposes]


def _taken(case: Case, box: Box, by: Sequence[Box]) -> bool:
    return covered(box, [*by, *case.never])


def _denied(rule: Rule, box: Box, beaten: Sequence[str], denies: Sequence[tuple[Rule, Box]]) -> Found:
    """Name the one deny that holds all of an allow, or those that do so together."""
    one = [r for r, b in denies if set(beaten) <= set(r.purposes) and inside(box, b)]
    lines = _together(box, beaten, denies)
    by = (
        f"rule {one[0].id!r} in line {one[0].place.line} denies all of it"
        if one
        else f"the denies in {_lines(lines)} together deny all of it"
    )
    return Found(
        "denied",
        rule.place.line or 1,
        f"rule {rule.id!r} allows {', '.join(beaten)}, but {by}",
        "any matching deny wins: take one of them out, or narrow the deny",
        subject=",".join(beaten),
    )


def _together(box: Box, purposes: Sequence[str], rules: Sequence[tuple[Rule, Box]]) -> list[int]:
    """Find the line of the rule that alone holds all of a box, or of those that hold some of it."""
    for rule, other in rules:
        if set(purposes) <= set(rule.purposes) and inside(box, other):
            return [rule.place.line or 1]
    named = {r.place.line or 1 for r, b in rules if set(purposes) & set(r.purposes) and meet(box, b)}
    return sorted(named)


def _lines(lines: Sequence[int]) -> str:
    named = [str(line) for line in lines]
    return f"line {named[0]}" if len(named) == 1 else f"lines {', '.join(named[:-1])} and {named[-1]}"
