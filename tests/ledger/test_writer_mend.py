"""A folder and a store that disagree: what is mended, what is refused, and by which name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import writer_worlds as made
from writer_worlds import SIGNERS, VKEYS, World

from troth.errors import LedgerError
from troth.ledger import entries as batches
from troth.ledger.complete import Completeness, check_complete
from troth.ledger.log import create_log
from troth.ledger.mend import mend
from troth.ledger.published import CHECKPOINT, read_published
from troth.ledger.sequence import sequence
from troth.ledger.signers import Ed25519Signer, sign_checkpoint
from troth.ledger.storage import open_storage
from troth.proof.checkpoint import Checkpoint
from troth.store.interface import Head


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


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
                sequence(
                    store, world.storage, SIGNERS, world.memory, Completeness(world.storage), world.clock
                )  # type: ignore[arg-type]
            with pytest.raises(LedgerError, match=r"log.vkey: the ledger belongs to other keys"):
                sequence(store, world.storage, keys, world.memory, Completeness(world.storage), world.clock)  # type: ignore[arg-type]

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

    def test_another_checkpoint_of_an_older_size_is_a_fork_before_anything_is_written(
        self, world: World
    ) -> None:
        world.log(3)
        old = self.copy(world)
        world.log(3)
        self.restore(world, old)
        other = sign_checkpoint(Checkpoint("example.org/log", 3, bytes(32)), SIGNERS, 0)
        world.storage.replace("checkpoints/003", other)
        with pytest.raises(LedgerError, match=r"checkpoints/003: fork"):
            world.sequence()
        assert world.storage.read("checkpoints/006") is None

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
