"""A backup: what is in it and what never is, what is copied again, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from backup_worlds import Disks, words

from killing import forked
from troth.errors import VaultError, VerificationError
from troth.operations.workspace.backup import backup as room
from troth.operations.workspace.opened import opened
from troth.vault.keys.keyring import Keyring


@pytest.fixture
def disks(place: Path) -> Disks:
    return Disks(place / "disks").begin()


def paths(disks: Disks) -> set[str]:
    listed = json.loads((disks.place / "backup.json").read_bytes())
    return {file["path"] for file in listed["backup"]["files"]}


def objects(disks: Disks) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (disks.place / "objects").rglob("*") if file.is_file()}


def test_everything_is_in_it_but_the_root_and_the_signing_keys(disks: Disks) -> None:
    done = disks.backup()
    found = paths(disks)
    wanted = {
        "troth.toml",
        "store.db",
        "vault/keys.db",
        "vault/vault.db",
        "ledger/checkpoint",
        "ledger/log.vkey",
    }
    assert found > wanted
    assert any(path.startswith("vault/segments/") for path in found)
    assert not any("key" in path and path != "vault/keys.db" and "vkey" not in path for path in found)
    assert not any("root" in path for path in found)
    (root,) = disks.roots.iterdir()
    secrets = [root.read_bytes()[21:53], (disks.safe / "log.key").read_bytes()[40:80]]
    for name, data in objects(disks).items():
        assert not any(secret in data for secret in secrets), name
        assert words(0).encode() not in data, "plain"
    assert (done.entries, done.root_version, done.elsewhere) == (5, 1, ())


def test_what_is_there_is_not_copied_again(disks: Disks) -> None:
    first = disks.backup()
    again = disks.backup()
    assert (again.copied, again.removed, again.size) == (0, 0, first.size)
    before = set(objects(disks))
    disks.ingest(2)
    third = disks.backup()
    assert third.copied > 0
    assert third.removed > 0, "pieces of older databases go"
    kept = before & set(objects(disks))
    listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]["files"]
    old = [file for file in listed if file["path"] == "vault/segments/000000001.parquet"]
    assert set(old[0]["pieces"]) <= kept
    assert set(objects(disks)) == {piece for file in listed for piece in file["pieces"]}


def test_the_backup_of_before_stays_whole_until_the_new_one_is(
    disks: Disks, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = disks.backup()
    disks.ingest(1)

    def broken(self: Keyring, target: Path) -> None:
        raise VaultError("the power went", remedy="switch it on again")

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "save", broken)
        with pytest.raises(VaultError, match="the power went"):
            disks.backup()
    assert json.loads((disks.place / "backup.json").read_bytes())["digest"] == first.digest
    listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]["files"]
    named = {piece for file in listed for piece in file["pieces"]}
    assert named < set(objects(disks)), "what was begun is left, and nothing is taken away"
    disks.backup()
    listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]["files"]
    assert set(objects(disks)) == {piece for file in listed for piece in file["pieces"]}


def test_a_damaged_segment_is_not_backed_up(disks: Disks) -> None:
    first = disks.backup()
    disks.ingest(1)
    newest = sorted((disks.workspace / "vault" / "segments").iterdir())[-1]
    data = bytearray(newest.read_bytes())
    data[100] ^= 1
    newest.write_bytes(data)
    with pytest.raises(VaultError, match="the segment is damaged"):
        disks.backup()
    assert json.loads((disks.place / "backup.json").read_bytes())["digest"] == first.digest


def test_a_backup_can_be_looked_through(disks: Disks) -> None:
    disks.backup()
    one = next(file for file in sorted((disks.place / "objects").rglob("*")) if file.is_file())
    data = one.read_bytes()
    one.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert disks.backup().copied == 0, "it is not read again"
    assert disks.backup(check=True).copied == len(data), "it is read, and copied again"
    assert one.read_bytes() == data


def test_a_damaged_list_is_not_built_upon(disks: Disks) -> None:
    disks.backup()
    listed = disks.place / "backup.json"
    listed.write_bytes(listed.read_bytes().replace(b'"entries":5', b'"entries":6'))
    with pytest.raises(VerificationError, match=r"backup\.json"):
        disks.backup()


def test_while_another_process_ingests_and_erases(disks: Disks, place: Path) -> None:
    def writing() -> None:
        for _ in range(4):
            disks.ingest(2)
        disks.erase(0)

    child = forked(writing)
    taken = []
    try:
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            disks.backup()
            copy = place / f"taken{len(taken)}"
            shutil.copytree(disks.place, copy)
            taken.append(copy)
            time.sleep(0.05)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    assert len(taken) >= 2
    disks.backup()
    shutil.copytree(disks.place, place / "last")
    whole = disks.readable()
    with opened(disks.workspace) as found:
        entries = found.store.head()
    assert entries is not None
    disks.lose()
    for number, copy in enumerate((taken[-1], place / "last"), 2):
        done = disks.restore_lost(source=str(copy), origin=f"example.org/shop-{number}")
        assert set(disks.readable(closed=True)) <= set(whole)
        assert "talk-0" not in disks.readable(closed=True)
        assert disks.audited() == []
        assert done.entries <= entries.size
        disks.lose()


def test_the_room_of_the_backup_knows_its_order() -> None:
    assert room._is_full("tile/entries/000")
    assert room._is_full("tile/0/x001/234")
    assert not room._is_full("tile/0/001.p/17")
    assert not room._is_full("checkpoint")
