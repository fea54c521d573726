"""Reads the labelled corpora of the shared folder."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    conversation: str = ""
    """Which conversation it is a turn of; empty where each text stands for itself."""
    flags: frozenset[str] = frozenset()
    """The special categories of Art. 9 GDPR that its conversation tells of a person."""


def read(path: Path) -> list[Document]:
    """The documents of a corpus, in their order."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return [document_of(json.loads(line)) for line in data.decode().split("\n") if line]


def document_of(row: dict[str, Any]) -> Document:
    """The document of a row."""
    return Document(
        id=row["id"],
        text=row["text"],
        spans=tuple((start, end, kind) for start, end, kind in row["spans"]),
        scope=frozenset(row["scope"]),
        whole=bool(row.get("doclevel")),
        conversation=row.get("conversation", ""),
        flags=frozenset(row.get("flags", ())),
    )


def files(folder: Path) -> dict[str, Path]:
    """The corpora of a folder, those for tests only too, by name: ``share-alike/uner_en_pud``."""
    found = {}
    for path in sorted(folder.rglob("*.jsonl*")):
        name = path.relative_to(folder).as_posix()
        found[name.removesuffix(".gz").removesuffix(".jsonl")] = path
    return found
