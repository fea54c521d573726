"""The entrances under attack: guessing, flooding, what is slow, long or compressed, and what must never reach the log."""

from __future__ import annotations

import gzip
import re
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browsers import Browser
from consoles import OIDC
from web_worlds import CHOICE, ORIGIN, World, served

from troth.web.access.sessions import COOKIE

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN}


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[World]:
    """A service that takes few who show nothing valid."""
    limits = {"per-key": 1e6, "per-person": 1e6, "unknown": 3.0, "burst": 1.0, "body-seconds": 0.5}
    with served(tmp_path, limits=limits, oidc=OIDC) as found:
        yield found


def enter(world: World, token: str, browser: Browser | None = None) -> httpx.Response:
    return (browser or Browser()).post(f"{world.address}/enter", {"token": token}, Origin=ORIGIN)


def test_who_tries_tokens_out_waits_and_keeps_nobody_else_from_entering(strict: World) -> None:
    guesses = [enter(strict, f"{'a' * 20}.{uuid.uuid4().hex}.x").status_code for _ in range(12)]
    assert set(guesses) == {401, 429}
    assert guesses[:1] == [401]
    assert enter(strict, strict.token("ada")).status_code == 303
    spent = strict.token("ada")
    assert enter(strict, spent).status_code == 303
    assert enter(strict, spent).status_code in (401, 429)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/return?code=x&state=y"])
def test_sign_ins_cannot_be_begun_without_end(strict: World, path: str) -> None:
    with httpx.Client(base_url=strict.address) as flood:
        answers = [flood.get(path) for _ in range(12)]
    late = [one for one in answers if one.status_code == 429]
    assert len(late) >= 6
    assert int(late[0].headers["retry-after"]) >= 1
    assert strict.as_("owner").get("/v1/keys").status_code == 200, "who has a key goes on"


@pytest.mark.parametrize("cookie", ["guess", "a" * 43, "x" * 4_000, "%00", '"'])
def test_cookies_that_are_guessed_open_nothing_and_are_counted(strict: World, cookie: str) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    answers = {httpx.get(f"{strict.address}/v1/choices", headers=headers).status_code for _ in range(8)}
    assert answers == {401, 429}


