"""Decide a made-up organisation in columns: ``run_columns.py FOLDER OUT (ours|interval|asof)``; prints seconds and memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

from by_hand import query
from troth.operations.decide import DecideInputs, decide_to_file
from world import ASKED


def ours(folder: Path, out: Path) -> None:
    """Troth, through the same operation as the command line."""
    decide_to_file(
        DecideInputs(
            terms="anthropic-consumer",
            options={},
            history=(str(folder / "events.parquet"),),
            records=(str(folder / "records.parquet"),),
            purpose="train.general",
            at=ASKED,
        ),
        out,
    )


def by_hand(form: str, folder: Path, out: Path) -> None:
    """The hand-written query, with all the memory that it wants."""
    con = duckdb.connect()
    con.execute("SET threads=2; SET preserve_insertion_order=false; SET enable_progress_bar=false")
    sql = query(form, str(folder / "events.parquet"), str(folder / "records.parquet"), ASKED)
    con.execute(f"COPY ({sql}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")


def main() -> None:
    """Run one form once."""
    folder, out, form = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    start = time.perf_counter()
    if form == "ours":
        ours(folder, out)
    else:
        by_hand(form, folder, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "form": form, "seconds": round(time.perf_counter() - start, 2),
        "cpu": round(used.ru_utime + used.ru_stime, 2), "peak_mib": used.ru_maxrss // 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
