"""A small log in memory, and a real witness that listens on loopback."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.ledger.signers import Ed25519Signer, Signer, sign_checkpoint
from troth.ledger.witness.cosigner import Witness
from troth.ledger.witness.folder import new_witness, open_witness, trust
from troth.ledger.witness.server import WitnessServer
from troth.proof.checkpoint import Checkpoint
from troth.proof.merkle import consistency_proof, leaf_hash, root_of
from troth.proof.note import SignatureLine, Vkey, read_note

NOON = 1_764_072_000_000_000
"""The moment that the clock of every witness here shows: 2025-11-25T12:00:00Z."""


@dataclass
class SmallLog:
    """A log of entries that say what they are. ``story`` makes another history under the same key."""

    origin: str = "example.org/log"
    story: str = "truth"
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        seed = self.origin.encode().ljust(32, b".")[:32]
        self.signer = Ed25519Signer(self.origin, Ed25519PrivateKey.from_private_bytes(seed))

    def hashes(self, size: int) -> list[bytes]:
        return [leaf_hash(f"{self.story} {number}".encode()) for number in range(size)]

    def note(self, size: int) -> bytes:
        checkpoint = Checkpoint(self.origin, size, root_of(self.hashes(size)))
        return sign_checkpoint(checkpoint, [self.signer], 0)

    def proof(self, old: int, size: int) -> Sequence[bytes]:
        return consistency_proof(self.hashes(size), old) if 0 < old < size else ()

    def request(self, old: int, size: int) -> bytes:
        return request(old, self.proof(old, size), self.note(size))


def request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    lines = b"".join(base64.b64encode(hashed) + b"\n" for hashed in proof)
    return b"old %d\n%b\n%b" % (old, lines, note)


def witness_in(folder: Path, *logs: SmallLog, ml_dsa: bool = False) -> tuple[Witness, tuple[Vkey, ...]]:
    """A new witness that knows the logs, and its public keys."""
    vkeys = new_witness(folder, "example.org/w1", ml_dsa=ml_dsa)
    trust(folder, [str(log.signer.vkey) for log in logs])
    return open_witness(folder, lambda: NOON), vkeys


@contextmanager
def served(witness: Witness, patience: float = 5.0, log: list[str] | None = None) -> Iterator[str]:
    """The witness, listening; its URL."""
    lines = [] if log is None else log
    with WitnessServer(witness, "127.0.0.1", 0, lines.append, patience) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def post(url: str, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
    """Status, content type and body of the answer."""
    return call(url, "POST", path, body)


def get(url: str, path: str) -> tuple[int, str, bytes]:
    return call(url, "GET", path, None)


def call(url: str, method: str, path: str, body: bytes | None) -> tuple[int, str, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


def lines_of(note: bytes, body: bytes) -> tuple[SignatureLine, ...]:
    """The signature lines of an answer."""
    text = read_note(note).text
    return read_note(text.encode() + b"\n" + body).lines
