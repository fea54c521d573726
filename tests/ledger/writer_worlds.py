"""A small workspace for the tests of the writer: a store in memory, a ledger in a folder, keys, and a clock."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.errors import LedgerError
from troth.ledger.complete import Completeness
from troth.ledger.log import create_log, vkeys_of
from troth.ledger.memory import Heads
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.reader import TileReader
from troth.ledger.sequence import Sequenced, sequence
from troth.ledger.signers import Ed25519Signer
from troth.ledger.storage import Storage, open_storage
from troth.proof.entry import Entry, entry_bytes
from troth.proof.merkle import Range, leaf_hashes, root_of
from troth.store.interface import Head, Logged, Pending

NOW = 1_757_500_000_000_000
SIGNERS = (Ed25519Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),)
VKEYS = vkeys_of(SIGNERS)


def commitment(number: int) -> bytes:
    return hashlib.sha256(b"commitment %d" % number).digest()


class ListStore:
    """What of a store the writer uses, in lists."""

    def __init__(self) -> None:
        self.waiting: list[Pending] = []
        self.rows: list[Logged] = []
        self.now_head: Head | None = None
        self.accepted = 0
        self.lock = threading.Lock()

    def accept(self, count: int, kind: str = "choice") -> None:
        for _ in range(count):
            self.waiting.append(Pending(self.accepted * 2, kind, commitment(self.accepted)))
            self.accepted += 1

    def pending(self, limit: int) -> list[Pending]:
        return self.waiting[:limit]

    def head(self) -> Head | None:
        return self.now_head

    def start(self, head: Head) -> None:
        assert self.now_head is None
        self.now_head = head

    def assign(self, seqs: Sequence[int], first: int, at: int, old: Head, new: Head) -> None:
        head = self.now_head
        if head is None or (head.size, head.root) != (old.size, old.root):
            raise LedgerError("another writer has moved the head", remedy="let it")
        assert [row.seq for row in self.waiting[: len(seqs)]] == list(seqs)
        taken, self.waiting = self.waiting[: len(seqs)], self.waiting[len(seqs) :]
        self.rows += [Logged(first + i, at, row.kind, row.commitment) for i, row in enumerate(taken)]
        self.now_head = new

    def cosign(self, head: Head) -> None:
        now = self.now_head
        if now is not None and (now.size, now.root) == (head.size, head.root):
            self.now_head = replace(now, checkpoint=head.checkpoint)

    def logged(self, start: int, stop: int) -> Iterator[Logged]:
        return iter(self.rows[start:stop])

    @contextmanager
    def writer_lock(self) -> Iterator[bool]:
        held = self.lock.acquire(blocking=False)
        try:
            yield held
        finally:
            if held:
                self.lock.release()


class World:
    """A workspace that was just started."""

    def __init__(self, folder: Path, storage: Storage | None = None) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"
        self.storage = storage or open_storage(self.ledger)
        self.store = ListStore()
        self.memory = Heads(folder / "state" / "heads")
        self.now = NOW
        self.store.start(create_log(self.storage, SIGNERS, NOW))

    def clock(self) -> int:
        self.now += 1_000_000
        return self.now

    def sequence(self) -> Sequenced:
        return sequence(
            self.store, self.storage, SIGNERS, self.memory, Completeness(self.storage), self.clock
        )  # type: ignore[arg-type]

    def log(self, count: int) -> Sequenced:
        """Accept so many rows, and log them."""
        self.store.accept(count)
        return self.sequence()

    def head(self) -> Head:
        assert self.store.now_head is not None
        return self.store.now_head

    def entries(self) -> list[bytes]:
        return [entry_bytes(Entry(row.at, row.kind, row.commitment)) for row in self.store.rows]

    def reader(self) -> TileReader:
        return TileReader(self.storage, self.head().size, self.head().root)

    def check_whole(self) -> None:
        check_whole(self.storage, self.head(), self.entries())


def check_whole(storage: Storage, head: Head, entries: list[bytes], *, tidy: bool = True) -> None:
    """The whole ledger by recomputation: entries, every tile, the checkpoint, and all that were published.

    In a tidy one, there are no partial tiles where the full one is.
    """
    hashes = leaf_hashes(entries)
    assert head.size == len(entries)
    assert head.root == root_of(hashes)
    data, newest = read_published(storage, CHECKPOINT, VKEYS)
    assert data == head.checkpoint
    assert (newest.size, newest.root) == (head.size, head.root)
    reader = TileReader(storage, head.size, head.root)
    assert list(reader.entries(0, head.size)) == entries
    check_tiles(storage, hashes, tidy=tidy)
    published = {path: read_published(storage, path, VKEYS)[1] for path in storage.list("checkpoints")}
    roots = roots_at({checkpoint.size for checkpoint in published.values()}, hashes)
    for path, checkpoint in published.items():
        assert path == f"checkpoints/{numbered(checkpoint.size)}"
        assert checkpoint.root == roots[checkpoint.size]


def roots_at(sizes: set[int], hashes: list[bytes]) -> dict[int, bytes]:
    tree = Range()
    roots = {0: tree.root()}
    for leaf in hashes:
        tree.append(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return roots


def check_tiles(storage: Storage, hashes: list[bytes], *, tidy: bool = True) -> None:
    """Every tile file, full or partial, holds the hashes of its subtrees; none is missing, none is beyond."""
    files = set(storage.list("tile"))
    check_names(files, "entries", len(hashes), tidy=tidy)
    level, count = 0, len(hashes)
    while count:
        check_names(files, str(level), count, tidy=tidy)
        level, count = level + 1, count // 256
    for file in files:
        _, place, *number = file.split("/")
        width = int(number.pop()) if number[-2:-1] and number[-2].endswith(".p") else 256
        index = int("".join(number).replace("x", "").removesuffix(".p"))
        data = storage.read(file)
        assert data is not None
        if place != "entries":
            span = 256 ** int(place)
            first = index * 256 * span
            want = [root_of(hashes[first + i * span : first + (i + 1) * span]) for i in range(width)]
            assert data == b"".join(want), file
            assert first + width * span <= len(hashes), file


def check_names(files: set[str], place: str, count: int, *, tidy: bool) -> None:
    """Every file of so many hashes or entries is there, and no partial one of those that are full."""
    for index in range((count + 255) // 256):
        name, width = f"tile/{place}/{numbered(index)}", min(256, count - 256 * index)
        if width < 256:
            assert f"{name}.p/{width}" in files
        else:
            assert name in files
            assert not tidy or not any(f"{name}.p/{w}" in files for w in range(1, 256))


def numbered(number: int) -> str:
    digits = f"{number:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
