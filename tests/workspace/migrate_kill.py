"""A migration that is killed at its first step, at its second, …: ``python migrate_kill.py FOLDER files|databases``.

``files``: at every step in which Python changes a file; ``databases``: at steps of SQLite itself, half written ones too.
Prints how many were killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlite_steps
from plain_shops import open_plain_shop

from killing import Steps, in_a_child
from troth.operations.workspace.migrate import migrate
from troth.operations.workspace.opened import opened
from troth.operations.workspace.settings import FORMAT, format_of

TAG = "c0ffee5eed"


def watched_files(step: int) -> None:
    Steps(step).watch()


def main() -> None:
    folder, what = Path(sys.argv[1]), sys.argv[2]
    if what == "databases" and not sqlite_steps.can_count():
        sys.stdout.write("cannot count")
        return
    os.environ["XDG_STATE_HOME"] = str(folder / "old" / "state")
    rows, salts = open_plain_shop(folder / "old" / "shop", TAG)
    secrets = [TAG.encode(), *salts, *(row.salt for row in rows if row.kind != "intake")]
    killed = 0
    for kill in kills(what):
        shop = folder / "copy" / "shop"
        shutil.copytree(folder / "old", folder / "copy")
        os.environ["XDG_STATE_HOME"] = str(folder / "copy" / "state")
        status = in_a_child(lambda kill=kill, shop=shop: work(kill, shop))  # type: ignore[misc]
        assert status in (0, signal.SIGKILL), status
        assert in_a_child(lambda shop=shop: check(shop, rows, secrets)) == 0, killed  # type: ignore[misc]
        shutil.rmtree(folder / "copy")
        if not status:
            break
        killed += 1
    sys.stdout.write(str(killed))


def kills(what: str) -> Iterator[Callable[[], object]]:
    step = 0
    while True:
        if what == "files":
            step += 1
            yield lambda step=step: watched_files(step)  # type: ignore[misc]
        else:
            step += 5 if step < 400 else 41
            yield lambda step=step: sqlite_steps.Steps(step, step % 2 == 0)  # type: ignore[misc]


def work(kill: Callable[[], object], shop: Path) -> None:
    watching = kill()
    migrate(shop)
    del watching


def check(shop: Path, rows: list[object], secrets: list[bytes]) -> None:
    """The same call again ends it; all is there, and nothing plain is left."""
    if format_of(shop) != FORMAT:
        migrate(shop)
    with opened(shop) as found:
        assert [(row.payload, row.salt) for row in found.store.opened()] == [
            (row.payload, row.salt)  # type: ignore[attr-defined]
            for row in rows
        ], "lost"
        assert len(found.store.commitments([f"talk{TAG}", f"other{TAG}"])) == 2
    data = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert not [one for one in secrets if one in data], "plain"
    left = sorted(path.name for path in shop.glob("store.db*"))
    assert left == ["store.db"], left


if __name__ == "__main__":
    main()
