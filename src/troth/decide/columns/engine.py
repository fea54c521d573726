"""Deciding many records at once: the facts in SQL, the answers from the table, batch by batch.

1. Tables are made from the history (``tables``).
2. One query gives each record's packed facts and clocks, streamed in batches.
3. Each distinct number is answered once; retention is computed over the arrays of a batch.
4. A record whose life may hold an end that something later would hide is walked instant by instant.
5. Conversations of several people are asked for each of them.

Every record that goes in comes out once, whatever happens to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.columns.answers import Answers
from troth.decide.columns.dialect import END_OF_TIME
from troth.decide.columns.facts import FactsQuery
from troth.decide.columns.layout import Layout
from troth.decide.columns.lives import NO_CLOCK, Bounds, Clocks, Moments, ends, retained
from troth.decide.columns.tables import AskedAt, Records, Tables
from troth.decide.versions import Timetable
from troth.history.read import EventSource
from troth.terms.model import Terms
from troth.terms.table import Answer
from troth.types.moment import LAST
from troth.types.record import MOMENT_TYPE

KEY = ("m", "record", "conversation", "account", "purpose", "t")
UNKNOWN_RECORD = Answer(False, "record_unknown", "", "")
BATCH_ROWS = 131_072

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


@dataclass(frozen=True, slots=True)
class Faced:
    """One batch of the facts query with what was computed from it."""

    batch: pa.Table
    codes: npt.NDArray[np.int64]
    ordinary: Moments
    keep: Moments
    walk: npt.NDArray[np.bool_]
    """Which rows must be walked."""


class Columns:
    """Decides over one connection. ``connection`` is an in-process DuckDB, used for this run alone."""

    def __init__(self, terms: Terms, connection: duckdb.DuckDBPyConnection) -> None:
        self.terms, self.connection = terms, connection
        self.timetable = Timetable(terms)
        self.layout = Layout(self.timetable)
        self.tables = Tables(connection, terms, self.layout)

    def decide(
        self, events: EventSource, records: Records | None, asked: Sequence[AskedAt], purposes: str | pa.Table
    ) -> Iterator[pa.Table]:
        """Decisions in tables of `DECIDED_SCHEMA`, each input record once for each moment and purpose.

        ``purposes`` is one purpose for every record, or a table of ``m``, ``record`` and ``purpose``. Raises
        ``HistoryError`` where the history and the records contradict one another.
        """
        self.tables.make(events, records, asked)
        self.answers = Answers(self.layout, Bounds(self.layout, self.tables.shortest))
        self._rows(purposes, "raw_record" if records is not None else None)
        if self.layout.tells_resumed:
            self._turns()
        later: list[pa.Table] = []
        for faced in self._faced("rows", now=True, plain=True):
            settled = ~faced.walk & ~_flags(faced.batch, "special")
            if settled.any():
                yield self._decided(_take(faced, settled))
            if not settled.all():
                later.append(faced.batch.filter(pa.array(~settled)).select(["m", "record", "purpose"]))
        if later:
            yield from self._settle_later(pa.concat_tables(later))
        yield from self._unknown()

    def _settle_later(self, keys: pa.Table) -> Iterator[pa.Table]:
        """The rows that need more than one look, with everything that may be looked at."""
        self.connection.register("later_keys", keys)
        self.connection.execute(
            "CREATE TEMP TABLE later_rows AS SELECT r.* FROM rows r "
            "SEMI JOIN later_keys k ON k.m = r.m AND k.record = r.record AND k.purpose = r.purpose"
        )
        pending = [self._carry(faced) for faced in self._faced("later_rows", now=True)]
        yield from self._settle(pa.concat_tables(pending))

    # --- rows -----------------------------------------------------------------------------------------

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
                join = f"SEMI JOIN {records} only ON only.record = s.record"
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

    def _turns(self) -> None:
        """What each user said under a covered plan: what resumes a conversation."""
        plans = {plan for version in self.terms.versions for plan in version.covered_plans}
        spoken = (
            "(SELECT m, t, record, conversation, account, happened AS said, true AS timed, role, kind, product, channel, "
            "plan AS xplan, '' AS purpose FROM spoken WHERE role = 'user' AND happened IS NOT NULL AND account IS NOT NULL)"
        )
        placed = self._query(now=True).placed(spoken)
        covered = ", ".join(f"'{plan}'" for plan in sorted(plans))
        self.tables.make_turns(f"SELECT * FROM ({placed}) WHERE plan IN ({covered})")

    def _query(self, *, now: bool, plain: bool = False) -> FactsQuery:
        return FactsQuery(self.terms, self.layout, self.tables, now=now, plain=plain)

    # --- facts and ends -------------------------------------------------------------------------------

    def _stream(
        self, rows: str, *, now: bool, keep: Sequence[str], plain: bool = False
    ) -> Iterator[pa.Table]:
        query = self._query(now=now, plain=plain).sql(rows, keep)
        for batch in self.connection.sql(query).to_arrow_reader(BATCH_ROWS):
            if batch.num_rows:
                yield pa.Table.from_batches([batch])

    def _faced(self, rows: str, *, now: bool, plain: bool = False) -> Iterator[Faced]:
        for batch in self._stream(rows, now=now, keep=KEY, plain=plain):
            codes, which, distinct = _codes(batch)
            clocks = self._clocks(batch)
            ordinary, extended = self._ends(distinct, which, clocks)
            walk = self._must_walk(batch, distinct, which, clocks, ordinary)
            yield Faced(batch, codes, ordinary, np.maximum(ordinary, extended), walk)

    def _must_walk(
        self,
        batch: pa.Table,
        distinct: Sequence[int],
        which: npt.NDArray[np.intp],
        clocks: Clocks,
        ordinary: Moments,
    ) -> npt.NDArray[np.bool_]:
        """Which lives may hold an end that something later would hide.

        None in which nothing changed after the earliest moment at which it could have ended; and none that a
        limit ends which holds whatever else is true, where no signal ever extended it.
        """
        answers = self.answers
        bound, _ = ends(answers.keeps, np.array([answers.bound(c) for c in distinct], np.intp)[which], clocks)
        certain, _ = ends(
            answers.keeps, np.array([answers.certain(c) for c in distinct], np.intp)[which], clocks
        )
        signalled = _flags(batch, "signalled")
        sure = (certain == bound) & (ordinary == bound) & ~signalled
        hidden: npt.NDArray[np.bool_] = (bound <= _moments(batch, "last_change")) & ~sure
        hidden |= signalled & (ordinary <= _moments(batch, "t"))
        return hidden

    def _ends(
        self, distinct: Sequence[int], which: npt.NDArray[np.intp], clocks: Clocks
    ) -> tuple[Moments, Moments]:
        keeps = np.array([self.answers.keep(code) for code in distinct], np.intp)
        return ends(self.answers.keeps, keeps[which], clocks)

    def _clocks(self, batch: pa.Table) -> Clocks:
        names = {"said": "said_at", "deleted": "deleted_at", "flagged": "flagged_at", "rated": "rated_at",
                 "reviewed": "reviewed_at"}  # fmt: skip
        periods = {"organisation": "own_retention"}
        for place, choice in enumerate(self.layout.choices):
            if f"refused:{choice.name}" in self.layout.clocks:
                names[f"refused:{choice.name}"] = f"refused_c{place}"
            if f"choice:{choice.name}" in self.layout.periods:
                periods[f"choice:{choice.name}"] = f"period_c{place}"
        return Clocks(
            {clock: _moments(batch, column) for clock, column in names.items()},
            {p: batch[c].to_pylist() for p, c in periods.items() if p in self.layout.periods},
        )

    # --- answers --------------------------------------------------------------------------------------

    def _answered(self, faced: Faced) -> npt.NDArray[np.int64]:
        """The place of the answer of each row."""
        life = retained(faced.ordinary, faced.keep, _moments(faced.batch, "t"))
        purposes = faced.batch["purpose"].combine_chunks().dictionary_encode()
        words = purposes.dictionary.to_pylist()
        distinct, which = _distinct(faced.codes)
        combined = (which * 3 + life) * len(words) + purposes.indices.to_numpy(zero_copy_only=False)
        keys, places = _distinct(combined)
        table = np.array(
            [self.answers.answer(int(distinct[k // len(words) // 3]), int(k // len(words) % 3), words[k % len(words)])
             for k in keys], dtype=np.int64,
        )  # fmt: skip
        return table[places]

    def _decided(self, faced: Faced, places: npt.NDArray[np.int64] | None = None) -> pa.Table:
        """Finished decisions."""
        batch = faced.batch
        places = self._answered(faced) if places is None else places
        answers = self.answers.answers
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

    # --- what needs a second look ---------------------------------------------------------------------

    def _asks_others(self, faced: Faced) -> npt.NDArray[np.bool_]:
        """Rows in conversations of several people, where the terms ask about the others."""
        if not any(version.parties.ask != "none" for version in self.terms.versions):
            return np.zeros(len(faced.codes), np.bool_)
        return _flags(faced.batch, "several")

    def _carry(self, faced: Faced) -> pa.Table:
        return (
            faced.batch.append_column("ordinary", pa.array(faced.ordinary))
            .append_column("keep", pa.array(faced.keep))
            .append_column("walk", pa.array(faced.walk))
        )

    def _settle(self, pending: pa.Table) -> Iterator[pa.Table]:
        """Walk the lives that need it, then ask the other people of those that would be allowed."""
        faced = self._walked(pending, "later_rows")
        places = self._answered(faced)
        allowed = np.array([a.allow for a in self.answers.answers], np.bool_)[places]
        asks = allowed & self._asks_others(faced) & self._concerned(faced)
        if asks.any():
            places = self._deny_for_others(_take(faced, asks), places, np.flatnonzero(asks))
        yield self._decided(faced, places)

    def _concerned(self, faced: Faced) -> npt.NDArray[np.bool_]:
        """Rows whose purpose is one that the version in force asks other people about."""
        purposes = faced.batch["purpose"].to_pylist()
        versions = [self.answers.facts(int(code))[0] for code in faced.codes]
        return np.array(
            [v is not None and v.parties.ask != "none" and p in v.parties.purposes
             for v, p in zip(versions, purposes, strict=True)], np.bool_,
        )  # fmt: skip

    def _deny_for_others(
        self, faced: Faced, places: npt.NDArray[np.int64], at: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.int64]:
        """Ask as if each of the other people had said it; a denial of any of them denies."""
        self.connection.register("shared_rows", faced.batch.select(list(KEY)))
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE party_rows AS SELECT DISTINCT r.* EXCLUDE (account), "
            "nullif(p.account, '\x1fnobody') AS account, r.account AS own FROM later_rows r "
            "JOIN shared_rows k ON k.m = r.m AND k.record = r.record AND k.purpose = r.purpose "
            "JOIN parties p ON p.m = r.m AND p.conversation = r.conversation "
            "AND p.account IS DISTINCT FROM coalesce(r.account, '\x1fnobody')"
        )
        others = [self._carry(f) for f in self._faced("party_rows", now=True)]
        denied: set[tuple[int, str, str]] = set()
        if others:
            party = self._walked(pa.concat_tables(others), "party_rows")
            denied = self._denied_keys(party)
        own = zip(
            faced.batch["m"].to_pylist(), faced.batch["record"].to_pylist(), faced.batch["purpose"].to_pylist(),
            faced.codes, at, strict=True,
        )  # fmt: skip
        for m, record, purpose, code, index in own:
            version = self.answers.facts(int(code))[0]
            if (m, record, purpose) in denied and version is not None:
                places[index] = self.answers.place_of(
                    Answer(False, "other_party", "", version.parties.clause)
                )
        return places

    def _denied_keys(self, party: Faced) -> set[tuple[int, str, str]]:
        places = self._answered(party)
        asks = {v.parties.ask for v in self.terms.versions} - {"none"}
        rules = next((v.parties.rules for v in self.terms.versions if v.parties.rules), ())
        keys = zip(
            party.batch["m"].to_pylist(), party.batch["record"].to_pylist(), party.batch["purpose"].to_pylist(),
            party.codes, places, strict=True,
        )  # fmt: skip
        by_rule = "rules" in asks
        return {
            (m, record, purpose)
            for m, record, purpose, code, place in keys
            if (
                self.answers.denied_by(int(code), rules) if by_rule else not self.answers.answers[place].allow
            )
        }

    # --- the walk -------------------------------------------------------------------------------------

    def _walked(self, pending: pa.Table, rows: str) -> Faced:
        """The same rows with the ends that stand when each instant of a life is looked at."""
        codes, _, _ = _codes(pending)
        walk = _flags(pending, "walk")
        ordinary, keep = _moments(pending, "ordinary").copy(), _moments(pending, "keep").copy()
        if walk.any():
            chosen = pending.filter(pa.array(walk)).select(["m", "record", "account", "purpose"])
            found = self._ends_of_lives(chosen, rows)
            keys = zip(
                pending["m"].to_pylist(),
                pending["record"].to_pylist(),
                pending["account"].to_pylist(),
                strict=True,
            )
            for index, key in enumerate(keys):
                if walk[index]:
                    ordinary[index], keep[index] = found[key]
        return Faced(pending, codes, ordinary, keep, np.zeros(len(codes), np.bool_))

    def _ends_of_lives(
        self, chosen: pa.Table, rows: str
    ) -> dict[tuple[int, str, str | None], tuple[int, int]]:
        self.connection.register("walk_keys", chosen)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE lives AS SELECT DISTINCT r.* EXCLUDE (purpose), '' AS purpose FROM {rows} r "
            "SEMI JOIN walk_keys k ON k.m = r.m AND k.record = r.record AND k.account IS NOT DISTINCT FROM r.account"
        )
        self.tables.make_account_timeline("lives")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE instants AS {self._instants()}")
        steps = []
        for batch in self._stream("instants", now=False, keep=("m", "record", "account", "s")):
            _, which, distinct = _codes(batch)
            ordinary, extended = self._ends(distinct, which, self._clocks(batch))
            steps.append(
                batch.select(["m", "record", "account", "s"])
                .append_column("ordinary", pa.array(ordinary))
                .append_column("extended", pa.array(extended))
            )
        self.connection.register("steps", pa.concat_tables(steps))
        found = self.connection.execute(_FOLD).fetchall()
        return {(m, record, account): (ordinary, keep) for m, record, account, ordinary, keep in found}

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
        parts += [f"SELECT l.*, {version.effective} FROM lives l" for version in self.terms.versions]
        if self.layout.tells_resumed:
            turns = (
                "JOIN user_turns u ON u.m = l.m AND u.conversation = l.conversation AND u.account = l.account"
            )
            first = "list_min(list_filter(u.ats, lambda x: x > a.valid_from))"
            parts.append(f"SELECT l.*, {first} FROM lives l JOIN {account} {turns}")
            parts.append(f"SELECT l.* EXCLUDE (org), {first} FROM {organisation} l JOIN {theirs} {turns}")
        union = " UNION ".join(parts)
        return f"SELECT * FROM ({union}) WHERE s = said OR (s > said AND s <= t)"


_FOLD = f"""
WITH followed AS (
  SELECT *, lead(s, 1, {END_OF_TIME}) OVER (PARTITION BY m, record, account ORDER BY s) AS following FROM steps
), ended AS (
  SELECT *, arg_min(ordinary, s) FILTER (WHERE ordinary <= following AND ordinary < {LAST})
    OVER (PARTITION BY m, record, account ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_end
  FROM followed
), kept AS (
  SELECT *, coalesce(first_end, ordinary) AS stands, greatest(coalesce(first_end, ordinary), extended) AS keep
  FROM ended
), ordered AS (
  SELECT *, row_number() OVER (PARTITION BY m, record, account
    ORDER BY CASE WHEN keep <= following AND keep < {LAST} THEN 0 ELSE 1 END,
             CASE WHEN keep <= following AND keep < {LAST} THEN s ELSE -s END) AS place
  FROM kept
)
SELECT m, record, account, stands, keep FROM ordered WHERE place = 1
"""
"""The first instant at which a record was gone before the next one, else the last instant."""


def _codes(batch: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp], list[int]]:
    """The numbers of a batch, for each the place of its distinct value, and the distinct values."""
    codes = batch["code"].to_numpy(zero_copy_only=False)
    distinct, which = _distinct(codes)
    return codes, which, [int(code) for code in distinct]


def _distinct(values: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    encoded = pa.array(values).dictionary_encode()
    places = encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp)
    return encoded.dictionary.to_numpy(zero_copy_only=False), places


def _flags(batch: pa.Table, column: str) -> npt.NDArray[np.bool_]:
    flags: npt.NDArray[np.bool_] = batch[column].to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags


def _moments(batch: pa.Table, column: str) -> Moments:
    filled: Moments = pc.fill_null(batch[column].cast(pa.int64()), NO_CLOCK).to_numpy(zero_copy_only=False)
    return filled


def _take(faced: Faced, chosen: npt.NDArray[np.bool_]) -> Faced:
    if chosen.all():
        return faced
    return Faced(
        faced.batch.filter(pa.array(chosen)),
        faced.codes[chosen],
        faced.ordinary[chosen],
        faced.keep[chosen],
        faced.walk[chosen],
    )
