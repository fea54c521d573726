"""Sealed releases: building one against a plain one, and reading its shards against plain Parquet.

``python bench/sealed_release.py build FOLDER plain|sealed`` and ``read FOLDER plain|opened|granted`` do one step in a
process of its own, so that its memory can be watched, and print what they found as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from results import Section
from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.record import record
from troth.operations.workspace.releases.read_release import ReadRequest, reading
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import read_statement
from troth.release.sealed_rows import open_rows, release_key
from troth.types.moment import parse_moment
from troth.types.record import RECORD_SCHEMA
from watch import Watched, watch

TERMS, PURPOSE, AT = "anthropic-consumer", "train.general", "2026-03-01T00:00:00Z"
TURNS = 10
CONVERSATIONS_OF_AN_ACCOUNT = 5
BATCH = 4096


def sealed_release(
    conversations: int = 5_000, sizes: tuple[int, ...] = (2_048, 10_240), rounds: int = 3
) -> Section:
    """At each size of a text, ``conversations`` of ten turns."""
    rows: list[tuple[str, ...]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="troth-sealed-") as folder:
            rows += _measured(Path(folder), conversations, size, rounds)
    text = (
        f"{conversations:,} conversations of {TURNS} turns, {CONVERSATIONS_OF_AN_ACCOUNT} to an account, all released, in "
        "one process. Building is all of it, from records in Parquet to the manifest: the sealed one also takes in the "
        "conversations, gives them slots and commits to the ledger. Reading plain is reading every column of the "
        "shards with pyarrow; opened: the same rows out of the sealed shards, keys from the keyring; granted: what "
        f"`troth read` does, every record decided again before it is opened. Medians of {rounds} rounds, taken in turn."
    )
    head = ("work", "text", "seconds", "records/s", "MB/s of text", "against plain", "peak MiB", "shards MiB")
    return Section("Sealed releases", text, head, rows)


def _measured(folder: Path, conversations: int, size: int, rounds: int) -> Iterator[tuple[str, ...]]:
    _write_world(folder, conversations, size)
    built: dict[str, list[Watched]] = {"plain": [], "sealed": []}
    for round_ in range(rounds):
        for kind, done in built.items():
            done.append(_step("build", folder, kind, str(round_)))
    read: dict[str, list[Watched]] = {"plain": [], "opened": [], "granted": []}
    for _ in range(rounds):
        for kind, done in read.items():
            done.append(_step("read", folder, kind))
    count = conversations * TURNS
    for work, steps in (("build", built), ("read", read)):
        base = median(json.loads(one.out)["seconds"] for one in steps["plain"])
        for kind, done in steps.items():
            told = [json.loads(one.out) for one in done]
            seconds = median(one["seconds"] for one in told)
            if told[0]["records"] != count:
                raise AssertionError(f"{work} {kind}: {told[0]['records']} records, not {count}")
            yield (
                f"{work} {kind}", f"{size:,} B", f"{seconds:.2f}", f"{count / seconds:,.0f}",
                f"{count * size / seconds / 1e6:,.0f}", f"{seconds / base:.2f}x", f"{max(one.peak_mib for one in done):,}",
                f"{told[0]['shards'] / 2**20:,.0f}",
            )  # fmt: skip


def _step(*arguments: object) -> Watched:
    return watch([sys.executable, __file__, *map(str, arguments)])


def _write_world(folder: Path, conversations: int, size: int) -> None:
    """Records that share no words, and accounts that all said yes."""
    rng = random.Random(size)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(20_000)]
    start = parse_moment("2025-10-10T00:00:00Z")
    with pq.ParquetWriter(folder / "records.parquet", RECORD_SCHEMA, compression="zstd") as writer:
        for first in range(0, conversations, 500):
            rows = []
            for talk in range(first, min(first + 500, conversations)):
                account = f"account-{talk // CONVERSATIONS_OF_AN_ACCOUNT}"
                for turn in range(TURNS):
                    text = " ".join(rng.choices(words, k=size // 6))[:size].ljust(size, "x")
                    rows.append({"record": f"talk-{talk}/{turn}", "conversation": f"talk-{talk}", "account": account,
                                 "at": start + talk * 1_000_000 + turn, "role": ("user", "assistant")[turn % 2],
                                 "kind": "text", "product": "chat", "channel": "first_party", "position": turn,
                                 "text": text})  # fmt: skip
            writer.write_table(pa.Table.from_pylist(rows, RECORD_SCHEMA))
    with (folder / "history.jsonl").open("w", encoding="utf-8") as file:
        for number in range(-(-conversations // CONVERSATIONS_OF_AN_ACCOUNT)):
            account = f"account-{number}"
            for event in (
                {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": account, "plan": "pro"},
                {"event": "choice.made", "at": "2025-10-01T00:00:00Z", "account": account, "choice": "improve_models",
                 "value": "granted", "mechanism": "dialog"},
            ):  # fmt: skip
                file.write(json.dumps(event) + "\n")


def build(folder: Path, kind: str, number: str) -> dict[str, Any]:
    """One build; the last one stays, to be read."""
    out, workspace = folder / f"{kind}-{number}", folder / f"shop-{number}"
    if kind == "sealed":
        init_workspace(workspace, "example.org/bench")
        record(workspace, (str(folder / "history.jsonl"),))
    history = () if kind == "sealed" else (str(folder / "history.jsonl"),)
    asked = BuildRequest(
        terms=TERMS, options={}, history=history, records=(str(folder / "records.parquet"),), purpose=PURPOSE,
        at=parse_moment(AT), seed=7, out=out, workspace=workspace if kind == "sealed" else None,
    )  # fmt: skip
    start = time.perf_counter()
    built = build_release(asked)
    return {
        "seconds": time.perf_counter() - start,
        "records": built.release.counts.released,
        "shards": _size(out),
    }


def read(folder: Path, kind: str) -> dict[str, Any]:
    """Read a release once, to the last text."""
    out = folder / ("plain-0" if kind == "plain" else "sealed-0")
    start = time.perf_counter()
    records = sum(map(_texts, {"plain": _plain, "opened": _opened, "granted": _granted}[kind](folder, out)))
    return {"seconds": time.perf_counter() - start, "records": records, "shards": _size(out)}


def _plain(_: Path, out: Path) -> Iterator[pa.RecordBatch]:
    for path in sorted(out.glob("shards/*")):
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(BATCH)


def _opened(folder: Path, out: Path) -> Iterator[pa.RecordBatch]:
    digest = read_statement(open_envelope((out / MANIFEST).read_bytes()).body()).predicate.inputs_digest
    with opened(folder / "shop-0") as workspace:
        for path in sorted(out.glob("shards/*")):
            with pq.ParquetFile(path) as file:
                slots = pc.unique(file.read(["slot"]).column("slot")).to_pylist()
                found = zip(slots, workspace.keyring.keys(slots), strict=True)
                keys = {slot: release_key(key, digest) for slot, key in found if key is not None}
                for rows in file.iter_batches(BATCH):
                    yield open_rows(rows, keys, digest).rows


def _granted(folder: Path, out: Path) -> Iterator[pa.RecordBatch]:
    with reading(ReadRequest(folder / "shop-0", str(out), PURPOSE)) as (_, batches):
        yield from batches


def _texts(rows: pa.RecordBatch) -> int:
    return int(pc.count(rows.column("text")).as_py())


def _size(out: Path) -> int:
    return sum(path.stat().st_size for path in out.glob("shards/*"))


if __name__ == "__main__":
    step, folder, *rest = sys.argv[1:]
    print(json.dumps((build if step == "build" else read)(Path(folder), *rest)))
