"""Real logs into the vault, memory at ten times as much, and releases built from the vault and from plain files.

``python bench/vault_logs.py FOLDER ingest|read|build-vault|build-parquet|build-logs NUMBER`` does one step in a process of its
own, so that its memory can be watched, and prints its seconds as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from build_input import written
from results import Section, Target
from watch import Watched, watch

MB = 1e6
JOBS = min(os.cpu_count() or 1, 4)
MAY_GROW = 1.25
"""How much more memory ten times as many logs may take: caches fill, and nothing else does."""


def vault_logs(
    conversations: Path, rounds: int = 3, times: tuple[int, int] = (4, 40), most: int | None = None
) -> Section:
    """All of it, of the real conversations once; and ingests of so many times as many, for their memory.

    ``most`` takes so many of the real conversations: then the logs are too small to say anything of memory.
    """
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as place:
        folder = Path(place)
        small = folder / "1"
        ingested = {}
        for many in (1, *times):
            written(conversations, folder / str(many), many, most)
            done = _step(folder / str(many), "ingest", 0)
            ingested[many] = _mb(folder / str(many)), done
            if many > 1:
                shutil.rmtree(folder / str(many))
        took: dict[str, list[float]] = {name: [] for name in ("vault", "parquet", "logs")}
        reading = _seconds(_step(small, "read", 0))
        for number in range(rounds):
            for name, seconds in took.items():
                seconds.append(_seconds(_step(small, f"build-{name}", number)))
        return _section(ingested, reading, took, tells_memory=most is None)


def _section(
    ingested: dict[int, tuple[float, Watched]],
    reading: float,
    took: dict[str, list[float]],
    *,
    tells_memory: bool,
) -> Section:
    small, (first, last) = ingested[1][0], [done for _, done in ingested.values()][1:]
    rows = [
        (f"ingest, {mb:.0f} MB of JSON Lines", f"{_seconds(one):.1f}", f"{mb / _seconds(one):.1f}", str(one.peak_mib), "")
        for mb, one in ingested.values()
    ]  # fmt: skip
    rows.append(("reading the logs and writing record Parquet", f"{reading:.1f}", f"{small / reading:.1f}", "", ""))  # fmt: skip
    ratios = {
        name: median(one / base for one, base in zip(seconds, took["parquet"], strict=True))
        for name, seconds in took.items()
    }
    rows += [
        (f"sealed release, records from {name}", f"{median(seconds):.1f}", f"{small / median(seconds):.1f}", "", f"{ratios[name]:.2f}")
        for name, seconds in took.items()
    ]  # fmt: skip
    grew = last.peak_mib / first.peak_mib
    more = max(ingested) // sorted(ingested)[1]
    text = (
        "The shared conversations as OpenAI chat JSON Lines, with accounts and times from a seed. When an ingest returns, all "
        "is durable and in the ledger; its seconds have the reading of the logs in them. Memory is the most of the process, "
        f"shared pages counted once. Builds take turns; a ratio is within one turn, by the build from record Parquet. The larger logs have "
        f"{' and '.join(map(str, list(ingested)[1:]))} times as many conversations, put together from turns of the real ones: "
        "below some hundred MB a log does not fill what an ingest holds at once, so that the first says little."
    )
    targets = [
        Target("build from the vault, against building from plain record Parquet", "at most 1.5x its time",
               f"{ratios['vault']:.2f}x", ratios["vault"] <= 1.5),
    ]  # fmt: skip
    if tells_memory:
        what = f"memory of an ingest, a log {more} times as large"
        targets.append(Target(what, f"flat: at most {MAY_GROW}x", f"{grew:.2f}x", grew <= MAY_GROW))
    return Section("Vault: real logs", text, ("work", "s", "MB/s of logs", "peak MiB", "ratio"), rows, targets)  # fmt: skip


def _step(folder: Path, step: str, number: int) -> Watched:
    return watch([sys.executable, __file__, str(folder), step, str(number)])


def _seconds(watched: Watched) -> float:
    return float(json.loads(watched.out.splitlines()[-1])["seconds"])


def _mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("chats-*.jsonl")) / MB


def _run(folder: Path, step: str, number: str) -> dict[str, Any]:
    from troth.operations.build import BuildRequest, build_release
    from troth.operations.workspace.ingest import ingest
    from troth.operations.workspace.init import init_workspace
    from troth.operations.workspace.record import record
    from troth.operations.write_records import write_records
    from troth.types.moment import parse_moment

    files = tuple(str(path) for path in sorted(folder.glob("chats-*.jsonl")))
    shop, parquet = folder / "shop", folder / "records.parquet"
    if step == "ingest":
        init_workspace(shop, "example.org/bench")
        record(shop, [str(folder / "history.jsonl")])
    start = perf_counter()
    if step == "ingest":
        ingest(shop, files)
    elif step == "read":
        write_records(files, None, False, parquet)
    else:
        records = {"build-vault": (), "build-parquet": (str(parquet),), "build-logs": files}[step]
        build_release(
            BuildRequest(
                terms="anthropic-consumer", options={}, history=(), records=records, purpose="train.general",
                at=parse_moment("2026-02-01T00:00:00Z"), seed=7, out=folder / f"{step}-{number}", workspace=shop, jobs=JOBS,
            )
        )  # fmt: skip
    return {"seconds": perf_counter() - start}


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), *sys.argv[2:])))
