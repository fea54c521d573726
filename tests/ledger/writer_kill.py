"""Processes that write to a workspace and are killed: at the n-th step, or at any time. Run by `test_writer_crash`."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from writer_worlds import NOW, SIGNERS, VKEYS, check_whole

from killing import Steps, forked, in_a_child
from troth.errors import LedgerError
from troth.ledger import entries, sequence
from troth.ledger.complete import Completeness
from troth.ledger.local_storage import LocalStorage
from troth.ledger.log import create_log
from troth.ledger.memory import Heads
from troth.ledger.published import CHECKPOINT, publish_cosigned, read_published
from troth.ledger.signers import CosignatureSigner
from troth.ledger.storage import Storage
from troth.proof.entry import Entry, commit, entry_bytes
from troth.proof.merkle import leaf_hashes, root_of
from troth.proof.note import Note, read_note
from troth.store.interface import Item
from troth.store.open import open_engine
from troth.store.tables import TableStore

A_FEW, SOME, ONE = [f"a{i}" for i in range(3)], [f"b{i}" for i in range(4)], ["c"]
"""What is accepted in a scenario: with 250 entries before, a tile is filled, and one begun."""
WITNESS = CosignatureSigner("example.org/witness", SIGNERS[0].private)


def item(name: str) -> Item:
    key = hashlib.sha256(name.encode()).digest()
    payload = b'{"n":"%b"}' % name.encode()
    return Item(key, "choice", payload, key, commit(key, payload))


def items(names: Iterable[str]) -> list[Item]:
    return [item(name) for name in names]


def clock() -> int:
    return max(NOW, time.time_ns() // 1000)


class Workspace:
    """A workspace in a folder, with a real store."""

    def __init__(self, folder: Path, storage: Storage | None = None) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.store = TableStore(open_engine("sqlite", folder))
        self.storage = storage or LocalStorage(folder / "ledger")
        self.memory = Heads(folder / "state")

    def begin(self) -> None:
        self.store.start(create_log(self.storage, SIGNERS, NOW))

    def sequence(self) -> sequence.Sequenced:
        return sequence.sequence(
            self.store, self.storage, SIGNERS, self.memory, Completeness(self.storage), clock
        )

    def cosign(self) -> None:
        head = self.store.head()
        assert head is not None
        note = read_note(head.checkpoint)
        cosigned = Note(note.text, (*note.lines, WITNESS.sign(note.text, 1))).data()
        publish_cosigned(self.store, self.storage, VKEYS, replace(head, checkpoint=cosigned))

    def check(self, acknowledged: Iterable[str], *, tidy: bool = True) -> int:
        """Nothing acknowledged is lost, nothing is doubled, and the whole ledger is right; how many entries it has."""
        head = self.store.head()
        assert head is not None
        rows = list(self.store.logged(0, head.size))
        assert [row.index for row in rows] == list(range(head.size))
        found = [row.commitment for row in rows]
        assert len(set(found)) == len(found), "doubled"
        self.check_kept(acknowledged)
        logged = [entry_bytes(Entry(row.at, row.kind, row.commitment)) for row in rows]
        assert [row.at for row in rows] == sorted(row.at for row in rows)
        check_whole(self.storage, head, logged, tidy=tidy)
        return head.size

    def check_kept(self, acknowledged: Iterable[str]) -> None:
        head = self.store.head()
        assert head is not None
        found = {row.commitment for row in self.store.logged(0, head.size)}
        lost = [name for name in acknowledged if item(name).commitment not in found]
        assert not lost, f"{lost} lost"

    def close(self) -> None:
        self.store.close()


class Acknowledged:
    """Names, one a line, in a file that is appended to as soon as an append has returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, names: Iterable[str]) -> None:
        os.write(self.descriptor, "".join(f"{name}\n" for name in names).encode())

    def names(self) -> list[str]:
        return self.path.read_text().split()


def some_days(folder: Path, acknowledged: Acknowledged) -> None:
    """What is done between two kills: acceptance, logging over the border of a tile, cosigning, and more."""
    workspace = Workspace(folder)
    for names in (A_FEW, SOME):
        workspace.store.append(items(names))
        acknowledged.note(names)
    workspace.sequence()
    workspace.cosign()
    workspace.store.append(items(ONE))
    acknowledged.note(ONE)
    workspace.sequence()
    workspace.close()


