"""Processes that give the root to other keepers and are killed. Run by `test_workspace_root_keeper`: FOLDER WAY FIRST STRIDE."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from shops import open_shop

from killing import Steps, in_a_child
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import opened
from troth.operations.workspace.roots.keeper import hand_over
from troth.operations.workspace.sequencing import sequence
from troth.operations.workspace.settings import read_settings
from troth.proof.payloads import KeeperPayload, read_payload
from troth.vault.keys.chosen import FileRoot

HOME = '[root]\nkind = "file"\n'
SAFE = '[root]\nkind = "file"\nfolder = "../safe"\nname = "safe"\n'
BOTH = f'{HOME}\n[second-root]\nkind = "file"\nfolder = "../safe"\nname = "safe"\n'
WAYS = {"replace": (HOME, SAFE), "add": (HOME, BOTH), "remove": (BOTH, SAFE)}
RECORDS = 6


def told(shop: Path) -> list[KeeperPayload]:
    with opened(shop) as found:
        rows = [read_payload(row.kind, row.payload) for row in found.store.opened(kinds=("keeper",))]
    return [one for one in rows if isinstance(one, KeeperPayload)]


def roots(folder: Path) -> list[str]:
    """Every file of a root, wherever it lies."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("root.[0-9]*"))


def places(tables: str) -> list[str]:
    homes = ["shop/vault/root"] if tables in (HOME, BOTH) else []
    return [*homes, *(["safe"] if tables in (SAFE, BOTH) else [])]


def check(folder: Path, old: str, new: str, before: int) -> None:
    """One side has the root, all of it and alone; nothing is lost; the ledger says which side; doing it again ends the same."""
    shop = folder / "shop"
    with opened(shop) as found:
        assert sum(batch.num_rows for batch in found.vault.records()) == RECORDS, "lost"
        version = found.keyring.stats().root_version
    assert not (shop / "vault" / "keepers.json").exists(), "a note was left"
    side = new if version > before else old
    assert roots(folder) == sorted(f"{place}/root.{version}" for place in places(side)), "roots"
    settings = read_settings(shop)
    assert (settings.root == FileRoot()) == (side != SAFE)
    assert (settings.second_root is not None) == (side == BOTH)
    entries = [one for one in told(shop) if one.root == (before, before + 1)]
    assert len(entries) == (side == new)
    if side == new:
        assert {one.version for one in entries[0].evidence} == {before}
    else:
        again(folder, new)


def again(folder: Path, new: str) -> None:
    shop = folder / "shop"
    (folder / "new.toml").write_text(new)
    hand_over(shop, folder / "new.toml")
    sequence(shop)
    with opened(shop) as found:
        version = found.keyring.stats().root_version
        assert sum(batch.num_rows for batch in found.vault.records()) == RECORDS, "lost"
    assert roots(folder) == sorted(f"{place}/root.{version}" for place in places(new)), "roots"


def main(place: str, way: str, first: str, stride: str) -> None:
    """Kill at one step after the other until all is done without; check after each. Prints the number of the last."""
    folder, (old, new) = Path(place), WAYS[way]
    os.environ["XDG_STATE_HOME"] = str(folder / "base" / "state")
    shop = folder / "base" / "shop"
    (folder / "base").mkdir()
    ingest(shop, [str(open_shop(folder / "base").logs)])
    if old != HOME:
        again(folder / "base", old)
    with opened(shop) as found:
        before = found.keyring.stats().root_version
    step, status = int(first) - int(stride), -1
    while status:
        step += int(stride)
        copy = folder / f"step{step}"
        os.environ["XDG_STATE_HOME"] = str(copy / "state")
        shutil.copytree(folder / "base", copy)
        (copy / "new.toml").write_text(new)

        def killed(step: int = step, copy: Path = copy) -> None:
            Steps(step).watch()
            hand_over(copy / "shop", copy / "new.toml")

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(copy, old, new, before)
        shutil.rmtree(copy)
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
