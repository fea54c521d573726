"""The walk through lives: what is gone at one instant stays gone, whatever comes later."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from troth.decide.columns.arrays import distinct, flags, moments
from troth.decide.columns.dialect import END_OF_TIME
from troth.decide.columns.faced import Faced, Facing
from troth.types.moment import LAST


def carried(faced: Faced) -> pa.Table:
    """A batch with its ends as columns, so that batches can be put together."""
    return (
        faced.batch.append_column("ordinary", pa.array(faced.ordinary))
        .append_column("keep", pa.array(faced.keep))
        .append_column("row", pa.array(faced.row))
        .append_column("walk", pa.array(faced.walk))
    )


class Walk:
    """Walks the rows of one table that need it."""

    def __init__(self, facing: Facing, rows: str) -> None:
        self.facing, self.rows = facing, rows
        self.connection = facing.connection

    def walked(self, pending: pa.Table) -> Faced:
        """The same rows with the ends that stand when each instant of a life is looked at."""
        walk = flags(pending, "walk")
        ordinary, keep = moments(pending, "ordinary").copy(), moments(pending, "keep").copy()
        row = pending["row"].to_numpy(zero_copy_only=False).copy()
        if walk.any():
            found = self._ends_of_lives(pending.filter(pa.array(walk)).select(["m", "record", "account"]))
            columns = (pending[name].to_pylist() for name in ("m", "record", "account"))
            for index, key in enumerate(zip(*columns, strict=True)):
                if walk[index]:
                    ordinary[index], keep[index], row[index] = found[key]
        codes = pending["code"].to_numpy(zero_copy_only=False)
        return Faced(pending, codes, ordinary, keep, row, np.zeros(len(codes), np.bool_))

    def _ends_of_lives(self, chosen: pa.Table) -> dict[tuple[int, str, str | None], tuple[int, int, int]]:
        """For each life its ordinary end, its end, and the row that sets it."""
        self.connection.register("walk_keys", chosen)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE lives AS SELECT DISTINCT r.* EXCLUDE (purpose), '' AS purpose "
            f"FROM {self.rows} r SEMI JOIN walk_keys k ON k.m = r.m AND k.record = r.record "
            "AND k.account IS NOT DISTINCT FROM r.account"
        )
        self.facing.tables.make_account_timeline("lives")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE instants AS {self._instants()}")
        self.connection.register("steps", pa.concat_tables(self._steps()))
        found = self.connection.execute(FOLD).fetchall()
        return {(m, record, account): (ends, keep, row) for m, record, account, ends, keep, row in found}

    def _steps(self) -> list[pa.Table]:
        """The ends at each instant of each life."""
        steps = []
        for batch in self.facing.stream("instants", now=False, keep=("m", "record", "account", "s")):
            values, which = distinct(batch["code"].to_numpy(zero_copy_only=False))
            found = self.facing.ends(values, which, self.facing.clocks(batch))
            columns = {
                "ordinary": found.ordinary,
                "extended": found.extended,
                "limit_row": found.limit,
                "extension_row": found.extension,
            }
            step = batch.select(["m", "record", "account", "s"])
            for name, array in columns.items():
                step = step.append_column(name, pa.array(array))
            steps.append(step)
        return steps

    def _instants(self) -> str:
        """When something may have changed in the life of each record, from its saying on."""
        organisation = (
            "(SELECT l.*, a.organisation AS org FROM lives l JOIN account_timeline a ON a.m = l.m "
            "AND a.account = l.account AND a.valid_from <= l.said AND l.said < a.valid_to)"
        )
        account = "account_timeline a ON a.m = l.m AND a.account = l.account"
        theirs = "organisation_timeline a ON a.m = l.m AND a.organisation = l.org"
        parts = [
            "SELECT *, said AS s FROM lives",
            f"SELECT l.*, a.valid_from FROM lives l JOIN {account}",
            f"SELECT l.* EXCLUDE (org), a.valid_from FROM {organisation} l JOIN {theirs}",
            "SELECT l.*, v.happened FROM lives l JOIN visible v ON v.m = l.m AND v.conversation = l.conversation "
            "AND v.event[1:13] = 'conversation.'",
            "SELECT l.*, v.happened FROM lives l JOIN visible v ON v.m = l.m AND v.record = l.record "
            "AND v.event = 'record.deleted'",
        ]
        parts += [f"SELECT l.*, {version.effective} FROM lives l" for version in self.facing.terms.versions]
        if self.facing.layout.tells_resumed:
            turns = (
                "JOIN user_turns u ON u.m = l.m AND u.conversation = l.conversation AND u.account = l.account"
            )
            first = "list_min(list_filter(u.ats, lambda x: x > a.valid_from))"
            parts.append(f"SELECT l.*, {first} FROM lives l JOIN {account} {turns}")
            parts.append(f"SELECT l.* EXCLUDE (org), {first} FROM {organisation} l JOIN {theirs} {turns}")
        union = " UNION ".join(parts)
        return f"SELECT * FROM ({union}) WHERE s = said OR (s > said AND s <= t)"


FOLD = f"""
WITH followed AS (
  SELECT *, lead(s, 1, {END_OF_TIME}) OVER life AS following FROM steps
  WINDOW life AS (PARTITION BY m, record, account ORDER BY s)
), ended AS (
  SELECT *,
    arg_min(ordinary, s) FILTER (WHERE ordinary <= following AND ordinary < {LAST}) OVER so_far AS first_end,
    arg_min(limit_row, s) FILTER (WHERE ordinary <= following AND ordinary < {LAST}) OVER so_far AS first_row
  FROM followed
  WINDOW so_far AS (PARTITION BY m, record, account ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), kept AS (
  SELECT *, coalesce(first_end, ordinary) AS stands, coalesce(first_row, limit_row) AS stands_row,
    greatest(coalesce(first_end, ordinary), extended) AS keep
  FROM ended
), ordered AS (
  SELECT *, row_number() OVER (PARTITION BY m, record, account
    ORDER BY CASE WHEN keep <= following AND keep < {LAST} THEN 0 ELSE 1 END,
             CASE WHEN keep <= following AND keep < {LAST} THEN s ELSE -s END) AS place
  FROM kept
)
SELECT m, record, account, stands, keep, CASE WHEN stands >= extended THEN stands_row ELSE extension_row END
FROM ordered WHERE place = 1
"""
"""The first instant at which a record was gone before the next one, else the last instant."""
