"""Compactions of a workspace that are killed at the n-th step. Run by `test_workspace_compaction`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from shops import Shop, open_shop
from test_workspace_compaction import told, whole_ledger, without_ben
from test_workspace_erasure import readable

from killing import Steps, in_a_child
from troth.operations.workspace.compact import compact
from troth.operations.workspace.sequencing import sequence


def check(shop: Shop) -> None:
    """What lives is read; the next compaction ends what was begun; the ledger tells of it once."""
    assert readable(shop) == ["of-ada", "of-cleo"]
    compact(shop.workspace)
    sequence(shop.workspace)
    assert sum(one.removed for one in told(shop)) == 1, "what was removed is not told, or twice"
    assert readable(shop) == ["of-ada", "of-cleo"]
    assert len(list((shop.workspace / "vault" / "segments").iterdir())) == 1
    whole_ledger(shop)


def at_steps(place: str, first: str, stride: str) -> None:
    """Kill at one step, and at each that lies so many further on, until all is done without. Prints how often."""
    folder = Path(place)
    (folder / "base").mkdir()
    base = without_ben(open_shop(folder / "base"))
    step, status, kills = int(first), -1, -1
    while status:
        copy = folder / f"step{step}"
        os.environ["XDG_STATE_HOME"] = str(folder / f"state{step}")
        shutil.copytree(base.folder, copy)
        shop = Shop(copy)

        def killed(step: int = step, shop: Shop = shop) -> None:
            Steps(step).watch()
            compact(shop.workspace)

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(shop)
        shutil.rmtree(copy)
        step, kills = step + int(stride), kills + 1
    sys.stdout.write(f"{kills}\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
