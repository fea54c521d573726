"""Deciding many records at once: the facts in SQL, the answers from the table, batch by batch.

1. Tables are made from the history (``tables``).
2. One query gives each record's packed facts and clocks, streamed in batches (``faced``).
3. Each distinct number is answered once; retention is computed over the arrays of a batch (``lives``).
4. A record whose life may hold an end that something later would hide is walked instant by instant (``walk``).
5. Conversations of several people are asked for each of them (``others``).

Every record that goes in comes out once, whatever happens to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.columns.arrays import flags
from troth.decide.columns.faced import BATCH_ROWS, Faced, Facing
from troth.decide.columns.layout import Layout
from troth.decide.columns.others import Others
from troth.decide.columns.tables import AskedAt, Records, Tables
from troth.decide.columns.walk import Walk, carried
from troth.decide.versions import Timetable
from troth.history.read import EventSource
from troth.terms.model import Terms
from troth.terms.table import Answer
from troth.types.moment import LAST
from troth.types.record import MOMENT_TYPE

UNKNOWN_RECORD = Answer(False, "record_unknown", "", "")

LATER_AT_ONCE = 400_000
"""How many rows that need a second look are looked at together."""

DECIDED_SCHEMA = pa.schema(
    [
        pa.field("m", pa.int32()),
        pa.field("purpose", pa.string()),
        pa.field("record", pa.string()),
        pa.field("conversation", pa.string()),
        pa.field("account", pa.string()),
        pa.field("allow", pa.bool_()),
        pa.field("reason", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("clause", pa.string()),
        pa.field("keep_until", MOMENT_TYPE),
        pa.field("indefinite", pa.bool_()),
        pa.field("erasable", pa.bool_()),
        pa.field("plan", pa.string()),
    ]
)
"""What a run gives: the decision, the moment and purpose asked, and the plan under which the record was said."""


class Columns:
    """Decides over one connection. ``connection`` is an in-process DuckDB, used for this run alone."""

    def __init__(self, terms: Terms, connection: duckdb.DuckDBPyConnection) -> None:
        self.terms, self.connection = terms, connection
        self.layout = Layout(Timetable(terms))
        self.tables = Tables(connection, terms, self.layout)

    def decide(
        self, events: EventSource, records: Records | None, asked: Sequence[AskedAt], purposes: str | pa.Table
    ) -> Iterator[pa.Table]:
        """Decisions in tables of `DECIDED_SCHEMA`, each input record once for each moment and purpose.

        ``purposes`` is one purpose for every record, or a table of ``m``, ``record`` and ``purpose``. Raises
        ``HistoryError`` where the history and the records contradict one another.
        """
        self.tables.make(events, records, asked)
        facing = Facing(self.connection, self.terms, self.layout, self.tables)
        self._rows(purposes, "raw_record" if records is not None else None)
        if self.layout.tells_resumed:
            self._turns(facing)
        later: list[pa.Table] = []
        for faced in facing.faced("rows", plain=True):
            settled = ~faced.walk & ~flags(faced.batch, "special")
            if settled.any():
                chosen = faced.only(settled)
                yield _decided(facing, chosen, facing.answered(chosen))
            if not settled.all():
                later.append(faced.batch.filter(pa.array(~settled)).select(["m", "record", "purpose"]))
        if later:
            yield from self._later(facing, pa.concat_tables(later))
        yield from self._unknown()

    def _later(self, facing: Facing, keys: pa.Table) -> Iterator[pa.Table]:
        """The rows that need a second look, some at a time, with everything that may be looked at."""
        for start in range(0, keys.num_rows, LATER_AT_ONCE):
            self.connection.register("later_keys", keys.slice(start, LATER_AT_ONCE))
            self.connection.execute(
                "CREATE OR REPLACE TEMP TABLE later_rows AS SELECT r.* FROM rows r "
                "SEMI JOIN later_keys k ON k.m = r.m AND k.record = r.record AND k.purpose = r.purpose"
            )
            pending = pa.concat_tables([carried(faced) for faced in facing.faced("later_rows")])
            faced = Walk(facing, "later_rows").walked(pending)
            yield _decided(facing, faced, self._asked_others(facing, faced))

    def _asked_others(self, facing: Facing, faced: Faced) -> npt.NDArray[np.int64]:
        """The answers, after the other people of those that would be allowed have been asked."""
        places = facing.answered(faced)
        others = Others(facing)
        allowed = np.array([answer.allow for answer in facing.answers.answers], np.bool_)[places]
        asks = allowed & others.asked_of(faced)
        if asks.any():
            chosen = faced.only(asks)
            denied = others.denied(chosen)
            for index in np.flatnonzero(asks)[denied]:
                places[index] = facing.answers.place_of(others.answer(int(faced.codes[index])))
        return places

    def _rows(self, purposes: str | pa.Table, records: str | None) -> None:
        """Every record asked about, as its own account's."""
        columns = (
            "s.m, s.t, s.record, s.conversation, s.account, coalesce(s.happened, s.t) AS said, s.happened IS NOT NULL AS timed, "
            "s.role, s.kind, s.product, s.channel, s.plan AS xplan"
        )
        asked = "said s JOIN moments x ON x.h = s.h"
        if isinstance(purposes, str):
            self.connection.register("asked_purpose", pa.table({"purpose": [purposes]}))
            join, purpose = "", "(SELECT purpose FROM asked_purpose)"
            if records is not None:
                join = f"SEMI JOIN {records} wanted ON wanted.record = s.record"
            if records is not None and not self._history_says():
                join = ""
        else:
            self.connection.register("asked_purpose", purposes)
            join, purpose = "JOIN asked_purpose q ON q.m = s.m AND q.record = s.record", "q.purpose"
        self.connection.execute(
            f"CREATE TEMP VIEW every_row AS SELECT {columns}, {purpose} AS purpose, s.known FROM "
            f"(SELECT x.m, x.t, s.*, s.recorded_at <= x.t AND (s.happened IS NULL OR s.happened <= x.t) AS known FROM {asked}) s {join}"
        )
        self.connection.execute(
            "CREATE TEMP VIEW rows AS SELECT * EXCLUDE (known) FROM every_row WHERE known"
        )

    def _history_says(self) -> bool:
        return bool(
            self.connection.execute("SELECT 1 FROM event WHERE event = 'record.said' LIMIT 1").fetchall()
        )

    def _turns(self, facing: Facing) -> None:
        """What each user said under a covered plan: what resumes a conversation."""
        plans = {plan for version in self.terms.versions for plan in version.covered_plans}
        spoken = (
            "(SELECT m, t, record, conversation, account, happened AS said, true AS timed, role, kind, product, channel, "
            "plan AS xplan, '' AS purpose FROM spoken WHERE role = 'user' AND happened IS NOT NULL AND account IS NOT NULL)"
        )
        placed = facing.query(now=True).placed(spoken)
        covered = ", ".join(f"'{plan}'" for plan in sorted(plans))
        self.tables.make_turns(f"SELECT * FROM ({placed}) WHERE plan IN ({covered})")

    def _unknown(self) -> Iterator[pa.Table]:
        """Records that were not known at the time of the question."""
        query = "SELECT m, purpose, record, conversation, account, xplan FROM every_row WHERE NOT known"
        for batch in self.connection.sql(query).to_arrow_reader(BATCH_ROWS):
            count = batch.num_rows
            if count:
                yield pa.table(
                    [batch["m"].cast(pa.int32()), batch["purpose"], batch["record"], batch["conversation"],
                     batch["account"], pa.array([False] * count), pa.array([UNKNOWN_RECORD.reason] * count),
                     pa.array([""] * count), pa.array([""] * count), pa.nulls(count, MOMENT_TYPE),
                     pa.array([True] * count), pa.array([True] * count), batch["xplan"]],
                    schema=DECIDED_SCHEMA,
                )  # fmt: skip


def _decided(facing: Facing, faced: Faced, places: npt.NDArray[np.int64]) -> pa.Table:
    """Finished decisions."""
    batch, answers = faced.batch, facing.answers.answers
    forever = faced.keep >= LAST

    def column(values: Sequence[object], kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind).take(pa.array(places))

    return pa.table(
        {
            "m": batch["m"].cast(pa.int32()),
            "purpose": batch["purpose"],
            "record": batch["record"],
            "conversation": batch["conversation"],
            "account": batch["account"],
            "allow": column([a.allow for a in answers], pa.bool_()),
            "reason": column([a.reason for a in answers], pa.string()),
            "rule": column([a.rule for a in answers], pa.string()),
            "clause": column([a.clause for a in answers], pa.string()),
            "keep_until": pa.array(faced.keep, pa.int64(), mask=forever).cast(MOMENT_TYPE),
            "indefinite": pa.array(forever),
            "erasable": pc.invert(batch["held"]),
            "plan": batch["plan"],
        },
        schema=DECIDED_SCHEMA,
    )
