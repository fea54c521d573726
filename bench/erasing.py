"""Erasing: how long until one conversation cannot be read by anybody any more, and how fast retention destroys many."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from results import Section
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.record import record
from troth.types.moment import DAY, format_moment

TERMS = "anthropic-consumer"
TURNS = 2
OF_AN_ACCOUNT = 100


class Looking:
    """Somebody else who has the workspace open, and asks again and again whether a conversation can be opened."""

    def __init__(self, shop: Path, conversation: str) -> None:
        self.gone = 0.0
        """When it could not be opened any more."""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(shop, conversation), daemon=True)

    def __enter__(self) -> Looking:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _look(self, shop: Path, conversation: str) -> None:
        with opened(shop) as found:
            self._ready.set()
            while found.vault.living([conversation]):
                sleep(0.001)
            self.gone = perf_counter()


def shop_of(folder: Path, conversations: int) -> Path:
    """A workspace of so many conversations, each of two short turns; every account is closed, and all is due by now."""
    shop = folder / "shop"
    init_workspace(shop, "example.org/bench")
    said, closed = now() - 90 * DAY, format_moment(now() - 60 * DAY)
    accounts = range(-(-conversations // OF_AN_ACCOUNT))
    with (folder / "history.jsonl").open("w") as file:
        for number in accounts:
            account = f"account-{number}"
            opened_at = format_moment(said - DAY)
            file.write(json.dumps({"event": "account.opened", "at": opened_at, "account": account, "plan": "pro"}) + "\n")  # fmt: skip
            file.write(json.dumps({"event": "account.closed", "at": closed, "account": account}) + "\n")
    with (folder / "chats.jsonl").open("w") as file:
        for talk in range(conversations):
            messages = [
                {"role": ("user", "assistant")[turn % 2], "content": f"What was said in {talk}/{turn}. " * 8,
                 "timestamp": format_moment(said + talk + turn)}
                for turn in range(TURNS)
            ]  # fmt: skip
            line = {"conversation_id": f"talk-{talk}", "account": f"account-{talk // OF_AN_ACCOUNT}", "messages": messages}  # fmt: skip
            file.write(json.dumps(line) + "\n")
    record(shop, [str(folder / "history.jsonl")])
    ingest(shop, [str(folder / "chats.jsonl")])
    return shop


def erasing(conversations: int = 1_000_000, singles: int = 20) -> Section:
    """Both, in one workspace of so many conversations."""
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as place:
        shop = shop_of(Path(place), conversations)
        until, whole = [], []
        for number in range(singles):
            name = f"talk-{number * (conversations // singles)}"
            with Looking(shop, name) as looking:
                start = perf_counter()
                erase(ErasureRequest(shop, TERMS, "asked for", conversation=name))
                whole.append(perf_counter() - start)
            until.append(looking.gone - start)
        start = perf_counter()
        done = retain(RetainRequest(shop, TERMS, now(), apply=True))
        seconds = perf_counter() - start
    if done.conversations != conversations - singles:
        raise AssertionError(f"{done.conversations} conversations went, not {conversations - singles}")
    rows = [
        ("erase one, until nobody opens it", f"{median(until):.2f}", f"{max(until):.2f}", ""),
        ("erase one, all of it: intent, keys, rows, end", f"{median(whole):.2f}", f"{max(whole):.2f}", ""),
        (f"retain --apply, {done.conversations:,} conversations due", f"{seconds:.1f}", "", f"{done.conversations / seconds:,.0f}"),
    ]  # fmt: skip
    text = (
        f"A workspace of {conversations:,} conversations of {TURNS} turns, {OF_AN_ACCOUNT} to an account; the root in a file, "
        f"everything on the disk. One after the other, {singles} are erased, each time from a command that opens the workspace, "
        "judges, and logs what it intends; another process has it open, and asks every millisecond whether it can still derive "
        "the key: from then on nothing can, no copy and no backup either. What is left goes by retention at once: "
        "every account was closed, and its time is over."
    )
    return Section("Erasing", text, ("work", "median s", "most s", "conversations/s"), rows)
