"""datatrove doing the stages of a build: ``run_datatrove.py INPUT_FOLDER OUT_FOLDER TASKS``; prints JSON.

Read JSON Lines, replace e-mail and IP addresses, leave exact and near duplicates out, write. Runs in an
environment of its own (``requirements-datatrove.txt``); every stage is one executor with its own processes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    ExactDedupFilter,
    ExactDedupSignature,
    ExactFindDedups,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


def text_of(document: Any) -> str:
    """What exact duplicates share."""
    return document.text


def document_of(_self: Any, data: dict[str, Any], _path: str, _place: int | str) -> dict[str, Any]:
    """A document from one line of OpenAI chat messages."""
    text = "\n".join(message["content"] for message in data["messages"])
    return {"text": text, "id": data["id"], "metadata": {"user": data["user"], "messages": data["messages"]}}


def stages(source: Path, out: Path, tasks: int) -> dict[str, tuple[int, list[Any]]]:
    """Each stage with its number of tasks and its steps."""
    exact, near = ExactDedupConfig(content_getter=text_of), MinhashConfig()
    folder = {name: str(out / name) for name in (
        "read", "exact-signatures", "exact-found", "once", "signatures", "buckets", "clusters", "done")}  # fmt: skip
    read, once = JsonlReader(folder["read"]), JsonlReader(folder["once"])
    return {
        "read, filter": (tasks, [
            JsonlReader(str(source), adapter=document_of, glob_pattern="chats-*.jsonl"), PIIFormatter(),
            JsonlWriter(folder["read"], compression=None)]),
        "exact: signatures": (tasks, [read, ExactDedupSignature(folder["exact-signatures"], exact)]),
        "exact: find": (1, [ExactFindDedups(folder["exact-signatures"], folder["exact-found"], exact)]),
        "exact: leave out": (tasks, [
            read, ExactDedupFilter(folder["exact-found"], exact), JsonlWriter(folder["once"], compression=None)]),
        "near: signatures": (tasks, [once, MinhashDedupSignature(folder["signatures"], near)]),
        "near: buckets": (near.num_buckets, [
            MinhashDedupBuckets(folder["signatures"], folder["buckets"], config=near)]),
        "near: cluster": (1, [MinhashDedupCluster(folder["buckets"], folder["clusters"], near)]),
        "near: leave out, write": (tasks, [
            once, MinhashDedupFilter(folder["clusters"]), JsonlWriter(folder["done"], compression=None)]),
    }  # fmt: skip


def main() -> None:
    source, out, tasks = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    seconds = {}
    for name, (count, steps) in stages(source, out, tasks).items():
        start = time.perf_counter()
        logs = str(out / "logs" / name.replace(" ", "-"))
        LocalPipelineExecutor(steps, tasks=count, workers=min(tasks, count), logging_dir=logs).run()
        seconds[name] = round(time.perf_counter() - start, 2)
    kept = sum(1 for path in (out / "done").glob("*.jsonl") for _ in path.open(encoding="utf-8"))
    print(json.dumps({"stages": seconds, "kept": kept}))


if __name__ == "__main__":
    main()
