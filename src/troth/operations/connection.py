"""The in-process DuckDB of one run: bounded memory, a folder of its own to spill to, no access to Python's names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

MEMORY = "400MB"
"""What DuckDB may keep in memory; beyond that it spills. The process needs some 400 MB beside it."""


@contextmanager
def bounded_connection(memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is closed, and whose spill folder is removed, at the end."""
    with tempfile.TemporaryDirectory(prefix="troth-") as folder:
        connection = duckdb.connect(config={"python_enable_replacements": "false"})
        try:
            for setting in (
                f"memory_limit = '{memory}'",
                f"temp_directory = '{folder}'",
                f"threads = {min(os.cpu_count() or 1, 8)}",
                "preserve_insertion_order = false",
                "enable_progress_bar = false",
                # Joins are written in the order and with the side to build that they are to have: every right
                # side is small, and an estimate that takes it for large would hold all records in memory.
                "disabled_optimizers = 'join_order,build_side_probe_side'",
            ):
                connection.execute(f"SET {setting}")
            yield connection
        finally:
            connection.close()