def check_published(folder: Path, names: list[str]) -> None:
    """What outsiders could read between crash and mending, against what the ledger is after it."""
    storage = LocalStorage(folder / "ledger")
    before = [read_published(storage, path, VKEYS)[1] for path in (CHECKPOINT, *storage.list("checkpoints"))]
    workspace = Workspace(folder)
    workspace.sequence()
    workspace.check_kept(names)
    # Whoever got no answer sends it again.
    sent = [*A_FEW, *SOME, *ONE]
    workspace.store.append(items(sent))
    workspace.sequence()
    size = workspace.check(sent)
    assert size == 250 + len(sent)
    rows = workspace.store.logged(0, size)
    hashes = leaf_hashes([entry_bytes(Entry(row.at, row.kind, row.commitment)) for row in rows])
    for checkpoint in before:
        assert checkpoint.root == root_of(hashes[: checkpoint.size])
    assert not list((folder / "ledger" / ".new").iterdir()), "leftovers"
    workspace.close()


def at_every_step(place: str) -> None:
    """Kill at the first step, at the second, … until all is done without; check after each. Prints the number."""
    folder = Path(place)
    entries.BATCH = sequence.BATCH = 5
    base = Workspace(folder / "base")
    base.begin()
    base.store.append(items(f"old{i}" for i in range(250)))
    base.sequence()
    base.close()
    step = 0
    while True:
        step += 1
        copy = folder / f"step{step}"
        shutil.copytree(folder / "base", copy)
        acknowledged = Acknowledged(folder / "acknowledged")
        os.truncate(acknowledged.path, 0)

        def work(step: int = step, copy: Path = copy, acknowledged: Acknowledged = acknowledged) -> None:
            Steps(step).watch()
            some_days(copy, acknowledged)

        status = in_a_child(work)
        assert status in (0, signal.SIGKILL), status
        check_published(copy, acknowledged.names())
        os.close(acknowledged.descriptor)
        shutil.rmtree(copy)
        if status == 0:
            break
    sys.stdout.write(f"{step - 1}\n")


def beginning_at_every_step(place: str) -> None:
    """The same for the start of a workspace: whoever runs it again gets an empty log."""
    step, status = 0, -1
    while status:
        step += 1
        folder = Path(place) / str(step)

        def work(step: int = step, folder: Path = folder) -> None:
            Steps(step).watch()
            Workspace(folder).begin()

        status = in_a_child(work)
        assert status in (0, signal.SIGKILL), status
        workspace = Workspace(folder)
        if workspace.store.head() is None:
            workspace.begin()
        workspace.store.append(items(["first"]))
        workspace.sequence()
        assert workspace.check(["first"]) == 1
        workspace.close()
    sys.stdout.write(f"{step - 1}\n")


def at_any_time(place: str, rounds: str, seed: str) -> None:
    """Three processes accept and log as fast as they can, and are killed; again and again on one workspace."""
    folder, chosen = Path(place) / "shared", random.Random(seed)
    sequence.BATCH = 40
    first = Workspace(folder)
    first.begin()
    first.close()
    acknowledged = Acknowledged(Path(place) / "acknowledged")
    for number in range(int(rounds)):
        children = [_writer(folder, acknowledged, f"{number}-{who}") for who in range(3)]
        time.sleep(chosen.uniform(0.005, 0.06))
        for child in children:
            os.kill(child, signal.SIGKILL)
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
        again = Workspace(folder)
        again.sequence()
        if number % 10 == 9 or number == int(rounds) - 1:
            again.check(acknowledged.names())
        again.close()
    sys.stdout.write(f"{len(acknowledged.names())}\n")


def _writer(folder: Path, acknowledged: Acknowledged, name: str) -> int:
    def work() -> None:
        workspace = Workspace(folder)
        for turn in range(1_000_000):
            names = [f"{name}-{turn}-{i}" for i in range(1 + turn % 9)]
            workspace.store.append(items(names))
            acknowledged.note(names)
            workspace.sequence()

    return forked(work)


class SmallStorage(LocalStorage):
    """From the first tiles on, this process can write no file of more than 1,000 bytes."""

    def write_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        super().write_all(objects)


def with_little_room(place: str) -> None:
    """Log where the disk takes no file of more than 1,000 bytes; end with the error."""
    folder = Path(place) / "full"
    workspace = Workspace(folder)
    workspace.begin()
    workspace.store.append(items(f"n{i}" for i in range(300)))
    workspace.storage = SmallStorage(folder / "ledger")
    try:
        workspace.sequence()
    except LedgerError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(3)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
