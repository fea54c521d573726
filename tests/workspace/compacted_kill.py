"""Processes that compact a release and are killed. Run by `test_workspace_compacted_crash`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from compacted_shops import ROWS, SignedShop, open_signed_shop, sound, told

from killing import Steps, in_a_child
from troth.build import shards as building
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases.compactions import compactions_of
from troth.operations.workspace.sequencing import sequence

REMOVED = {"shards/part-00000.parquet": [2, 4], "shards/part-00001.parquet": [2]}
"""How many rows of each shard are removed after each of its compactions."""


def base(folder: Path) -> SignedShop:
    """A release of three shards. One was compacted before, and has more dead rows since; so has another."""
    folder.mkdir()
    building.SHARD_ROWS = ROWS
    shop = open_signed_shop(folder)
    shop.destroy("talk-01")
    shop.compact()
    shop.destroy("talk-02", "talk-06")
    return shop


def check(shop: SignedShop) -> None:
    """The release is good as it lies there, is read, and the next compaction comes to the one end."""
    report = shop.verify()
    assert not report.findings, report.findings
    assert report.removed is not None
    assert report.removed.vouched
    assert told(shop.read())[:2] == (18, 6)
    sequence(shop.workspace)
    shop.compact()
    assert not [path.name for path in shop.folder.iterdir() if path.name.endswith(".compacting")]
    done = shop.compact()
    assert not done.shards
    assert not done.passed_over
    sound(shop.verify(ledger=str(shop.ledger)), 6, 2)
    for path in shop.shards():
        assert not any(talk in path.read_bytes() for talk in (b"talk-01", b"talk-02", b"talk-06"))
    with opened(shop.workspace) as found:
        ((manifest, _),) = found.store.releases()
        chains = compactions_of(found.store, manifest)
    assert {name: [one.told.removed for one in chain] for name, chain in chains.items()} == REMOVED
    one, other = chains["shards/part-00000.parquet"]
    assert one.told.new == other.told.old
    audit = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not audit.findings, audit.findings


def at_every_step(place: str, first: str, stride: str) -> None:
    """Kill at one step after the other until all is done without; check after each. Prints the number of the last."""
    folder = Path(place)
    os.environ["XDG_STATE_HOME"] = str(folder / "state-base")
    shop = base(folder / "base")
    step, status = int(first) - int(stride), -1
    while status:
        step += int(stride)
        os.environ["XDG_STATE_HOME"] = str(folder / f"state{step}")
        copy = shop.copy(folder / f"step{step}")

        def killed(step: int = step, copy: SignedShop = copy) -> None:
            Steps(step).watch()
            copy.compact()

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        try:
            check(copy)
        except AssertionError as problem:
            raise AssertionError(f"after step {step}: {problem}") from problem
        copy.remove()
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
