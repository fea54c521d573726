"""What people try: too much, too long, too often, in the wrong form, or in somebody else's name."""

from __future__ import annotations

import gzip
import json
import socket
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from web_worlds import CHOICE, JSON, World, served

PROBLEM = "application/problem+json"


def raw(world: World, data: bytes, seconds: float = 5.0) -> bytes:
    """Send bytes as they are, and read the answer."""
    parts = urlsplit(world.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), seconds) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while piece := connection.recv(65_536):
            found += piece
        return found


def test_every_answer_has_the_headers_that_protect_its_reader(world: World) -> None:
    for path in ("/health", "/v1/terms", "/nowhere", "/openapi.json", "/ledger/checkpoint"):
        headers = httpx.get(f"{world.address}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/v1/", 404), ("GET", "/v1/question/", 404), ("PUT", "/v1/choices", 405),
     ("DELETE", "/v1/question", 405), ("POST", "/health", 405), ("GET", "/ledger/../keys/log.key", 404),
     ("GET", "/ledger/%2e%2e/keys/log.key", 404), ("GET", "/ledger//etc/passwd", 404), ("GET", "/ledger/tile/0/000.p/0/..", 404),
     ("GET", "/problems/none", 404), ("GET", "/terms/none.json", 404)],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_like_all_others(
    world: World, method: str, path: str, status: int
) -> None:
    answer = world.as_("product").request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_every_type_of_problem_can_be_looked_up(world: World) -> None:
    told = world.as_("product").get("/v1/nowhere").json()
    looked_up = httpx.get(f"{world.address}{told['type']}").json()
    assert (looked_up["title"], looked_up["status"]) == (told["title"], told["status"])


