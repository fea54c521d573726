"""Which row of the retention table ends each record, or will end it: for many records at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.columns.arrays import distinct
from troth.decide.columns.engine import Columns
from troth.decide.columns.faced import KEY, Facing

ENDED_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in ("record", "end_rule", "end_clause")])
"""A record, and the row by which its time ends: its id and its clause."""


def ended(columns: Columns) -> Iterator[pa.Table]:
    """Tables of `ENDED_SCHEMA`: the records that have an end, as things stand at the time of the question.

    ``columns`` has decided these records, and its tables have been taken to the end.
    """
    facing = Facing(columns.connection, columns.terms, columns.layout, columns.tables)
    for batch in facing.stream("rows", now=True, keep=KEY):
        values, which = distinct(batch["code"].to_numpy(zero_copy_only=False))
        places = facing.ends(values, which, facing.clocks(batch)).row
        known = places >= 0
        if known.any():
            rows = [facing.book.rows[place] for place in places[np.flatnonzero(known)]]
            yield pa.table(
                [
                    pc.filter(batch["record"], pa.array(known)),
                    pa.array([row.id for row in rows], pa.string()),
                    pa.array([row.clause for row in rows], pa.string()),
                ],
                schema=ENDED_SCHEMA,
            )
