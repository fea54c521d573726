"""Processes that back up and restore and are killed at one step after the other. Run by `test_workspace_backup_crash`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from backup_worlds import Disks, words

from killing import Steps, in_a_child
from troth.errors import StoreError, VaultError
from troth.operations.workspace.backup.restoring import read_mark
from troth.vault.keys.chosen import Pkcs11Root
from troth.vault.keys.keyring import Keyring


def at_every_few_steps(
    folder: Path, stride: int, work: Callable[[Disks], object], check: Callable[[Disks], None]
) -> None:
    """From one state on: kill, check, and put the state back; until it is done without. Prints the number of the last."""
    disks, saved = Disks(folder / "disks"), folder / "saved"
    step, status = 0, -1
    while status:
        step += stride
        shutil.rmtree(disks.folder)
        shutil.copytree(saved, disks.folder)

        def killed(step: int = step) -> None:
            Steps(step).watch()
            work(disks)

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(disks)
    sys.stdout.write(f"{step}\n")


def begin(folder: Path) -> Disks:
    """The remembered heads lie with the rest, and are put back with it."""
    os.environ["XDG_STATE_HOME"] = str(folder / "disks" / "state")
    return Disks(folder / "disks").begin()


def keep(folder: Path) -> None:
    shutil.copytree(folder / "disks", folder / "saved")


def backing_up(place: str, stride: str) -> None:
    """Whatever the moment: there is a whole backup, the one of before or the new one; and the next one is taken."""
    folder = Path(place)
    disks = begin(folder)
    before = disks.backup().digest
    disks.talks = 3
    disks.ingest(2)
    keep(folder)

    def check(disks: Disks) -> None:
        listed = json.loads((disks.place / "backup.json").read_bytes())
        names = {file.name for file in (disks.place / "objects").rglob("*") if file.is_file()}
        assert names >= {piece for file in listed["backup"]["files"] for piece in file["pieces"]}
        old = listed["digest"] == before
        disks.lose()
        disks.restore(**({"lost_entries_accepted": True, "origin": "example.org/again"} if old else {}))
        assert len(disks.readable(closed=True)) == (3 if old else 5)
        disks.backup(check=True)
        left = {file.name for file in disks.place.rglob("*") if file.is_file()} - {"backup.json"}
        listed = json.loads((disks.place / "backup.json").read_bytes())["backup"]["files"]
        assert left == {piece for file in listed for piece in file["pieces"]}, "leftovers"

    at_every_few_steps(folder, int(stride), lambda disks: disks.backup(), check)


def restoring(place: str, stride: str) -> None:
    """Whatever the moment: nothing is served before the end, and the same command comes to it."""
    folder = Path(place)
    disks = begin(folder)
    disks.backup()
    disks.erase(1)
    disks.lose()
    keep(folder)

    def check(disks: Disks) -> None:
        mark = read_mark(disks.workspace) if disks.workspace.exists() else None
        if mark is None or mark.state != "closed":
            try:
                served = disks.readable(closed=True)
            except StoreError:
                served = {}
            assert served == {}, "served before it was done"
            done = disks.restore_lost()
            assert (done.lost, done.destroyed, done.closed) == (2, 1, True)
        assert disks.readable(closed=True) == {f"talk-{talk}": words(talk) for talk in (0, 2)}
        assert disks.root_versions() == ["root.2"]
        assert disks.audited() == []
        disks.record(
            {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "late", "plan": "pro"}
        )

    at_every_few_steps(folder, int(stride), lambda disks: disks.restore_lost(), check)


def finishing(place: str, stride: str) -> None:
    """The same where the backup has an intent that was not carried out: the restore rotates the root."""
    folder = Path(place)
    disks = begin(folder)
    _only_intend(disks)
    disks.backup()
    disks.lose()
    keep(folder)

    def check(disks: Disks) -> None:
        mark = read_mark(disks.workspace) if disks.workspace.exists() else None
        if mark is not None or not (disks.workspace / "troth.toml").exists():
            done = disks.restore()
            assert (done.lost, done.closed) == (0, False)
        assert disks.readable() == {f"talk-{talk}": words(talk) for talk in (0, 2)}
        assert disks.root_versions() == ["root.2"]
        assert disks.audited() == []

    at_every_few_steps(folder, int(stride), lambda disks: disks.restore(), check)


def _only_intend(disks: Disks) -> None:
    destroy = Keyring.destroy

    def broken(self: Keyring, slots: object) -> object:
        raise VaultError("the power went", remedy="switch it on again")

    Keyring.destroy = broken  # type: ignore[assignment,method-assign]
    try:
        disks.erase(1)
    except VaultError:
        (disks.workspace / "vault" / "erasing").unlink()
    finally:
        Keyring.destroy = destroy  # type: ignore[method-assign]


def with_a_token(place: str, module: str, token: str) -> None:
    """The root on a PKCS#11 token; the files of the wrapped roots are on a disk of their own."""
    folder = Path(place)
    disks = Disks(folder / "disks")
    disks.root = Pkcs11Root(module, token, folder=str(disks.roots))
    disks.begin().backup()
    disks.erase(1)
    disks.lose()
    assert disks.restore_lost().destroyed == 1
    assert set(disks.readable(closed=True)) == {"talk-0", "talk-2"}
    sys.stdout.write("restored\n")


if __name__ == "__main__":
    {"backing_up": backing_up, "restoring": restoring, "finishing": finishing, "with_a_token": with_a_token}[
        sys.argv[1]
    ](*sys.argv[2:])
