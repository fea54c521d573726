"""Processes that erase and retain and are killed, or erase and ingest at once. Run by `test_workspace_erasure_crash`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from shops import Shop
from writer_kill import Steps, in_a_child

from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.workspace.erase import ErasureRequest, erase
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.retain import RetainRequest, retain
from troth.operations.workspace.sequencing import sequence
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, read_payload
from troth.types.moment import parse_moment

TERMS, TALKS = "anthropic-consumer", 3
DUE = parse_moment("2026-10-31T00:00:00Z")


def base(folder: Path) -> Shop:
    """A workspace of three conversations, of which one was deleted by its person thirty days ago."""
    folder.mkdir()
    shop = Shop(folder)
    init_workspace(shop.workspace, "example.org/shop")
    write_log(shop.logs, range(TALKS))
    ingest(shop.workspace, [str(shop.logs)])
    shop.record(
        *(
            {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": f"a{n}", "plan": "pro"}
            for n in range(TALKS)
        ),
        {"event": "conversation.deleted", "at": "2026-10-01T00:00:00Z", "conversation": "talk-1"},
    )
    return shop


def write_log(path: Path, talks: range) -> None:
    lines = [
        {"conversation_id": f"talk-{talk}", "account": f"a{talk}",
         "messages": [{"role": "user", "content": f"said in {talk}", "timestamp": "2025-10-20T10:00:00Z"}]}
        for talk in talks
    ]  # fmt: skip
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def by_erase(shop: Shop) -> None:
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation="talk-1"))


def by_retain(shop: Shop) -> None:
    retain(RetainRequest(shop.workspace, TERMS, DUE, apply=True))


WAYS: dict[str, Callable[[Shop], None]] = {"erase": by_erase, "retain": by_retain}


def readable(shop: Shop) -> set[str]:
    with opened(shop.workspace) as found:
        batches = list(found.vault.records())
    return {name for batch in batches for name in batch.column("conversation").to_pylist()}


def check(shop: Shop, way: str) -> None:
    """What opens the workspace next finishes it; the ledger tells what is true; doing it again comes to the same end."""
    sequence(shop.workspace)
    with opened(shop.workspace):
        pass  # an intent that had no place in the ledger has one now
    sequence(shop.workspace)
    left = readable(shop)
    intents: dict[int | None, bool] = {}
    with opened(shop.workspace) as found:
        for row in found.store.opened(kinds=("erasure",)):
            told = read_payload(row.kind, row.payload)
            if isinstance(told, ErasureIntended):
                intents[row.index] = False
            elif isinstance(told, ErasureDone | ErasureAbandoned):
                assert not intents[told.intent], "ended twice"
                intents[told.intent] = True
                assert ("talk-1" in left) == isinstance(told, ErasureAbandoned)
        assert all(intents.values()), "an intent without its end"
        assert intents or "talk-1" in left, "destroyed without a word in the ledger"
        assert not (shop.workspace / "vault" / "erasing").exists()
        events = list(found.store.opened(conversation="talk-1"))
        assert bool(events) == ("talk-1" in left), "rows of a destroyed key"
    assert {"talk-0", "talk-2"} <= left, "something else went"
    if "talk-1" in left:
        WAYS[way](shop)
    assert readable(shop) == {"talk-0", "talk-2"}
    ingest(shop.workspace, [str(shop.logs)])
    assert readable(shop) == {"talk-0", "talk-2"}, "an old log brought it back"
    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings, report.findings


def at_every_step(place: str, way: str, first: str, stride: str) -> None:
    """Kill at one step after the other until all is done without; check after each. Prints the number of the last."""
    folder = Path(place)
    os.environ["XDG_STATE_HOME"] = str(folder / "base" / "state")
    base(folder / "base")
    step, status = int(first) - int(stride), -1
    while status:
        step += int(stride)
        copy = folder / f"step{step}"
        os.environ["XDG_STATE_HOME"] = str(copy / "state")
        shutil.copytree(folder / "base", copy)
        shop = Shop(copy)

        def killed(step: int = step, shop: Shop = shop) -> None:
            Steps(step).watch()
            WAYS[way](shop)

        status = in_a_child(killed)
        assert status in (0, signal.SIGKILL), status
        check(shop, way)
        shutil.rmtree(copy)
    sys.stdout.write(f"{step}\n")


def at_once(place: str) -> None:
    """One process erases one conversation after the other while another ingests them again and again."""
    folder = Path(place)
    shop = base(folder / "base")
    write_log(shop.logs, range(30))
    ingest(shop.workspace, [str(shop.logs)])

    def ingesting() -> None:
        for _ in range(8):
            ingest(shop.workspace, [str(shop.logs)])

    def erasing() -> None:
        for talk in range(0, 30, 6):
            erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation=f"talk-{talk}"))

    children = [_forked(work) for work in (ingesting, erasing, ingesting)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert readable(shop) == {f"talk-{talk}" for talk in range(30) if talk % 6}


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException as problem:  # noqa: BLE001 — a child must not go on as its parent
        sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
        sys.stderr.flush()
        os._exit(99)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
