"""The bytes of a log: opened, decompressed where the content says so, and handed on in bounded pieces.

Compression is told by the first bytes, never by the file name. A decompression bomb costs time but no memory:
nothing here holds more than one piece, whatever a compressed file claims to contain.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

PIECE = 1 << 20
"""Bytes in one piece of content, decompressed."""
SALVAGE = 256
"""Bytes that are read at a time just before damage to compressed data: fewer than that are lost."""

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class ContentError(Exception):
    """The bytes cannot be had: unreadable, truncated or damaged. The message says which, in words."""


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of the decompressed content of a file."""

    data: bytes
    whole: bool
    """Whether that is all of it."""
    compression: str | None
    """``gzip``, ``zstd`` or None."""
    damage: str = ""
    """Why the content ends where it does, if not because it is complete."""


def compression_of(path: Path) -> str | None:
    """``gzip``, ``zstd`` or None, by the first bytes. Raises `ContentError` for an unreadable file."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as problem:
        raise ContentError(f"cannot be read: {problem.strerror or problem}") from None
    return _MAGIC.get(start[:2]) or _MAGIC.get(start)


def pieces(path: Path, size: int = PIECE) -> Iterator[bytes]:
    """The decompressed content in pieces of at most ``size`` bytes. Raises `ContentError`."""
    compression = compression_of(path)
    done = 0
    try:
        for piece in _read(path, compression, size):
            done += len(piece)
            yield piece
    except OSError as problem:
        yield from _salvaged(path, compression, done)
        raise ContentError(_in_words(problem, compression)) from None


def head_of(path: Path, size: int) -> Head:
    """The first ``size`` bytes of the decompressed content. Raises `ContentError` for an unreadable file."""
    compression = compression_of(path)
    got = bytearray()
    try:
        for piece in pieces(path, min(size + 1, PIECE)):
            got += piece
            if len(got) > size:
                return Head(bytes(got[:size]), whole=False, compression=compression)
    except ContentError as problem:
        return Head(bytes(got), whole=False, compression=compression, damage=str(problem))
    return Head(bytes(got), whole=True, compression=compression)


def _read(path: Path, compression: str | None, size: int) -> Iterator[bytes]:
    with _opened(path, compression) as stream:
        while piece := stream.read(size):
            yield piece


def _salvaged(path: Path, compression: str | None, done: int) -> Iterator[bytes]:
    """What lies between the last whole piece and the damage, read again in small steps."""
    if compression is None:
        return
    with suppress(OSError), _opened(path, compression) as stream:
        passed = 0
        while passed < done:
            passed += len(stream.read(min(PIECE, done - passed)))
        while step := stream.read(SALVAGE):
            yield step


@contextmanager
def _opened(path: Path, compression: str | None) -> Iterator[Any]:
    with path.open("rb") as file:
        if compression is None:
            yield file
            return
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), compression) as stream:
            yield stream


def _in_words(problem: OSError, compression: str | None) -> str:
    if compression is None or problem.errno is not None:
        return f"cannot be read: {problem.strerror or problem}"
    if "truncated" in str(problem).lower():
        return f"the {compression} data ends early; the file is truncated"
    return f"the {compression} data is damaged"
