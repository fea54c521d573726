"""Hostile HTTP: whoever sends what they like to a witness gets a refusal, and nobody else waits for it."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witnessed_log import NOON, SmallLog, call, get, post, served, witness_in

from troth.errors import UsageError
from troth.ledger.witness.protocol import Answer, read_submission
from troth.ledger.witness.request import LARGEST_BODY
from troth.ledger.witness.server import MOST_CONNECTIONS, WitnessServer
from troth.ledger.witness.state import origin_hash

LOG = SmallLog()


def raw(url: str, *pieces: bytes, pause: float = 0.0, half: bool = False) -> bytes:
    """All that comes back for bytes sent as they are. ``half``: no more is sent after them."""
    host = urlsplit(url)
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=5) as connection:
        answer = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            if half:
                connection.shutdown(socket.SHUT_WR)
            while got := connection.recv(65536):
                answer += got
        except ConnectionError:
            pass
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


def head(length: object, *more: str) -> bytes:
    lines = (
        "POST /add-checkpoint HTTP/1.1",
        "Host: w",
        f"Content-Length: {length}",
        "Connection: close",
        *more,
    )
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (head(10**9), 413),
        (head(LARGEST_BODY + 1), 413),
        (head(10**40), 400),
        (head(-1), 400),
        (head("5, 5"), 400),
        (head("0x5"), 400),
        (head("٣"), 400),
        (head(3, "Content-Length: 4"), 400),
        (head(3, "Transfer-Encoding: chunked"), 411),
        (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /add-checkpoint HTTP/9.9\r\n\r\n", 505),
        (b"POST /add-checkpoint\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"POST /add-checkpoint HTTP/1.1\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", 431),
        (b"POST /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 x\r\n\r\n", 400),
        (b"BREW /add-checkpoint HTTP/1.1\r\n\r\n", 501),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(sent: bytes, wanted: int, tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness, patience=0.5) as url:
        assert status(raw(url, sent, half=True)) == wanted
        assert post(url, LOG.request(0, 3))[0] == 200


def test_a_request_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    body = LOG.request(0, 3)
    with served(witness) as url:
        assert status(raw(url, head(len(body)) + body[:-1], half=True)) == 400
        assert status(raw(url, head(len(body) - 1) + body, half=True)) == 403
        assert get(url, f"/{origin_hash(LOG.origin)}/checkpoint")[0] == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"PO",
        b"POST /add-checkpoint HTTP/1.1\r\n",
        b"POST /add-checkpoint HTTP/1.1\r\nA:",
        head(100),
        head(100) + b"old 0\n",
    ],
)
def test_a_half_sent_request_is_dropped_when_its_time_is_up(sent: bytes, tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness, patience=0.2) as url:
        begun = time.monotonic()
        assert raw(url, sent) == b""
        assert 0.1 < time.monotonic() - begun < 2


def test_a_dripping_client_gets_no_more_time_than_a_silent_one(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness, patience=0.3) as url:
        begun = time.monotonic()
        raw(url, *(bytes((byte,)) for byte in head(5)[:40]), pause=0.05)
        assert time.monotonic() - begun < 1.2
        assert post(url, LOG.request(0, 3))[0] == 200


def test_silent_clients_do_not_keep_others_away(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness, patience=3) as url:
        host = urlsplit(url)
        silent = [
            socket.create_connection((host.hostname or "", host.port or 0))
            for _ in range(MOST_CONNECTIONS - 1)
        ]
        try:
            assert post(url, LOG.request(0, 3))[0] == 200
        finally:
            for connection in silent:
                connection.close()


def test_who_comes_when_all_places_are_taken_is_turned_away_and_later_served(tmp_path: Path) -> None:
    log: list[str] = []
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness, patience=0.4, log=log) as url:
        host = urlsplit(url)
        silent = [
            socket.create_connection((host.hostname or "", host.port or 0)) for _ in range(MOST_CONNECTIONS)
        ]
        try:
            assert raw(url) == b""
            assert any("turned away" in line for line in log)
            for connection in silent:
                connection.settimeout(5)
                assert connection.recv(1) == b""
            # A place is free a moment after its connection is closed.
            time.sleep(0.1)
            assert post(url, LOG.request(0, 3))[0] == 200
        finally:
            for connection in silent:
                connection.close()


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/add-checkpoint", 405), ("GET", "/", 404), ("GET", "/x/checkpoint", 404), ("GET", "/../witness.key", 404),
        ("GET", "//etc/passwd", 404), ("GET", f"/{'A' * 64}/checkpoint", 404), ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", f"/{'0' * 64}/checkpoint?x", 404), ("GET", f"/{'0' * 63}./checkpoint", 404), ("GET", "/%2e%2e/checkpoint", 404),
        ("POST", "/", 404), ("POST", "/sign-subtree", 404), ("POST", "/add-checkpoint/", 404), ("POST", "/add-checkpoint?x", 404),
        ("PUT", "/add-checkpoint", 501), ("DELETE", "/add-checkpoint", 501), ("OPTIONS", "*", 501),
    ],
)  # fmt: skip
def test_another_method_or_path_is_refused(method: str, path: str, wanted: int, tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        body = LOG.request(0, 3) if method != "GET" else None
        found, kind, _ = call(url, method, path, body)
        assert (found, kind) == (wanted, "text/plain; charset=utf-8")
        assert post(url, LOG.request(0, 1))[0] == 200


def test_lock_and_partial_files_are_not_served(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    hashed = origin_hash(LOG.origin)
    (tmp_path / "w/state" / f".{hashed}.partial").write_bytes(b"secret")
    with served(witness) as url:
        for name in (f"{hashed}.lock", f".{hashed}.partial", f"{hashed}.partial"):
            assert get(url, f"/{name}/checkpoint")[0] == 404


def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    one, two = LOG.request(0, 3), LOG.request(3, 4)
    kept = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n%b"
    with served(witness) as url:
        answer = raw(url, kept % (len(one), one) + kept % (len(two), two), half=True)
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200"]


def test_what_follows_a_refused_body_is_not_taken_for_a_request(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    body = LOG.request(0, 3)
    hidden = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    first = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
    asks = b"GET / HTTP/1.1\r\nHost: w\r\nContent-Length: 0\r\n\r\n"
    with served(witness) as url:
        for begin, wanted in ((first, b"411"), (asks, b"404")):
            assert re.findall(rb"HTTP/1.1 (\d+)", raw(url, begin + hidden, half=True)) in ([wanted], [])
        assert get(url, f"/{origin_hash(LOG.origin)}/checkpoint")[0] == 404


def test_each_request_is_one_plain_line_of_the_log(tmp_path: Path) -> None:
    log: list[str] = []
    witness, _ = witness_in(tmp_path / "w", LOG)
    strange = SmallLog("example.org/\u202e\x7f" + "x" * 2000)
    with served(witness, log=log) as url:
        post(url, LOG.request(0, 3))
        post(url, LOG.request(0, 3))
        call(url, "GET", "/\x1b[2J", None) if False else raw(
            url, b"GET /\x1b[2J HTTP/1.1\r\nConnection: close\r\n\r\n"
        )
        post(url, strange.request(0, 3))
    assert log[:2] == [
        '2025-11-25T12:00:00Z 127.0.0.1 "POST /add-checkpoint HTTP/1.1" 200 example.org/log: cosigned 3',
        '2025-11-25T12:00:00Z 127.0.0.1 "POST /add-checkpoint HTTP/1.1" 409 example.org/log: asked from 0, known is 3',
    ]
    assert len(log) == 4
    assert all(line.isprintable() and len(line) < 500 for line in log)
    assert LOG.request(0, 3).split()[-1].decode() not in "".join(log)


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        for host, port in (("127.0.0.1", urlsplit(url).port or 0), ("203.0.113.1", 0), ("127.0.0.1", 99_999)):
            with pytest.raises(UsageError, match="cannot listen"):
                WitnessServer(witness, host, port, print)


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_get_a_refusal(body: bytes) -> None:
    assert isinstance(read_submission(body, [LOG.signer.vkey]), Answer)


@settings(max_examples=40)
@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_one_changed_byte_never_changes_what_is_cosigned(
    place: int, change: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    witness, _ = witness_in(tmp_path_factory.mktemp("w") / "w", LOG)
    assert witness.add_checkpoint(LOG.request(0, 5)).status == 200
    body = bytearray(LOG.request(5, 11))
    body[place % len(body)] ^= change
    answer = witness.add_checkpoint(bytes(body))
    assert answer.status in (400, 403, 404, 409, 422)
    assert witness.clock() == NOON
    assert witness.add_checkpoint(LOG.request(0, 1)).body == b"5\n"
