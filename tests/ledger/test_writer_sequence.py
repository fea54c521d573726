"""Sequencing: what is pending gets its place, one writer at a time, whatever the batches, the clock and the state were."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import writer_worlds as made
from hypothesis import given, settings
from hypothesis import strategies as st
from writer_worlds import SIGNERS, VKEYS, World

from troth.errors import LedgerError
from troth.ledger import entries as batches
from troth.ledger import sequence as sequencing
from troth.ledger.complete import check_complete
from troth.ledger.entries import entries_again, entries_at
from troth.ledger.log import create_log, open_log
from troth.ledger.memory import Heads, heads_folder
from troth.ledger.mend import mend
from troth.ledger.published import CHECKPOINT, publish_cosigned, read_published
from troth.ledger.sequence import sequence
from troth.ledger.signers import CosignatureSigner, Ed25519Signer, MlDsaSigner, sign_checkpoint
from troth.ledger.storage import open_storage
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.entry import KINDS, Entry, entry_bytes
from troth.proof.merkle import check_consistency
from troth.proof.note import Note, read_note
from troth.store.interface import Head, Logged, Pending


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
    sequence(store, storage, signers, world.memory, world.clock)  # type: ignore[arg-type]
    both = [signer.vkey for signer in signers]
    assert storage.read("log.vkey") == "".join(f"{vkey}\n" for vkey in both).encode()
    data, checkpoint = read_published(storage, CHECKPOINT, both)
    assert checkpoint.size == 5
    signed = check_signed(data, both)
    assert signed.signers == tuple(both)
    seconds = int.from_bytes(signed.note.lines[1].signature[:8], "big")
    assert seconds == store.rows[-1].at // 1_000_000


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


class TestMending:
    """The folder and the store disagree."""

    def copy(self, world: World) -> Path:
        shutil.copytree(world.ledger, copied := world.folder / f"copy{world.head().size}")
        return copied

    def restore(self, world: World, copied: Path) -> None:
        shutil.rmtree(world.ledger)
        shutil.copytree(copied, world.ledger)

    @pytest.mark.parametrize("counts", [(0, 5), (3, 1), (200, 56), (200, 57), (256, 256), (255, 1500)])
    @pytest.mark.parametrize("batch", [100, 16_384])
    def test_an_older_copy_of_the_folder_is_written_up_to_the_store(
        self, world: World, counts: tuple[int, int], batch: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.log(counts[0])
        old = self.copy(world)
        world.log(counts[1])
        new = {path: world.storage.read(path) for path in world.storage.list("")}
        self.restore(world, old)
        monkeypatch.setattr(batches, "BATCH", batch)
        assert world.sequence().mended == counts[1]
        assert {path: world.storage.read(path) for path in world.storage.list("")} == new
        assert world.sequence().mended == 0
        world.log(1)
        world.check_whole()

    def test_an_older_store_is_a_rollback(self, world: World) -> None:
        world.log(5)
        world.store.rows, world.store.now_head = world.store.rows[:3], self.head_of(world, 3)
        with pytest.raises(
            LedgerError,
            match=r"ledger/checkpoint: rollback: the store holds 3 entries and the ledger 5 — restore",
        ):
            world.sequence()

    def head_of(self, world: World, size: int) -> Head:
        from troth.proof.merkle import leaf_hashes, root_of

        root = root_of(leaf_hashes(world.entries()[:size]))
        note = sign_checkpoint(Checkpoint("example.org/log", size, root), SIGNERS, 0)
        return Head(size, root, note, world.store.rows[-1].at)

    def rewritten(self, world: World, index: int) -> None:
        row = world.store.rows[index]
        world.store.rows[index] = replace(row, commitment=made.commitment(-1))
        world.store.now_head = self.head_of(world, len(world.store.rows))

    def test_a_rewritten_store_is_a_fork(self, world: World) -> None:
        world.log(5)
        self.rewritten(world, 2)
        with pytest.raises(LedgerError, match=r"ledger/checkpoint: fork: the 5 entries .* — keep both"):
            world.sequence()

    def test_a_rewritten_store_that_went_on_is_a_fork_and_nothing_is_written(self, world: World) -> None:
        world.log(300)
        old = self.copy(world)
        world.log(300)
        self.restore(world, old)
        before = {path: world.storage.read(path) for path in world.storage.list("")}
        self.rewritten(world, 2)
        with pytest.raises(
            LedgerError, match="fork: the 300 entries of the ledger are not those of the store"
        ):
            world.sequence()
        assert {path: world.storage.read(path) for path in world.storage.list("")} == before

    def test_a_store_that_lost_rows_between_is_refused(self, world: World) -> None:
        old = self.copy(world)
        world.log(5)
        self.restore(world, old)
        del world.store.rows[3]
        with pytest.raises(LedgerError, match="the store holds no row for entry 3"):
            world.sequence()

    def test_rows_that_change_between_checking_and_writing_are_refused(self, world: World) -> None:
        old = self.copy(world)
        world.log(5)
        self.restore(world, old)
        good = world.store.rows
        bad = [replace(row, commitment=bytes(32)) for row in good]
        readings = iter([good, bad])
        with pytest.raises(LedgerError, match="changed while they were read"):
            mend(world.storage, VKEYS, world.head(), lambda start, stop: iter(next(readings)[start:stop]))
        assert read_published(world.storage, CHECKPOINT, VKEYS)[1].size == 0

    def test_the_store_of_another_workspace_is_refused(self, world: World, tmp_path: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        for name in ("example.org/log", "example.org/other"):
            keys = (Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes(32))),)
            store = made.ListStore()
            store.start(create_log(open_storage(tmp_path / name), keys, made.NOW))
            with pytest.raises(
                LedgerError, match=r"the head in the store is not of this ledger: .* — put .* together"
            ):
                sequence(store, world.storage, SIGNERS, world.memory, world.clock)  # type: ignore[arg-type]
            with pytest.raises(LedgerError, match=r"log.vkey: the ledger belongs to other keys"):
                sequence(store, world.storage, keys, world.memory, world.clock)  # type: ignore[arg-type]

    def test_a_store_without_a_head_is_refused(self, world: World) -> None:
        world.store.now_head = None
        with pytest.raises(LedgerError, match="the store knows of no ledger — start the workspace"):
            world.sequence()

    def test_a_head_that_says_other_than_its_checkpoint_is_refused(self, world: World) -> None:
        world.log(3)
        for wrong in (replace(world.head(), size=2), replace(world.head(), root=bytes(32))):
            world.store.now_head = wrong
            with pytest.raises(LedgerError, match="the head in the store says"):
                world.sequence()

    @pytest.mark.parametrize(
        "path",
        [
            "log.vkey",
            "checkpoint",
            "checkpoints/300",
            "tile/0/001.p/44",
            "tile/1/000.p/1",
            "tile/entries/001.p/44",
        ],
    )
    def test_a_missing_or_changed_file_is_refused_by_name(self, world: World, path: str) -> None:
        world.log(300)
        whole = (world.ledger / path).read_bytes()
        damaged = [None, b"", whole[:-1], whole + whole[-1:]]
        damaged += [
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            for at in range(0, len(whole), 1 + len(whole) // 40)
        ]
        for data in damaged:
            if data is None:
                (world.ledger / path).unlink()
            else:
                (world.ledger / path).write_bytes(data)
            with pytest.raises(LedgerError) as refused:
                world.sequence()
            assert str(refused.value.place) == str(world.ledger / path)
            assert refused.value.remedy
        (world.ledger / path).write_bytes(whole)
        world.log(1)
        world.check_whole()

    def test_an_older_checkpoint_put_back_alone_is_gone_over_again(self, world: World) -> None:
        """It is what a crash before the last step leaves."""
        world.log(200)
        old = world.storage.read(CHECKPOINT)
        world.log(200)
        assert old is not None
        world.storage.replace(CHECKPOINT, old)
        assert world.sequence().mended == 200
        world.check_whole()

    def test_another_checkpoint_of_the_size_is_a_fork(self, world: World) -> None:
        world.log(3)
        other = sign_checkpoint(Checkpoint("example.org/log", 3, bytes(32)), SIGNERS, 0)
        world.storage.replace("checkpoints/003", other)
        with pytest.raises(LedgerError, match=r"checkpoints/003: fork"):
            world.sequence()
        world.storage.replace(CHECKPOINT, other)
        with pytest.raises(LedgerError, match=r"ledger/checkpoint: fork"):
            world.sequence()

    def test_full_tiles_that_are_missing_are_found_by_their_names(self, world: World) -> None:
        world.log(256 * 6 + 1)
        check_complete(world.storage, 256 * 6 + 1)
        for path in ("tile/entries/000", "tile/entries/003", "tile/0/005"):
            whole = (world.ledger / path).read_bytes()
            (world.ledger / path).unlink()
            with pytest.raises(LedgerError, match=rf"{path}: the file is missing — put it back"):
                check_complete(world.storage, 256 * 6 + 1)
            (world.ledger / path).write_bytes(whole)

    def test_a_log_is_begun_again_only_while_it_is_empty(self, world: World) -> None:
        create_log(world.storage, SIGNERS, made.NOW + 1)
        world.log(1)
        with pytest.raises(
            LedgerError, match="there is a ledger with entries already — choose another folder"
        ):
            create_log(world.storage, SIGNERS, made.NOW)
        world.check_whole()


class TestCosigned:
    WITNESS = CosignatureSigner("example.org/witness", SIGNERS[0].private)

    def cosigned(self, head: Head) -> Head:
        note = read_note(head.checkpoint)
        line = self.WITNESS.sign(note.text, 1_757_500_000)
        return replace(head, checkpoint=Note(note.text, (*note.lines, line)).data())

    def test_it_replaces_the_newest_checkpoint_and_the_one_of_its_size(self, world: World) -> None:
        world.log(5)
        cosigned = self.cosigned(world.head())
        publish_cosigned(world.store, world.storage, VKEYS, cosigned)  # type: ignore[arg-type]
        for path in (CHECKPOINT, "checkpoints/005"):
            assert world.storage.read(path) == cosigned.checkpoint
        assert world.head() == cosigned
        world.log(1)
        world.check_whole()

    def test_after_the_log_has_moved_on_only_the_older_one_is_replaced(self, world: World) -> None:
        world.log(5)
        cosigned = self.cosigned(world.head())
        world.log(2)
        publish_cosigned(world.store, world.storage, VKEYS, cosigned)  # type: ignore[arg-type]
        assert world.storage.read("checkpoints/005") == cosigned.checkpoint
        world.check_whole()
        assert world.head().size == 7

    def test_where_another_is_writing_it_is_published_by_it(self, world: World) -> None:
        world.log(5)
        cosigned = self.cosigned(world.head())
        with world.store.writer_lock():
            publish_cosigned(world.store, world.storage, VKEYS, cosigned)  # type: ignore[arg-type]
            assert world.storage.read(CHECKPOINT) != cosigned.checkpoint
        world.sequence()
        assert world.storage.read(CHECKPOINT) == cosigned.checkpoint
        world.check_whole()

    def test_after_a_crash_between_store_and_folder_it_is_published_on_the_next_look(
        self, world: World
    ) -> None:
        world.log(5)
        cosigned = self.cosigned(world.head())
        world.store.cosign(cosigned)
        world.sequence()
        for path in (CHECKPOINT, "checkpoints/005"):
            assert world.storage.read(path) == cosigned.checkpoint

    def test_a_checkpoint_that_the_log_did_not_sign_is_not_published(self, world: World) -> None:
        world.log(5)
        before = world.storage.read(CHECKPOINT)
        other = sign_checkpoint(Checkpoint("example.org/log", 5, bytes(32)), SIGNERS, 0)
        for wrong in (
            replace(world.head(), checkpoint=b"nonsense"),
            replace(world.head(), size=6),
            Head(5, bytes(32), other, 0),
        ):
            with pytest.raises(LedgerError):
                publish_cosigned(world.store, world.storage, VKEYS, wrong)  # type: ignore[arg-type]
        assert world.storage.read(CHECKPOINT) == before
        world.check_whole()


class TestMemory:
    """What is remembered outside of the workspace."""

    def test_both_restored_from_an_old_backup_is_noticed(self, world: World) -> None:
        world.log(5)
        shutil.copytree(world.ledger, world.folder / "backup")
        rows, head = list(world.store.rows), world.head()
        world.log(5)
        world.store.rows, world.store.now_head = rows, head
        shutil.rmtree(world.ledger)
        (world.folder / "backup").rename(world.ledger)
        world.store.accept(1)
        with pytest.raises(
            LedgerError, match=r"rollback: the store holds 5 entries, and held 10 before — restore the newest"
        ):
            world.sequence()
        assert len(world.store.waiting) == 1

    @pytest.mark.parametrize("more", [0, 3])
    def test_a_log_that_was_rewritten_whole_is_noticed(self, world: World, tmp_path: Path, more: int) -> None:
        world.log(300)
        other = World(tmp_path / "other")
        other.store.accepted = 7
        other.log(300 + more)
        other.memory = world.memory
        with pytest.raises(
            LedgerError, match=r"fork: the first 300 entries .* not those that were there before — "
        ):
            other.log(1)

    def test_a_remembered_head_that_the_log_extends_is_no_news(self, world: World) -> None:
        world.log(300)
        old = Heads(world.folder / "old")
        assert old.remember(VKEYS, world.head()) == ()
        world.log(1000)
        assert old.check(VKEYS, world.head(), world.reader().root_at) == ()

    def test_what_is_remembered_is_the_signed_checkpoint(self, world: World) -> None:
        world.log(5)
        [file] = [path for path in (world.folder / "state" / "heads").iterdir() if path.is_file()]
        assert check_signed(file.read_bytes(), VKEYS).checkpoint.size == 5

    def test_a_changed_memory_is_refused_by_name(self, world: World) -> None:
        world.log(5)
        [file] = [path for path in (world.folder / "state" / "heads").iterdir() if path.is_file()]
        data = file.read_bytes()
        for wrong in (b"", data[:-9], data.replace(b"\n5\n", b"\n4\n")):
            file.write_bytes(wrong)
            with pytest.raises(
                LedgerError, match=rf"{file}: the remembered head does not hold: .* — find out who"
            ):
                world.sequence()
        file.unlink()
        assert world.log(1).warnings == ()

    def test_a_folder_that_cannot_be_written_gives_one_warning(self, world: World) -> None:
        (world.folder / "state").write_text("a file where the folder should be")
        done = world.log(5)
        assert len(done.warnings) == 1
        assert "a restored backup of this workspace would not be noticed" in done.warnings[0]
        world.check_whole()

    def test_logs_do_not_share_their_memory(self, world: World, tmp_path: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        world.log(5)
        keys = (Ed25519Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32))),)
        store = made.ListStore()
        storage = open_storage(tmp_path / "second")
        store.start(create_log(storage, keys, made.NOW))
        assert sequence(store, storage, keys, world.memory, world.clock).warnings == ()  # type: ignore[arg-type]

    def test_the_folder_follows_the_rules_of_the_desktop(self) -> None:
        home = Path("/home/ann")
        told = {"XDG_STATE_HOME": "/var/state"}
        assert heads_folder(told, home) == Path("/var/state/troth/heads")
        for unset in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
            assert heads_folder(unset, home) == Path("/home/ann/.local/state/troth/heads")


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
