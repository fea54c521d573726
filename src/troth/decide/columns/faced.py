"""Records with their packed facts, and until when each is kept as things stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from troth.decide.columns.answers import Answers
from troth.decide.columns.arrays import Codes, Flags, Indices, distinct, flags, moments
from troth.decide.columns.facts import FactsQuery
from troth.decide.columns.layout import Layout
from troth.decide.columns.lives import Bounds, Clocks, Ends, Moments, Places, RowBook, ends, retained
from troth.decide.columns.tables import Tables
from troth.terms.facts import RETAINED
from troth.terms.model import Terms
from troth.terms.table import Answer

KEY = ("m", "record", "conversation", "account", "purpose", "t")
BATCH_ROWS = 131_072
GONE = RETAINED.index("gone")


@dataclass(frozen=True, slots=True)
class Faced:
    """One batch of the facts query with what was computed from it."""

    batch: pa.Table
    codes: Codes
    ordinary: Moments
    keep: Moments
    row: Places
    """The place, in a `RowBook`, of the retention row that sets ``keep``; -1 where none does."""
    walk: Flags
    """Which rows must be walked."""

    def only(self, chosen: Flags) -> Faced:
        """The chosen rows."""
        if chosen.all():
            return self
        return Faced(
            self.batch.filter(pa.array(chosen)),
            self.codes[chosen],
            self.ordinary[chosen],
            self.keep[chosen],
            self.row[chosen],
            self.walk[chosen],
        )


class Facing:
    """Runs the facts query over some rows, and computes the ends of what it gives."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, terms: Terms, layout: Layout, tables: Tables
    ) -> None:
        self.connection, self.terms, self.layout, self.tables = connection, terms, layout, tables
        self.book = RowBook()
        self.answers = Answers(layout, Bounds(layout, tables.shortest))

    def query(self, *, now: bool, plain: bool = False) -> FactsQuery:
        """The query, asked now or at an instant of each row; plain leaves out what few rows need."""
        return FactsQuery(self.terms, self.layout, self.tables, now=now, plain=plain)

    def stream(self, rows: str, *, now: bool, keep: Sequence[str], plain: bool = False) -> Iterator[pa.Table]:
        """Batches of the query. Nothing else may use the connection while they are taken."""
        query = self.query(now=now, plain=plain).sql(rows, keep)
        for batch in self.connection.sql(query).to_arrow_reader(BATCH_ROWS):
            if batch.num_rows:
                yield pa.Table.from_batches([batch])

    def faced(self, rows: str, *, plain: bool = False) -> Iterator[Faced]:
        """Batches with their ends as things stand at the time of the question."""
        for batch in self.stream(rows, now=True, keep=KEY, plain=plain):
            codes = batch["code"].to_numpy(zero_copy_only=False)
            values, which = distinct(codes)
            clocks = self.clocks(batch)
            found = self.ends(values, which, clocks)
            walk = self._must_walk(batch, values, which, clocks, found.ordinary)
            yield Faced(batch, codes, found.ordinary, found.keep, found.row, walk)

    def ends(self, values: Codes, which: Indices, clocks: Clocks) -> Ends:
        """The ends of each row, from the retention rows that match its facts."""
        keeps = np.array([self.answers.keep(int(code)) for code in values], np.intp)
        return ends(self.answers.keeps, keeps[which], clocks, self.book)

    def clocks(self, batch: pa.Table) -> Clocks:
        """The clocks and periods of a batch."""
        names = {
            "said": "said_at",
            "deleted": "deleted_at",
            "flagged": "flagged_at",
            "rated": "rated_at",
            "reviewed": "reviewed_at",
        }
        periods = {"organisation": "own_retention"}
        for place, choice in enumerate(self.layout.choices):
            if f"refused:{choice.name}" in self.layout.clocks:
                names[f"refused:{choice.name}"] = f"refused_c{place}"
            if f"choice:{choice.name}" in self.layout.periods:
                periods[f"choice:{choice.name}"] = f"period_c{place}"
        return Clocks(
            {clock: moments(batch, column) for clock, column in names.items()},
            {p: batch[c].to_pylist() for p, c in periods.items() if p in self.layout.periods},
        )

    def answered(self, faced: Faced) -> npt.NDArray[np.int64]:
        """The place of the answer of each row; what is gone cites the retention row that ended it."""
        life = retained(faced.ordinary, faced.keep, moments(faced.batch, "t"))
        purposes = faced.batch["purpose"].combine_chunks().dictionary_encode()
        words = purposes.dictionary.to_pylist()
        values, which = distinct(faced.codes)
        rows = np.where(life == GONE, faced.row + 1, 0)
        spans = (len(words), len(RETAINED), len(self.book.rows) + 1)
        keys = np.ravel_multi_index(
            (which, life, rows, purposes.indices.to_numpy(zero_copy_only=False)),
            (len(values), spans[1], spans[2], spans[0]),
        )
        found, places = distinct(keys.astype(np.int64))
        parts = np.unravel_index(found, (len(values), spans[1], spans[2], spans[0]))
        table = [
            self._answer(int(values[code]), int(state), int(row) - 1, words[word])
            for code, state, row, word in zip(*parts, strict=True)
        ]
        return np.array(table, np.int64)[places]

    def _answer(self, code: int, state: int, row: int, purpose: str) -> int:
        place = self.answers.answer(code, state, purpose)
        if row >= 0 and self.answers.answers[place].reason == "gone":
            ended = self.book.rows[row]
            return self.answers.place_of(Answer(False, "gone", ended.id, ended.clause))
        return place

    def _must_walk(
        self, batch: pa.Table, values: Codes, which: Indices, clocks: Clocks, ordinary: Moments
    ) -> Flags:
        """Which lives may hold an end that something later would hide.

        None in which nothing changed after the earliest moment at which it could have ended; and none still
        kept that a limit will end which holds whatever else is true, where no signal ever extended it. What
        such a limit has ended is walked all the same: the row to cite is the one that stood then, not today's.
        """
        bounds = np.array([self.answers.bound(int(code)) for code in values], np.intp)
        certains = np.array([self.answers.certain(int(code)) for code in values], np.intp)
        bound = ends(self.answers.keeps, bounds[which], clocks, self.book).ordinary
        certain = ends(self.answers.keeps, certains[which], clocks, self.book).ordinary
        signalled = flags(batch, "signalled")
        alive = ordinary > moments(batch, "t")
        sure = (certain == bound) & (ordinary == bound) & ~signalled & alive
        hidden: Flags = (bound <= moments(batch, "last_change")) & ~sure
        hidden |= signalled & (ordinary <= moments(batch, "t"))
        return hidden
