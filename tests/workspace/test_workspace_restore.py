"""A restore: what was erased stays erased, what is lost is told, and nothing is used before somebody answers for it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import fsspec
import pytest
from backup_worlds import TERMS, Disks, words

from troth.canon.canonical import canonical_bytes
from troth.errors import LedgerError, StoreError, TrothError, UsageError, VaultError
from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.backup.again import resume
from troth.operations.workspace.compact import compact
from troth.operations.workspace.history import history_files
from troth.operations.workspace.opened import opened
from troth.operations.workspace.sequencing import sequence
from troth.operations.workspace.show import show
from troth.proof.payloads import Restored, Resumed, read_payload
from troth.types.moment import parse_moment
from troth.vault.handles import Handles
from troth.vault.keys.keyring import Keyring


@pytest.fixture
def disks(place: Path) -> Disks:
    return Disks(place / "disks").begin()


def told(disks: Disks) -> list[object]:
    with opened(disks.workspace, closed=True) as found:
        return [read_payload(row.kind, row.payload) for row in found.store.opened(kinds=("restore",))]


def test_nothing_happened_since(disks: Disks) -> None:
    done = disks.backup()
    before, events = disks.readable(), disks.events()
    disks.lose()
    restored = disks.restore()
    assert (restored.lost, restored.destroyed, restored.closed, restored.origin) == (
        0,
        0,
        False,
        "example.org/shop",
    )
    assert (disks.readable(), disks.events()) == (before, events)
    (entry,) = told(disks)
    assert entry == Restored(done.digest, 0, done.entries, entry.made)  # type: ignore[attr-defined]
    assert restored.entry == done.entries
    assert disks.audited() == []
    disks.ingest(1)
    disks.erase(0)
    assert set(disks.readable()) == {"talk-1", "talk-2", "talk-3"}


AFTER: dict[str, Callable[[Disks], None]] = {
    "an ingest": lambda disks: disks.ingest(2),
    "an erasure": lambda disks: disks.erase(1),
    "a retention": lambda disks: disks.retain(),
}


@pytest.mark.parametrize("what", AFTER)
def test_the_disk_is_lost_after(disks: Disks, what: str) -> None:
    disks.backup()
    held = disks.readable()
    AFTER[what](disks)
    with opened(disks.workspace) as found:
        head = found.store.head()
    assert head is not None
    lost = head.size - 5
    disks.lose()
    with pytest.raises(LedgerError, match=f"{lost} of its entries are lost"):
        disks.restore()
    with pytest.raises(UsageError, match="would be a fork"):
        disks.restore(lost_entries_accepted=True)
    assert not disks.workspace.exists()
    restored = disks.restore_lost()
    gone = {} if what == "an ingest" else {"talk-1"}
    assert (restored.lost, restored.closed, restored.destroyed) == (lost, True, len(gone))
    assert disks.readable(closed=True) == {name: text for name, text in held.items() if name not in gone}
    assert disks.audited() == []
    (entry,) = told(disks)
    assert isinstance(entry, Restored)
    assert entry.before is not None
    assert (entry.before.origin, entry.before.size, entry.lost) == ("example.org/shop", head.size, lost)
    with opened(disks.workspace, closed=True) as found:
        assert bool(list(found.store.opened(conversation="talk-1"))) == (what == "an ingest")


def test_what_was_erased_is_in_no_file_of_the_restored_workspace(disks: Disks) -> None:
    disks.backup()
    with opened(disks.workspace) as found:
        (slot,) = found.handles.slots("conversation", ["talk-1"], make=False).values()
        assert slot is not None
        (key,) = found.keyring.keys([slot])
        mark = found.handles.mark("conversation", "talk-1")[:16]
    assert key is not None
    disks.erase(1)
    disks.lose()
    assert disks.restore_lost().rows == 2, "its deletion, and its name and salt"
    with closing(sqlite3.connect(disks.workspace / "store.db")) as connection:
        emptied = "SELECT (SELECT count(*) FROM item WHERE payload = x''), (SELECT count(*) FROM conversation WHERE salt = x'')"
        assert connection.execute(emptied).fetchall() == [(1, 1)]
    with opened(disks.workspace, closed=True) as found:
        assert found.keyring.keys([slot]) == [None]
    for file in disks.workspace.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert key not in data, file
        assert words(1).encode() not in data, file
        assert mark not in data or file.name == "keys.db", file
    keys = [disks.workspace / "vault" / "keys.db", disks.copies / "keys.db"]
    assert not any(mark in file.read_bytes() for file in keys)


def test_a_name_whose_key_was_destroyed_and_that_was_not_forgotten_is_forgotten(
    disks: Disks, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks.backup()

    def broken(self: Handles, slots: object) -> None:
        raise VaultError("the power went", remedy="switch it on again")

    with monkeypatch.context() as patch:
        patch.setattr(Handles, "forget_slots", broken)
        with pytest.raises(VaultError, match="the power went"):
            disks.erase(1)
    disks.lose()
    disks.restore_lost()
    with opened(disks.workspace, closed=True) as found:
        assert found.handles.slots("conversation", ["talk-1"], make=False) == {"talk-1": None}


def test_with_the_old_key_state_the_live_root_opens_nothing(place: Path) -> None:
    disks = Disks(place / "disks", copied=False).begin()
    disks.backup()
    disks.erase(1)
    disks.lose()
    with pytest.raises(LedgerError):
        disks.restore()
    with pytest.raises(VaultError, match="version 1 of the root, and the keeper 'local' holds 2"):
        disks.restore_lost()
    assert disks.root_versions() == ["root.2"], "nothing is changed at the keeper"
    with pytest.raises(StoreError):
        disks.readable()


def test_without_the_live_root_nothing_is_opened(disks: Disks) -> None:
    disks.backup()
    disks.lose()
    disks.roots.rename(disks.folder / "away")
    with pytest.raises(UsageError, match="the live root is not here"):
        disks.restore()
    disks.roots.mkdir()
    with pytest.raises(VaultError, match="holds none"):
        disks.restore()
    disks.restore(root=disks.folder / "away")
    assert set(disks.readable()) == {"talk-0", "talk-1", "talk-2"}


def test_an_erasure_that_was_begun_before_the_backup_is_finished(
    disks: Disks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Keyring, slots: object) -> None:
        raise VaultError("the power went", remedy="switch it on again")

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "destroy", broken)
        with pytest.raises(VaultError, match="the power went"):
            disks.erase(1)
        (disks.workspace / "vault" / "erasing").unlink()  # so that nothing but the ledger knows of it
        disks.backup()
    disks.lose()
    restored = disks.restore()
    assert (restored.closed, restored.destroyed) == (False, 1)
    assert set(disks.readable()) == {"talk-0", "talk-2"}
    assert disks.root_versions() == ["root.2"]


def test_a_closed_workspace_is_used_for_nothing_but_what_mends_it(disks: Disks, place: Path) -> None:
    disks.backup()
    disks.ingest(1)
    disks.lose()
    disks.restore_lost()
    workspace = disks.workspace

    def decide() -> None:
        with history_files((), workspace):
            pass

    request = BuildRequest(
        terms=TERMS, options={}, history=(), records=(), purpose="train.general", seed=7,
        at=parse_moment("2025-12-01T00:00:00Z"), out=place / "release", workspace=workspace,
    )  # fmt: skip
    refused: list[Callable[[], object]] = [
        decide, disks.erase, disks.retain, disks.readable, lambda: build_release(request),
        lambda: show(workspace, "talk-0", "to look"),
    ]  # fmt: skip
    for call in refused:
        with pytest.raises(StoreError, match="the workspace is closed"):
            call()
    disks.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "new", "plan": "pro"})
    disks.ingest(1)
    sequence(workspace)
    disks.backup()
    with pytest.raises(UsageError, match="must say why"):
        resume(workspace, " ")
    entry = resume(workspace, "every person was asked")
    assert told(disks)[-1] == Resumed(5, "every person was asked")
    assert entry > 5
    disks.erase(0)
    with pytest.raises(UsageError, match="not a closed workspace"):
        resume(workspace, "again")


def test_where_nobody_remembers_the_log_goes_on_and_is_closed(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    disks.backup()
    checkpoint = place / "checkpoint"
    shutil.copy(disks.workspace / "ledger" / "checkpoint", checkpoint)
    disks.lose()
    for name, given, closed in (("one", (), True), ("two", (checkpoint,), False)):
        monkeypatch.setenv("XDG_STATE_HOME", str(place / name))
        restored = disks.restore(checkpoints=given)
        assert (restored.closed, restored.origin) == (closed, "example.org/shop")
        disks.lose()


def test_a_newer_checkpoint_from_anywhere_tells_what_is_lost(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    disks.backup()
    disks.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "a0", "plan": "free"})
    newer = place / "newer"
    shutil.copy(disks.workspace / "ledger" / "checkpoint", newer)
    disks.lose()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    with pytest.raises(LedgerError, match="1 of its entries"):
        disks.restore(checkpoints=(newer,))
    newer.write_text("no checkpoint\n\n")
    with pytest.raises(TrothError, match="no checkpoint of the log"):
        disks.restore(checkpoints=(newer,))


def test_the_key_copy_alone_tells_that_something_is_lost(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    disks.backup()
    disks.erase(1)
    disks.lose()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    with pytest.raises(LedgerError, match="nobody knows how many"):
        disks.restore()
    restored = disks.restore_lost()
    assert (restored.lost, restored.closed, restored.destroyed) == (None, True, 1)
    (entry,) = told(disks)
    assert isinstance(entry, Restored)
    assert entry.before is not None
    assert entry.before.size == restored.entries


def test_the_signing_keys_are_lost_too(disks: Disks) -> None:
    disks.backup()
    disks.lose()
    with pytest.raises(UsageError, match="signing keys"):
        disks.restore(keys=None)
    restored = disks.restore(keys=None, origin="example.org/shop-2")
    assert (restored.closed, restored.origin) == (False, "example.org/shop-2")
    assert disks.audited() == []
    assert (disks.workspace / "keys" / "log.key").read_bytes() != (disks.safe / "log.key").read_bytes()
    disks.ingest(1)


def test_the_keys_of_another_log_are_refused(disks: Disks, place: Path) -> None:
    other = Disks(place / "other").begin(1)
    disks.backup()
    disks.lose()
    with pytest.raises(TrothError, match="no given key of the log"):
        disks.restore(keys=other.safe)
    with pytest.raises(VaultError, match="another keyring"):
        disks.restore(key_copy=other.copies)


def test_a_ledger_that_outlived_the_disk_is_ahead(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disks = Disks(place / "disks", ledger=str(place / "ledger")).begin()
    disks.backup()
    disks.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "a0", "plan": "free"})
    disks.lose()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    before = {file: file.read_bytes() for file in (place / "ledger").rglob("*") if file.is_file()}
    with pytest.raises(LedgerError, match="1 of its entries"):
        disks.restore()
    disks.restore_lost()
    assert disks.audited() == []
    assert before == {file: file.read_bytes() for file in (place / "ledger").rglob("*") if file.is_file()}


def test_a_ledger_that_outlived_the_disk_and_is_not_ahead_shows_that_nothing_is_lost(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks = Disks(place / "disks", ledger=str(place / "ledger")).begin()
    disks.backup()
    disks.lose()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    assert not disks.restore().closed
    disks.ingest(1)


def test_another_log_of_the_same_size_is_a_fork(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    disks.backup()
    shutil.copytree(disks.workspace, place / "twin")
    disks.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "a0", "plan": "free"})
    other = place / "checkpoint"
    shutil.copy(disks.workspace / "ledger" / "checkpoint", other)
    disks.lose()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    twin = Disks(disks.folder, name="../twin")
    twin.record({"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "a0", "plan": "max"})
    twin.backup()
    with pytest.raises(LedgerError, match="fork"):
        disks.restore(checkpoints=(other,))


def test_only_into_an_empty_folder(disks: Disks) -> None:
    disks.backup()
    with pytest.raises(UsageError, match="is not empty"):
        disks.restore()
    disks.lose()
    disks.workspace.write_text("a file")
    with pytest.raises(UsageError, match="is not empty"):
        disks.restore()


def test_two_keepers_and_both_live(place: Path) -> None:
    disks = Disks(place / "disks", two_keepers=True).begin()
    disks.backup()
    disks.erase(1)
    assert disks.root_versions() == ["root.2"]
    disks.lose()
    disks.second_roots.rename(disks.folder / "moved")
    with pytest.raises(UsageError, match="--second-root"):
        disks.restore_lost()
    restored = disks.restore_lost(second_root=disks.folder / "moved")
    assert restored.destroyed == 1
    resume(disks.workspace, "asked")
    disks.erase(0)
    assert disks.root_versions() == [file.name for file in (disks.folder / "moved").iterdir()] == ["root.3"]


def test_one_of_two_keepers_has_an_older_root(place: Path) -> None:
    disks = Disks(place / "disks", two_keepers=True).begin()
    shutil.copytree(disks.second_roots, disks.folder / "older")
    disks.backup()
    disks.erase(1)
    disks.lose()
    with pytest.raises(VaultError, match="the keeper 'second' holds 1"):
        disks.restore_lost(second_root=disks.folder / "older")
    assert [file.name for file in (disks.folder / "older").iterdir()] == ["root.1"]
    disks.restore_lost()


@pytest.mark.parametrize("by", ["index", "store"])
def test_an_older_key_database_in_the_place_of_the_newest_is_refused(place: Path, by: str) -> None:
    disks = Disks(place / "disks", copied=False).begin()
    keys = disks.workspace / "vault" / "keys.db"
    older = keys.read_bytes()
    if by == "index":
        disks.ingest(1)
    else:
        disks.record(
            {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "new", "plan": "pro"}
        )
    keys.write_bytes(older)
    with pytest.raises(VaultError, match="it is an older copy"):
        disks.readable()
    with pytest.raises(VaultError, match="it is an older copy"):
        disks.ingest(1)


# --- damage ----------------------------------------------------------------------------------------


def backed_up(disks: Disks) -> dict[str, dict[str, object]]:
    listed = json.loads((disks.place / "backup.json").read_bytes())
    return {file["path"]: file for file in listed["backup"]["files"]}


def object_of(disks: Disks, path: str) -> Path:
    (name, *_) = backed_up(disks)[path]["pieces"]  # type: ignore[misc]
    return disks.place / "objects" / str(name)[:2] / str(name)


FILES = (
    "store.db", "vault/keys.db", "vault/vault.db", "vault/segments/000000001.parquet", "ledger/checkpoint", "troth.toml",
)  # fmt: skip


@pytest.mark.parametrize("damage", ["flip", "missing", "swap", "cut"])
def test_a_damaged_file_is_named(disks: Disks, damage: str) -> None:
    disks.backup()
    disks.lose()
    for path in FILES:
        file = object_of(disks, path)
        data = file.read_bytes()
        if damage == "missing":
            file.unlink()
        else:
            changed = {"flip": data[:50] + bytes([data[50] ^ 4]) + data[51:], "cut": data[:-1]}
            file.write_bytes(changed.get(damage, object_of(disks, "ledger/log.vkey").read_bytes()))
        with pytest.raises(TrothError, match=f"a piece of {path} is (damaged|missing)"):
            disks.restore()
        with pytest.raises(StoreError):
            disks.readable()
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    disks.restore()
    assert set(disks.readable()) == {"talk-0", "talk-1", "talk-2"}


def test_a_changed_list_is_refused(disks: Disks) -> None:
    disks.backup()
    disks.lose()
    listed = disks.place / "backup.json"
    whole = listed.read_bytes()
    changes = [
        whole[:-1], whole + b" ", b"", b"{}", whole.replace(b'"entries":5', b'"entries":4'),
        whole.replace(b"vault/vault.db", b"vault/../../../x"), whole.replace(b'"format":1', b'"format":2'),
    ]  # fmt: skip
    for changed in changes:
        listed.write_bytes(changed)
        with pytest.raises(TrothError, match=r"backup\.json"):
            disks.restore()
    assert not disks.workspace.exists()


def test_a_list_that_is_whole_and_leads_out_of_the_folder_is_refused(disks: Disks, place: Path) -> None:
    disks.backup()
    disks.lose()
    for bad in (
        "../outside",
        "/etc/outside",
        "vault/root/root.1",
        "keys/log.key",
        "ledger/../../x",
        "restoring.json",
    ):
        listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]
        listed["files"][0]["path"] = bad
        digest = "sha256:" + hashlib.sha256(canonical_bytes(listed)).hexdigest()
        (place / "backup").mkdir(exist_ok=True)
        (place / "backup" / "backup.json").write_bytes(canonical_bytes({"backup": listed, "digest": digest}))
        with pytest.raises(TrothError, match="no file of a workspace"):
            disks.restore(source=str(place / "backup"))


def test_a_list_without_a_segment_is_refused_and_names_it(disks: Disks) -> None:
    disks.backup()
    disks.lose()
    listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]
    listed["files"] = [one for one in listed["files"] if "segments" not in one["path"]]
    digest = "sha256:" + hashlib.sha256(canonical_bytes(listed)).hexdigest()
    (disks.place / "backup.json").write_bytes(canonical_bytes({"backup": listed, "digest": digest}))
    with pytest.raises(TrothError, match=r"000000001\.parquet"):
        disks.restore()


def test_an_older_backup_in_the_place_of_the_newest_is_noticed(disks: Disks, place: Path) -> None:
    disks.backup()
    shutil.copytree(disks.place, place / "older")
    disks.ingest(1)
    disks.backup()
    disks.lose()
    with pytest.raises(LedgerError, match="entries are lost"):
        disks.restore(source=str(place / "older"))
    disks.restore()


def test_segments_in_an_object_store_stay_there(place: Path) -> None:
    disks = Disks(place / "disks", segments="memory://backup-test/segments").begin()
    done = disks.backup()
    assert done.elsewhere == ("segments: memory://backup-test/segments",)
    disks.lose()
    disks.restore()
    assert set(disks.readable()) == {"talk-0", "talk-1", "talk-2"}
    disks.backup()
    disks.lose()
    files = fsspec.filesystem("memory")
    (segment,) = files.find("/backup-test/segments")
    files.rm_file(segment)
    with pytest.raises(TrothError, match=r"not here: 000000001\.parquet"):
        disks.restore()


def test_after_a_compaction_the_segments_that_are_gone_go_from_the_backup_too(disks: Disks) -> None:
    disks.backup()
    before = backed_up(disks)
    disks.erase(1)
    compact(disks.workspace)
    disks.backup()
    after = backed_up(disks)
    old = [path for path in before if "segments" in path]
    assert old
    assert not set(old) & set(after)
    assert not object_exists(disks, before[old[0]])
    disks.lose()
    assert not disks.restore().closed
    assert set(disks.readable()) == {"talk-0", "talk-2"}


def object_exists(disks: Disks, file: dict[str, object]) -> bool:
    (name, *_) = file["pieces"]  # type: ignore[misc]
    return (disks.place / "objects" / str(name)[:2] / str(name)).exists()


def test_an_interrupted_attempt_leaves_nothing_in_the_way_of_another(disks: Disks) -> None:
    disks.backup()
    disks.lose()
    away = disks.folder / "away"
    (disks.roots / "root.1").rename(away)
    with pytest.raises(VaultError, match="holds none"):
        disks.restore()
    away.rename(disks.roots / "root.1")
    restored = disks.restore(origin="example.org/shop-2", keys=None)
    assert restored.origin == "example.org/shop-2"
    assert disks.audited() == []
