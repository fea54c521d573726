"""The service on SQLite and on PostgreSQL: the same answers, the same tables, and nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from store_servers import postgres_server
from web_worlds import World, served

from troth.errors import RefusedError, StoreError
from troth.operations.workspace.record import record
from troth.web.access.callers import Caller
from troth.web.access.keys import find_key, list_keys, new_key, revoke_key
from troth.web.access.secret import Secret, open_secret
from troth.web.access.sessions import end_session, end_sessions_of, find_session, new_session
from troth.web.hooks.table import ToTell, add_webhook, list_webhooks, plan_deliveries, take_delivery
from troth.web.tables import open as open_module
from troth.web.tables.blocks import KeptBlocks
from troth.web.tables.open import Tables, open_tables
from troth.web.tables.requests import add_request, close_request, list_requests
from troth.web.tables.schema import metadata
from troth.web.work.jobs import add_job, take_job
from troth.web.work.kinds import KINDS

SECRET = Secret(bytes(range(32)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    store = "sqlite"
    if request.param == "postgres":
        store = request.getfixturevalue("postgres")
        with psycopg.connect(store, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS troth_service CASCADE")
    found = open_tables(store, tmp_path)
    yield found
    found.close()


def test_the_migrations_make_the_tables_that_the_code_asks_for(tables: Tables) -> None:
    with tables.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_stands_in_tables_of_before_is_taken_over_when_they_are_opened(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(open_module.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{tmp_path / 'service.db'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        told = (SECRET.seal("request", b"ada"), SECRET.mac("account", b"ada"))
        connection.exec_driver_sql(
            "INSERT INTO request VALUES ('r', 'access', ?, ?, 'open', 1, 9, NULL, NULL)", told
        )
        connection.exec_driver_sql(
            "INSERT INTO job VALUES ('j', 'export', 'me', NULL, NULL, 'queued', NULL, 0, 0, NULL, 1, 1)"
        )
    engine.dispose()
    tables = open_tables("sqlite", tmp_path)
    assert [one.id for one in list_requests(tables, SECRET, "ada", "open", (8, "z"), 10)] == ["r"]
    taken = take_job(tables, "somebody", 100, ("export",))
    assert taken is not None
    assert (taken.id, taken.progress) == ("j", None)
    KeptBlocks(tables).keep(b"batch", [bytes(32), b"x" * 32])
    KeptBlocks(tables).keep(b"batch", [b"y" * 32])
    assert KeptBlocks(tables).find(b"batch") == [b"y" * 32]
    assert KeptBlocks(tables).find(b"another") is None
    tables.close()


def test_keys_are_made_found_listed_and_revoked(tables: Tables) -> None:
    made = new_key(tables, SECRET, "product", "site", 5, tokens=True, scopes=("ask", "choose"))
    found = find_key(tables, SECRET, made.key.id)
    assert found is not None
    assert found[0].token_secret == (made.token_secret or "").encode()
    assert found[1] == SECRET.mac("api key", made.text.encode())
    revoke_key(tables, made.key.id, 9)
    assert [(key.scopes, key.revoked) for key in list_keys(tables)] == [(("ask", "choose"), 9)]


def test_a_session_ends_when_it_is_told_to_when_it_is_old_and_when_another_begins(tables: Tables) -> None:
    caller = Caller("person", "person:k", "ada")
    one = new_session(tables, caller, 0, 60)
    assert find_session(tables, one.cookie, 59_999_999).account == "ada"
    two = new_session(tables, caller, 1, 60, old=one.cookie)
    with pytest.raises(RefusedError):
        find_session(tables, one.cookie, 2)
    with pytest.raises(RefusedError):
        find_session(tables, two.cookie, 60_000_001)
    end_session(tables, two.cookie)
    end_session(tables, two.cookie)
    three = new_session(tables, caller, 1, 60)
    end_sessions_of(tables, "person:k", "ada")
    with pytest.raises(RefusedError):
        find_session(tables, three.cookie, 2)


def test_requests_are_listed_by_when_they_are_due_and_closed_once(tables: Tables) -> None:
    for number, due in (("b", 20), ("a", 10), ("c", 20)):
        add_request(tables, SECRET, number, "access", "ada", 1, due)
    add_request(tables, SECRET, "d", "access", "ben", 1, 5)
    listed = list_requests(tables, SECRET, "ada", None, None, 10)
    assert [one.id for one in listed] == ["a", "b", "c"]
    assert [one.id for one in list_requests(tables, SECRET, None, "open", (20, "b"), 10)] == ["c"]
    assert close_request(tables, SECRET, "b", "refused", 30).account is None
    assert close_request(tables, SECRET, "b", "refused", 40).closed == 30
    with pytest.raises(RefusedError):
        close_request(tables, SECRET, "b", "answered", 50)
    with pytest.raises(RefusedError):
        add_request(tables, SECRET, "a", "access", "ben", 1, 10)


def test_two_workers_never_take_one_job_or_one_delivery(tables: Tables) -> None:
    for number in range(3):
        add_job(tables, SECRET, f"j{number}", "export", "me", None, {}, number)
    taken = [take_job(tables, f"w{number}", 100, KINDS) for number in range(4)]
    assert [one.id if one else None for one in taken] == ["j0", "j1", "j2", None]
    add_webhook(tables, SECRET, "w", "https://x.example.org", ["choice.made"], 1)
    plan_deliveries(tables, [ToTell("e", "choice.made", 1)], 2, 3)
    assert take_delivery(tables, 4) is not None
    assert take_delivery(tables, 4) is None
    assert [one.id for one in list_webhooks(tables)] == ["w"]


def test_a_secret_of_another_service_opens_nothing(tmp_path: Path, tables: Tables) -> None:
    (tmp_path / "keys").mkdir()
    own = open_secret(tmp_path)
    assert (tmp_path / "keys" / "service.key").stat().st_mode & 0o777 == 0o600
    made = new_key(tables, own, "product", "x", 1, tokens=True)
    with pytest.raises(StoreError):
        find_key(tables, SECRET, made.key.id)
    (tmp_path / "keys" / "service.key").write_bytes(b"short")
    with pytest.raises(StoreError):
        open_secret(tmp_path)


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with postgres_server() as url, served(tmp_path_factory.mktemp("pg"), url) as world:
        yield world


def test_choices_bite_at_once_on_postgres_too(on_postgres: World) -> None:
    world = on_postgres
    world.open_account("paula")
    assert world.ask("paula")["show"]
    first = world.choose("paula", "refused", key="p1").json()
    assert world.choose("paula", "refused", key="p1").json() == first
    assert world.choose("paula", "granted", key="p1").status_code == 422
    assert world.ask("paula")["why"] == "answered"
    assert world.as_("product").get("/ready").json()["ready"]


def test_what_another_process_records_bites_on_postgres_too(on_postgres: World) -> None:
    world = on_postgres
    world.open_account("elsewhere")
    assert world.ask("elsewhere")["show"]
    file = world.folder.parent / "elsewhere.jsonl"
    file.write_text(
        '{"event": "choice.made", "at": "2025-09-01T00:00:00Z", "account": "elsewhere", "choice": "improve_models",'
        ' "value": "refused"}\n',
        encoding="utf-8",
    )
    record(world.folder, (str(file),))
    assert world.ask("elsewhere")["why"] == "answered"


def test_a_hold_a_request_and_a_job_on_postgres(on_postgres: World) -> None:
    world = on_postgres
    world.open_account("pia")
    hold = {"hold": "pg-case", "accounts": ["pia"]}
    first = world.as_("privacy").post("/v1/holds", json=hold, headers={"Idempotency-Key": "h1"})
    again = world.as_("privacy").post("/v1/holds", json=hold, headers={"Idempotency-Key": "h1"})
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    job = world.as_("product").post("/v1/exports", json={"account": "pia"}).json()
    assert world.finished(job)["state"] == "done"
