"""What witnesses add to a published checkpoint, and what is remembered outside of the workspace."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import writer_worlds as made
from writer_worlds import SIGNERS, VKEYS, World

from troth.errors import LedgerError
from troth.ledger.complete import Completeness
from troth.ledger.log import create_log
from troth.ledger.memory import Heads, heads_folder
from troth.ledger.published import CHECKPOINT, publish_cosigned, read_published
from troth.ledger.sequence import sequence
from troth.ledger.signers import CosignatureSigner, Ed25519Signer, sign_checkpoint
from troth.ledger.storage import open_storage
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.note import Note, read_note
from troth.store.interface import Head


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


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

    def test_what_a_crash_left_unwritten_is_not_published_before_it_is_mended(self, world: World) -> None:
        world.log(5)
        copied = shutil.copytree(world.ledger, world.folder / "before")
        world.log(300)
        cosigned = self.cosigned(world.head())
        shutil.rmtree(world.ledger)
        copied.rename(world.ledger)
        publish_cosigned(world.store, world.storage, VKEYS, cosigned)  # type: ignore[arg-type]
        assert read_published(world.storage, CHECKPOINT, VKEYS)[1].size == 5
        assert world.storage.read("checkpoints/305") is None
        assert world.sequence().mended == 300
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
        assert sequence(store, storage, keys, world.memory, Completeness(storage), world.clock).warnings == ()  # type: ignore[arg-type]

    def test_the_folder_follows_the_rules_of_the_desktop(self) -> None:
        home = Path("/home/ann")
        told = {"XDG_STATE_HOME": "/var/state"}
        assert heads_folder(told, home) == Path("/var/state/troth/heads")
        for unset in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
            assert heads_folder(unset, home) == Path("/home/ann/.local/state/troth/heads")
