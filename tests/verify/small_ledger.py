"""A tiny writer of ledgers for tests, made from the hashing alone, so that the audit is not held against itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.proof.checkpoint import Checkpoint
from troth.proof.entry import Entry, entry_bytes
from troth.proof.merkle import leaf_hashes, root_of
from troth.proof.note import COSIGNATURE, ED25519, Note, SignatureLine, Vkey, make_vkey
from troth.proof.signatures import signed_message
from troth.types.moment import parse_moment

ORIGIN = "shop.example/ledger"
START = parse_moment("2025-09-01T08:00:00Z")
NOW = parse_moment("2026-01-01T00:00:00Z")
MINUTE = 60_000_000
KINDS = ("terms", "choice", "choice", "intake", "event", "deletion", "build", "release")


@dataclass(frozen=True)
class Key:
    """An Ed25519 key that signs as a log or cosigns as a witness, made from a word."""

    name: str
    kind: int = ED25519
    word: str = ""

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(f"{self.name} {self.word}".encode()).digest()
        )

    @property
    def vkey(self) -> Vkey:
        return make_vkey(self.name, self.kind, self.private.public_key().public_bytes_raw())

    def line(self, text: str, seconds: int) -> SignatureLine:
        signature = self.private.sign(signed_message(self.vkey, text, seconds))
        stamp = seconds.to_bytes(8, "big") if self.kind == COSIGNATURE else b""
        return SignatureLine(self.name, self.vkey.key_id, stamp + signature)


LOG = Key(ORIGIN)
W1, W2 = Key("w1.example", COSIGNATURE), Key("w2.example", COSIGNATURE)


def entry(index: int, *, kind: str = "", at: int | None = None, word: str = "") -> bytes:
    """An entry: two are logged each minute, in turn of all kinds of `KINDS`."""
    moment = START + index // 2 * MINUTE if at is None else at
    return entry_bytes(
        Entry(moment, kind or KINDS[index % len(KINDS)], hashlib.sha256(f"{index} {word}".encode()).digest())
    )


def entries(count: int) -> list[bytes]:
    return [entry(index) for index in range(count)]


def spread(number: int) -> str:
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])


@dataclass
class SmallLedger:
    """A ledger in a folder, written at once with the checkpoints of some sizes."""

    folder: Path
    content: Sequence[bytes]
    published: Sequence[int] = ()
    log: Key = LOG
    witnesses: Sequence[Key] = ()
    roots: dict[int, bytes] = field(default_factory=dict)

    def write(self) -> SmallLedger:
        hashes = leaf_hashes(self.content)
        self.put("log.vkey", f"{self.log.vkey}\n".encode())
        for index in range(0, len(self.content), 256):
            bundle = b"".join(len(one).to_bytes(2, "big") + one for one in self.content[index : index + 256])
            self.put_tile("entries", index // 256, len(self.content[index : index + 256]), bundle)
        level, above = 0, hashes
        while above:
            for index in range(0, len(above), 256):
                self.put_tile(
                    str(level),
                    index // 256,
                    len(above[index : index + 256]),
                    b"".join(above[index : index + 256]),
                )
            above = [root_of(above[at : at + 256]) for at in range(0, len(above) - 255, 256)]
            level += 1
        for size in (*self.published, len(self.content)):
            self.roots[size] = root_of(hashes[:size])
            self.put(f"checkpoints/{spread(size)}", self.checkpoint(size))
        self.put("checkpoint", self.checkpoint(len(self.content)))
        return self

    def checkpoint(
        self, size: int, *, root: bytes | None = None, signers: Iterable[Key] | None = None
    ) -> bytes:
        """A signed checkpoint; witnesses cosign it an hour after its last entry."""
        text = Checkpoint(ORIGIN, size, self.roots[size] if root is None else root).text()
        seconds = (START + size // 2 * MINUTE) // 1_000_000 + 3600
        keys = (self.log, *self.witnesses) if signers is None else signers
        return Note(text, tuple(key.line(text, seconds) for key in keys)).data()

    def put_tile(self, level: str, index: int, width: int, data: bytes) -> None:
        self.put(f"tile/{level}/{spread(index)}" + (f".p/{width}" if width < 256 else ""), data)

    def put(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())
