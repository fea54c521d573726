"""Processes that build, read or export a release and end in the middle of it. Run by `test_workspace_release_crash`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
from erasure_kill import write_log
from erasure_said import TERMS
from shops import Shop

from kill_at_steps import at_steps
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.build import BuildRequest, build_release
from troth.operations.decide import silent
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases.export_release import export_release
from troth.operations.workspace.releases.read_release import ReadRequest, read_release, reading
from troth.operations.workspace.sequencing import sequence

TALKS, MOST = 3, 3_000
WHOLE = {f"said in {talk}" for talk in (0, 2)}
"""What may be used: the person of the second conversation took back their yes after the release was built."""


def base(folder: Path) -> None:
    """A workspace with a release of three conversations, of which two may still be used; it is made in ``copy``."""
    made = folder / "copy"  # where the release will lie: the store knows its place
    made.mkdir()
    os.environ["XDG_STATE_HOME"] = str(made / "state")
    shop = Shop(made)
    init_workspace(shop.workspace, "example.org/shop")
    write_log(shop.logs, range(TALKS))
    ingest(shop.workspace, [str(shop.logs)])
    for number in range(TALKS):
        opening = {
            "event": "account.opened",
            "at": "2025-01-01T00:00:00Z",
            "account": f"a{number}",
            "plan": "home",
        }
        shop.record(opening, choice(number, "granted", "2025-01-02T00:00:00Z"))
    build(made, made / "release", TALKS)
    shop.record(choice(1, "refused", "2026-01-01T00:00:00Z"))
    (made / "out").mkdir()
    made.rename(folder / "base")


def choice(number: int, value: str, at: str) -> dict[str, object]:
    return {
        "event": "choice.made",
        "at": at,
        "account": f"a{number}",
        "choice": "improve",
        "value": value,
        "mechanism": "settings",
    }


def asked(folder: Path) -> ReadRequest:
    return ReadRequest(folder / "shop", str(folder / "release"), "train.general", TERMS)


def by_export(folder: Path) -> None:
    export_release(asked(folder), "Partner", folder / "out" / "plain.parquet")


def by_read(folder: Path) -> None:
    read_release(asked(folder), out=folder / "out" / "passed-over.jsonl")


def by_build(folder: Path) -> None:
    build(folder, folder / "out" / "second", len(WHOLE))


def build(folder: Path, out: Path, released: int) -> None:
    asked = BuildRequest(TERMS, {}, (), (), "train.general", now(), 7, out, workspace=folder / "shop")
    assert build_release(asked).release.counts.released == released


WAYS: dict[str, Callable[[Path], None]] = {"export": by_export, "read": by_read, "build": by_build}


def exports(folder: Path) -> int:
    """How many exports the ledger has."""
    sequence(folder / "shop")
    with opened(folder / "shop") as found:
        rows = list(found.store.opened(kinds=("export",)))
        assert all(row.index is not None for row in rows)
        return len(rows)


def check(folder: Path, way: str, done: bool) -> None:
    """Nothing plain is anywhere of which the ledger does not tell; a file is whole or not there; reading goes on."""
    left = sorted((folder / "out").iterdir())
    told = exports(folder)
    assert told == 1 if done and way == "export" else told <= (way == "export")
    assert not left or told or way != "export", "something left, and the ledger does not say so"
    for path in left:
        if path.name == "plain.parquet":
            assert set(pq.read_table(path).column("text").to_pylist()) == WHOLE
        elif path.name == "passed-over.jsonl":
            (line,) = path.read_bytes().splitlines()
            assert msgspec.json.decode(line)["conversation"] == "talk-1"
        elif path.name == "second":
            check_reading(ReadRequest(folder / "shop", str(path), "train.general", TERMS), withheld=0)
    assert bool(done) <= any(not path.name.startswith(".") for path in left), "it was acknowledged"
    check_reading(asked(folder), withheld=1)
    export_release(asked(folder), "Partner", folder / "out" / "again.parquet")
    assert exports(folder) == told + 1
    found = audit_log(AuditRequest(str(folder / "shop" / "ledger"), Shop(folder).log_key), now(), silent)
    assert not found.findings, found.findings


def check_reading(wanted: ReadRequest, withheld: int) -> None:
    with reading(wanted) as (report, batches):
        assert {text for batch in batches for text in batch.column("text").to_pylist()} == WHOLE
    assert (report.opened, report.withheld.total(), report.gone) == (2, withheld, 0)


def at_every_step(place: str, way: str, *runs: str) -> None:
    """End at one step after the other until all is done without; check after each. Prints how many were ended.

    A run is how it ends, the first step, and how many further the next is: ``cut:1:10``.
    """
    folder = Path(place)
    base(folder)
    for run in runs:
        how, first, stride = run.split(":")
        ended = at_steps(
            folder,
            WAYS[way],
            lambda copy, done: check(copy, way, done),
            how,
            range(int(first), MOST, int(stride)),
        )
        sys.stdout.write(f"{ended}\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
