"""Reads the labelled corpora and says which documents train, which tune and which test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluation.detect.corpora import files
from evaluation.detect.corpora import read as rows

TYPES = ("PERSON", "LOCATION", "ORG", "ADDRESS")
EVERY_TYPE = frozenset(TYPES)
UNSURE = "UNSURE"
"""A stretch that may hold names that nobody labelled: it teaches nothing."""
GENERATED = "generated"
"""The corpus of what is made or collected here."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its labelled spans."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    corpus: str
    scope: frozenset[str]


def read(folder: Path, name: str) -> list[Document]:
    """All documents of one corpus, in the order of its file."""
    corpus = name.rpartition("/")[2]
    return [Document(one.text, one.spans, corpus, one.scope) for one in rows(files(folder)[name])]


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
