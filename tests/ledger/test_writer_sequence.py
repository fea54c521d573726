"""Sequencing: what is pending gets its place, one writer at a time, whatever the batches, the clock and the state were."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import writer_worlds as made
from hypothesis import given, settings
from hypothesis import strategies as st
from writer_worlds import SIGNERS, VKEYS, World

from troth.errors import LedgerError
from troth.ledger import sequence as sequencing
from troth.ledger.complete import Completeness, check_complete
from troth.ledger.entries import entries_again, entries_at
from troth.ledger.log import create_log, open_log
from troth.ledger.object_storage import ObjectStorage
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.sequence import sequence
from troth.ledger.signers import MlDsaSigner
from troth.ledger.storage import open_storage
from troth.proof.checkpoint import check_signed
from troth.proof.entry import KINDS, Entry, entry_bytes
from troth.proof.merkle import check_consistency
from troth.store.interface import Logged, Pending


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_empty_log_is_a_log(world: World) -> None:
    done = world.sequence()
    assert (done.size, done.entries, done.mended, done.left, done.warnings) == (0, 0, 0, False, ())
    world.check_whole()
    assert world.storage.read("log.vkey") == f"{VKEYS[0]}\n".encode()


@settings(max_examples=15, deadline=None)
@given(
    counts=st.lists(st.one_of(st.integers(0, 4), st.integers(250, 600)), max_size=5),
    batch=st.sampled_from([1, 7, 256, 300, 4096]),
)
def test_what_is_pending_gets_its_place_in_the_order_of_acceptance(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], batch: int
) -> None:
    if batch == 1:
        counts = [count % 5 for count in counts]
    world = World(tmp_path_factory.mktemp("sequenced"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequencing, "BATCH", batch)
        for count in counts:
            done = world.log(count)
            assert (done.entries, done.size) == (count, len(world.store.rows))
    assert [row.commitment for row in world.store.rows] == [made.commitment(i) for i in range(sum(counts))]
    world.check_whole()
    check_complete(world.storage, sum(counts))


def test_a_clock_that_was_set_back_does_not_make_the_times_go_back(world: World) -> None:
    world.log(1)
    before = world.head().at
    world.now = 0
    world.log(1)
    assert [row.at for row in world.store.rows] == [before, before]
    world.now = before + 5
    world.log(1)
    assert world.store.rows[-1].at == before + 1_000_005


def test_who_finds_the_lock_taken_leaves_what_is_pending(world: World) -> None:
    world.store.accept(3)
    with world.store.writer_lock():
        done = world.sequence()
    assert (done.left, done.entries, done.size) == (True, 0, 0)
    assert len(world.store.waiting) == 3
    assert world.sequence().entries == 3


def test_what_was_left_to_the_holder_is_logged_by_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come after the holder's last look, while it still has the lock."""
    pending, late = world.store.pending, iter([2, 1])

    def and_then_more(limit: int) -> list[Pending]:
        found = pending(limit)
        if not found and world.store.lock.locked():
            world.store.accept(next(late, 0))
        return found

    monkeypatch.setattr(world.store, "pending", and_then_more)
    assert world.log(4).entries == 7
    world.check_whole()


