"""Events folded to half-open intervals: one timeline for accounts, organisations and conversations each.

Every row says what stood from ``valid_from`` (included) to ``valid_to`` (not included). Events of one instant
are first made one, the protective reading where they differ; so intervals cannot overlap. The last row of a
timeline (``valid_to`` = the end of time) is how things stand at the time of the question, because only
events known by then come in. ``m`` numbers the moments asked about, so that several can be asked in one run.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.decide.columns.against import NARROW
from troth.decide.columns.dialect import END_OF_TIME, contains, gathered, last_known, smallest_by, text, texts
from troth.decide.columns.layout import Layout
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice
from troth.types.vocabulary import AGES, AUDIENCES, MODES, PERSONAL_ACTS

CONFLICT = "\x1fconflict"
"""Stands for a value that two events of one instant contradict; it never leaves the timelines."""


def windows(key: str) -> str:
    """The windows of a timeline, by its key."""
    order = f"PARTITION BY m, {key} ORDER BY happened"
    return (
        f"WINDOW before AS ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), "
        f"earlier AS ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), "
        f"later AS ({order} ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
    )


def interval(key: str) -> str:
    """The two ends of an interval."""
    return f"happened AS valid_from, lead(happened, 1, {END_OF_TIME}) OVER (PARTITION BY m, {key} ORDER BY happened) AS valid_to"


def one_value(column: str, conflict: str) -> str:
    """The one value that an instant sets; ``conflict`` where it sets several."""
    return (
        f"CASE WHEN min({column}) = max({column}) THEN min({column}) "
        f"WHEN min({column}) IS NOT NULL THEN {text(conflict)} END AS {column}"
    )


class ChoiceColumns:
    """The columns of one choice in a timeline: its acts, folded to a standing."""

    def __init__(self, place: int, choice: Choice) -> None:
        self.name, self.choice = f"c{place}", choice

    def act(self) -> str:
        """True for a refusal, false for a grant that counts, null for what changes nothing."""
        choice = self.choice
        counts = ["value <> 'deferred'"]
        if choice.acts != "any":
            acts = (*PERSONAL_ACTS, "admin") if choice.acts == "express" else PERSONAL_ACTS
            counts.append(f"coalesce(mechanism, 'dialog') IN {texts(acts)}")
            counts.append("coalesce(initial_state, 'none') IN ('none', 'off')")
        if choice.period:
            counts.append("period IS NOT NULL")
        return (
            f"CASE WHEN event <> 'choice.made' OR choice <> {text(choice.name)} THEN NULL "
            f"WHEN value = {text(choice.refusal)} THEN true "
            f"WHEN {' AND '.join(counts)} THEN false END AS {self.name}_no"
        )

    def instant(self) -> Iterator[str]:
        """What one instant makes of several acts: a refusal beats a grant, the shorter period counts."""
        act = f"{self.name}_no"
        yield f"bool_or({act}) AS {act}"
        if self.choice.period:
            shortest = smallest_by("period", "period_length")
            yield f"{shortest} FILTER (WHERE NOT {act}) AS {self.name}_period"

    def step(self) -> Iterator[str]:
        """What came before."""
        act = f"{self.name}_no"
        yield f"{last_known(act)} AS {self.name}_last"
        yield f"{last_known(act, 'earlier')} AS {self.name}_prev"
        yield f"coalesce(bool_or(NOT {act}) OVER earlier, false) AS {self.name}_granted_earlier"
        yield f"coalesce(bool_or({act}) OVER before, false) AS {self.name}_ever_refused"
        if self.choice.period:
            yield f"{last_known(f'{self.name}_period')} AS {self.name}_newest_period"

    def standing(self) -> Iterator[str]:
        """How the choice stands from this instant, and for what was said at this very instant."""
        name, act = self.name, f"{self.name}_no"
        granted = f"({name}_granted_earlier OR NOT coalesce({act}, true))"
        yield f"({_state(f'{name}_last', granted)})::standing_words AS {name}_state"
        before = _state(f"{name}_prev", f"{name}_granted_earlier")
        now = _state(f"{name}_last", granted)
        yield f"(CASE WHEN NOT {act} THEN {before} ELSE {now} END)::standing_words AS {name}_said"
        turned = f"CASE WHEN {act} IS NOT NULL AND {act} IS DISTINCT FROM {name}_prev THEN happened END"
        yield f"{last_known(turned)} AS {name}_since"
        yield f"{name}_ever_refused"
        if self.choice.period:
            yield f"{name}_newest_period AS {name}_period"


def _state(last: str, granted: str) -> str:
    return (
        f"CASE WHEN {last} IS NULL THEN 'undecided' WHEN NOT {last} THEN 'granted' "
        f"WHEN {granted} THEN 'withdrawn' ELSE 'refused' END"
    )


def account_timeline(layout: Layout, acknowledged: str, filled: frozenset[str], chosen: str = "true") -> str:
    """Accounts: plan, organisation, age, region, open or closed, version acknowledged, standing choices.

    ``filled`` names the columns in which anything stands, ``chosen`` limits the accounts.
    """

    def known(column: str, expression: str, kind: str = "VARCHAR") -> str:
        return expression if column in filled else f"NULL::{kind}"

    choices = [ChoiceColumns(i, c) for i, c in enumerate(layout.choices) if c.by != "organisation"]
    if "narrow" in filled:
        chosen += f" AND NOT ({NARROW})"
    commas = ",\n  ".join
    return f"""
