"""Reads the labelled corpora and says which documents train, which tune and which test."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

TYPES = ("PERSON", "LOCATION", "ORG", "ADDRESS")


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its labelled spans."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    corpus: str
    scope: frozenset[str]


def read(folder: Path, name: str) -> list[Document]:
    """All documents of one corpus, in the order of its file."""
    plain = folder / f"{name}.jsonl"
    packed = folder / f"{name}.jsonl.gz"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    documents = []
    for line in data.decode().splitlines():
        row = json.loads(line)
        spans = tuple((a, b, t) for a, b, t in row["spans"])
        documents.append(Document(row["text"], spans, name.rpartition("/")[2], frozenset(row["scope"])))
    return documents


TRAINED = (
    "btc_b",
    "btc_f",
    "btc_g",
    "wnut17_train",
    "wikigold",
    "nlu_evaluation",
    "snips_places",
    "sec_filings",
    "re3d_open",
)
"""Corpora of which every document trains."""
HALVED = {"gum": 3, "litbank": 2}
"""Corpora of which one document in so many, by its place in the file, is kept for tests."""
TESTED = (
    "uner_ewt_dev", "wnut17_dev", "btc_a", "btc_e", "presidio_synth_v2_even", "email_threads",
    "share-alike/uner_en_pud", "share-alike/gum_bio_voyage",
)  # fmt: skip
"""Corpora that never train: licences, or to see how the tagger does elsewhere."""


def training(folder: Path) -> list[Document]:
    """The documents that train."""
    documents = [document for name in TRAINED for document in read(folder, name)]
    for name, parts in HALVED.items():
        documents += [document for place, document in enumerate(read(folder, name)) if place % parts]
    return documents


def testing(folder: Path) -> dict[str, list[Document]]:
    """The documents that never train, by corpus."""
    tests = {name: read(folder, name) for name in TESTED}
    for name, parts in HALVED.items():
        tests[name] = [document for place, document in enumerate(read(folder, name)) if place % parts == 0]
    return tests
