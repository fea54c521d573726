"""Processes that destroy a part of a conversation and end in the middle of it. Run by `test_workspace_erasure_parts_crash`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from erasure_attack import attacked
from erasure_kill import DUE, MOST, check_ends
from erasure_said import TERMS
from shops import Shop

from kill_at_steps import at_steps
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.sequencing import sequence

ALL = {"long/0", "long/1", "long/2", "other/0"}
PAST = {"long/1"}


def base(folder: Path) -> Shop:
    """Two conversations; one record of the first was deleted by its person thirty days ago."""
    folder.mkdir()
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    shop = Shop(folder)
    init_workspace(shop.workspace, "example.org/shop")
    lines = [
        {"conversation_id": talk, "account": "ada",
         "messages": [{"role": "user", "content": f"said {n} in {talk}", "timestamp": "2025-10-20T10:00:00Z"} for n in range(turns)]}
        for talk, turns in (("long", 3), ("other", 1))
    ]  # fmt: skip
    shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    ingest(shop.workspace, [str(shop.logs)])
    shop.record(
        {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "ada", "plan": "home"},
        {
            "event": "conversation.started",
            "at": "2025-10-20T10:00:00Z",
            "conversation": "long",
            "account": "ada",
        },
        {"event": "record.deleted", "at": "2026-10-01T00:00:00Z", "record": "long/1"},
    )
    return shop


def part(shop: Shop) -> None:
    retain(RetainRequest(shop.workspace, TERMS, DUE, apply=True))


def readable(shop: Shop) -> list[str]:
    with opened(shop.workspace) as found:
        batches = list(found.vault.records())
        assert found.vault.staged() == {}
        assert len(list(found.store.opened(conversation="long"))) == 1
        assert found.store.conversation("long") is not None
    return sorted(name for batch in batches for name in batch.column("record").to_pylist())


def check(shop: Shop, before: Path, done: bool) -> None:
    """What stays is there, once; the part is gone from every copy, or nothing is; the ledger tells which."""
    for _ in range(2):  # what has no place in the ledger yet gets one
        sequence(shop.workspace)
    left = readable(shop)
    assert left == sorted(ALL) or left == sorted(ALL - PAST), left
    assert not done or left == sorted(ALL - PAST)
    assert attacked([shop.workspace, before], shop.workspace / "vault" / "root").opened == set(left)
    check_ends(shop, set())
    part(shop)
    ingest(shop.workspace, [str(shop.logs)])
    assert readable(shop) == sorted(ALL - PAST), "an old log brought it back"


def at_every_step(place: str, *runs: str) -> None:
    """As ``erasure_kill.at_every_step``."""
    folder = Path(place)
    base(folder / "base")
    for run in runs:
        how, first, stride = run.split(":")
        ended = at_steps(
            folder,
            lambda copy: part(Shop(copy)),
            lambda copy, done: check(Shop(copy), folder / "base" / "shop", done),
            how,
            range(int(first), MOST, int(stride)),
        )
        sys.stdout.write(f"{ended}\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
