"""Makes the history and the records of a large organisation, from a seed, as Parquet.

Sizes follow the number of conversations: a tenth as many accounts, three events to ten conversations. Everything
is made in DuckDB from hashes of row numbers, so that the same size always gives the same bytes of meaning.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

DAY = 86_400_000_000
START = 1_735_689_600_000_000  # 2025-01-01
ASKED = 1_772_323_200_000_000  # 2026-03-01


def draw(column: str, salt: str) -> str:
    """A number in [0, 1) from a row number."""
    return f"(hash({column} || '{salt}') % 1000000 / 1000000.0)"


def make(folder: Path, conversations: int) -> None:
    """Write ``events.parquet`` and ``records.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "records.parquet").is_file():
        return
    accounts = conversations // 10
    con = duckdb.connect()
    con.execute("SET memory_limit='4GB'; SET preserve_insertion_order=false")
    span = ASKED - START
    con.execute(
        f"""
CREATE VIEW account AS SELECT 'account-' || lpad(i::VARCHAR, 9, '0') AS account, i FROM range({accounts}) t(i);
CREATE VIEW e AS
  SELECT 'account.opened' AS event, {START} + ((greatest(0, {draw("i", "o")} - 0.8)) * {span})::BIGINT AS "at", account,
    NULL AS conversation, CASE WHEN {draw("i", "p")} < 0.5 THEN 'free' WHEN {draw("i", "p")} < 0.8 THEN 'pro'
      WHEN {draw("i", "p")} < 0.9 THEN 'max' WHEN {draw("i", "p")} < 0.99 THEN 'team' ELSE 'platinum' END AS plan,
    NULL AS choice, NULL AS value, NULL AS mechanism, NULL AS initial_state, NULL AS hold, NULL::VARCHAR[] AS accounts,
    CASE WHEN {draw("i", "age")} < 0.01 THEN 'minor' END AS age, NULL AS mode
  FROM account
  UNION ALL
  SELECT 'account.changed', {START + DAY} + (({draw("i", "c")}) * {span})::BIGINT, account, NULL,
    CASE WHEN {draw("i", "cp")} < 0.5 THEN 'pro' ELSE 'team' END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM account WHERE {draw("i", "cc")} < 0.3
  UNION ALL
  SELECT 'choice.made', {START} + ((0.6 + 0.3 * {draw("i", "g")}) * {span})::BIGINT, account, NULL, NULL, 'improve_models',
    CASE WHEN {draw("i", "v")} < 0.6 THEN 'granted' ELSE 'refused' END,
    CASE WHEN {draw("i", "m")} < 0.1 THEN 'default' WHEN {draw("i", "m")} < 0.5 THEN 'dialog' ELSE 'settings' END,
    CASE WHEN {draw("i", "s")} < 0.1 THEN 'on' END, NULL, NULL, NULL, NULL
  FROM account WHERE {draw("i", "gg")} < 0.9
  UNION ALL
  SELECT 'choice.made', {START} + ((0.8 + 0.2 * {draw("i", "g2")}) * {span})::BIGINT, account, NULL, NULL, 'improve_models',
    CASE WHEN {draw("i", "v2")} < 0.5 THEN 'granted' ELSE 'refused' END, 'settings', NULL, NULL, NULL, NULL, NULL
  FROM account WHERE {draw("i", "gg2")} < 0.2
  UNION ALL
  SELECT 'conversation.deleted', {START} + ((0.5 + 0.5 * {draw("i", "d")}) * {span})::BIGINT, NULL,
    'conversation-' || lpad((i * 41 % {conversations})::VARCHAR, 10, '0'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM range({conversations // 50}) t(i)
  UNION ALL
  SELECT 'conversation.flagged', {START} + ((0.3 + 0.7 * {draw("i", "f")}) * {span})::BIGINT, NULL,
    'conversation-' || lpad((i * 101 % {conversations})::VARCHAR, 10, '0'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM range({conversations // 200}) t(i)
  UNION ALL
  SELECT 'conversation.rated', {START} + ((0.3 + 0.7 * {draw("i", "r")}) * {span})::BIGINT, NULL,
    'conversation-' || lpad((i * 67 % {conversations})::VARCHAR, 10, '0'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM range({conversations // 200}) t(i)
  UNION ALL
  SELECT 'conversation.started', {START} + (({draw("i", "st")}) * {span} * 0.9)::BIGINT,
    'account-' || lpad((i * 29 % {conversations} // 10)::VARCHAR, 9, '0'),
    'conversation-' || lpad((i * 29 % {conversations})::VARCHAR, 10, '0'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    'incognito'
  FROM range({conversations // 40}) t(i)
  UNION ALL
  SELECT 'hold.placed', {START} + ((0.5) * {span})::BIGINT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'hold-' || i,
    ['account-' || lpad((i * 17)::VARCHAR, 9, '0')], NULL, NULL
  FROM range({max(2, conversations // 5000)}) t(i);
"""
    )
    con.execute(f"COPY (SELECT * FROM e) TO '{folder}/events.parquet' (FORMAT parquet, COMPRESSION zstd)")
    con.execute(
        f"""
COPY (
  SELECT 'record-' || lpad(i::VARCHAR, 10, '0') AS record, 'conversation-' || lpad(i::VARCHAR, 10, '0') AS conversation,
    'account-' || lpad((i // 10)::VARCHAR, 9, '0') AS account,
    make_timestamptz({START} + (({draw("i", "t")}) * {span})::BIGINT) AS "at",
    CASE WHEN {draw("i", "ro")} < 0.5 THEN 'user' ELSE 'assistant' END AS role,
    CASE WHEN {draw("i", "k")} < 0.8 THEN 'text' WHEN {draw("i", "k")} < 0.95 THEN 'code'
      WHEN {draw("i", "k")} < 0.98 THEN 'connector' ELSE 'audio' END AS kind,
    CASE WHEN {draw("i", "pr")} < 0.7 THEN 'chat' ELSE 'code' END AS product,
    CASE WHEN {draw("i", "ch")} < 0.98 THEN 'first_party' ELSE 'bedrock' END AS channel, NULL::VARCHAR AS plan,
    0::BIGINT AS position, NULL::VARCHAR AS parent, NULL::VARCHAR AS text, NULL::VARCHAR AS media_type, NULL::VARCHAR AS digest,
    NULL::BLOB AS bytes, NULL::VARCHAR AS path, NULL::VARCHAR AS model, NULL::VARCHAR AS tool
  FROM range({conversations}) t(i)
) TO '{folder}/records.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)
"""
    )


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        make(Path(__file__).parent / "data" / argument, int(argument))
