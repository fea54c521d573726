"""Asking a witness to cosign a checkpoint: the log's side of C2SP tlog-witness.

Whoever stands between the log and the witness can keep a cosignature away, or pretend that the witness refused; they
cannot make one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from troth.errors import LedgerError, UsageError, VerificationError
from troth.ledger.witness.plain_line import plain_line
from troth.ledger.witness.protocol import SIZE
from troth.proof.checkpoint import read_checkpoint
from troth.proof.note import SignatureLine, Vkey, read_note
from troth.proof.signatures import check_line
from troth.proof.strict import read_number, to_base64

LARGEST_ANSWER = 1 << 19
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness cosigned: the lines of its known keys, each checked."""

    lines: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class NotCosigned:
    """A witness gave no cosignature that counts, for a reason that says nothing against the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    kind: str
    body: bytes


def ask(
    url: str,
    vkeys: Sequence[Vkey],
    checkpoint: bytes,
    consistency: Callable[[int], Sequence[bytes]],
    *,
    old_size: int = 0,
    timeout: float = 10.0,
) -> Cosigned | NotCosigned:
    """Ask the witness with a submission prefix for cosignatures of a signed checkpoint.

    ``vkeys`` are the keys that the witness is known by; lines of other keys are ignored, and a wrong line of a known one
    makes the whole answer count for nothing. ``consistency`` gives the proof from an older size to the checkpoint's;
    ``old_size`` is what the witness is believed to have cosigned last, and it is asked again once where it tells
    another size. ``timeout`` is in seconds, for each of the two requests as a whole.

    A newer checkpoint of one's own that the witness has seen meanwhile looks like a rollback: ask under the writer's lock,
    or look at the head again. Ask once for all keys of a witness, not for each. Raises `LedgerError`
    where the witness has cosigned a larger tree (a rollback), or finds that this one does not extend what it
    cosigned (a fork); `UsageError` for a URL that is not http or https; `VerificationError` where the checkpoint
    cannot be read.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"the witness {url!r} is not at a web address", remedy="give one with http or https")
    text = read_note(checkpoint).text
    size = read_checkpoint(text).size

    def exchange(old: int) -> _Reply | NotCosigned:
        request = _request(old, () if old in (0, size) else consistency(old), checkpoint)
        return _within(timeout, lambda: _post(url, request, timeout))

    old = min(old_size, size)
    reply = exchange(old)
    told = _told(reply, size, url)
    if told is not None and told != old:
        reply = exchange(told)
        _told(reply, size, url)
    return reply if isinstance(reply, NotCosigned) else _judge(reply, text, vkeys, url)


def _request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    lines = "".join(f"{to_base64(hashed)}\n" for hashed in proof)
    return f"old {old}\n{lines}\n".encode() + checkpoint


def _within(seconds: float, call: Callable[[], _Reply | NotCosigned]) -> _Reply | NotCosigned:
    # A thread, because neither the look-up of a name nor an answer that drips heeds the time limit of a socket.
    answers: SimpleQueue[_Reply | NotCosigned] = SimpleQueue()
    Thread(target=lambda: answers.put(call()), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return NotCosigned(f"it did not answer within {seconds:g} seconds")


def _post(url: str, body: bytes, timeout: float) -> _Reply | NotCosigned:
    head = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        # `ask` lets only http and https through.
        request = Request(f"{url.rstrip('/')}/add-checkpoint", body, head, method="POST")  # noqa: S310
        try:
            answer = build_opener(_NoRedirect).open(request, timeout=timeout)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            content = answer.read(LARGEST_ANSWER + 1)
            return _Reply(answer.status, answer.headers.get_content_type(), content)
    except (OSError, HTTPException, ValueError) as problem:
        return NotCosigned(plain_line(f"it cannot be reached: {problem}"))


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a witness is asked where its operator said, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        """Leave the answer what it is."""


def _told(reply: _Reply | NotCosigned, size: int, url: str) -> int | None:
    """The size that a witness says it cosigned last, where it says so. Raises `LedgerError` for a larger one."""
    if isinstance(reply, NotCosigned) or reply.status != HTTPStatus.CONFLICT or reply.kind != SIZE:
        return None
    try:
        told = read_number(reply.body.decode().removesuffix("\n"), "the size")
    except (VerificationError, UnicodeDecodeError):
        return None
    if told > size:
        raise LedgerError(
            f"rollback: the witness at {url} has cosigned a checkpoint of {told} entries, and here are {size}",
            remedy="the ledger here is older than what was published: find the newest one, and do not go on from this",
        )
    return told


def _judge(reply: _Reply, text: str, vkeys: Sequence[Vkey], url: str) -> Cosigned | NotCosigned:
    if reply.status == HTTPStatus.OK:
        return _lines(reply.body, text, vkeys)
    said = plain_line(reply.body.decode(errors="replace").strip())
    if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise LedgerError(
            f"fork: the witness at {url} finds that the checkpoint does not extend what it cosigned: {said}",
            remedy="the ledger here is not the one that was published: find out which one is true, and do not go on",
        )
    return NotCosigned(f"it answered {reply.status}: {said}")


def _lines(body: bytes, text: str, vkeys: Sequence[Vkey]) -> Cosigned | NotCosigned:
    known = {(vkey.name, vkey.key_id): vkey for vkey in vkeys}
    try:
        note = read_note(f"{text}\n".encode() + body)
        lines = tuple(line for line in note.lines if (line.name, line.key_id) in known)
        times = [check_line(known[line.name, line.key_id], text, line) for line in lines]
    except VerificationError as problem:
        return NotCosigned(plain_line(f"its answer is not a cosignature: {problem.what}"))
    if note.text != text or not all(times):
        return NotCosigned("its answer is not a cosignature with a time")
    if not lines:
        return NotCosigned("its answer has no line of a known key")
    return Cosigned(tuple(dict.fromkeys(lines)))