WITH act AS (
  SELECT m, account, happened, event, plan::plan_words AS plan, organisation, region, age::VARCHAR AS age,
    period, period_length,
  {commas([f"{acknowledged} AS ack", *(c.act() for c in choices)])}
  FROM visible
  WHERE account IS NOT NULL AND ({chosen})
    AND event IN ('account.opened', 'account.changed', 'account.closed', 'terms.acknowledged', 'choice.made')
), instant AS (
  SELECT m, account, happened,
  {
        commas(
            [
                one_value("plan", UNKNOWN),
                one_value("organisation", CONFLICT) if "organisation" in filled else "NULL AS organisation",
                one_value("region", CONFLICT) if "region" in filled else "NULL AS region",
                _age() if "age" in filled else "NULL AS age",
                "bool_or(event = 'account.opened') AS opened",
                "bool_or(event = 'account.closed') AS closed",
                "max(ack) AS ack",
                *(line for c in choices for line in c.instant()),
            ]
        )
    }
  FROM act GROUP BY m, account, happened
), step AS (
  SELECT *,
  {
        commas(
            [
                f"{last_known('plan')} AS plan_now",
                known("organisation", last_known("CASE WHEN plan IS NOT NULL THEN happened END"), "BIGINT")
                + " AS plan_at",
                f"{known('organisation', last_known('organisation'))} AS organisation_now",
                known(
                    "organisation",
                    last_known("CASE WHEN organisation IS NOT NULL THEN happened END"),
                    "BIGINT",
                )
                + " AS organisation_at",
                f"{known('region', last_known('region'))} AS region_now",
                f"{known('age', last_known('age'))} AS age_now",
                "coalesce(bool_or(opened) OVER before, false) AS opened_ever",
                known(
                    "closings", last_known("CASE WHEN closed THEN true WHEN opened THEN false END"), "BOOLEAN"
                )
                + " AS closed_now",
                known("closings", "min(CASE WHEN closed THEN happened END) OVER later", "BIGINT")
                + " AS next_close",
                f"{'-1' if acknowledged == 'NULL' else 'coalesce(max(ack) OVER before, -1)'} AS ack_now",
                *(line for c in choices for line in c.step()),
            ]
        )
    }
  FROM instant {windows("account")}
)
SELECT m, account, {interval("account")}, plan_now::plan_words AS plan, plan_at,
  nullif(organisation_now, {text(CONFLICT)}) AS organisation, organisation_at,
  nullif(region_now, {text(CONFLICT)})::region_words AS region, coalesce(age_now, 'adult')::age_words AS age,
  opened_ever, coalesce(closed_now, false) AS closed, next_close, ack_now AS ack
  {"".join(f", {line}" for c in choices for line in c.standing())}
FROM step {windows("account")}
"""


def said_columns(layout: Layout, *, organisations: bool) -> tuple[str, ...]:
    """The columns of the account timeline that matter for the moment of saying."""
    columns = ["plan", "age", "opened_ever", "closed", "next_close"]
    if organisations:
        columns += ["plan_at", "organisation", "organisation_at"]
    for place, choice in enumerate(layout.choices):
        if choice.by != "organisation" and layout.needs(f"{choice.name}.at_said"):
            columns += [f"c{place}_state", f"c{place}_said"]
    return tuple(columns)


def now_columns(layout: Layout) -> tuple[str, ...]:
    """The columns of the account timeline that matter for the time of the question."""
    columns = ["valid_from", "age", "region", "ack"]
    for place, choice in enumerate(layout.choices):
        if choice.by != "organisation":
            columns += [f"c{place}_state", f"c{place}_since", f"c{place}_ever_refused"]
            columns += [f"c{place}_period"] if choice.period else []
    return tuple(columns)


def merged(source: str, columns: tuple[str, ...]) -> str:
    """The account timeline with neighbours made one where none of some columns differs."""
    order = "PARTITION BY m, account ORDER BY valid_from"
    differs = " OR ".join(f"{c} IS DISTINCT FROM lag({c}) OVER w" for c in columns)
    return (
        f"SELECT m, account, valid_from, lead(valid_from, 1, {END_OF_TIME}) OVER ({order}) AS valid_to, "
        f"{', '.join(columns)} FROM (SELECT *, ({differs} OR row_number() OVER w = 1) AS turned FROM {source} "
        f"WINDOW w AS ({order})) WHERE turned"
    )


def _age() -> str:
    known = texts(set(AGES) - {UNKNOWN, "adult"})
    return (
        f"CASE WHEN bool_or(age IN {known}) THEN 'minor' WHEN bool_or(age <> 'adult') THEN {text(UNKNOWN)} "
        "WHEN bool_or(age = 'adult') THEN 'adult' END AS age"
    )


def organisation_timeline(layout: Layout) -> str:
    """Organisations: plan, zero retention, retention, features, standing choices."""
    choices = [ChoiceColumns(i, c) for i, c in enumerate(layout.choices) if c.by != "account"]
    commas = ",\n  ".join
    return f"""
