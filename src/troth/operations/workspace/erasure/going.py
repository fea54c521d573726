"""Which conversations may be destroyed, and what of that which was asked for stays, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.operations.workspace.erasure.judged import Judged
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
_MAY_PART = """
SELECT conversation FROM asked WHERE stored GROUP BY conversation
HAVING bool_or(asked AND NOT stays) AND bool_or(stays)
  AND NOT (bool_or(asked AND NOT stays AND account IS NULL) AND NOT bool_or((stays OR NOT asked) AND account IS NULL)
    AND bool_or(stays AND account IS NOT NULL))
ORDER BY conversation
"""
"""Not where only what goes was said by somebody whom no log names: that somebody else took part would be forgotten."""
_LOST = """
SELECT g.conversation, g.account, min(g.said) FROM asked g JOIN parting_now p USING (conversation)
WHERE g.goes AND g.account IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM asked s WHERE s.conversation = g.conversation AND s.account = g.account AND NOT s.goes)
  AND NOT EXISTS (SELECT 1 FROM took_part t WHERE t.conversation = g.conversation AND t.account = g.account)
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A conversation that goes: the first of its accounts, and how many records of it are stored."""

    conversation: str
    account: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Parting:
    """Conversations of which a part goes: their records as they were judged, those that go, and those that stay.

    ``people`` took part, by what goes alone: a conversation, an account, and when that spoke first (UTC), if it is known.
    """

    records: Mapping[str, int]
    going: Sequence[str]
    staying: Sequence[str]
    people: Sequence[tuple[str, str, Moment | None]]


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

    What is past its date goes with a conversation, asked for or not. A conversation goes whole, or stays; but where
    ``may_part`` is given, a part of it goes: it is given the conversations of which a part is to go, and gives those
    of which it may.
    """

    def __init__(
        self,
        judged: Judged,
        condition: str,
        values: list[object],
        may_part: Callable[[Sequence[str]], Collection[str]] | None = None,
    ) -> None:
        self._connection = judged.connection
        self._connection.execute(_ASKED.format(condition=condition), values)
        self._connection.execute("CREATE TEMP TABLE parting (number BIGINT, conversation VARCHAR)")
        if may_part is not None:
            self._part(may_part)

    def _part(self, may_part: Callable[[Sequence[str]], Collection[str]]) -> None:
        names = [name for (name,) in self._connection.execute(_MAY_PART).fetchall()]
        if not names:
            return
        self._connection.execute(
            "INSERT INTO parting SELECT row_number() OVER (ORDER BY name), name FROM (SELECT unnest(?::VARCHAR[]) AS name)",
            [sorted(may_part(names))],
        )
        self._connection.execute(
            "UPDATE asked SET goes = true WHERE asked AND NOT stays AND conversation IN (SELECT conversation FROM parting)"
        )

    def parting(self, at_once: int) -> Iterator[Parting]:
        """The conversations of which a part goes, so many at a time."""
        start = 1
        while True:
            self._connection.execute(
                "CREATE OR REPLACE TEMP TABLE parting_now AS SELECT conversation FROM parting"
                f" WHERE number >= {start} AND number < {start + at_once}"
            )
            query = "SELECT conversation, count(*) FROM asked JOIN parting_now USING (conversation) GROUP BY conversation"
            records = dict(self._connection.execute(query).fetchall())
            if not records:
                return
            query = "SELECT record FROM asked JOIN parting_now USING (conversation) WHERE goes = ? ORDER BY record"
            going, staying = (
                [record for (record,) in self._connection.execute(query, [goes]).fetchall()]
                for goes in (True, False)
            )
            yield Parting(records, going, staying, self._connection.execute(_LOST).fetchall())
            start += at_once

    def leaving(self, at_once: int) -> Iterator[list[Leaving]]:
        """The conversations that go, those of one person side by side, so many at a time."""
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE leaving AS SELECT row_number() OVER (ORDER BY account, conversation) AS number, *"
            " FROM (SELECT conversation, min(account) AS account, count(*) FILTER (stored) AS records"
            " FROM asked WHERE goes AND conversation NOT IN (SELECT conversation FROM parting) GROUP BY conversation)"
        )
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE leaving_record AS SELECT number, record FROM judged"
            " JOIN leaving USING (conversation) ORDER BY number, record"
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
        """The records of some conversations that `leaving` gave side by side."""
        query = (
            "SELECT record FROM leaving_record WHERE number BETWEEN (SELECT number FROM leaving WHERE conversation = ?)"
            " AND (SELECT number FROM leaving WHERE conversation = ?) ORDER BY record"
        )
        ends = [leaving[0].conversation, leaving[-1].conversation]
        return [record for (record,) in self._connection.execute(query, ends).fetchall()]

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
