"""A file that takes its name only once it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from troth.disk.durable import sync_folder
from troth.errors import ReleaseError


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that becomes ``out`` at the end, durably, or is removed.

    Raises `ReleaseError` where it cannot be written, or there is no room for what a run spills to disk.
    """
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(out)
        sync_folder(out.parent)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as problem:
        remedy = "make room, or choose another place"
        raise ReleaseError(f"{out} cannot be written: {problem}", remedy=remedy) from None
    finally:
        partial.unlink(missing_ok=True)
