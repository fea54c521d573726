"""The tables that the facts are joined from, made inside one in-process DuckDB connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa

from troth.decide.columns.against import TOLD
from troth.decide.columns.against import tables as against
from troth.decide.columns.dialect import END_OF_TIME, gathered, text, texts
from troth.decide.columns.layout import Layout
from troth.decide.columns.lives import shortest_of
from troth.decide.columns.timelines import (
    CONFLICT,
    account_timeline,
    conversation_facts,
    conversation_timeline,
    merged,
    now_columns,
    organisation_timeline,
    said_columns,
)
from troth.errors import HistoryError
from troth.history.read import EventSource
from troth.terms.facts import STANDING, UNKNOWN
from troth.terms.model import Terms
from troth.types.moment import FIRST, LAST, Moment, Period, parse_period
from troth.types.vocabulary import PERSONAL_ACTS

Records: TypeAlias = pa.Table | Sequence[Path]
"""Records in memory, or record Parquet files."""

NOBODY = "\x1fnobody"
"""Stands for an account that no log names, among the parties of a conversation."""

OPTIONAL_COLUMNS = ("organisation", "region", "age", "plan", "retention", "period")

ACCOUNT_EVENTS_AT_ONCE = 1_400_000
CONVERSATIONS_AT_ONCE = 3_500_000
"""How much is folded at once: what bounds the memory of a run, whatever the size of its input."""

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
        self.several = True
        """Whether several moments are asked about in one run."""
        self.filled: frozenset[str] = frozenset()
        """The optional columns and tables in which anything stands; the rest is left out of every query."""

    def make(self, events: EventSource, records: Records | None, asked: Sequence[AskedAt]) -> None:
        """Make the tables: moments, events, what was said, timelines, parties, holds."""
        self._events(events)
        self._moments(asked)
        self._words()
        self._visible()
        self._said(records)
        self._table("organisation_timeline", organisation_timeline(self.layout))
        self._table("conversation_timeline", conversation_timeline())
        self._table(
            "record_deletions",
            "SELECT m, record, min(happened) AS deleted FROM visible WHERE event = 'record.deleted' GROUP BY m, record",
        )
        self._holds()
        self._accounts()
        self._rating_features()
        self._people()
        self._conversations()
        for name, query in against(self.layout, self.filled):
            self._table(name, query)
        self._note_filled("record_deletions", "held_anywhere", "user_turns")

    # --- sources --------------------------------------------------------------------------------------

    def _events(self, source: EventSource) -> None:
        """The view ``event``: every event of the run, ``at`` under the name ``happened`` (``at`` is a word of SQL)."""
        selects = list(source.queries)
        shared = bool(source.tables) and "h" in source.tables[0].column_names
        for number, table in enumerate(source.tables):
            self.connection.register(f"event_table_{number}", table)
            selects.append(f"SELECT * FROM event_table_{number}")
        union = " UNION ALL ".join(f"({select})" for select in selects)
        history = "h" if shared else "0 AS h"
        self.connection.execute(
            f'CREATE TEMP VIEW event AS SELECT * EXCLUDE ("at"{", h" if shared else ""}), {history}, '
            f'"at" AS happened FROM ({union})'
        )

    def _records(self, source: Records) -> None:
        """The view ``raw_record``."""
        if isinstance(source, pa.Table):
            self.connection.register("raw_record", source)
            return
        files = "[" + ", ".join(text(str(path)) for path in source) + "]"
        self.connection.execute(f"CREATE TEMP VIEW raw_record AS SELECT * FROM read_parquet({files})")

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")

    def _moments(self, asked: Sequence[AskedAt]) -> None:
        rows = ", ".join(f"({m}, {a.history}, {a.moment}::BIGINT)" for m, a in enumerate(asked))
        self.several = len(asked) > 1
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

    def _said(self, records: Records | None) -> None:
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
        self._records(records)
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
            (
                "coalesce(t.h, g.h) AS h",
                *(f"coalesce(t.{c}, g.{c}) AS {c}" for c in (*SAID_COLUMNS, "recorded_at")),
            )
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

    # --- accounts -------------------------------------------------------------------------------------

    def _words(self) -> None:
        """Short codes for words that few events vary in, so that the tables stay small."""
        plans = {plan for version in self.terms.versions for plan in version.plans} | {UNKNOWN}
        plans |= {
            row[0]
            for row in self.connection.execute(
                "SELECT DISTINCT plan FROM event WHERE plan IS NOT NULL"
            ).fetchall()
        }
        regions = {
            row[0]
            for row in self.connection.execute(
                "SELECT DISTINCT region FROM event WHERE region IS NOT NULL"
            ).fetchall()
        }
        for name, words in (
            ("plan_words", plans), ("region_words", regions | {CONFLICT}), ("age_words", {"adult", "minor", UNKNOWN}),
            ("standing_words", set(STANDING)),
        ):  # fmt: skip
            self.connection.execute(f"CREATE TYPE {name} AS ENUM {texts(words)}")
        counted = ", ".join(f"count({c}) > 0" for c in OPTIONAL_COLUMNS)
        told = {"closings": "event = 'account.closed'", **TOLD}
        some_told = ", ".join(f"count(*) FILTER ({condition}) > 0" for condition in told.values())
        found = self.connection.execute(f"SELECT {counted}, {some_told} FROM event")
        names = (*OPTIONAL_COLUMNS, *told)
        self.filled = frozenset(n for n, some in zip(names, found.fetchall()[0], strict=True) if some)

    @property
    def organisations(self) -> bool:
        """Whether the history speaks of organisations at all."""
        return "organisation" in self.filled

    def _note_filled(self, *tables: str) -> None:
        """Note which tables hold anything."""
        self.filled |= {
            name
            for name in tables
            if self.connection.execute(
                f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{name}' AND estimated_size > 0"
            ).fetchall()
        }

    def _accounts(self) -> None:
        """``account_said`` and ``account_now``, a part of the accounts at a time, so that memory stays flat."""
        count = int(
            self.connection.execute("SELECT count(*) FROM visible WHERE account IS NOT NULL").fetchall()[0][0]
        )
        parts = -(-count // ACCOUNT_EVENTS_AT_ONCE) or 1
        said, now = said_columns(self.layout, organisations=self.organisations), now_columns(self.layout)
        for part in range(parts):
            chosen = f"hash(account) % {parts} = {part}" if parts > 1 else "true"
            self._table("account_part", self._account_timeline(chosen))
            for name, query in (
                ("account_said", merged("account_part", said)),
                (
                    "account_now",
                    f"SELECT p.m, p.account, {', '.join(f'p.{c}' for c in now)}, h.scopes AS held, "
                    f"h.scopes IS NOT NULL AS special FROM account_part p LEFT JOIN held_accounts h ON h.m = p.m AND h.account = p.account "
                    f"WHERE p.valid_to = {END_OF_TIME}",
                ),
            ):
                self.connection.execute(
                    f"CREATE TEMP TABLE {name} AS {query}" if part == 0 else f"INSERT INTO {name} {query}"
                )
            self.connection.execute("DROP TABLE account_part")
        self.connection.execute(
            "INSERT INTO account_now (m, account, held, special) SELECT h.m, h.account, h.scopes, true FROM held_accounts h "
            "ANTI JOIN account_now n ON n.m = h.m AND n.account = h.account"
        )

    def _account_timeline(self, chosen: str) -> str:
        acknowledged = self._acknowledged() if self._acknowledging() else "NULL"
        return account_timeline(self.layout, acknowledged, self.filled, chosen)

    def _acknowledging(self) -> bool:
        """Whether acknowledging a text early can matter: not where each takes effect when it is published."""
        return any(version.published < version.effective for version in self.terms.versions)

    def _conversations(self) -> None:
        """``conversation_now``: all that holds of a conversation at the time of the question, in one row."""
        self._table("conversation_facts", conversation_facts())
        self._table(
            "conversation_now",
            "SELECT k.m, k.conversation, c.audience, c.flag_at, c.moved_to, f.mode, f.deleted, f.ratings, f.reviews, "
            "f.signalled, f.last_change, s.conversation IS NOT NULL AS several, h.scopes AS held, "
            "(f.ratings IS NOT NULL OR f.reviews IS NOT NULL OR s.conversation IS NOT NULL OR h.scopes IS NOT NULL) "
            "AS special FROM ("
            "SELECT m, conversation FROM conversation_facts UNION SELECT m, conversation FROM several_parties "
            "UNION SELECT m, conversation FROM held_conversations) k "
            f"LEFT JOIN conversation_timeline c ON c.m = k.m AND c.conversation = k.conversation AND c.valid_to = {END_OF_TIME} "
            "LEFT JOIN conversation_facts f ON f.m = k.m AND f.conversation = k.conversation "
            "LEFT JOIN several_parties s ON s.m = k.m AND s.conversation = k.conversation "
            "LEFT JOIN held_conversations h ON h.m = k.m AND h.conversation = k.conversation",
        )

    def make_account_timeline(self, accounts: str) -> None:
        """The whole timeline of some accounts, for the walk through lives."""
        chosen = f"account IN (SELECT account FROM {accounts})"
        self.connection.execute("DROP TABLE IF EXISTS account_timeline")
        self._table("account_timeline", self._account_timeline(chosen))

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
        nobody = text(NOBODY)
        self.connection.execute(
            f"CREATE TEMP VIEW parties AS SELECT m, conversation, coalesce(account, {nobody}) AS account FROM spoken "
            f"UNION ALL SELECT m, conversation, account FROM visible "
            "WHERE event IN ('conversation.started', 'conversation.joined')"
        )
        if self.asks_parties:
            self._several()
        else:
            self._table("several_parties", "SELECT 0 AS m, '' AS conversation WHERE false")

    def _several(self) -> None:
        """Conversations of several people: found by hashes, a part at a time, then made sure of by names."""
        self._table("hashed", "SELECT m, hash(conversation) AS key, hash(account) AS who FROM parties")
        count = int(self.connection.execute("SELECT count(*) FROM hashed").fetchall()[0][0])
        parts = -(-count // CONVERSATIONS_AT_ONCE) or 1
        self.connection.execute("CREATE TEMP TABLE suspects (m INTEGER, key UBIGINT)")
        for part in range(parts):
            chosen = f"WHERE key % {parts} = {part}" if parts > 1 else ""
            key = "m, key" if self.several else "key"
            self.connection.execute(
                f"INSERT INTO suspects SELECT any_value(m), key FROM hashed {chosen} GROUP BY {key} HAVING min(who) <> max(who)"
            )
        self.connection.execute("DROP TABLE hashed")
        self._table(
            "several_parties",
            "SELECT p.m, p.conversation FROM parties p SEMI JOIN suspects s ON s.m = p.m AND s.key = hash(p.conversation) "
            "GROUP BY p.m, p.conversation HAVING min(p.account) <> max(p.account)"
            if self.connection.execute("SELECT 1 FROM suspects LIMIT 1").fetchall()
            else "SELECT 0 AS m, '' AS conversation WHERE false",
        )

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
