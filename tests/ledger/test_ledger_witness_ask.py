"""The log's side: what a log takes from a witness, what stops it, and what it only notes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from witnessed_log import SmallLog, post, served, witness_in

from troth.errors import LedgerError, UsageError, VerificationError
from troth.ledger.signers import CosignatureSigner, Ed25519Signer
from troth.ledger.witness.ask import Cosigned, NotCosigned, ask
from troth.proof.checkpoint import check_signed
from troth.proof.note import SignatureLine, read_note

LOG = SmallLog()
FORK = SmallLog(story="lie")
KEY = CosignatureSigner("example.org/w1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = CosignatureSigner("example.org/w2", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1"))
TEXT = read_note(LOG.note(5)).text


def no_proof(old: int) -> Sequence[bytes]:
    raise AssertionError(f"no proof from {old} is needed")


def asked(
    url: str, log: SmallLog, size: int, vkeys: Sequence[object], old: int = 0
) -> Cosigned | NotCosigned:
    note = log.note(size)
    return ask(url, vkeys, note, lambda known: log.proof(known, size), old_size=old, timeout=5)  # type: ignore[arg-type]


@contextmanager
def answering(*answers: bytes, wait: float = 0.0, piece: int = 1 << 20) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one request after the other and answers each with the next bytes; and what it was sent."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            for answer in answers:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    taken.append(_whole_request(connection))
                    try:
                        for start in range(0, len(answer), piece):
                            time.sleep(wait)
                            connection.sendall(answer[start : start + piece])
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", taken
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _whole_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return body


def http(status: int, body: bytes, kind: str = "text/plain") -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body


def conflict(size: object) -> bytes:
    return http(409, f"{size}\n".encode(), "text/x.tlog.size")


def line(signer: CosignatureSigner = KEY, text: str = TEXT, seconds: int = 1_700_000_000) -> bytes:
    return f"{signer.sign(text, seconds)}\n".encode()


@pytest.mark.parametrize("ml_dsa", [False, True])
def test_a_witness_cosigns_a_log_that_grows(ml_dsa: bool, tmp_path: Path) -> None:
    witness, vkeys = witness_in(tmp_path / "w", LOG, ml_dsa=ml_dsa)
    old = 0
    with served(witness) as url:
        for size in (1, 2, 7, 7, 64, 65):
            answer = asked(f"{url}/", LOG, size, vkeys, old)
            assert isinstance(answer, Cosigned)
            whole = LOG.note(size) + "".join(f"{one}\n" for one in answer.lines).encode()
            assert len(check_signed(whole, [LOG.signer.vkey, *vkeys]).cosigned) == len(vkeys)
            old = size


@settings(max_examples=40)
@given(known=st.integers(0, 40), ahead=st.integers(0, 40), hint=st.integers(0, 100))
def test_whatever_size_is_believed_the_witness_tells_the_true_one(
    known: int, ahead: int, hint: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    witness, vkeys = witness_in(tmp_path_factory.mktemp("w") / "w", LOG)
    witness.add_checkpoint(LOG.request(0, known))
    with served(witness) as url:
        assert isinstance(asked(url, LOG, known + ahead, vkeys, hint), Cosigned)


def test_a_rollback_stops_the_log(tmp_path: Path) -> None:
    witness, vkeys = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        asked(url, LOG, 9, vkeys)
        for old in (0, 5, 9):
            with pytest.raises(LedgerError, match=r"rollback: .*9 entries, and here are 5"):
                asked(url, LOG, 5, vkeys, old)


def test_a_fork_stops_the_log(tmp_path: Path) -> None:
    witness, vkeys = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        asked(url, LOG, 5, vkeys)
        for size in (5, 6):
            with pytest.raises(LedgerError, match="fork: "):
                asked(url, FORK, size, vkeys)


def test_a_witness_that_does_not_know_the_log_is_only_noted(tmp_path: Path) -> None:
    witness, vkeys = witness_in(tmp_path / "w")
    with served(witness) as url:
        answer = asked(url, LOG, 5, vkeys)
    assert answer == NotCosigned("it answered 404: unknown log")


def test_a_witness_with_another_key_than_expected_is_only_noted(tmp_path: Path) -> None:
    witness, _ = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        assert asked(url, LOG, 5, [OTHER.vkey]) == NotCosigned("its answer has no line of a known key")


def test_lines_of_unknown_keys_are_ignored() -> None:
    with answering(http(200, line(OTHER) + line() + line())) as (url, _):
        answer = asked(url, LOG, 5, [KEY.vkey])
    assert answer == Cosigned(
        (SignatureLine(KEY.vkey.name, KEY.vkey.key_id, KEY.sign(TEXT, 1_700_000_000).signature),)
    )


LOG_KEY = Ed25519Signer("example.org/w1", Ed25519PrivateKey.from_private_bytes(bytes(32)))

NONSENSE = {
    "nothing": b"",
    "garbage": b"\x00\xff" * 99,
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": http(200, line())[:-9],
    "an empty answer": http(200, b""),
    "binary": http(200, bytes(range(256))),
    "html": http(200, b"<html>hello</html>\n"),
    "a signature of another checkpoint": http(200, line(text=read_note(LOG.note(6)).text)),
    "a signature of another checkpoint beside a good one": http(
        200, line() + line(text=read_note(FORK.note(5)).text)
    ),
    "no time": http(200, line(seconds=0)),
    "no time beside a good one": http(200, line() + line(seconds=0)),
    "a log's signature": http(200, f"{LOG_KEY.sign(TEXT, 0)}\n".encode()),
    "another note": http(200, b"x\n\n" + line()),
    "a line without its end": http(200, line()[:-1]),
    "too many lines": http(200, line() * 65),
    "a huge answer": http(200, line() * 6000),
    "a server error": http(500, b"\x1b[2Jsorry\n"),
    "a redirect": b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "a kept redirect": b"HTTP/1.1 307 X\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n",
    "a conflict without a size": http(409, b"five\n", "text/x.tlog.size"),
    "a conflict of another type": http(409, b"9\n", "text/html"),
    "a conflict with a size that is not written right": http(409, b"09\n", "text/x.tlog.size"),
    "a conflict about what was asked": conflict(0),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_noted_and_does_not_stop_the_log(answer: bytes) -> None:
    vkeys = [KEY.vkey, LOG_KEY.vkey]
    with answering(answer) as (url, taken):
        found = ask(url, vkeys, LOG.note(5), no_proof, timeout=5)
    assert isinstance(found, NotCosigned)
    assert found.reason.isprintable()
    assert len(taken) == 1


def test_a_witness_is_asked_again_only_once() -> None:
    with answering(conflict(3), conflict(4), conflict(3)) as (url, taken):
        assert asked(url, LOG, 5, [KEY.vkey]) == NotCosigned("it answered 409: 4")
    assert [body.split(b"\n")[0] for body in taken] == [b"old 0", b"old 3"]


def test_a_rollback_told_in_the_second_answer_stops_the_log() -> None:
    with answering(conflict(3), conflict(6)) as (url, _), pytest.raises(LedgerError, match="rollback"):
        asked(url, LOG, 5, [KEY.vkey])


def test_a_proof_is_only_made_where_one_is_needed() -> None:
    with answering(conflict(5), http(200, line())) as (url, taken):
        assert isinstance(ask(url, [KEY.vkey], LOG.note(5), no_proof), Cosigned)
    assert taken[1].startswith(b"old 5\n\n")


def test_nobody_there_is_noted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = ask(f"http://127.0.0.1:{port}", [KEY.vkey], LOG.note(5), no_proof, timeout=5)
    assert isinstance(found, NotCosigned)
    assert "cannot be reached" in found.reason


@pytest.mark.parametrize("piece", [1 << 20, 3])
def test_a_slow_witness_is_not_waited_for(piece: int) -> None:
    begun = time.monotonic()
    with answering(http(200, line()), wait=0.6 if piece > 3 else 0.02, piece=piece) as (url, _):
        found = ask(url, [KEY.vkey], LOG.note(5), no_proof, timeout=0.2)
        assert time.monotonic() - begun < 0.5
    assert isinstance(found, NotCosigned)


def test_a_redirect_is_not_followed() -> None:
    for status in (301, 302, 303, 307, 308):
        away = f"HTTP/1.1 {status} X\r\nLocation: /add-checkpoint\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        with answering(away.encode(), http(200, line())) as (url, taken):
            found = ask(url, [KEY.vkey], LOG.note(5), no_proof, timeout=5)
        assert isinstance(found, NotCosigned)
        assert len(taken) == 1


def test_what_is_believed_of_a_witness_saves_a_request() -> None:
    with answering(http(200, line())) as (url, taken):
        assert isinstance(asked(url, LOG, 5, [KEY.vkey], old=3), Cosigned)
    assert taken == [LOG.request(3, 5)]


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org", "file:///etc/passwd", "example.org/w1", "javascript:1"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(UsageError, match="web address"):
        ask(url, [KEY.vkey], LOG.note(5), no_proof)


@pytest.mark.parametrize(
    "url", ["http://", "http://127.0.0.1:none", "http://[::1", "http://a b/", "http://127.0.0.1:99999"]
)
def test_an_address_that_cannot_be_is_noted(url: str) -> None:
    assert isinstance(ask(url, [KEY.vkey], LOG.note(5), no_proof, timeout=5), NotCosigned)


def test_what_is_no_checkpoint_is_not_sent() -> None:
    with pytest.raises(VerificationError):
        ask("http://127.0.0.1:9", [KEY.vkey], b"hello\n", no_proof)


def test_a_submission_prefix_may_have_a_path() -> None:
    with answering(http(200, line())) as (url, _):
        assert isinstance(ask(f"{url}/a/b/", [KEY.vkey], LOG.note(5), no_proof), Cosigned)


def test_a_rewritten_log_is_caught_by_the_witness_that_saw_the_old_one(tmp_path: Path) -> None:
    witness, vkeys = witness_in(tmp_path / "w", LOG)
    with served(witness) as url:
        asked(url, LOG, 7, vkeys)
        with pytest.raises(LedgerError, match="fork"):
            asked(url, FORK, 12, vkeys, 7)
        assert post(url, FORK.request(0, 12))[0] == 409
