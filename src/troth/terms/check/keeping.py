"""Rows of the retention table that cannot mean what they say."""

from __future__ import annotations

from collections.abc import Iterator

from troth.terms.boxes import meet
from troth.terms.check.case import Case, Found, started
from troth.terms.check.matching import never_matches
from troth.terms.model import INDEFINITE, Retention, Version
from troth.terms.words import period_in_words

SIGNAL_FACTS = {"flagged": "flag", "rated": "rating", "reviewed": "review"}


def keeping(case: Case) -> Iterator[Found]:
    """Look at each row of the retention table: whether it can match, and its clock then runs."""
    entries = [e for e in case.retention_impossible if set(e.when) <= set(case.retention_space.names)]
    for row, box in case.sure_rows:
        line = row.place.line or 1
        unseen = list(_unseen(row))
        yield from unseen
        why = never_matches(box, case.retention_never, entries)
        running = meet(box, case.retention_space.box(started(row)))
        if not unseen and why:
            yield Found(
                "never",
                line,
                f"retention {row.id!r} can never match: {why}",
                "mend its conditions, or take the row out",
            )
        elif running is None or never_matches(running, case.retention_never, entries):
            yield Found(
                "clock",
                line,
                f"retention {row.id!r} never takes effect: where it matches, {_missing(row)}",
                f"mend its conditions, or count from another clock than {row.clock!r}",
            )
        yield from _ending(case.version, row)
        if row.kind == "extension" and row.period == INDEFINITE:
            yield Found(
                "endless",
                line,
                f"retention {row.id!r} is an extension without an end, which extends nothing",
                'give it a period; for content kept without end write a limit with period = "indefinite"',
            )


def _unseen(row: Retention) -> Iterator[Found]:
    """Find facts that the retention table does not see: they depend on it, or change with no event."""
    for fact in row.when:
        if fact == "retained":
            why = "retained says what the retention table has decided"
        elif fact.endswith(".deadline"):
            why = "a last day passes without an event at which the table would be read again"
        else:
            continue
        yield Found(
            "unseen",
            row.place.line or 1,
            f"retention {row.id!r} asks for {fact}, which retention does not see: {why}",
            "take the condition out",
            subject=fact,
        )


def _ending(version: Version, row: Retention) -> Iterator[Found]:
    """Find limits that ask for a signal which ends by itself: its end is no event."""
    for fact, name in SIGNAL_FACTS.items():
        signal = version.signals.get(name)
        if row.kind == "limit" and fact in row.when and signal is not None and signal.lasts is not None:
            yield Found(
                "ending",
                row.place.line or 1,
                f"retention {row.id!r} asks for {fact}, and a {name} ends after "
                f"{period_in_words(signal.lasts)} with no event at which the limits would be read again",
                "write a limit that goes without it, and an extension for as long as it lasts",
                note=True,
                subject=fact,
            )


def _missing(row: Retention) -> str:
    if row.clock in SIGNAL_FACTS:
        return f"no {SIGNAL_FACTS[row.clock]} is in force"
    if row.clock == "deleted":
        return "it has not been deleted"
    return "its clock, or the period that it names, is not there"
