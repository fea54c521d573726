"""``troth explain``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, table, warn
from troth.cli.progress import Progress
from troth.cli.warnings_of import of_history, of_purpose
from troth.operations.changes import Offer
from troth.operations.decide import DecideInputs
from troth.operations.explain import Explanation, Kept, explain
from troth.terms.plain import plain
from troth.terms.words import row_in_words
from troth.types.moment import Moment, format_moment
from troth.types.reasons import REASONS


@make(
    "explain",
    examples=(
        "troth explain --record talk-4/0 --terms anthropic-consumer --history history.jsonl \\",
        "    --records chats.jsonl --purpose train.general --at 2025-10-05",
    ),
)
@click.option("--record", required=True, metavar="ID", help="The id of the record.")
@options.terms
@options.option
@options.history
@options.records
@options.mapping
@options.keep_going
@options.purpose
@options.at
@options.as_json
def command(
    *,
    record: str,
    terms: str,
    options: Mapping[str, str],
    history: tuple[str, ...],
    records: tuple[str, ...],
    mapping: Path | None,
    keep_going: bool,
    purpose: str,
    at: Moment,
    as_json: bool,
) -> None:
    """Say why one record is allowed or denied, how long it is kept, and what would change that.

    The facts it rests on, the rule with its clause and source, the row of the retention table, holds, and
    the smallest change of choices that would alter the answer, found by making the choices and asking again.
    """
    inputs = DecideInputs(terms, options, history, records, purpose, at, mapping, keep_going)
    with Progress() as progress:
        found = explain(record, inputs, progress)
    warn([*of_purpose(purpose), *of_history(found.notices, found.repeated_events)])
    if as_json:
        say_json(_json(found, purpose, at))
    else:
        for line in _lines(found, purpose, at):
            say(line)


def _lines(found: Explanation, purpose: str, at: Moment) -> Iterator[str]:
    decision = found.decision
    verb = "allowed" if decision.allow else "denied"
    yield f"{decision.record} is {verb} for {purpose} at {format_moment(at)}: {decision.reason}"
    yield f"  {REASONS[decision.reason].text}"
    if found.other_party:
        yield f"  The other person is {found.other_party!r}."
    yield from _section("Rule", _rule(found))
    yield from _section("Conflict", [found.conflict] if found.conflict else [])
    yield from _section("Kept", _kept(found.kept, decision.erasable))
    yield from _section("Holds", [f"{hold}: it may not be erased" for hold in found.holds])
    rows = [("*" if fact.looked_at else "", fact.name, fact.value, fact.words) for fact in found.facts]
    yield from _section(
        "Facts (the rule looks at those with a *)", [line.removeprefix("  ") for line in table(rows)]
    )
    yield from _section("What would change the answer", [str(found.change)])


def _section(title: str, lines: list[str] | Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _rule(found: Explanation) -> Iterator[str]:
    if found.version:
        yield f"in force: {found.version}"
    if found.rule is None:
        yield "no rule of the terms: this holds whatever their rules say"
        if found.decision.clause:
            yield f"clause: {found.decision.clause}"
        return
    yield f"{found.rule.id}: {found.rule.text}"
    yield f"clause: {found.rule.clause}"
    if found.source:
        url = f", {found.source.url}" if found.source.url else ""
        yield f"source: {found.source.id} [{found.source.confidence}]: {found.source.text}{url}"


def _kept(kept: Kept | None, erasable: bool) -> Iterator[str]:
    if kept is None:
        return
    until = "the terms set no end" if kept.until is None else f"until {format_moment(kept.until)}"
    yield until if erasable else f"{until}, and on while a hold is in force"
    if kept.limit is not None:
        yield f"{kept.limit.id}: {row_in_words(kept.limit)}"
        yield f"because: {kept.limit.text} (clause: {kept.limit.clause})"
    if kept.until != kept.ordinarily:
        ordinarily = "with no end" if kept.ordinarily is None else f"until {format_moment(kept.ordinarily)}"
        yield f"by the ordinary rule alone {ordinarily}"
        for row in kept.extensions:
            yield f"{row.id}: {row_in_words(row)} (clause: {row.clause})"


def _json(found: Explanation, purpose: str, at: Moment) -> dict[str, Any]:
    decision, kept = found.decision, found.kept
    return {
        "record": decision.record,
        "conversation": decision.conversation,
        "account": decision.account,
        "purpose": purpose,
        "at": format_moment(at),
        "allow": decision.allow,
        "reason": decision.reason,
        "reason_text": REASONS[decision.reason].text,
        "terms": found.version or None,
        "rule": plain(found.rule),
        "source": plain(found.source),
        "keep_until": _moment(decision.keep_until),
        "erasable": decision.erasable,
        "retention": None
        if kept is None
        else {
            "ordinarily_until": _moment(kept.ordinarily),
            "limit": plain(kept.limit),
            "extensions": plain(kept.extensions),
        },
        "holds": list(found.holds),
        "other_party": found.other_party,
        "conflict": found.conflict or None,
        "facts": [
            {"fact": f.name, "value": f.value, "words": f.words, "looked_at": f.looked_at}
            for f in found.facts
        ],
        "change": {
            "choices": [_offer(offer) for offer in found.change.offers],
            "text": str(found.change),
        },
    }


def _offer(offer: Offer) -> dict[str, str | None]:
    return {
        "choice": offer.choice,
        "value": offer.value,
        "period": offer.period,
        "by": offer.by,
        offer.by: offer.who,
    }


def _moment(moment: Moment | None) -> str | None:
    return None if moment is None else format_moment(moment)
