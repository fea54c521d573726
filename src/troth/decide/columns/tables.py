"""The tables that the facts are joined from, made inside one in-process DuckDB connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from troth.decide.columns.dialect import gathered, text
from troth.decide.columns.layout import Layout
from troth.decide.columns.lives import shortest_of
from troth.decide.columns.timelines import (
    account_timeline,
    conversation_facts,
    conversation_timeline,
    organisation_timeline,
)
from troth.errors import HistoryError
from troth.terms.model import Terms
from troth.types.moment import FIRST, LAST, Moment, Period, parse_period
from troth.types.vocabulary import PERSONAL_ACTS

Source = pa.Table | Sequence[Path]
"""Rows in memory, or Parquet files."""

SAID_COLUMNS = ("record", "conversation", "account", "happened", "role", "kind", "product", "channel", "plan")


@dataclass(frozen=True, slots=True)
class AskedAt:
    """One moment asked about. ``history`` tells histories apart that share a run; 0 where there is one."""

    history: int
    moment: Moment


class Tables:
    """Makes every table of one run. Histories come with a column ``h`` where several share the run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, terms: Terms, layout: Layout) -> None:
        self.connection, self.terms, self.layout = connection, terms, layout
        self.shortest: Mapping[str, Period | None] = {}

    def make(self, events: Source, records: Source | None, asked: Sequence[AskedAt]) -> None:
        """Make the tables: moments, events, what was said, timelines, parties, holds."""
        self._view("raw_event", events)
        self._moments(asked)
        self._visible()
        self._said(records)
        self._table("account_timeline", account_timeline(self.layout, self._acknowledged()))
        self._table("organisation_timeline", organisation_timeline(self.layout))
        self._table("conversation_timeline", conversation_timeline())
        self._table("conversation_facts", conversation_facts())
        self._table(
            "record_deletions",
            "SELECT m, record, min(happened) AS deleted FROM visible WHERE event = 'record.deleted' GROUP BY m, record",
        )
        self._holds()
        self._rating_features()
        self._people()

    # --- sources --------------------------------------------------------------------------------------

    def _view(self, name: str, source: Source) -> None:
        if isinstance(source, pa.Table):
            self.connection.register(name, source)
            columns = source.column_names
        else:
            files = "[" + ", ".join(text(str(path)) for path in source) + "]"
            self.connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet({files}, union_by_name=true)")
            columns = [row[0] for row in self.connection.execute(f"DESCRIBE {name}").fetchall()]
        if name == "raw_event":
            history = "h" if "h" in columns else "0 AS h"
            self.connection.execute(
                f"CREATE TEMP VIEW event AS "
                f"SELECT * EXCLUDE (recorded_at, \"at\"{', h' if 'h' in columns else ''}), {history}, "
                '"at" AS happened, coalesce(recorded_at, "at") AS recorded_at FROM raw_event'
            )

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")

    def _moments(self, asked: Sequence[AskedAt]) -> None:
        rows = ", ".join(f"({m}, {a.history}, {a.moment}::BIGINT)" for m, a in enumerate(asked))
        self._table("moments", f"SELECT * FROM (VALUES {rows}) AS v(m, h, t)")

    def _visible(self) -> None:
        """Events that had happened and were known at each moment, without those that the terms forbid."""
        lengths = self._lengths()
        forbidden = ""
        minimum = self.terms.newest.retention_minimum
        if minimum is not None:
            forbidden = f"AND NOT coalesce(r.length < {minimum.shortest}, false)"
        self._table("lengths", f"SELECT * FROM (VALUES {lengths}) AS v(word, length)")
        self.connection.execute(
            "CREATE TEMP VIEW visible AS SELECT x.m, x.t, e.*, r.length AS retention_length, p.length AS period_length "
            "FROM event e JOIN moments x ON x.h = e.h AND e.happened <= x.t AND e.recorded_at <= x.t "
            "LEFT JOIN lengths r ON r.word = e.retention LEFT JOIN lengths p ON p.word = e.period "
            f"WHERE e.event <> 'record.said' {forbidden}"
        )

    def _lengths(self) -> str:
        """Every period that the history names, with the least time that it lasts."""
        def words(column: str) -> list[str]:
            found = self.connection.execute(f"SELECT DISTINCT {column} FROM event WHERE {column} IS NOT NULL")
            return sorted(row[0] for row in found.fetchall())

        retentions, periods = words("retention"), words("period")
        named = {"organisation": shortest_of(retentions)}
        for choice in self.layout.choices:
            named[f"choice:{choice.name}"] = shortest_of(periods)
        self.shortest = named
        rows = [
            f"({text(word)}, {LAST if word == 'indefinite' else parse_period(word).shortest}::BIGINT)"
            for word in sorted({*retentions, *periods})
        ]
        return ", ".join(rows) or "('', 0::BIGINT)"

    def _said(self, records: Source | None) -> None:
        """What was said: by the history, by the logs, or by both, which must agree."""
        columns = ", ".join(
            (
                "h", "record", "conversation", "account", "happened", "recorded_at", "coalesce(role, 'user') AS role",
                "coalesce(kind, 'text') AS kind", "coalesce(product, 'chat') AS product",
                "coalesce(channel, 'first_party') AS channel", "plan",
            )
        )  # fmt: skip
        history = f"SELECT DISTINCT {columns} FROM event WHERE event = 'record.said'"
        if records is None:
            self.connection.execute(f"CREATE TEMP VIEW said AS {history}")
            return
        self._view("raw_record", records)
        moment = 'CASE WHEN "at" IS NULL THEN NULL ELSE epoch_us("at") END'
        log = (
            f"SELECT 0 AS h, record, conversation, account, {moment} AS happened, coalesce({moment}, {FIRST}) AS recorded_at, "
            "role, kind, product, channel, plan FROM raw_record"
        )
        if not self.connection.execute("SELECT 1 FROM event WHERE event = 'record.said' LIMIT 1").fetchall():
            self.connection.execute(f"CREATE TEMP VIEW said AS {log}")
            return
        self.connection.execute(f"CREATE TEMP VIEW logged AS {log}")
        self._table("told", history)
        self._agree()
        merged = ", ".join(
            ("coalesce(t.h, g.h) AS h", *(f"coalesce(t.{c}, g.{c}) AS {c}" for c in (*SAID_COLUMNS, "recorded_at")))
        )
        self.connection.execute(
            f"CREATE TEMP VIEW said AS SELECT {merged} FROM logged g FULL JOIN told t ON t.record = g.record"
        )

    def _agree(self) -> None:
        """Raise `HistoryError` where a history and a log say different things of one record."""
        strict = ("conversation", "role", "kind", "product", "channel")
        differs = [f"CASE WHEN t.{c} <> g.{c} THEN '{c}' END" for c in strict]
        differs += [
            f"CASE WHEN t.{c} IS NOT NULL AND g.{c} IS NOT NULL AND t.{c} <> g.{c} THEN '{c}' END"
            for c in ("account", "happened", "plan")
        ]
        found = self.connection.execute(
            f"SELECT g.record, coalesce({', '.join(differs)}) AS name FROM logged g JOIN told t USING (record) "
            "WHERE name IS NOT NULL ORDER BY g.record LIMIT 1"
        ).fetchall()
        if found:
            record, name = found[0]
            raise HistoryError(
                f"record {record!r} has one {name} in the history and another in the log",
                remedy="mend the one that is wrong; Troth does not choose",
            )

    # --- who acknowledged what ------------------------------------------------------------------------

    def _acknowledged(self) -> str:
        """The place of the version that an event acknowledges; null for none."""
        versions = self.terms.versions
        published = " ".join(
            f"WHEN happened >= {v.published} THEN {i}" for i, v in reversed(list(enumerate(versions)))
        )
        newest = f"CASE {published} END"
        named = " ".join(f"WHEN {text(v.version)} THEN {i}" for i, v in enumerate(versions))
        acts = ", ".join(text(act) for act in PERSONAL_ACTS)
        return (
            f"CASE WHEN event = 'terms.acknowledged' AND (CASE version {named} END) <= {newest} "
            f"THEN CASE version {named} END "
            f"WHEN event = 'choice.made' AND value <> 'deferred' AND coalesce(mechanism, 'dialog') IN ({acts}) "
            f"THEN {newest} END"
        )

    # --- people, ratings, holds -----------------------------------------------------------------------

    @property
    def asks_parties(self) -> bool:
        """Whether it matters how many people took part."""
        return any(v.parties.ask != "none" or "rating" in v.signals for v in self.terms.versions)

    def _people(self) -> None:
        """Conversations of several people, and the turns of each user where resuming matters."""
        self.connection.execute(
            "CREATE TEMP VIEW spoken AS SELECT x.m, x.t, s.* FROM said s JOIN moments x "
            "ON x.h = s.h AND s.recorded_at <= x.t AND (s.happened IS NULL OR s.happened <= x.t)"
        )
        nobody = text("\x1fnobody")
        self.connection.execute(
            f"CREATE TEMP VIEW parties AS SELECT m, conversation, coalesce(account, {nobody}) AS account FROM spoken "
            f"UNION ALL SELECT m, conversation, account FROM visible "
            "WHERE event IN ('conversation.started', 'conversation.joined')"
        )
        if self.asks_parties:
            self._table(
                "several_parties",
                "SELECT m, conversation FROM parties GROUP BY m, conversation HAVING min(account) <> max(account)",
            )
        else:
            self._table("several_parties", "SELECT 0 AS m, '' AS conversation WHERE false")

    def make_turns(self, placed: str) -> None:
        """The turns of each user under a covered plan, from a query that gives each record's plan."""
        self._table(
            "user_turns",
            f"SELECT m, conversation, account, list(said ORDER BY said) AS ats FROM ({placed}) "
            "GROUP BY m, conversation, account",
        )

    def _rating_features(self) -> None:
        periods = gathered([("since", "valid_from"), ("until", "valid_to")])
        self._table(
            "rating_features",
            f"SELECT m, organisation, {periods} AS periods FROM organisation_timeline WHERE rate_chats "
            "GROUP BY m, organisation",
        )

    def _holds(self) -> None:
        """Holds in force, by conversation where they name conversations, else by account, else for all."""
        scope = gathered([(n, n) for n in ("accounts", "conversations", "plans", "exclude_plans", "regions",
                                           "exclude_regions", "since", "until")])  # fmt: skip
        self._table(
            "holds",
            "SELECT p.m, p.accounts, p.conversations, p.plans, p.exclude_plans, p.regions, p.exclude_regions, "
            "p.since, p.until FROM visible p WHERE p.event = 'hold.placed' AND NOT EXISTS "
            "(SELECT 1 FROM visible q WHERE q.event = 'hold.released' AND q.m = p.m AND q.hold = p.hold AND q.happened > p.happened)",
        )
        self._table(
            "held_conversations",
            f"SELECT m, conversation, {scope} AS scopes FROM (SELECT *, unnest(conversations) AS conversation "
            "FROM holds WHERE conversations IS NOT NULL) GROUP BY m, conversation",
        )
        self._table(
            "held_accounts",
            f"SELECT m, account, {scope} AS scopes FROM (SELECT *, unnest(accounts) AS account "
            "FROM holds WHERE conversations IS NULL AND accounts IS NOT NULL) GROUP BY m, account",
        )
        self._table(
            "held_anywhere",
            f"SELECT m, {scope} AS scopes FROM holds WHERE conversations IS NULL AND accounts IS NULL GROUP BY m",
        )



