"""Looking for words in files: as they stand, as software spells them, and inside of Parquet and gzip."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from troth.errors import Place, UsageError

SHORTEST = 8
"""Characters: anything shorter stands everywhere."""
MOST = 2_000
"""Needles of one search."""
OPAQUE = (".zst", ".xz", ".bz2", ".zip", ".7z", ".lz4")
"""Files whose content this does not unpack: they are named, and not taken for clean."""
_SAID = ("text", "content", "parts", "body")
_PIECE = 4 << 20
_BATCH = 8_192


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for: so many needles, and a pattern of all their spellings."""

    count: int
    pattern: re.Pattern[bytes]
    longest: int

    def stands_in(self, data: bytes) -> bool:
        """Whether one of them stands there."""
        return self.pattern.search(data) is not None


def needles_of(files: Sequence[Path]) -> Needles | None:
    """Read needles: each line of a text file; of a line of JSON, what was said in it. None without files.

    Raises `UsageError` where a file cannot be read or holds no needle of `SHORTEST` characters, or where there are
    more than `MOST`.
    """
    if not files:
        return None
    found: dict[str, None] = {}
    for file in files:
        found.update(dict.fromkeys(_needles(file)))
    if not 0 < len(found) <= MOST:
        raise UsageError(
            f"{len(found):,} needles cannot be looked for", remedy=f"give 1 to {MOST:,}, a line each"
        )
    spelled = sorted({spelling for needle in found for spelling in _spellings(needle)})
    pattern = re.compile(b"|".join(map(re.escape, spelled)))
    return Needles(len(found), pattern, max(map(len, spelled)))


def _needles(file: Path) -> Iterator[str]:
    place = Place(str(file))
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(
            f"cannot be read: {problem}", place=place, remedy="give a text file in UTF-8"
        ) from None
    found = [one.strip() for line in text.splitlines() for one in _of_line(line)]
    long = [one for one in found if len(one) >= SHORTEST]
    if not long:
        remedy = f"give a line of at least {SHORTEST} characters: anything shorter stands everywhere"
        raise UsageError("holds nothing to look for", place=place, remedy=remedy)
    yield from long


def _of_line(line: str) -> Iterator[str]:
    if line.lstrip()[:1] in ("{", "["):
        try:
            told = json.loads(line)
        except ValueError:
            yield line  # it only begins like JSON
        else:
            yield from _said(told, within=False)
        return
    yield line


def _said(value: Any, *, within: bool) -> Iterator[str]:
    """The lines of the strings below a member that holds what was said."""
    if isinstance(value, str):
        yield from value.splitlines() if within else ()
    elif isinstance(value, list):
        for one in value:
            yield from _said(one, within=within)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _said(one, within=name in _SAID)


def _spellings(needle: str) -> Iterator[bytes]:
    data = needle.encode()
    yield from (data, needle.encode("utf-16-le"), needle.encode("utf-16-be"))
    yield from (json.dumps(needle)[1:-1].encode(), json.dumps(needle, ensure_ascii=False)[1:-1].encode())
    for shift in range(3):  # base64 of a text in which the needle begins at any place
        spelled = base64.b64encode(bytes(shift) + data)
        yield spelled[(0, 2, 3)[shift] : len(spelled) - 4 if (shift + len(data)) % 3 else len(spelled)]


def search(file: Path, needles: Needles) -> bool:
    """Whether a needle stands in a file. Raises ``OSError`` where it cannot be read."""
    with file.open("rb") as raw:
        if _in_stream(raw, needles):
            return True
        raw.seek(0)
        start = raw.read(4)
    if start == b"PAR1":
        return _in_parquet(file, needles)
    if start[:2] == b"\x1f\x8b":
        return _in_gzip(file, needles)
    return False


def _in_stream(stream: BinaryIO | gzip.GzipFile, needles: Needles) -> bool:
    held = b""
    while piece := stream.read(_PIECE):
        held += piece
        if needles.stands_in(held):
            return True
        held = held[-needles.longest :]
    return False


def _in_gzip(file: Path, needles: Needles) -> bool:
    try:
        with gzip.open(file) as unpacked:
            return _in_stream(unpacked, needles)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False  # what is damaged was looked at as it stands


def _in_parquet(file: Path, needles: Needles) -> bool:
    try:
        with pq.ParquetFile(file) as table:
            for batch in table.iter_batches(_BATCH):
                if any(needles.stands_in(data) for data in _values(batch)):
                    return True
    except (pa.ArrowException, ValueError):
        return False  # what is damaged was looked at as it stands
    return False


def _values(batch: pa.RecordBatch) -> Iterator[bytes]:
    """The data of the columns of text and bytes, each in one piece."""
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()  # noqa: PLW2901
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            data = column.buffers()[2]
            if data is not None:
                yield data.to_pybytes()
