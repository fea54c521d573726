"""Deciding whole organisations in columns, against hand-written DuckDB SQL: alternating, each run a process."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from world import make

HERE = Path(__file__).parent
DATA = HERE / "data"
FORMS = ("ours", "interval", "asof")


def run(form: str, conversations: int) -> dict[str, Any]:
    """One form once, in a process of its own."""
    command = [
        sys.executable,
        str(HERE / "run_columns.py"),
        str(DATA / str(conversations)),
        str(_out(form)),
        form,
    ]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(told.stdout.splitlines()[-1]))


def _out(form: str) -> Path:
    return DATA / f"decided-{form}.parquet"


def compared(conversations: int, rounds: int) -> dict[str, Any]:
    """Medians of each form, the ratio of each round to each other form, and whether all decide alike."""
    make(DATA / str(conversations), conversations)
    found: dict[str, list[dict[str, Any]]] = {form: [] for form in FORMS}
    for _ in range(rounds):
        for form in FORMS:
            found[form].append(run(form, conversations))
    result: dict[str, Any] = {"conversations": conversations, "same": all(same("ours", f) for f in FORMS[1:])}
    for form, runs in found.items():
        result[form] = {
            key: statistics.median(r[key] for r in runs) for key in ("seconds", "cpu", "peak_mib")
        }
    for form in FORMS[1:]:
        for key in ("seconds", "cpu"):
            pairs = zip(found["ours"], found[form], strict=True)
            result[f"ratio_{form}_{key}"] = statistics.median(a[key] / b[key] for a, b in pairs)
    for form in FORMS:
        _out(form).unlink()
    return result


def same(one: str, other: str) -> bool:
    """Whether two forms decided the same records, each with the same answer for the same reason."""
    query = f"""
SELECT count(*) FILTER (a.allow IS DISTINCT FROM b.allow OR a.reason IS DISTINCT FROM b.reason), count(*),
  (SELECT count(*) FROM '{_out(one)}'), (SELECT count(*) FROM '{_out(other)}')
FROM '{_out(one)}' a FULL JOIN '{_out(other)}' b USING (record)"""
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '3GB'")
    found = connection.execute(query).fetchall()[0]
    return bool(found[0] == 0 and found[1] == found[2] == found[3])
