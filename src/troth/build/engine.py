"""The embedded database that joins and sorts what does not fit into memory, inside the work folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

MEMORY = "512MB"
"""How much the engine may hold; beyond that it spills into the work folder."""


class Engine:
    """One connection to a database of its own. Not to be shared between threads."""

    def __init__(self, work: Path, jobs: int) -> None:
        self._connection = duckdb.connect(
            work / "engine.duckdb",
            config={"memory_limit": MEMORY, "temp_directory": str(work / "spill"), "threads": jobs},
        )
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *problem: object) -> None:
        self._connection.close()

    def run(self, statement: str, values: list[Any] | None = None) -> None:
        """Run a statement for its effect."""
        self._connection.execute(statement, values)

    def load(self, name: str, table: pa.Table) -> None:
        """Make a table of a small Arrow table."""
        self._connection.register("handed_in", table)
        self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM handed_in")
        self._connection.unregister("handed_in")

    def rows(self, query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        return self._connection.execute(query, values).fetchall()

    def stream(self, query: str, rows: int = 8192) -> Iterator[pa.RecordBatch]:
        """The rows of an answer of any size, in its order, without holding it."""
        yield from self._connection.sql(query).to_arrow_reader(rows)


def files(paths: list[Path] | tuple[Path, ...]) -> str:
    """A list of files as an SQL literal."""
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"


def literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
