"""Which conversations may be destroyed, and what of that which was asked for stays, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.operations.workspace.judged import Judged
from troth.proof.payloads import Kept
from troth.types.moment import LAST, Moment, format_moment

_STAYS = "(standing IN ('unknown', 'overdue', 'hold', 'duty') OR (standing = 'free' AND NOT asked))"
_WHY = "CASE standing WHEN 'overdue' THEN 'hold' WHEN 'free' THEN 'others' WHEN 'due' THEN 'others' ELSE standing END"

_ASKED = f"""
CREATE TEMP TABLE asked AS
SELECT *, {_STAYS} AS stays,
  sum(CASE WHEN {_STAYS} THEN 1 ELSE 0 END) OVER talk = 0 AND bool_or(asked) OVER talk AS goes,
  max(CASE WHEN {_STAYS} THEN CASE standing WHEN 'free' THEN coalesce(keep_until, {LAST}) WHEN 'duty' THEN duty_until
    ELSE {LAST} END END) OVER talk AS kept_until
FROM (SELECT *, coalesce({{condition}}, false) AS asked FROM judged)
WINDOW talk AS (PARTITION BY conversation)
"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A conversation that goes: how many records it has, the persons in it, and the clause that ended it, if one did."""

    conversation: str
    account: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Staying:
    """Records of one conversation that were asked for and stay. ``until`` is in UTC; None where no end is known."""

    conversation: str
    account: str | None
    records: int
    why: str
    """``hold``, ``duty``, ``others`` or ``unknown``."""
    clause: str
    until: Moment | None


@dataclass(frozen=True, slots=True)
class Due:
    """What of one account is past its date by one row of the retention table."""

    rule: str
    clause: str
    account: str | None
    records: int
    conversations: int


class Going:
    """The answer for one demand. ``condition`` is SQL over the table ``judged``: which records are asked to go.

    What is past its date goes with a conversation, asked for or not; a conversation goes whole, or stays.
    """

    def __init__(self, judged: Judged, condition: str, values: list[object]) -> None:
        self._connection = judged.connection
        self._connection.execute(_ASKED.format(condition=condition), values)

    def leaving(self, at_once: int) -> Iterator[list[Leaving]]:
        """The conversations that go, those of one person side by side, so many at a time."""
        self._connection.execute(
            "CREATE TEMP TABLE leaving AS SELECT row_number() OVER (ORDER BY account, conversation) AS number, *"
            " FROM (SELECT conversation, min(account) AS account, count(*) AS records"
            " FROM asked WHERE goes GROUP BY conversation)"
        )
        start = 1
        while True:
            query = "SELECT conversation, account, records FROM leaving WHERE number >= ? AND number < ? ORDER BY number"
            rows = self._connection.execute(query, [start, start + at_once]).fetchall()
            if not rows:
                return
            yield [Leaving(*row) for row in rows]
            start += at_once

    def due(self, limit: int) -> list[Due]:
        """What was asked for, by row of the retention table and account, the most first; empty names where none is told."""
        query = (
            "SELECT rule, clause, account, count(*), count(DISTINCT conversation) FROM asked WHERE asked"
            f" GROUP BY rule, clause, account ORDER BY count(*) DESC, rule, clause, account LIMIT {limit}"
        )
        return [Due(*row) for row in self._connection.execute(query).fetchall()]

    def records_of(self, leaving: list[Leaving]) -> list[str]:
        """The records of some conversations."""
        names = [one.conversation for one in leaving]
        query = "SELECT record FROM judged WHERE conversation IN (SELECT unnest(?)) ORDER BY record"
        return [record for (record,) in self._connection.execute(query, [names]).fetchall()]

    def staying(self, limit: int | None = None) -> list[Staying]:
        """What was asked for and stays, by conversation."""
        cut = "" if limit is None else f" LIMIT {limit}"
        query = (
            f"SELECT conversation, account, count(*), {_WHY} AS why, {_CLAUSE} AS clause, {_UNTIL} AS until FROM asked"
            f" WHERE asked AND NOT goes GROUP BY ALL ORDER BY conversation, why, clause, until{cut}"
        )
        return [Staying(*row) for row in self._connection.execute(query).fetchall()]

    def stays(self) -> int:
        """How many records were asked for and stay."""
        ((count,),) = self._connection.execute(
            "SELECT count(*) FROM asked WHERE asked AND NOT goes"
        ).fetchall()
        return int(count)

    def kept(self) -> tuple[Kept, ...]:
        """The same summed up, for the ledger and for receipts: no names, and a hold is a legal hold."""
        query = (
            f"SELECT count(*), {_WHY} AS why, {_CLAUSE} AS clause, {_UNTIL} AS until FROM asked"
            " WHERE asked AND NOT goes GROUP BY ALL ORDER BY why, clause, until"
        )
        return tuple(
            Kept(count, why, clause or None, None if until is None else format_moment(until))
            for count, why, clause, until in self._connection.execute(query).fetchall()
        )


_CLAUSE = "CASE standing WHEN 'duty' THEN clause ELSE '' END"
_UNTIL = (
    f"CASE standing WHEN 'duty' THEN duty_until WHEN 'free' THEN nullif(kept_until, {LAST})"
    f" WHEN 'due' THEN nullif(kept_until, {LAST}) END"
)
