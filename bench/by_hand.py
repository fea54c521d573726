"""What a good engineer would write by hand for these terms, this purpose and this time: one DuckDB query.

It knows what the made-up history cannot contain (no organisations, no closings, one deletion and one rating a
conversation) and uses it. Two forms: interval joins, and ASOF joins.
"""

from __future__ import annotations

MONTHS_24 = "epoch_us(make_timestamp({}) + to_months(24))"
MONTHS_60 = "epoch_us(make_timestamp({}) + to_months(60))"
DAYS_30 = 30 * 86_400_000_000

ACCOUNTS = """
account_event AS (
  SELECT account, "at" AS at_, event, plan, age FROM read_parquet('{events}')
  WHERE event IN ('account.opened', 'account.changed')
), plans AS (
  SELECT account, plan, at_ AS since, lead(at_, 1, 9223372036854775807) OVER (PARTITION BY account ORDER BY at_) AS until
  FROM account_event WHERE plan IS NOT NULL
), people AS (
  SELECT account, min(at_) FILTER (event = 'account.opened') AS opened, bool_or(age = 'minor') AS minor
  FROM account_event GROUP BY account
), choice AS (
  SELECT account, "at" AS at_, value = 'refused' AS no,
    value = 'granted' AND coalesce(mechanism, 'dialog') IN ('signup', 'dialog', 'settings')
      AND coalesce(initial_state, 'none') <> 'on' AS yes
  FROM read_parquet('{events}') WHERE event = 'choice.made' AND "at" <= {asked}
), last_no AS (SELECT account, max(at_) AS at_ FROM choice WHERE no GROUP BY account),
standing AS (
  SELECT c.account, max(n.at_) AS no_at, min(c.at_) FILTER (c.yes AND c.at_ > coalesce(n.at_, -1)) AS yes_at,
    bool_or(c.yes) AS ever
  FROM choice c LEFT JOIN last_no n USING (account) GROUP BY c.account
), person AS (
  SELECT p.account, p.opened, p.minor, s.no_at, s.yes_at, s.ever
  FROM people p LEFT JOIN standing s USING (account)
), talk AS (
  SELECT conversation, min("at") FILTER (event = 'conversation.deleted') AS deleted,
    max("at") FILTER (event = 'conversation.flagged') AS flagged,
    max("at") FILTER (event = 'conversation.rated') AS rated,
    coalesce(bool_or(mode = 'incognito'), false) AS incognito
  FROM read_parquet('{events}') WHERE conversation IS NOT NULL AND "at" <= {asked}
  GROUP BY conversation
), pairs AS (
  SELECT conversation, account FROM read_parquet('{records}')
  UNION ALL SELECT conversation, account FROM read_parquet('{events}') WHERE event = 'conversation.started'
), suspect AS (
  SELECT hash(conversation) AS h FROM pairs GROUP BY 1 HAVING min(hash(account)) <> max(hash(account))
), several AS (
  SELECT conversation FROM pairs WHERE hash(conversation) IN (FROM suspect)
  GROUP BY conversation HAVING min(account) <> max(account)
)"""

PLACED_INTERVAL = """
placed AS (
  SELECT r.record, r.conversation, r.account, epoch_us(r."at") AS said, r.kind, r.channel, p.plan
  FROM read_parquet('{records}') r LEFT JOIN plans p
    ON p.account = r.account AND p.since <= epoch_us(r."at") AND epoch_us(r."at") < p.until
)"""

PLACED_ASOF = """
placed AS (
  SELECT r.record, r.conversation, r.account, r.said, r.kind, r.channel, p.plan
  FROM (SELECT *, epoch_us("at") AS said FROM read_parquet('{records}')) r
  ASOF LEFT JOIN plans p ON p.account = r.account AND r.said >= p.since
)"""

DECIDED = """
SELECT record, conversation, account, reason IN ('choice_granted', 'feedback_given') AS allow, reason FROM (
  SELECT record, conversation, account, CASE
    WHEN opened IS NULL OR opened > said THEN 'account_unknown'
    WHEN plan IS NULL OR plan NOT IN ('free', 'pro', 'max', 'team') THEN 'plan_unknown'
    WHEN kind = 'audio' OR (incognito AND said + {days} <= {asked})
      OR (gone_at <= {asked} AND NOT kept) THEN 'gone'
    WHEN plan = 'team' THEN 'plan_not_covered'
    WHEN channel = 'bedrock' THEN 'channel_not_covered'
    WHEN minor THEN 'minor'
    WHEN incognito THEN 'incognito'
    WHEN kind = 'connector' THEN 'connector_content'
    WHEN gone_at IS NULL AND yes_at IS NOT NULL AND said > yes_at AND NOT several THEN 'choice_granted'
    WHEN gone_at IS NULL AND rated >= said AND {rated_end} > {asked} AND NOT several THEN 'feedback_given'
    WHEN gone_at IS NULL AND several AND ((yes_at IS NOT NULL AND said > yes_at) OR rated >= said) THEN 'other_party'
    WHEN gone_at IS NOT NULL THEN 'deleted'
    WHEN no_at IS NULL AND yes_at IS NULL THEN 'undecided'
    WHEN yes_at IS NULL AND ever THEN 'withdrawn'
    WHEN yes_at IS NULL THEN 'refused'
    ELSE 'said_before_choice' END AS reason
  FROM (
    SELECT l.*, v.opened, coalesce(v.minor, false) AS minor, v.no_at, v.yes_at, v.ever, coalesce(t.incognito, false) AS incognito,
      t.rated, CASE WHEN t.deleted IS NOT NULL THEN greatest(t.deleted, l.said) + {days} END AS gone_at, s.conversation IS NOT NULL AS several,
      NOT coalesce(v.minor, false) AND NOT coalesce(t.incognito, false) AND kind NOT IN ('audio', 'connector')
        AND plan IN ('free', 'pro', 'max')
        AND ((t.flagged < greatest(t.deleted, l.said) + {days} AND {flag_end} > {asked})
          OR (t.rated >= l.said AND t.rated < greatest(t.deleted, l.said) + {days} AND {rated_end} > {asked})) IS TRUE AS kept
    FROM placed l LEFT JOIN person v USING (account) LEFT JOIN talk t USING (conversation)
      LEFT JOIN several s USING (conversation)
  ))
"""


def query(form: str, events: str, records: str, asked: int) -> str:
    """The query in one form: ``interval`` or ``asof``."""
    placed = PLACED_INTERVAL if form == "interval" else PLACED_ASOF
    decided = DECIDED.format(
        asked=asked, days=DAYS_30, rated_end=MONTHS_60.format("rated"), flag_end=MONTHS_24.format("t.flagged")
    )
    return "WITH " + (ACCOUNTS + "," + placed).format(events=events, records=records, asked=asked) + decided
