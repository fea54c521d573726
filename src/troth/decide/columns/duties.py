"""What the terms keep although it was asked to go: the rows ``extension`` of the retention table, for many records at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.columns.arrays import distinct, moments
from troth.decide.columns.engine import Columns
from troth.decide.columns.faced import KEY, Facing
from troth.types.record import MOMENT_TYPE

DUTY_SCHEMA = pa.schema(
    [
        pa.field("record", pa.string()),
        pa.field("duty_until", MOMENT_TYPE),
        pa.field("duty_rule", pa.string()),
        pa.field("duty_clause", pa.string()),
    ]
)
"""A record, until when an extension keeps it, and the row that does: its id and its clause."""


def duties(columns: Columns) -> Iterator[pa.Table]:
    """Tables of `DUTY_SCHEMA`: the records that an extension keeps beyond the time of the question.

    Of several extensions the one that reaches furthest. ``columns`` has decided these records, and its tables have been
    taken to the end. A limit may keep a record longer than its extension does; an extension that a limit outlasts is
    told all the same, for it forbids what the limit only allows: to keep it no longer.
    """
    facing = Facing(columns.connection, columns.terms, columns.layout, columns.tables)
    for batch in facing.stream("rows", now=True, keep=KEY):
        values, which = distinct(batch["code"].to_numpy(zero_copy_only=False))
        found = facing.ends(values, which, facing.clocks(batch))
        kept = found.extended > moments(batch, "t")
        if kept.any():
            rows = [facing.book.rows[place] for place in found.extension[np.flatnonzero(kept)]]
            yield pa.table(
                [
                    pc.filter(batch["record"], pa.array(kept)),
                    pa.array(found.extended[kept], pa.int64()).cast(MOMENT_TYPE),
                    pa.array([row.id for row in rows], pa.string()),
                    pa.array([row.clause for row in rows], pa.string()),
                ],
                schema=DUTY_SCHEMA,
            )