def test_a_form_that_is_too_long_compressed_or_of_many_fields_is_not_read(world: World) -> None:
    def sent(data: bytes, **more: str) -> int:
        return httpx.post(f"{world.address}/enter", content=data, headers={**FORM, **more}).status_code

    assert sent(b"token=" + b"a" * 20_000) == 413
    assert sent(gzip.compress(b"token=" + b"a" * 50_000_000), **{"Content-Encoding": "gzip"}) == 415
    for coding in ("deflate", "br", "zstd", "gzip, gzip", "GZIP"):
        assert sent(b"token=a", **{"Content-Encoding": coding}) == 415
    assert sent("&".join(f"a{n}=1" for n in range(60)).encode()) == 422
    assert sent(b"token=\xff\xfe") == 422
    assert sent(b"token=a&token=b") == 401, "given twice is not given"


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "0x10", " 5 5", "+5"])
def test_a_length_that_is_none_is_refused(world: World, length: str) -> None:
    parts = urlsplit(world.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as raw:
        raw.sendall(
            f"POST /v1/choices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.keys['product'].text}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{{}}".encode()
        )
        raw.shutdown(socket.SHUT_WR)
        status = raw.recv(65_536).split(b" ")[1:2]
    assert status in ([b"400"], [b"413"], [b"422"], [])


def test_two_lengths_or_a_length_and_pieces_do_not_smuggle_a_request(world: World) -> None:
    parts = urlsplit(world.address)
    key = world.keys["product"].text
    hidden = f"GET /v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.keys['owner'].text}\r\n\r\n"
    for lengths in (
        f"Content-Length: 2\r\nContent-Length: {len(hidden) + 2}\r\n",
        f"Content-Length: {len(hidden) + 5}\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ):
        with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as raw:
            raw.sendall(
                f"POST /v1/choices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{lengths}"
                f"Content-Type: application/json\r\n\r\n0\r\n\r\n{hidden}".encode()
            )
            raw.shutdown(socket.SHUT_WR)
            told = b""
            while piece := raw.recv(65_536):
                told += piece
        assert told.startswith(b"HTTP/1.1 400 ")
        assert told.count(b"HTTP/1.1 ") == 1, "what is behind it is not read as a request"


def test_one_key_of_two_people_is_two_choices_and_neither_sees_the_other_s(world: World) -> None:
    """The same `Idempotency-Key`, sent by two people, by their product, and by another product."""
    body, header = {"choice": CHOICE, "value": "refused"}, {"Idempotency-Key": "the-same"}
    told = {}
    for account in ("key-ada", "key-ben"):
        with world.person(account) as person:
            told[account] = person.post("/v1/choices", json=body, headers=header).json()
            assert person.post("/v1/choices", json=body, headers=header).json() == told[account]
            assert person.post("/v1/requests", json={"kind": "access"}, headers=header).status_code == 201
    assert told["key-ada"]["id"] != told["key-ben"]["id"]
    assert [told[one]["account"] for one in told] == ["key-ada", "key-ben"]
    by_product = world.choose("key-ada", "granted", key="the-same").json()
    assert by_product["id"] not in {one["id"] for one in told.values()}


def test_nothing_that_opens_a_door_and_nobody_s_name_is_in_the_log(world: World, log: list[str]) -> None:
    """Tokens, cookies, forms' tokens, secrets of webhooks, ids in addresses: when it works, and when it does not."""
    secrets = [world.token("log-ada"), world.token("log-ada")]
    browser = Browser()
    assert enter(world, secrets[0], browser).status_code == 303
    assert enter(world, secrets[0]).status_code == 401
    cookie = browser.cookies[world.address][COOKIE]
    secrets.append(cookie)
    for path in ("/privacy", "/privacy/uses?conversation=log-talk", "/ask?return=http://log-ada.example"):
        browser.get(world.address + path)
    headers = {"Cookie": f"{COOKIE}={cookie}", "X-CSRF-Token": "log-ada-csrf", "Origin": ORIGIN}
    httpx.post(f"{world.address}/v1/choices", json={"choice": CHOICE, "value": "granted"}, headers=headers)
    hook = {"url": "https://hooks.example.org/log-ada", "events": ["choice.made"]}
    made = world.as_("engineer").post("/v1/webhooks", json=hook).json()
    world.as_("engineer").delete(f"/v1/webhooks/{made['id']}")
    world.open_account("log-ada")
    world.talk("log-ada", "log-talk")
    product = world.as_("product")
    for answer in (
        product.get("/v1/choices", params={"account": "log-ada"}),
        product.delete("/v1/conversations/log-talk", params={"account": "log-ada"}),
        product.delete("/v1/conversations/log-ada-none", params={"account": "log-ada"}),
        product.get("/v1/log-ada"),
        product.post("/v1/choices", json={"log-ada": secrets[1]}),
        httpx.get(f"{world.address}/v1/terms", headers={"Authorization": "Bearer troth_log-ada"}),
        httpx.get(f"{world.address}/sign-in/return?code=log-ada&state=log-ada"),
    ):
        assert answer.status_code < 600
    told = "".join(log)
    assert '"route": "/v1/conversations/{conversation}"' in told
    for secret in (*secrets, made["secret"], "log-ada", "log-talk"):
        assert secret not in told


def test_every_attack_of_the_threat_model_has_a_test_that_is_there() -> None:
    here = Path(__file__).parent
    text = (here.parents[1] / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = text.partition("## Attacks on the service")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 25
    for row in rows:
        named = re.findall(r"`(test_web_\w+)::(test_\w+)`", row)
        assert named, f"no test stands beside: {row}"
        for file, name in named:
            assert f"def {name}(" in (here / f"{file}.py").read_text(encoding="utf-8"), f"{file}::{name}"
