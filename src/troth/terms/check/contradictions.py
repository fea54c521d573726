"""Two rows with the same conditions that say different things.

Where conditions only overlap there is no contradiction: a deny beats an allow, the first row is the one
that is cited, the shortest limit and the longest extension count. Where they are identical, one of the two
says what can never be; that one is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from troth.terms.check.case import Case, Found
from troth.terms.model import INDEFINITE, Retention
from troth.terms.table import effective_when


def contradicting_rules(case: Case) -> Iterator[Found]:
    """Look at every allow and otherwise. An allow that meets a deny is found where denies are looked at."""
    for (one, _), (other, _) in combinations(case.sure_rules, 2):
        if {one.effect, other.effect} == {"allow", "otherwise"}:
            allow, otherwise = (one, other) if one.effect == "allow" else (other, one)
            shared = [purpose for purpose in allow.purposes if purpose in otherwise.purposes]
            if shared and effective_when(allow) == otherwise.when:
                yield Found(
                    "same",
                    otherwise.place.line or 1,
                    f"rule {otherwise.id!r} says why {', '.join(shared)} is denied, and rule {allow.id!r} in "
                    f"line {allow.place.line} allows it under the same conditions",
                    "keep the one that is meant",
                    subject=allow.id,
                )


def contradicting_rows(case: Case) -> Iterator[Found]:
    """Look at every pair of rows of the retention table."""
    for (one, _), (other, _) in combinations(case.sure_rows, 2):
        if one.when == other.when and one.clock == other.clock:
            yield from _rows(one, other)


def _rows(one: Retention, other: Retention) -> Iterator[Found]:
    same_length = (one.period, one.length) == (other.period, other.length)
    if one.kind == other.kind and same_length:
        yield _found(
            other,
            one,
            "repeats",
            "the periods are the same too",
            "take one of them out",
            note=True,
        )
        return
    if not (_fixed(one) and _fixed(other)):
        return
    if one.kind == other.kind:
        longer, shorter = sorted((one, other), key=_reach, reverse=True)
        loser, winner = (longer, shorter) if one.kind == "limit" else (shorter, longer)
        rule = "the shortest limit counts" if one.kind == "limit" else "the longest extension counts"
        yield _found(
            loser, winner, "contradicts", f"{rule}, so this one never does", "keep the one that is meant"
        )
        return
    limit, extension = (one, other) if one.kind == "limit" else (other, one)
    if _reach(extension) <= _reach(limit):
        yield _found(
            extension,
            limit,
            "never outlasts",
            "an extension counts only beyond the limit",
            "take it out, or make it longer",
            note=True,
        )


def _found(
    row: Retention, other: Retention, verb: str, why: str, remedy: str, *, note: bool = False
) -> Found:
    return Found(
        "same-retention",
        row.place.line or 1,
        f"retention {row.id!r} ({row.period}) {verb} {other.id!r} ({other.period}) "
        f"in line {other.place.line}, which has the same conditions and clock: {why}",
        remedy,
        note,
        subject=other.id,
    )


def _fixed(row: Retention) -> bool:
    return row.length is not None or row.period == INDEFINITE


def _reach(row: Retention) -> float:
    """Order fixed periods: those without an end are the longest."""
    return float("inf") if row.length is None else row.length.shortest
