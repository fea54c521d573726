"""A workspace of format 1 is sealed, once, whatever comes in between."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from plain_shops import items, open_plain_shop
from store_servers import postgres_server

from killing import in_memory, run_script
from troth.errors import HistoryError, StoreError, UsageError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.workspace.migrate import migrate
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.receipts.receipts import receipt_of_account, receipt_of_conversation
from troth.proof.entry import commit_conversation
from troth.store import seal_postgres

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def postgres(server: str) -> Iterator[str]:
    import psycopg

    yield server
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO warning")
        connection.execute("DROP SCHEMA IF EXISTS troth, troth_sealing CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_workspace_is_sealed_and_its_ledger_stays_as_it_was(tmp_path: Path, url: str) -> None:
    shop, tag = tmp_path / "shop", token_hex(6)
    rows, _ = open_plain_shop(shop, tag, url)
    ledger = files(shop / "ledger")

    done = migrate(shop)

    assert (done.items, done.conversations, done.ledger.entries) == (8, 2, 1)
    with opened(shop) as found:
        assert [
            (row.index, row.at, row.kind, row.payload, row.salt, row.commitment)
            for row in found.store.opened(below=7)
        ] == [(row.index, row.at, row.kind, row.payload, row.salt, row.commitment) for row in rows[:7]]
        last = list(found.store.opened())[7]
        assert (last.index, last.payload, last.salt) == (7, rows[7].payload, rows[7].salt)
        for name, account in ((f"talk{tag}", f"ada{tag}"), (f"other{tag}", None)):
            talk = found.store.conversation(name)
            assert talk is not None
            assert (talk.account, talk.commitment) == (account, commit_conversation(talk.salt, name))
            assert found.store.batch_commitments(talk.batch)[talk.position] == talk.commitment
        assert found.store.append(items(tag)).repeated == 7
        with pytest.raises(HistoryError, match="is said again in another way"):
            found.store.append(items(tag, {"event": "record.said", "at": "2025-11-01T00:00:00Z", "account": "eve",
                                           "conversation": "c", "record": f"record{tag}", "id": "x"})[-1:])  # fmt: skip
    assert files(shop / "ledger") != ledger  # one entry was pending
    assert receipt_of_account(shop, f"ada{tag}").data
    assert receipt_of_conversation(shop, f"talk{tag}", ()).data
    report = audit_log(AuditRequest(str(shop / "ledger"), str(shop / "ledger" / "log.vkey")), now(), silent)
    assert report.findings == ()


def test_afterwards_nothing_of_a_person_lies_in_the_workspace_in_plain(tmp_path: Path) -> None:
    shop, tag = tmp_path / "shop", token_hex(6)
    rows, salts = open_plain_shop(shop, tag)
    assert tag.encode() in files(shop)

    migrate(shop)

    data = files(shop)
    about = [row for row in rows if row.kind != "intake"]
    secrets = [tag.encode(), *salts, *(row.salt for row in about), *(row.payload for row in about)]
    assert [one for one in secrets if one in data] == []
    assert sorted(path.name for path in shop.glob("store.db*")) == ["store.db"]


def test_the_old_file_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    shop, tag = tmp_path / "shop", token_hex(6)
    open_plain_shop(shop, tag)
    (tmp_path / "kept").hardlink_to(shop / "store.db")

    migrate(shop)

    kept = (tmp_path / "kept").read_bytes()
    assert len(kept) > 4096
    assert not kept.startswith(b"SQLite")
    assert tag.encode() not in kept


def test_what_the_write_ahead_log_held_is_overwritten_too(tmp_path: Path) -> None:
    shop, tag = tmp_path / "shop", token_hex(6)
    open_plain_shop(shop, tag)
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode = WAL')\n"
        "c.execute('UPDATE release SET folder = ?', (sys.argv[2],)); c.execute('UPDATE head SET at = at')\n"
        "c.execute('INSERT INTO lineage VALUES (?, ?)', (sys.argv[2], 'x')); c.commit()\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(shop / "store.db"), f"w{tag}w"], check=True)
    assert f"w{tag}w".encode() in (shop / "store.db-wal").read_bytes()
    (tmp_path / "kept").hardlink_to(shop / "store.db-wal")

    migrate(shop)

    assert tag.encode() not in (tmp_path / "kept").read_bytes()
    with opened(shop) as found:
        assert found.store.artefacts() == [(f"w{tag}w", "x")]


def test_an_older_workspace_is_not_used_before_it_is_migrated(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    open_plain_shop(shop, "")

    with pytest.raises(StoreError, match="run troth migrate"), opened(shop):
        pass


def test_a_workspace_is_migrated_once(tmp_path: Path, url: str) -> None:
    shop = tmp_path / "shop"
    open_plain_shop(shop, "", url)
    migrate(shop)

    with pytest.raises(UsageError, match="has format 2 already"):
        migrate(shop)


def test_a_store_that_somebody_uses_is_left_alone(tmp_path: Path) -> None:
    shop, tag = tmp_path / "shop", token_hex(6)
    rows, _ = open_plain_shop(shop, tag)
    with closing(sqlite3.connect(shop / "store.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM item").fetchall()
        with pytest.raises(StoreError, match="another process has the store open"):
            migrate(shop)
        assert other.execute("SELECT count(*) FROM item").fetchall() == [(len(rows),)]

    assert migrate(shop).items == len(rows)


def test_who_waits_to_write_into_the_plain_tables_is_refused_and_acknowledges_nothing(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    shop, told = tmp_path / "shop", []
    rows, _ = open_plain_shop(shop, "", postgres)

    def write() -> None:
        with psycopg.connect(postgres, autocommit=True) as connection:
            try:
                connection.execute("SET search_path TO troth")
                connection.execute(
                    "WITH given AS MATERIALIZED (SELECT nextval('item_seq') AS seq), fresh AS ("
                    "INSERT INTO item (seq, key, kind, salt, commitment, payload)"
                    " SELECT seq, 'key', 'choice', 'salt', 'commitment', 'plain' FROM given RETURNING seq)"
                    " INSERT INTO pending SELECT seq FROM fresh"
                )
            except psycopg.Error as problem:
                told.append(str(problem))

    writer = threading.Thread(target=write)
    take_over = seal_postgres.take_over

    def slowly(*given: Any) -> Any:
        writer.start()
        writer.join(0.2)
        return take_over(*given)

    monkeypatch.setattr(seal_postgres, "take_over", slowly)
    assert migrate(shop).items == len(rows)
    writer.join()
    assert len(told) == 1
    with opened(shop) as found:
        assert len(list(found.store.opened())) == len(rows)


def test_a_damaged_store_is_not_sealed(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    open_plain_shop(shop, "")
    with closing(sqlite3.connect(shop / "store.db", isolation_level=None)) as other:
        other.execute("UPDATE entry SET idx = idx + 100 WHERE idx > 3")

    with pytest.raises(StoreError, match="its ledger has no row of index 5"):
        migrate(shop)

    with pytest.raises(StoreError, match="run troth migrate"), opened(shop):
        pass


def test_what_an_interrupted_migration_left_in_postgres_is_thrown_away(tmp_path: Path, postgres: str) -> None:
    import psycopg

    shop = tmp_path / "shop"
    rows, _ = open_plain_shop(shop, "", postgres)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA troth_sealing")
        connection.execute("CREATE TABLE troth_sealing.item (half text)")
        assert migrate(shop).items == len(rows)
        left = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'troth%'").fetchall()
    assert left == [("troth",)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


@pytest.mark.parametrize(("what", "least"), [("files", 30), ("databases", 30)])
def test_killed_at_any_step_it_goes_on_and_nothing_plain_is_left(folder: Path, what: str, least: int) -> None:
    told = run_script(Path(__file__).with_name("migrate_kill.py"), str(folder), what)
    assert told.returncode == 0, told.stderr
    if told.stdout.strip() == "cannot count":
        pytest.skip(
            "SQLite is built into this Python: its steps cannot be counted; use a Python that loads it"
        )
    assert int(told.stdout) >= least
