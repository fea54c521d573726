"""Ingests a log where every cache and buffer is small, and prints the most memory used, in KiB: FOLDER CONVERSATIONS.

All that an ingest keeps is bounded, but the bounds lie at hundreds of thousands of conversations. Made small here, they are
reached by logs that take seconds; what grows then, grows for ever. Run by `test_workspace_ingest_memory`.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

from troth.intake import read
from troth.intake.records import Batches
from troth.operations.workspace import ingest as room
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.store import sealers, sqlite, sqlite_marks
from troth.vault.keys import key_file
from troth.vault.segments.cut import cut

TURNS = 2


def make_bounds_small() -> None:
    read.Batches = functools.partial(Batches, 512, 1 << 20)  # type: ignore[assignment,misc]
    room.cut = functools.partial(cut, largest=1 << 20)  # type: ignore[assignment]
    sqlite.CACHE_KIB = key_file.CACHE_KIB = 1024
    sqlite_marks.TAIL = 4_096
    sqlite_marks.STRIDE = sqlite_marks.TAIL // sqlite_marks.PARTS
    sealers.KEPT = 512


def write_log(path: Path, talks: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for talk in range(talks):
            turns = [{"role": "user", "content": f"{talk}/{turn} ".ljust(300, "p")} for turn in range(TURNS)]
            line = {"conversation_id": f"talk-{talk}", "account": f"account-{talk // 2}", "messages": turns}
            file.write(json.dumps(line) + "\n")
    return path


def most_memory() -> int:
    """Since this program was started. What ``getrusage`` tells has the memory of the process that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def main(place: str, talks: str) -> None:
    make_bounds_small()
    folder = Path(place)
    init_workspace(folder / "shop", "example.org/shop")
    log = write_log(folder / "log.jsonl", int(talks))
    assert ingest(folder / "shop", [str(log)]).added.new == TURNS * int(talks)
    sys.stdout.write(f"{most_memory()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
