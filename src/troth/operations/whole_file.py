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

    Raises `ReleaseError` where it cannot be written, or there is no room for what a run spills to disk; and where
    ``out`` is a link, a folder or a device, such as ``/dev/stdout``, which a file must not take the place of.
    """
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise ReleaseError(
            f"{out} is a link, a folder or a device: no file takes its place", remedy="name a file"
        )
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
