"""The facts of many records in one query: timelines joined to rows by equality and range.

A *row* is a record asked as if some account had said it. Asked ``now`` (at the time of the question, when the
last interval of each timeline stands) every join but the one for the moment of saying is an equality; asked
at an instant of its own (``r.s``), for the walk through a record's life, each is a range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from troth.decide.columns import against
from troth.decide.columns.dialect import (
    END_OF_TIME,
    after,
    any_of,
    contains,
    hash_below,
    latest_of,
    one_of,
    same,
    text,
)
from troth.decide.columns.layout import Holds, Layout
from troth.decide.columns.tables import Tables
from troth.decide.sample import threshold
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice, Signal, Terms


def _or_undecided(state: str, known: bool) -> str:
    return f"coalesce({state}, 'undecided')" if known else "'undecided'"


class FactsQuery:
    """Builds the query for one profile. ``now`` asks at the time of the question, else at ``r.s``."""

    def __init__(
        self, terms: Terms, layout: Layout, tables: Tables, *, now: bool, plain: bool = False
    ) -> None:
        self.terms, self.layout, self.now, self.plain = terms, layout, now, plain
        self.organisations, self.filled = tables.organisations, tables.filled
        self.several_moments = tables.several
        self.t = "r.t" if now else "r.s"
        self.versions = terms.versions

    # --- the pieces -----------------------------------------------------------------------------------

    def sql(self, rows: str, keep: Sequence[str]) -> str:
        """The whole query: the columns of ``rows`` named in ``keep``, then code, clocks, periods and the rest."""
        columns = [f"r.{name} AS {name}" for name in keep]
        return f"""
WITH placed AS (
  {self.placed(rows)}
), joined AS (
  SELECT r.*, {one_of("r.plan", self._organisation_plans())} AS under_organisation,
    {self._version()} AS version, {self._now_columns()}
  FROM placed r
  {self._now_joins()}
), dated AS (
  SELECT r.*, {self._deleted()} AS deleted_at, {self._rated()} AS rated_at, {self._reviewed()} AS reviewed_at
  FROM joined r
)
SELECT {", ".join(columns)}, plan,
  {self.layout.pack(self._expressions(), "r.version")} AS code,
  {", ".join(self._clocks())}, {self._last_change()} AS last_change, {self._held()} AS held, several, signalled, special
FROM dated r
"""

    def placed(self, rows: str) -> str:
        """Rows with what held when they were said: plan, organisation, zero retention, standing choices."""
        said = "account_said" if self.now else "account_timeline"
        organisation = "sa.organisation" if self.organisations else "NULL::VARCHAR"
        join = (
            f"LEFT JOIN organisation_timeline so ON so.m = r.m AND so.organisation = {organisation} "
            "AND so.valid_from <= r.said AND r.said < so.valid_to"
        )
        zero = "coalesce(so.zero_retention, false)"
        return f"""
  SELECT r.*, sa.account IS NOT NULL AND sa.opened_ever AS opened,
    sa.closed AS said_closed, sa.next_close AS next_close, sa.age AS said_age, {organisation} AS org,
    {self._plan()} AS plan, {zero if self.organisations else "false"} AS zero_retention
    {self._said_choices()}
  FROM {rows} r
  LEFT JOIN {said} sa ON {self._same_moment("sa")}sa.account = r.account
    AND sa.valid_from <= r.said AND r.said < sa.valid_to
  {join if self.organisations else ""}