BODIES = [
    b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"choice": "improve_models"}', b"[" * 100_000, b'{"a":' * 50_000,
    b'{"choice": "improve_models", "value": "perhaps", "account": "x"}', b'{"choice": 1, "value": "granted", "account": "x"}',
    b'{"choice": "improve_models", "value": "granted", "account": ""}', b'{"choice":"improve_models","value":"granted","account":"a\\u0000b"}',
    b'{"choice":"improve_models","value":"granted","account":"\\ud800"}', b'{"choice":"no_such","value":"granted","account":"x"}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:24])
def test_a_body_that_is_not_what_it_should_be_is_refused_and_never_breaks_anything(
    world: World, body: bytes
) -> None:
    answer = world.as_("product").post("/v1/choices", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert answer.json()["detail"].isprintable()


def test_a_field_that_nobody_may_set_is_refused(world: World) -> None:
    body = {"choice": CHOICE, "value": "granted", "account": "mass"}
    for more in ({"at": "2020-01-01T00:00:00Z"}, {"id": "x"}, {"recorded_at": "2020-01-01T00:00:00Z"}, {"organisation": "acme"},
                 {"mechanism": "admin"}, {"mechanism": "import"}, {"event": "hold.released"}, {"role": "owner"}):  # fmt: skip
        assert world.as_("product").post("/v1/choices", json={**body, **more}).status_code == 422
    with world.person("mass") as person:
        assert (
            person.post("/v1/requests", json={"kind": "access", "due": "2099-01-01T00:00:00Z"}).status_code
            == 422
        )
        assert person.post("/v1/choices", json={**body, "account": "other"}).status_code == 403
    assert world.as_("product").get("/v1/choices/history?account=mass").json()["choices"] == []


def test_choices_and_holds_do_not_come_in_by_the_door_of_events(world: World) -> None:
    at = "2026-01-01T00:00:00Z"
    for event in (
        {"event": "choice.made", "at": at, "account": "x", "choice": CHOICE, "value": "granted", "id": "e1"},
        {"event": "hold.released", "at": at, "hold": "h", "id": "e2"},
        {"event": "terms.acknowledged", "at": at, "account": "x", "version": "2025-09-27", "id": "e3"},
    ):
        assert world.as_("product").post("/v1/events", json={"events": [event]}).status_code == 403
    late = {"event": "account.closed", "at": "2999-01-01T00:00:00Z", "account": "x", "id": "e4"}
    assert world.as_("product").post("/v1/events", json={"events": [late]}).status_code == 422
    nameless = {"event": "account.closed", "at": at, "account": "x"}
    assert world.as_("product").post("/v1/events", json={"events": [nameless]}).status_code == 422


def test_a_body_that_is_too_long_compressed_or_no_json_is_not_read(world: World) -> None:
    client = world.as_("product")
    limit = world.settings.limits.body
    assert client.post("/v1/choices", content=b" " * (limit + 1), headers=JSON).status_code == 413
    pieces = (b" " * 65_536 for _ in range(limit // 65_536 + 2))
    assert client.post("/v1/choices", content=pieces, headers=JSON).status_code == 413
    bomb = gzip.compress(b" " * 50_000_000)
    answer = client.post("/v1/choices", content=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/media-type")
    assert (
        client.post("/v1/choices", content=b"a=b", headers={"Content-Type": "text/plain"}).status_code == 415
    )
    assert client.request("GET", "/v1/terms", content=b"{}").status_code == 422


def test_a_field_of_the_header_that_is_too_long_is_refused(world: World) -> None:
    answer = world.as_("product").get("/v1/terms", headers={"X-Long": "a" * 9_000})
    assert (answer.status_code, answer.headers["content-type"]) == (431, PROBLEM)


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "é"])
def test_an_idempotency_key_is_printable_and_short(world: World, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode(), b"Content-Type": b"application/json"}
    body = json.dumps({"choice": CHOICE, "value": "refused", "account": "idem"})
    assert world.as_("product").post("/v1/choices", content=body, headers=headers).status_code == 422  # type: ignore[arg-type]


def test_line_breaks_in_values_never_reach_a_header(world: World) -> None:
    key = world.keys["product"].text.encode()
    for path in (
        b"/v1/terms/x%0d%0aSet-Cookie:%20a=b",
        b"/sign-in?back=/x%0d%0aSet-Cookie:%20a=b",
        b"/v1/jobs/%0d%0aX:%20y",
    ):
        answer = raw(
            world,
            b"GET "
            + path
            + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + key
            + b"\r\nConnection: close\r\n\r\n",
        )
        head = answer.partition(b"\r\n\r\n")[0]
        assert b"Set-Cookie" not in head
        assert b"\r\nX: y" not in head
    assert world.choose("cr", "refused", key="x").status_code == 201


def test_a_parameter_that_is_unknown_or_given_twice_is_refused(world: World) -> None:
    client = world.as_("product")
    assert client.get("/v1/question?account=a&account=b").status_code == 422
    assert client.get("/v1/question?account=a&admin=true").status_code == 422
    assert client.get("/v1/choices/history?account=a&limit=0").status_code == 422
    assert client.get("/v1/choices/history?account=a&limit=1e3").status_code == 422
    assert client.get("/v1/question?account=a&locale=../../etc").status_code == 422


def test_an_unknown_conversation_and_one_of_somebody_else_are_answered_alike(world: World) -> None:
    world.open_account("eve")
    world.open_account("victim")
    world.talk("victim", "victim-talk")
    world.talk("eve", "eve-talk")
    with world.person("eve") as eve:
        answers = {}
        for talk in ("victim-talk", "no-such-talk"):
            found = [
                eve.delete(f"/v1/conversations/{talk}"),
                eve.get("/v1/uses", params={"conversation": talk}),
                eve.get("/v1/receipts", params={"conversation": talk}),
                eve.post("/v1/erasures", json={"why": "mine", "conversation": talk}),
                eve.post("/v1/choices", json={"choice": CHOICE, "value": "refused", "conversation": talk}),
            ]
            answers[talk] = [
                (one.status_code, {k: v for k, v in one.json().items() if k != "request"}) for one in found
            ]
        assert answers["victim-talk"] == answers["no-such-talk"]
        assert {status for status, _ in answers["victim-talk"]} == {404}
        assert eve.delete("/v1/conversations/eve-talk").status_code == 200


def test_the_time_of_an_answer_does_not_tell_whose_a_conversation_is(world: World) -> None:
    world.open_account("timer")
    world.talk("timer", "timer-talk")
    world.talk("somebody", "busy-talk")
    said = [
        {"event": "record.said", "id": f"busy-{n}", "at": "2025-11-01T00:00:00Z", "record": f"busy-{n}",
         "conversation": "busy-talk", "account": "somebody"} for n in range(500)
    ]  # fmt: skip
    world.record(*said)
    times: dict[str, list[float]] = {"busy-talk": [], "no-such-talk": []}
    with world.person("timer") as person:
        for _ in range(25):
            for talk, seen in times.items():
                began = time.perf_counter()
                assert person.get("/v1/uses", params={"conversation": talk}).status_code == 404
                seen.append(time.perf_counter() - began)
    # The 500 records of the other's conversation would take tens of milliseconds to read.
    assert abs(statistics.median(times["busy-talk"]) - statistics.median(times["no-such-talk"])) < 0.008


def test_jobs_of_others_are_as_if_they_were_not_there(world: World) -> None:
    world.open_account("jobs-of")
    with world.person("jobs-of") as person, world.person("other-than") as other:
        job = person.post("/v1/exports", json={}).json()
        assert person.get(f"/v1/jobs/{job['id']}").status_code == 200
        for client in (other, world.as_("engineer")):
            mine, none = client.get(f"/v1/jobs/{job['id']}"), client.get(f"/v1/jobs/{'0' * 32}")
            assert (mine.status_code, mine.json()["detail"]) == (404, none.json()["detail"])
            assert client.get(f"/v1/jobs/{job['id']}/result").status_code == 404


def test_the_same_request_sent_a_thousand_times_is_one_choice(world: World) -> None:
    key = uuid.uuid4().hex
    headers = {"Authorization": f"Bearer {world.keys['product'].text}", "Idempotency-Key": key}
    body = {"choice": CHOICE, "value": "refused", "account": "thousand"}

    def send(_: int) -> set[str]:
        with httpx.Client(base_url=world.address, headers=headers, timeout=60) as client:
            return {client.post("/v1/choices", json=body).json()["id"] for _ in range(50)}

    with ThreadPoolExecutor(20) as pool:
        ids = set.union(*pool.map(send, range(20)))
    assert len(ids) == 1
    history = world.as_("product").get("/v1/choices/history", params={"account": "thousand"}).json()
    assert len(history["choices"]) == 1


def test_a_page_of_another_site_may_read_nothing_unless_its_origin_is_allowed(world: World) -> None:
    def ask(origin: str, method: str = "GET") -> httpx.Headers:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return httpx.request(method, f"{world.address}/v1/question", headers=headers).headers

    for origin in ("https://evil.example.org", "null", "https://product.example.org.evil.org"):
        assert "access-control-allow-origin" not in ask(origin)
        assert "access-control-allow-methods" not in ask(origin, "OPTIONS")
    allowed = ask("https://product.example.org", "OPTIONS")
    assert allowed["access-control-allow-origin"] == "https://product.example.org"
    assert "access-control-allow-credentials" not in allowed
    assert "Origin" in ask("https://evil.example.org")["vary"]


def test_who_asks_too_often_waits_and_others_do_not(tmp_path: Path) -> None:
    limits = {"per-key": 1e6, "per-person": 2.0, "unknown": 3.0, "burst": 2.0, "body-seconds": 0.5}
    with served(tmp_path, limits=limits) as world:
        with world.person("busy") as busy, world.person("calm") as calm:
            answers = [busy.get("/v1/terms") for _ in range(8)]
            refused = [one for one in answers if one.status_code == 429]
            assert len(refused) >= 3
            assert int(refused[0].headers["retry-after"]) >= 1
            assert refused[0].json()["type"] == "/problems/rate-limited"
            assert calm.get("/v1/terms").status_code == 200
        guesses = [httpx.get(f"{world.address}/v1/terms", headers={"Authorization": f"Bearer troth_aaaaaaaaaa_{'A' * 43}"})
                   for _ in range(12)]  # fmt: skip
        assert {one.status_code for one in guesses} == {401, 429}
        assert world.as_("product").get("/v1/terms").status_code == 200
        parts = urlsplit(world.address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as slow:
            slow.sendall(
                b"POST /v1/choices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + world.keys["product"].text.encode()
                + b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )  # fmt: skip
            assert b" 408 " in slow.recv(65_536).split(b"\r\n")[0]
