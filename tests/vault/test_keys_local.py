"""Roots in files: for their owner alone, durable, and overwritten before they are removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from troth.errors import VaultError
from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.local import LocalKeeper, read_root_file, root_file

NOW = 1_767_225_600_000_000


@pytest.fixture
def keeper(tmp_path: Path) -> LocalKeeper:
    return LocalKeeper(tmp_path / "roots", lambda: NOW)


def test_a_root_is_made_for_its_owner_alone(keeper: LocalKeeper, tmp_path: Path) -> None:
    assert keeper.versions() == []
    keeper.make(1)
    keeper.make(2)
    keeper.make(10)
    assert keeper.versions() == [1, 2, 10]
    one, two = keeper.get(1), keeper.get(2)
    assert len(one) == len(two) == 32
    assert one != two
    assert LocalKeeper(tmp_path / "roots", lambda: NOW).get(1) == one
    assert (tmp_path / "roots" / "root.1").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "roots").stat().st_mode & 0o777 == 0o700


def test_a_root_is_never_overwritten_by_another(keeper: LocalKeeper) -> None:
    keeper.make(1)
    root = keeper.get(1)
    with pytest.raises(VaultError, match="File exists"):
        keeper.make(1)
    assert keeper.get(1) == root


def test_a_destroyed_root_was_overwritten_on_the_disk(
    keeper: LocalKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.make(7)
    root = keeper.get(7)
    file = tmp_path / "roots" / "root.7"
    os.link(file, tmp_path / "another name of the same file")
    done: list[str] = []
    real_fsync, real_unlink = os.fsync, os.unlink
    monkeypatch.setattr(os, "fsync", lambda fd: done.append("fsync") or real_fsync(fd))
    monkeypatch.setattr(os, "unlink", lambda *a, **k: done.append("unlink") or real_unlink(*a, **k))
    evidence = keeper.destroy(7)
    monkeypatch.undo()
    assert done == ["fsync", "unlink", "fsync"]
    left = (tmp_path / "another name of the same file").read_bytes()
    assert len(left) == 85
    assert root not in left
    assert b"troth" not in left
    assert keeper.versions() == []
    assert (evidence.keeper, evidence.version, evidence.scheduled, evidence.effective) == (
        "local",
        7,
        None,
        NOW,
    )
    assert "wear-levelling" in evidence.how
    assert "snapshots" in keeper.statement
    with pytest.raises(VaultError, match="cannot be read: No such file"):
        keeper.get(7)
    with pytest.raises(VaultError, match="cannot be destroyed: No such file"):
        keeper.destroy(7)


def test_a_disk_that_does_not_keep_what_is_written_is_told(
    keeper: LocalKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.make(1)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: real(fd, bytes(len(data)), at))
    with pytest.raises(VaultError, match="reads as something else"):
        keeper.destroy(1)
    assert keeper.versions() == [1], "not said to be destroyed"


def test_a_root_that_others_may_read_is_refused(keeper: LocalKeeper, tmp_path: Path) -> None:
    keeper.make(1)
    (tmp_path / "roots" / "root.1").chmod(0o640)
    with pytest.raises(VaultError, match="others than its owner"):
        keeper.get(1)


def test_a_link_in_the_place_of_a_root_is_not_followed(keeper: LocalKeeper, tmp_path: Path) -> None:
    keeper.make(1)
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "roots" / "root.1").rename(elsewhere)
    (tmp_path / "roots" / "root.1").symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    for act in (keeper.get, keeper.destroy):
        with pytest.raises(VaultError, match="root cannot be"):
            act(1)
    assert elsewhere.read_bytes() == before


def test_other_files_in_the_folder_are_no_roots(keeper: LocalKeeper, tmp_path: Path) -> None:
    keeper.make(3)
    for name in ("root.", "root.0", "root.04", "root.x", "xroot.4", "root.4.partial", "root.٣"):
        (tmp_path / "roots" / name).write_bytes(b"")
    assert keeper.versions() == [3]


def test_a_damaged_root_can_still_be_destroyed(keeper: LocalKeeper, tmp_path: Path) -> None:
    keeper.make(1)
    (tmp_path / "roots" / "root.1").write_bytes(b"half")
    with pytest.raises(VaultError, match="damaged"):
        keeper.get(1)
    keeper.destroy(1)
    assert keeper.versions() == []


def test_a_root_under_another_name_is_refused(keeper: LocalKeeper, tmp_path: Path) -> None:
    keeper.make(1)
    (tmp_path / "roots" / "root.1").rename(tmp_path / "roots" / "root.2")
    with pytest.raises(VaultError, match="holds version 1 of the root, and is named for version 2"):
        keeper.get(2)


def test_the_file_of_a_root_says_what_it_is() -> None:
    data = root_file(3, bytes(range(32)))
    assert data.startswith(b"troth:root:1\n")
    assert read_root_file(data, 3, "root.3") == bytes(range(32))


def test_it_is_a_keeper(keeper: LocalKeeper) -> None:
    narrow: RootKeeper = keeper
    assert narrow.name == "local"
