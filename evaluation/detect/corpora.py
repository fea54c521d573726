"""Reads the labelled corpora of the shared folder."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

Span = tuple[int, int, str]
"""First character, the first after it, type."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text, what is labelled in it, and which types were labelled at all."""

    id: str
    text: str
    spans: tuple[Span, ...]
    scope: frozenset[str]
    whole: bool = False
    """Whether the text is one string that is a secret or is none."""


def read(path: Path) -> list[Document]:
    """The documents of a corpus, in their order."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return [_document(json.loads(line)) for line in data.decode().split("\n") if line]


def _document(row: dict[str, object]) -> Document:
    spans = tuple((start, end, kind) for start, end, kind in row["spans"])  # type: ignore[attr-defined]
    scope = frozenset(row["scope"])  # type: ignore[call-overload]
    return Document(str(row["id"]), str(row["text"]), spans, scope, bool(row.get("doclevel")))


def files(folder: Path) -> dict[str, Path]:
    """The corpora of a folder, those for tests only too, by name: ``share-alike/uner_en_pud``."""
    found = {}
    for path in sorted(folder.rglob("*.jsonl*")):
        name = path.relative_to(folder).as_posix()
        found[name.removesuffix(".gz").removesuffix(".jsonl")] = path
    return found
