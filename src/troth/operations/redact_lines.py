"""The texts that ``troth redact`` reads: lines of ``{"id", "text"}``, plain or gzipped, or any log that Troth reads."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from troth.errors import InputError, LogError, Place
from troth.intake.mapping import Mapping
from troth.intake.read import read_logs

_GZIP = b"\x1f\x8b"
_MEND = 'write one object a line, such as {"id": "1", "text": "…"}'
_LOOKED = 1 << 20


@dataclass(frozen=True, slots=True)
class Said:
    """One text, and what is written beside it."""

    id: object
    conversation: str | None
    """None: a conversation of its own."""
    text: str | None
    role: str | None = None
    place: Place | None = None


def read_texts(path: Path, mapping: Mapping | None) -> Iterator[Said]:
    """The texts of one file, in its order.

    Raises `InputError` for a line that is damaged, and `LogError` where the file is of no known form.
    """
    if mapping is None and _is_lines(path):
        yield from _lines(path)
        return
    for batch in read_logs([str(path)], mapping=mapping):
        names = ("record", "conversation", "text", "role")
        for row in zip(*(batch.column(name).to_pylist() for name in names), strict=True):
            record, conversation, text, role = row
            yield Said(record, conversation, text, role, Place(str(path)))


def _is_lines(path: Path) -> bool:
    """Whether the first line that is not empty has, or seems to have, a text and an id."""
    try:
        with _opened(path) as file:
            for line in iter(lambda: file.readline(_LOOKED), b""):
                if line.strip():
                    return (
                        b'"text"' in line
                        and b'"id"' in line
                        and line.lstrip().startswith(b"{")
                        and (len(line) >= _LOOKED or _is_said(line))
                    )
    except (OSError, EOFError, zlib.error) as problem:
        raise LogError(f"cannot be read: {problem}", place=Place(str(path)), remedy="give a file") from None
    return False


def _is_said(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return True  # its place is told when it is read
    return isinstance(found, dict) and "id" in found and isinstance(found.get("text"), str | None)


def _lines(path: Path) -> Iterator[Said]:
    number = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _said(line, Place(str(path), number))
    except (OSError, EOFError, zlib.error) as problem:
        place = Place(str(path), number + 1)
        raise InputError(f"cannot be read on: {problem}", place=place, remedy="mend the file") from None


def _said(line: bytes, place: Place) -> Said:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"this line is not JSON: {problem}", place=place, remedy=_MEND) from None
    if not isinstance(found, dict) or "id" not in found or not isinstance(found.get("text", 0), str | None):
        raise InputError("this line has no id or no text", place=place, remedy=_MEND)
    conversation, role = found.get("conversation"), found.get("role")
    if not isinstance(conversation, str | None) or not isinstance(role, str | None):
        raise InputError("conversation or role is not text", place=place, remedy=_MEND)
    return Said(found["id"], conversation, found["text"], role, place)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    with gzip.open(path, "rb") if zipped else path.open("rb") as found:
        yield found  # type: ignore[misc]  # both give bytes line by line
