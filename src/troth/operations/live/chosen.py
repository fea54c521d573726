"""How many chose what over time: for each choice of the terms, how people stood at the end of each day or week."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from troth.decide.columns.dialect import last_known, texts
from troth.decide.columns.timelines import ChoiceColumns, windows
from troth.operations.connection import bounded_connection
from troth.operations.workspace.history import write_history
from troth.operations.workspace.opened import Workspace
from troth.terms.model import Choice, Terms
from troth.types.moment import DAY, Moment

STATES = ("granted", "undecided", "refused", "withdrawn", "organisation")
"""How somebody stands. ``organisation``: their plan is one under which an organisation decides."""
MOST_DAYS = 92
"""Where there are more days than this, weeks are told."""
MOST_STEPS = 120
"""So many steps are told at most; what is older is left out, and its sum is where the first step begins."""


@dataclass(frozen=True, slots=True)
class Step:
    """How many open accounts stood how at the end of a day or week (UTC); the counts are those of `STATES`."""

    ends: Moment
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChosenOverTime:
    """One choice over time."""

    choice: str
    question: str
    days: int
    """Of how many days a step is."""
    steps: tuple[Step, ...]
    """The oldest first; the last one is how things stand now."""


def chosen_over_time(workspace: Workspace, terms: Terms, at: Moment) -> tuple[ChosenOverTime, ...]:
    """Count over every event of the workspace, as known at ``at`` (UTC), by the choices of the newest terms.

    An account counts from its opening to its closing, with its own choice for everything, as decisions read it. It reads
    the whole history once, into a file of the run that only this user can read. Raises ``StoreError``.
    """
    with bounded_connection() as connection, tempfile.TemporaryDirectory(prefix="troth-chosen-") as folder:
        path = Path(folder) / "history.parquet"
        write_history(workspace.store, None, path)
        return count_chosen(connection, path, terms, at)


def count_chosen(
    connection: duckdb.DuckDBPyConnection, history: Path, terms: Terms, at: Moment
) -> tuple[ChosenOverTime, ...]:
    """The same over a history in Parquet (``EVENT_SCHEMA``). ``connection`` is used for this alone."""
    plans = {plan for version in terms.versions for plan in version.organisation_plans}
    connection.execute(f"CREATE TYPE standing_words AS ENUM {texts(STATES)}")
    asked = [one for one in terms.newest.choices if one.by != "organisation"]
    return tuple(_over_time(connection, history, one, plans, at) for one in asked)


def _over_time(
    connection: duckdb.DuckDBPyConnection, history: Path, choice: Choice, plans: Iterable[str], at: Moment
) -> ChosenOverTime:
    columns = ChoiceColumns(0, choice)
    query = _QUERY.format(
        history=str(history).replace("'", "''"), at=int(at), day=DAY, act=columns.act(),
        instant=", ".join(columns.instant()), step=", ".join(columns.step()), standing=", ".join(columns.standing()),
        windows=windows("account"), plan=last_known("plan"), plans=texts(plans),
        opened=last_known("CASE WHEN closed THEN false WHEN opened THEN true END"),
    )  # fmt: skip
    rows = connection.execute(query).fetchall()
    days, steps = _steps(rows, at)
    return ChosenOverTime(choice.name, choice.notice, days, tuple(steps)[-MOST_STEPS:])


def _steps(rows: list[tuple[int, str, int]], at: Moment) -> tuple[int, Iterator[Step]]:
    """From what changed on which day to how things stood at the end of each day or week."""
    today = at // DAY
    first = rows[0][0] if rows else today
    length = 1 if today - first < MOST_DAYS else 7

    def told() -> Iterator[Step]:
        standing = dict.fromkeys(STATES, 0)
        place = 0
        for last in range(today - (today - first) // length * length, today + 1, length):
            while place < len(rows) and rows[place][0] <= last:
                _, state, change = rows[place]
                standing[state] += change
                place += 1
            yield Step(min((last + 1) * DAY, at), tuple(standing.values()))

    return length, told()


_QUERY = """
WITH act AS (
  SELECT 0 AS m, account, "at" AS happened, event, plan, period, 0 AS period_length, {act}
  FROM read_parquet('{history}')
  WHERE account IS NOT NULL AND "at" <= {at} AND recorded_at <= {at} AND conversation IS NULL AND project IS NULL
    AND event IN ('account.opened', 'account.changed', 'account.closed', 'choice.made')
), instant AS (
  SELECT m, account, happened, CASE WHEN min(plan) = max(plan) THEN min(plan) END AS plan,
    bool_or(event = 'account.opened') AS opened, bool_or(event = 'account.closed') AS closed, {instant}
  FROM act GROUP BY m, account, happened
), step AS (
  SELECT *, {plan} AS plan_now, {opened} AS open_now, {step} FROM instant {windows}
), standing AS (
  SELECT m, account, happened, plan_now, open_now, {standing} FROM step {windows}
), stands AS (
  SELECT account, happened, CASE WHEN NOT coalesce(open_now, false) THEN NULL
    WHEN plan_now IN {plans} THEN 'organisation' ELSE c0_state::VARCHAR END AS state
  FROM standing
), turned AS (
  SELECT happened // {day} AS day, state,
    lag(state) OVER (PARTITION BY account ORDER BY happened) AS before
  FROM stands
)
SELECT day, state, sum(change)::BIGINT FROM (
  SELECT day, state, 1 AS change FROM turned WHERE state IS NOT NULL AND state IS DISTINCT FROM before
  UNION ALL
  SELECT day, before, -1 FROM turned WHERE before IS NOT NULL AND state IS DISTINCT FROM before
) GROUP BY day, state ORDER BY day, state
"""