WITH act AS (
  SELECT m, organisation, happened, event, plan::plan_words AS plan, zero_retention, retention, retention_length, period, period_length,
  {
        commas(
            [
                f"{contains('features', text('files'))} AS files",
                f"{contains('features', text('rate_chats'))} AS rate_chats",
                *(c.act() for c in choices),
            ]
        )
    }
  FROM visible
  WHERE organisation IS NOT NULL AND account IS NULL AND event IN ('organisation.changed', 'choice.made')
), instant AS (
  SELECT m, organisation, happened,
  {
        commas(
            [
                one_value("plan", UNKNOWN),
                "bool_or(zero_retention) AS zero_retention",
                f"{smallest_by('retention', 'retention_length')} AS retention",
                "bool_and(files) AS files",
                "bool_and(rate_chats) AS rate_chats",
                *(line for c in choices for line in c.instant()),
            ]
        )
    }
  FROM act GROUP BY m, organisation, happened
), step AS (
  SELECT *,
  {
        commas(
            [
                f"{last_known('plan')} AS plan_now",
                f"{last_known('CASE WHEN plan IS NOT NULL THEN happened END')} AS plan_at",
                f"{last_known('zero_retention')} AS zero_now",
                f"{last_known('retention')} AS retention_now",
                f"{last_known('files')} AS files_now",
                f"{last_known('rate_chats')} AS rate_chats_now",
                *(line for c in choices for line in c.step()),
            ]
        )
    }
  FROM instant {windows("organisation")}
)
SELECT m, organisation, {interval("organisation")}, plan_now::plan_words AS plan, plan_at,
  coalesce(zero_now, false) AS zero_retention, retention_now AS retention,
  coalesce(files_now, false) AS files, coalesce(rate_chats_now, false) AS rate_chats
  {"".join(f", {line}" for c in choices for line in c.standing())}
FROM step {windows("organisation")}
"""


def conversation_timeline() -> str:
    """Conversations: audience, the flag that stands, the plan of the workspace it was moved into."""
    audience = f"CASE WHEN audience IS NULL THEN 'private' WHEN audience IN {texts(AUDIENCES)} THEN audience ELSE {text(UNKNOWN)} END"
    return f"""
WITH instant AS (
  SELECT m, conversation, happened,
    min(CASE {audience} WHEN 'private' THEN 0 WHEN {text(UNKNOWN)} THEN 1 ELSE 2 END)
      FILTER (WHERE event IN ('conversation.started', 'conversation.audience')) AS audience,
    bool_or(event = 'conversation.flagged') AS flagged,
    bool_or(event = 'conversation.cleared') AS cleared,
    CASE WHEN min(plan) = max(plan) THEN min(plan)
         WHEN min(plan) IS NOT NULL THEN {text(CONFLICT)} END AS moved
  FROM visible WHERE event IN ('conversation.started', 'conversation.audience', 'conversation.flagged',
    'conversation.cleared', 'conversation.migrated')
  GROUP BY m, conversation, happened
), step AS (
  SELECT *, {last_known("audience")} AS audience_now,
    {last_known("CASE WHEN cleared THEN -1 WHEN flagged THEN happened END")} AS flag_now,
    {last_known("moved")} AS moved_now
  FROM instant {windows("conversation")}
)
SELECT m, conversation, {interval("conversation")},
  CASE audience_now WHEN 0 THEN 'private' WHEN 1 THEN {text(UNKNOWN)} WHEN 2 THEN 'public' ELSE 'private' END
    AS audience,
  nullif(flag_now, -1) AS flag_at,
  CASE WHEN moved_now = {text(CONFLICT)} THEN {text(UNKNOWN)} ELSE moved_now END AS moved_to
FROM step
"""


def conversation_facts() -> str:
    """What holds of a conversation whenever it is asked about: mode, first deletion, ratings, reviews."""
    rating = gathered([("happened", "happened"), ("account", "account")])
    review = gathered([("happened", "happened")])
    return f"""
SELECT m, conversation,
  CASE WHEN bool_or(event = 'conversation.started' AND mode = 'incognito') THEN 'incognito'
       WHEN bool_or(event = 'conversation.started' AND mode NOT IN {texts(MODES)}) THEN {text(UNKNOWN)}
       ELSE 'normal' END AS mode,
  min(happened) FILTER (WHERE event = 'conversation.deleted') AS deleted,
  {rating} FILTER (WHERE event = 'conversation.rated') AS ratings,
  {review} FILTER (WHERE event = 'conversation.reviewed') AS reviews,
  bool_or(event IN ('conversation.flagged', 'conversation.rated', 'conversation.reviewed')) AS signalled,
  max(happened) AS last_change
FROM visible WHERE event[1:13] = 'conversation.'
GROUP BY m, conversation
"""
