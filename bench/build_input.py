"""Raw logs to build from: the shared conversations once as OpenAI chat JSON Lines, and a history beside them.

``python bench/build_input.py CONVERSATIONS_FOLDER OUT [TIMES]``. None of the shared conversations names an account
or a time, so both are drawn from a seed. With ``TIMES`` further ones are put together from turns of the real ones:
as long as they are, and no near duplicates of them.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from troth.intake.read import read_logs

FOLDERS = ("fastchat", "hh-rlhf", "oasst", "sgd", "swe-agent", "taskmaster", "tau-bench")
START = datetime(2025, 10, 10, tzinfo=UTC)
SEED = 11
FILES = 8
"""So many that several processes can read at once."""
TALKS_OF_AN_ACCOUNT = 5

Talk = list[dict[str, str]]


@cache
def talks(folder: Path, most: int | None = None) -> list[Talk]:
    """The conversations, in the order of their files; with ``most``, about so many."""
    found: dict[str, Talk] = {}
    for batch in read_logs([str(folder / name) for name in FOLDERS], keep_going=True):
        for row in batch.select(["conversation", "role", "text"]).to_pylist():
            if row["text"] and row["role"] in ("user", "assistant"):
                found.setdefault(row["conversation"], []).append(
                    {"role": row["role"], "content": row["text"]}
                )
        if most is not None and len(found) >= most:
            break
    return list(found.values())[:most]


def larger(real: list[Talk], times: int) -> Iterator[Talk]:
    """The real conversations, and the rest put together from their turns."""
    yield from real
    rng = random.Random(SEED)
    for _ in range(times - 1):
        for talk in real:
            yield [rng.choice(rng.choice(real)) for _ in talk]


def written(folder: Path, out: Path, times: int, most: int | None = None) -> None:
    """Write ``chats-N.jsonl`` and ``history.jsonl`` below ``out``; with ``most``, of so many real conversations."""
    if (out / "history.jsonl").is_file():
        return
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    accounts: set[str] = set()
    with ExitStack() as opened:
        files = [
            opened.enter_context((out / f"chats-{place}.jsonl").open("w", encoding="utf-8"))
            for place in range(FILES)
        ]
        for number, talk in enumerate(larger(talks(folder, most), times)):
            account = f"account-{number // TALKS_OF_AN_ACCOUNT}"
            accounts.add(account)
            at = START + timedelta(minutes=number % 100_000)
            row = {"id": f"talk-{number}", "user": account, "created_at": _text(at), "messages": talk}
            files[number % FILES].write(json.dumps(row, ensure_ascii=False) + "\n")
    with (out / "history.jsonl").open("w", encoding="utf-8") as file:
        for account in sorted(accounts):
            for event in _events(rng, account):
                file.write(json.dumps(event) + "\n")


def _events(rng: random.Random, account: str) -> Iterator[dict[str, str]]:
    opened, chose = _text(START - timedelta(days=30)), _text(START - timedelta(days=1))
    plan = rng.choice(("free", "free", "pro", "max"))
    yield {"event": "account.opened", "at": opened, "account": account, "plan": plan}
    if rng.random() < 0.95:
        value = "refused" if rng.random() < 0.1 else "granted"
        yield {"event": "choice.made", "at": chose, "account": account, "choice": "improve_models", "value": value,
               "mechanism": "dialog"}  # fmt: skip


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    written(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
