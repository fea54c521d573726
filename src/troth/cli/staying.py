"""What stays although it was asked to go, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from troth.cli.output import plural, table
from troth.operations.workspace.erasure.going import Staying
from troth.receipt.quoting import plain
from troth.types.moment import format_moment

_WHY = {
    "hold": "a legal hold",
    "duty": "the terms keep it",
    "others": "kept with the rest of its conversation",
    "unknown": "not known yet",
}


def staying_lines(count: int, staying: Sequence[Staying]) -> Iterator[str]:
    """How many records stay, and the conversations with the reasons."""
    if not count:
        return
    yield f"{plural(count, 'record')} {'stays' if count == 1 else 'stay'}:"
    yield from table([(one.records, plain(one.conversation), _reason(one)) for one in staying])
    named = sum(one.records for one in staying)
    if named < count:
        yield f"  and {plural(count - named, 'record')} more"


def _reason(one: Staying) -> str:
    clause = f", {one.clause}" if one.clause else ""
    until = f", until {format_moment(one.until)}" if one.until is not None else ""
    return f"{_WHY[one.why]}{clause}{until}"


def staying_json(one: Staying) -> dict[str, Any]:
    """The same for machines."""
    return {
        "conversation": one.conversation,
        "account": one.account,
        "records": one.records,
        "why": one.why,
        "clause": one.clause or None,
        "until": None if one.until is None else format_moment(one.until),
    }
