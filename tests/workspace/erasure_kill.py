"""Processes that erase and retain and end in the middle of it, or erase and ingest at once. Run by `test_workspace_erasure_crash`."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from erasure_attack import attacked
from erasure_said import TERMS
from shops import Shop
from writer_kill import Acknowledged

from kill_at_steps import at_steps
from killing import forked
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.sequencing import sequence
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, read_payload
from troth.types.moment import parse_moment

TALKS, MOST = 3, 3_000
DUE = parse_moment("2026-10-31T00:00:00Z")


def base(folder: Path) -> Shop:
    """A workspace of three conversations, of which one was deleted by its person thirty days ago."""
    folder.mkdir()
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    shop = Shop(folder)
    init_workspace(shop.workspace, "example.org/shop")
    write_log(shop.logs, range(TALKS))
    ingest(shop.workspace, [str(shop.logs)])
    shop.record(
        *(
            {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": f"a{n}", "plan": "home"}
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
    erase_talk(shop, "talk-1")


def erase_talk(shop: Shop, talk: str) -> None:
    erase(ErasureRequest(shop.workspace, TERMS, "asked for", conversation=talk))


def by_retain(shop: Shop) -> None:
    retain(RetainRequest(shop.workspace, TERMS, DUE, apply=True))


WAYS: dict[str, Callable[[Shop], None]] = {"erase": by_erase, "retain": by_retain}


def readable(shop: Shop) -> set[str]:
    with opened(shop.workspace) as found:
        batches = list(found.vault.records())
    return {name for batch in batches for name in batch.column("conversation").to_pylist()}


def opens_to_an_attacker(shop: Shop, before: Path) -> set[str]:
    """The conversations that open to who has every file, every file of before, and every root that is left."""
    found = attacked([shop.workspace, before], shop.workspace / "vault" / "root").opened
    return {record.partition("/")[0] for record in found}


def check(shop: Shop, way: str, before: Path, done: bool) -> None:
    """What opens the workspace next finishes it; the ledger tells what is true; doing it again comes to the same end."""
    if done:
        assert opens_to_an_attacker(shop, before) == {"talk-0", "talk-2"}, "it was acknowledged"
    sequence(shop.workspace)
    with opened(shop.workspace):
        pass  # an intent that had no place in the ledger has one now
    sequence(shop.workspace)
    left = readable(shop)
    assert left == opens_to_an_attacker(shop, before)
    check_ends(shop, {"talk-1"} - left)
    assert {"talk-0", "talk-2"} <= left, "something else went"
    assert not done or "talk-1" not in left
    if "talk-1" in left:
        WAYS[way](shop)
        check_ends(shop, {"talk-1"})
    ingest(shop.workspace, [str(shop.logs)])
    assert readable(shop) == {"talk-0", "talk-2"}, "an old log brought it back"
    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings, report.findings


def check_ends(shop: Shop, gone: set[str]) -> None:
    """An intent has one end. What is done has no living key and no rows; of what is gone there is an end that says so."""
    intents: dict[int | None, ErasureIntended] = {}
    ends: dict[int, bool] = {}
    with opened(shop.workspace) as found:
        for row in found.store.opened(kinds=("erasure",)):
            told = read_payload(row.kind, row.payload)
            if isinstance(told, ErasureIntended):
                intents[row.index] = told
            elif isinstance(told, ErasureDone | ErasureAbandoned):
                assert told.intent not in ends, "ended twice"
                ends[told.intent] = isinstance(told, ErasureDone)
        assert set(intents) == set(ends), "an intent without its end"
        for index, done in ends.items():
            assert all(key is None for key in found.keyring.keys(intents[index].slots)) or not done
        assert sum(ends.values()) >= len(gone), "destroyed without a word in the ledger"
        assert not (shop.workspace / "vault" / "erasing").exists()
        for talk in gone:
            assert not list(found.store.opened(conversation=talk)), "rows of a destroyed key"


def at_every_step(place: str, way: str, *runs: str) -> None:
    """End at one step after the other until all is done without; check after each. Prints how many were ended.

    A run is how it ends, the first step, and how many further the next is: ``cut:1:10``.
    """
    folder = Path(place)
    base(folder / "base")
    for run in runs:
        how, first, stride = run.split(":")
        ended = at_steps(
            folder,
            lambda copy: WAYS[way](Shop(copy)),
            lambda copy, done: check(Shop(copy), way, folder / "base" / "shop", done),
            how,
            range(int(first), MOST, int(stride)),
        )
        sys.stdout.write(f"{ended}\n")


def many(folder: Path, talks: int) -> Shop:
    shop = base(folder / "base")
    write_log(shop.logs, range(talks))
    ingest(shop.workspace, [str(shop.logs)])
    return shop


def at_once(place: str) -> None:
    """One process erases one conversation after the other while another ingests them again and again."""
    shop = many(Path(place), 30)

    def ingesting() -> None:
        for _ in range(8):
            ingest(shop.workspace, [str(shop.logs)])

    def erasing() -> None:
        for talk in range(0, 30, 6):
            erase_talk(shop, f"talk-{talk}")

    children = [forked(work) for work in (ingesting, erasing, ingesting)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert readable(shop) == {f"talk-{talk}" for talk in range(30) if talk % 6}


def at_any_time(place: str, rounds: str, seed: str) -> None:
    """Two processes erase and one ingests the same again, and all are killed; again and again on one workspace."""
    chosen, folder = random.Random(seed), Path(place)
    talks = [f"talk-{number}" for number in range(3 * int(rounds))]
    shop = many(folder, len(talks))
    asked, gone = Acknowledged(folder / "asked"), Acknowledged(folder / "gone")
    for number in range(int(rounds)):
        left = [talk for talk in talks if talk not in gone.names()]

        def ingesting() -> None:
            while True:
                ingest(shop.workspace, [str(shop.logs)])

        def erasing(left: list[str]) -> None:
            for talk in left:
                if talk in readable(shop):
                    asked.note([talk])
                    erase_talk(shop, talk)
                    gone.note([talk])
            time.sleep(60)

        halves = [left[0:2], left[2:4]]
        children = [forked(lambda half=half: erasing(half)) for half in halves]  # type: ignore[misc]
        children.append(forked(ingesting))
        if number % 2:  # on a busy machine the others die before they have done anything
            wait_for(gone)
        time.sleep(chosen.uniform(0.05, 0.5))
        for child in children:
            os.kill(child, signal.SIGKILL)
            assert os.waitpid(child, 0)[1] == signal.SIGKILL
        there = readable(shop)
        assert there.isdisjoint(gone.names()), "acknowledged, and there"
        assert set(talks) - set(asked.names()) <= there, "gone, and nobody had asked"
        for talk in set(talks) - there:
            gone.note([talk])
    sequence(shop.workspace)
    with opened(shop.workspace):
        pass
    sequence(shop.workspace)
    check_ends(shop, set(talks) - readable(shop))
    report = audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent)
    assert not report.findings, report.findings
    sys.stdout.write(f"{len(set(gone.names()))}\n")


def wait_for(acknowledged: Acknowledged) -> None:
    before, end = len(acknowledged.names()), time.monotonic() + 60
    while len(acknowledged.names()) == before:
        assert time.monotonic() < end, "nothing is done"
        time.sleep(0.005)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