def test_a_log_with_two_kinds_of_signatures(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    signers = (*SIGNERS, MlDsaSigner("example.org/log", MLDSA44PrivateKey.from_seed_bytes(bytes(32))))
    world = World(tmp_path / "w")
    storage = open_storage(tmp_path / "two")
    store = made.ListStore()
    store.start(create_log(storage, signers, made.NOW))
    store.accept(5)
    sequence(store, storage, signers, world.memory, Completeness(storage), world.clock)  # type: ignore[arg-type]
    both = [signer.vkey for signer in signers]
    assert storage.read("log.vkey") == "".join(f"{vkey}\n" for vkey in both).encode()
    data, checkpoint = read_published(storage, CHECKPOINT, both)
    assert checkpoint.size == 5
    signed = check_signed(data, both)
    assert signed.signers == tuple(both)
    seconds = int.from_bytes(signed.note.lines[1].signature[:8], "big")
    assert seconds == store.rows[-1].at // 1_000_000


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_ledger_in_an_object_store_has_the_same_files(world: World, tmp_path: Path, kind: str) -> None:
    place = f"memory://{tmp_path.name}/ledger" if kind == "memory" else f"file://{tmp_path}/objects"
    other = World(tmp_path / "other", ObjectStorage(place))
    for count in (3, 300, 0, 256, 1):
        world.log(count)
        other.log(count)
    other.check_whole()
    check_complete(other.storage, 560)
    files = list(world.storage.list(""))
    assert list(other.storage.list("")) == files
    assert [other.storage.read(path) for path in files] == [world.storage.read(path) for path in files]


class TestEntries:
    def test_many_at_once_are_the_bytes_of_each(self) -> None:
        rows = [Pending(i, kind, made.commitment(i)) for i, kind in enumerate(KINDS)]
        for at in (0, made.NOW, made.NOW + 1, made.NOW + 120_000):
            assert entries_at(at, rows) == [entry_bytes(Entry(at, row.kind, row.commitment)) for row in rows]

    @pytest.mark.parametrize("row", [Pending(1, "gossip", bytes(32)), Pending(1, "choice", bytes(31))])
    def test_a_row_that_cannot_be_logged_is_refused(self, row: Pending) -> None:
        with pytest.raises(LedgerError, match=r"cannot be logged.* — find out who wrote"):
            entries_at(0, [row])

    @pytest.mark.parametrize("indexes", [[5, 6, 8], [6, 7], [5, 6], [5, 5, 6], []])
    def test_rows_that_are_missing_or_doubled_are_refused(self, indexes: list[int]) -> None:
        rows = [Logged(i, 0, "choice", bytes(32)) for i in indexes]
        with pytest.raises(LedgerError, match="the store holds no row for entry"):
            list(entries_again(iter(rows), 5, 8))

    def test_times_may_change_within_a_batch(self) -> None:
        rows = [Logged(i, made.NOW + i // 3, "event", made.commitment(i)) for i in range(10)]
        [again] = entries_again(iter(rows), 0, 10)
        assert again == [entry_bytes(Entry(row.at, row.kind, row.commitment)) for row in rows]


class TestTwoWriters:
    """Both believe that they hold the lock."""

    def test_the_second_to_commit_stops_and_the_log_stays_good(self, world: World) -> None:
        world.log(10)
        first, _ = open_log(world.storage, SIGNERS, world.head(), world.store.logged)
        second, _ = open_log(world.storage, SIGNERS, world.head(), world.store.logged)
        world.store.accept(300)
        plans = []
        for log in (first, second):
            rows = world.store.pending(300)
            plans.append(
                (log, [row.seq for row in rows], log.plan(entries_at(made.NOW * 2, rows), made.NOW * 2))
            )
        log, seqs, planned = plans[1]
        world.store.assign(seqs, 10, planned.new.at, planned.old, planned.new)
        with pytest.raises(LedgerError, match="another writer"):
            world.store.assign(plans[0][1], 10, planned.new.at, plans[0][2].old, plans[0][2].new)
        log.write(planned)
        world.now = made.NOW * 2
        world.log(3)
        world.check_whole()

    def test_one_that_was_overtaken_while_it_wrote_does_not_set_the_checkpoint_back(
        self, world: World
    ) -> None:
        log, _ = open_log(world.storage, SIGNERS, world.head(), world.store.logged)
        world.store.accept(200)
        rows = world.store.pending(200)
        at = world.clock()
        planned = log.plan(entries_at(at, rows), at)
        world.store.assign([row.seq for row in rows], 0, at, planned.old, planned.new)
        # Another writer mends what this one has not written yet, and goes on.
        world.log(100)
        with pytest.raises(
            LedgerError, match=r"ledger/checkpoint: rollback: the store holds 200 .* ledger 300"
        ):
            log.write(planned)
        world.sequence()
        assert world.reader().entry(250)
        assert read_published(world.storage, CHECKPOINT, VKEYS)[1].size == 300

    def test_a_plan_of_before_is_not_written(self, world: World) -> None:
        log, _ = open_log(world.storage, SIGNERS, world.head(), world.store.logged)
        one, other = log.plan([b"a"], 1), log.plan([b"b"], 1)
        log.write(one)
        with pytest.raises(
            LedgerError, match="the plan was made at 0 entries, and the log has 1 — plan again"
        ):
            log.write(other)

    def test_planning_changes_nothing(self, world: World) -> None:
        world.log(3)
        log, _ = open_log(world.storage, SIGNERS, world.head(), world.store.logged)
        before = {path: world.storage.read(path) for path in world.storage.list("")}
        assert log.plan([b"a"] * 300, 5) == log.plan([b"a"] * 300, 5)
        assert before == {path: world.storage.read(path) for path in world.storage.list("")}
        assert log.head == world.head()


def test_every_published_checkpoint_is_proved_consistent_with_every_other(world: World) -> None:
    chosen = random.Random(3)
    for _ in range(12):
        world.log(chosen.choice([1, 40, 256, 700]))
    reader = world.reader()
    seen = [read_published(world.storage, path, VKEYS)[1] for path in world.storage.list("checkpoints")]
    seen.sort(key=lambda checkpoint: checkpoint.size)
    for old in seen:
        for new in seen:
            if old.size <= new.size:
                proof = reader.consistency_proof(old.size, new.size)
                check_consistency(old.size, new.size, old.root, new.root, proof)