"""

    def _same_moment(self, alias: str) -> str:
        """The condition that two rows belong to one moment; nothing where there is only one."""
        return f"{alias}.m = r.m AND " if self.several_moments else ""

    def _at(self, timeline: str, alias: str, key: str, value: str) -> str:
        """A join to what stood at the time asked about."""
        at = (
            f"{alias}.valid_to = {END_OF_TIME}"
            if self.now
            else f"{alias}.valid_from <= {self.t} AND {self.t} < {alias}.valid_to"
        )
        return f"LEFT JOIN {timeline} {alias} ON {self._same_moment(alias)}{alias}.{key} = {value} AND {at}"

    def _plan(self) -> str:
        if not self.organisations:
            return f"coalesce(r.xplan, sa.plan::VARCHAR, {text(UNKNOWN)})"
        return (
            "CASE WHEN r.xplan IS NOT NULL THEN r.xplan "
            "WHEN so.plan IS NOT NULL AND (sa.plan_at IS NULL OR greatest(so.plan_at, sa.organisation_at) > sa.plan_at) "
            f"THEN so.plan::VARCHAR ELSE coalesce(sa.plan::VARCHAR, {text(UNKNOWN)}) END"
        )

    def _organisation_plans(self) -> set[str]:
        return {plan for version in self.versions for plan in version.organisation_plans}

    def _said_choices(self) -> str:
        """The standing of each choice for what was said then, under the account and the organisation."""
        parts = []
        for place, choice in enumerate(self.layout.choices):
            if not self.layout.needs(f"{choice.name}.at_said"):
                continue
            for alias, by in (("sa", "organisation"), ("so", "account")):
                if choice.by == by:
                    continue
                state = f"CASE WHEN {alias}.valid_from = r.said THEN {alias}.c{place}_said ELSE {alias}.c{place}_state END"
                known = alias == "sa" or self.organisations
                parts.append(f", {_or_undecided(state, known)} AS {alias}_c{place}_said")
        return "".join(parts)

    def _now_joins(self) -> str:
        conversation = "conversation = r.conversation"
        joins = [
            self._at("organisation_timeline", "no", "organisation", "r.org") if self.organisations else ""
        ]
        if self.now:
            joins.append(f"LEFT JOIN account_now na ON {self._same_moment('na')}na.account = r.account")
        else:
            joins.append(self._at("account_timeline", "na", "account", "r.account"))
            joins.append(self._at("conversation_timeline", "nc", "conversation", "r.conversation"))
        joins.append(f"LEFT JOIN conversation_now cf ON {self._same_moment('cf')}cf.{conversation}")
        if "record_deletions" in self.filled:
            joins.append(f"LEFT JOIN record_deletions rd ON {self._same_moment('rd')}rd.record = r.record")
        if "held_anywhere" in self.filled and not self.plain:
            joins.append("LEFT JOIN held_anywhere hx ON hx.m = r.m")
        if self.layout.tells_resumed:
            joins.append(
                f"LEFT JOIN user_turns ut ON {self._same_moment('ut')}ut.{conversation} AND ut.account = r.account"
            )
        joins += against.joins(self.filled, {alias: self._same_moment(alias) for alias in against.ALIASES})
        if self._feature():
            joins.append("LEFT JOIN rating_features rf ON rf.m = r.m AND rf.organisation = r.org")
        return "\n  ".join(joins)

    def _now_columns(self) -> str:
        c = "cf" if self.now else "nc"
        columns = [
            "coalesce(na.age, 'adult') AS age_now", "na.region AS region_now", "na.valid_from AS account_changed",
            f"{self._theirs('retention')} AS own_retention",
            f"coalesce({self._theirs('files', 'BOOLEAN')}, false) AS files_now",
            f"{self._theirs('valid_from', 'BIGINT')} AS organisation_changed",
            f"coalesce({c}.audience, 'private') AS audience_now", f"{c}.flag_at AS flag_at",
            f"{c}.moved_to AS moved_to_now",
            "coalesce(cf.mode, 'normal') AS mode_now", "cf.deleted AS conversation_deleted",
            "cf.last_change AS conversation_changed", f"{self._special()} AS special",
            *(() if self.plain else ("cf.ratings AS ratings", "cf.reviews AS reviews")),
            "coalesce(cf.signalled, false) AS signalled",
            "coalesce(cf.several, false) AS several",
            f"{'rd.deleted' if 'record_deletions' in self.filled else 'NULL::BIGINT'} AS record_deleted",
            *self._holds(),
        ]  # fmt: skip
        if self.layout.tells_resumed:
            columns.append("ut.ats AS own_turns")
        if self._feature():
            columns.append("rf.periods AS feature_periods")
        columns += against.columns(self.layout, self.filled)
        for place, choice in enumerate(self.layout.choices):
            for name in ("state", "since", "ever_refused", *(("period",) if choice.period else ())):
                columns.append(f"{self._of_choice(place, choice, name)} AS c{place}_{name}")
        return ", ".join(columns)

    def _special(self) -> str:
        """Rows of which more must be looked at than one value each: ratings, reviews, holds, other people."""
        if not self.now:
            return "true"
        anywhere = "true" if "held_anywhere" in self.filled else "false"
        return f"coalesce(cf.special, false) OR coalesce(na.special, false) OR {anywhere}"

    def _holds(self) -> tuple[str, ...]:
        if self.plain or not self.now:
            return ()
        anywhere = "hx.scopes" if "held_anywhere" in self.filled else "NULL"
        return ("cf.held AS held_by_conversation", "na.held AS held_by_account", f"{anywhere} AS held_by_any")

    def _theirs(self, column: str, kind: str = "VARCHAR", alias: str = "no") -> str:
        """A column of the organisation; null where the history speaks of none."""
        return f"{alias}.{column}" if self.organisations else f"NULL::{kind}"

    def _of_choice(self, place: int, choice: Choice, name: str) -> str:
        """A column of a choice from the one who makes it: the account, or its organisation."""
        kinds = {"state": "VARCHAR", "since": "BIGINT", "ever_refused": "BOOLEAN", "period": "VARCHAR"}
        column = f"c{place}_{name}"
        own, theirs = f"na.{column}", self._theirs(column, kinds[name])
        if choice.by == "account":
            return own
        if choice.by == "organisation":
            return theirs
        return f"CASE WHEN {one_of('r.plan', self._organisation_plans())} THEN {theirs} ELSE {own} END"

    # --- versions -------------------------------------------------------------------------------------

    def _version(self) -> str:
        """The place of the version in force: effective for everybody, or acknowledged earlier."""
        cases = " ".join(
            f"WHEN {self.t} >= {version.effective} THEN {place}"
            for place, version in reversed(list(enumerate(self.versions)))
        )
        return f"greatest(CASE {cases} ELSE -1 END, coalesce(na.ack, -1))"

    @staticmethod
    def _by_version(values: Mapping[int, str], default: str) -> str:
        """An expression that differs from version to version; the default where none is in force."""
        cases = " ".join(f"WHEN {place} THEN {value}" for place, value in values.items())
        return f"CASE r.version {cases} ELSE {default} END" if cases else default

    def _signals(self, name: str) -> dict[int, Signal]:
        return {i: v.signals[name] for i, v in enumerate(self.versions) if name in v.signals}

    def _feature(self) -> str:
        return next((s.feature for s in self._signals("rating").values() if s.feature), "")

    # --- signals and deletion -------------------------------------------------------------------------

    def _deleted(self) -> str:
        """The first of the deletions and the closing, never before the record itself; null where there is none."""
        closing = "CASE WHEN r.under_organisation OR NOT r.opened THEN NULL WHEN r.said_closed THEN r.said ELSE r.next_close END"
        first = f"least(r.conversation_deleted, r.record_deleted, {closing})"
        return f"CASE WHEN {first} <= {self.t} THEN greatest({first}, r.said) END"

    def _covers(self, signal: Signal) -> str:
        conditions = [f"x.happened <= {self.t}", "r.said <= x.happened"]
        if signal.reaches_back is not None:
            conditions.append(f"{after('r.said', signal.reaches_back)} > x.happened")
        return " AND ".join(conditions)

    def _rated(self) -> str:
        if self.plain:
            return "NULL::BIGINT"
        values = {}
        for place, signal in self._signals("rating").items():
            own = f"(({same('x.account', 'r.account')} AND x.account IS NOT NULL) OR (x.account IS NULL AND NOT r.several))"
            conditions = [self._covers(signal), own]
            if signal.feature:
                conditions.append(
                    any_of("r.feature_periods", "y", "y.since <= x.happened AND x.happened < y.until")
                )
            values[place] = latest_of("r.ratings", "x", " AND ".join(conditions))
        return f"CASE WHEN r.ratings IS NULL THEN NULL ELSE {self._by_version(values, 'NULL::BIGINT')} END"

    def _reviewed(self) -> str:
        if self.plain:
            return "NULL::BIGINT"
        values = {
            place: latest_of("r.reviews", "x", self._covers(signal))
            for place, signal in self._signals("review").items()
        }
        return f"CASE WHEN r.reviews IS NULL THEN NULL ELSE {self._by_version(values, 'NULL::BIGINT')} END"

    def _in_force(self, name: str, since: str) -> str:
        values = {
            place: "true" if signal.lasts is None else f"{self.t} < {after(since, signal.lasts)}"
            for place, signal in self._signals(name).items()
        }
        return f"CASE WHEN {since} IS NULL THEN false ELSE {self._by_version(values, 'false')} END"

    # --- the facts ------------------------------------------------------------------------------------

    def _expressions(self) -> dict[str, str | Holds]:
        """One expression for each fact, in words."""
        closed = "NOT r.under_organisation AND (r.said_closed OR r.next_close <= " + self.t + ")"
        facts: dict[str, str | Holds] = {
            "time": f"CASE WHEN r.timed THEN 'known' ELSE {text(UNKNOWN)} END",
            "account": f"CASE WHEN r.account IS NULL OR NOT r.opened THEN {text(UNKNOWN)} "
            f"WHEN {closed} THEN 'closed' ELSE 'open' END",
            "plan": "r.plan",
            "channel": "r.channel",
            "product": "r.product",
            "kind": "r.kind",
            "role": "r.role",
            "mode": "r.mode_now",
            "audience": "r.audience_now",
            "age": "CASE WHEN r.age_now = 'minor' OR r.said_age = 'minor' THEN 'minor' ELSE r.age_now END",
            "region": self._region(),
            "deleted": Holds("r.deleted_at IS NOT NULL"),
            "flagged": Holds(self._in_force("flag", "r.flag_at")),
            "rated": Holds(self._in_force("rating", "r.rated_at")),
            "reviewed": Holds(self._in_force("review", "r.reviewed_at")),
            "moved_to": "coalesce(r.moved_to_now, 'none')",
            "zero_retention": Holds("r.zero_retention"),
            "files": Holds("r.files_now"),
            "own_retention": Holds("r.own_retention IS NOT NULL"),
            "sampled": Holds(self._sampled()),
            "said_since_version": Holds(
                self._by_version(
                    {i: f"r.said >= {v.effective}" for i, v in enumerate(self.versions)}, "false"
                )
            ),
        }
        for place, choice in enumerate(self.layout.choices):
            facts[f"{choice.name}.standing"] = f"coalesce(r.c{place}_state, 'undecided')"
            facts[f"{choice.name}.reach"] = self._reach(place, choice)
            facts[f"{choice.name}.at_said"] = self._at_said(place, choice)
            facts[f"{choice.name}.deadline"] = self._deadline(choice)
        return facts | against.expressions(self.layout, self.filled)

    def _region(self) -> str:
        values = {
            i: f"CASE WHEN {one_of('r.region_now', self.layout.timetable.regions(v))} THEN r.region_now ELSE 'other' END"
            for i, v in enumerate(self.versions)
        }
        return (
            f"CASE WHEN r.region_now IS NULL THEN 'none' ELSE {self._by_version(values, text('other'))} END"
        )

    def _sampled(self) -> str:
        values = {}
        for place, version in enumerate(self.versions):
            limit = threshold(version.sample_rate)
            values[place] = {0: "false", threshold(1.0): "true"}.get(limit) or hash_below("r.record", limit)
        return self._by_version(values, "false")

    def _reach(self, place: int, choice: Choice) -> str:
        name = f"r.c{place}"
        silent = one_of("r.plan", choice.default_on)
        resumed = "'past'"
        if self.layout.tells_resumed:
            turn = f"{name}_since < x AND x <= {self.t}"
            resumed = f"CASE WHEN {any_of('r.own_turns', 'x', turn)} THEN 'resumed' ELSE 'past' END"
        return (
            f"CASE WHEN {silent} AND NOT coalesce({name}_ever_refused, false) THEN 'new' "
            f"WHEN coalesce({name}_state, '') <> 'granted' THEN 'none' "
            f"WHEN r.said > {name}_since THEN 'new' ELSE {resumed} END"
        )

    def _at_said(self, place: int, choice: Choice) -> str:
        if not self.layout.needs(f"{choice.name}.at_said"):
            return "'undecided'"
        mine, theirs = f"r.sa_c{place}_said", f"r.so_c{place}_said"
        if choice.by == "account":
            return mine
        return (
            theirs
            if choice.by == "organisation"
            else f"CASE WHEN r.under_organisation THEN {theirs} ELSE {mine} END"
        )

    def _deadline(self, choice: Choice) -> str:
        """Whether the time to choose is over, as it stood published at the time asked about."""
        timetable, values = self.layout.timetable, {}
        for place, version in enumerate(self.versions):
            own = next((c for c in version.choices if c.name == choice.name), None)
            if own is None or not self.layout.needs(f"{choice.name}.deadline"):
                continue
            steps = []
            for published in sorted({v.published for v in self.versions}, reverse=True):
                last = timetable.last_moment(version, own, published)
                passed = (
                    "'none'"
                    if last is None
                    else f"CASE WHEN {self.t} >= {last} THEN 'passed' ELSE 'before' END"
                )
                steps.append(f"WHEN {self.t} >= {published} THEN {passed}")
            values[place] = f"CASE {' '.join(steps)} ELSE 'none' END"
        return self._by_version(values, "'none'")

    # --- clocks, changes, holds -----------------------------------------------------------------------

    def _clocks(self) -> list[str]:
        """What retention counts from: a column for each clock and each period that some row uses."""
        columns = ["r.said AS said_at", "r.deleted_at AS deleted_at", "r.flag_at AS flagged_at",
                   "r.rated_at AS rated_at", "r.reviewed_at AS reviewed_at", "r.own_retention AS own_retention"]  # fmt: skip
        for place, choice in enumerate(self.layout.choices):
            if f"refused:{choice.name}" in self.layout.clocks:
                refused = f"r.c{place}_state IN ('refused', 'withdrawn')"
                columns.append(
                    f"CASE WHEN {refused} THEN greatest(r.c{place}_since, r.said) END AS refused_c{place}"
                )
            if f"choice:{choice.name}" in self.layout.periods:
                columns.append(
                    f"CASE WHEN r.c{place}_state = 'granted' THEN r.c{place}_period END AS period_c{place}"
                )
        return columns

    def _last_change(self) -> str:
        """When something last changed that its keeping may depend on."""
        effective = [f"CASE WHEN {v.effective} <= {self.t} THEN {v.effective} END" for v in self.versions]
        changes = [
            "r.account_changed",
            "r.organisation_changed",
            "r.conversation_changed",
            "r.record_deleted",
        ]
        if self.layout.tells_resumed:
            changes.append("list_max(r.own_turns)")
        return f"greatest({', '.join([*changes, *effective])})"

    def _held(self) -> str:
        matches = " AND ".join(
            (
                f"(x.accounts IS NULL OR coalesce({contains('x.accounts', 'r.account')}, false))",
                f"(x.conversations IS NULL OR {contains('x.conversations', 'r.conversation')})",
                f"(x.plans IS NULL OR coalesce({contains('x.plans', 'r.plan')}, false))",
                f"(x.exclude_plans IS NULL OR NOT coalesce({contains('x.exclude_plans', 'r.plan')}, false))",
                f"(x.regions IS NULL OR coalesce({contains('x.regions', 'r.region_now')}, false))",
                f"(x.exclude_regions IS NULL OR NOT coalesce({contains('x.exclude_regions', 'r.region_now')}, false))",
                "(x.since IS NULL OR NOT r.timed OR x.since <= r.said)",
                "(x.until IS NULL OR NOT r.timed OR r.said < x.until)",
            )
        )
        if self.plain or not self.now:
            return "false"
        lists = ["r.held_by_conversation", "r.held_by_account"]
        lists += ["r.held_by_any"] if "held_anywhere" in self.filled else []
        return " OR ".join(f"({name} IS NOT NULL AND {any_of(name, 'x', matches)})" for name in lists)
