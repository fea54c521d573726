"""Measures a file of weights on the corpora that never train: ``python -m training.names.measure --data FOLDER``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from evaluation.detect import corpora
from evaluation.detect.scoring import Tally
from training.names.corpora import Document, read, testing
from troth.detect.names.tagger import Names
from troth.detect.names.weights import FILE
from troth.detect.text.view import view_of

_LANGUAGES = ("uner_de_pud", "uner_pt_pud", "uner_sv_pud", "uner_da_ddt", "uner_zh_pud")


def tally(names: Names, documents: Sequence[Document]) -> Tally:
    """How a tagger does on some documents."""
    counts = Tally()
    for document, found in zip(documents, names.find([view_of(d.text) for d in documents]), strict=True):
        labelled = corpora.Document("", document.text, document.spans, document.scope)
        counts.add(labelled, [(one.start, one.end, one.kind) for one in found])
    return counts


def line(name: str, counts: Tally) -> str:
    """One row of the table: core, then each kind."""
    cells = [counts.spans.figures(groups) for groups in (("PERSON", "LOC"), ("PERSON",), ("LOC",), ("ORG",))]
    figures = (f"{cell.precision:.3f}/{cell.recall:.3f}/**{cell.f1:.3f}**" for cell in cells)
    return f"| {name} | {' | '.join(figures)} |"


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, required=True, help="folder of the labelled corpora")
    ask.add_argument("--weights", type=Path, default=FILE)
    ask.add_argument("--also", default="", help="more corpora, with commas")
    chosen = ask.parse_args()
    names = Names.load(chosen.weights)
    tests = testing(chosen.data)
    for language in _LANGUAGES:
        tests[language] = read(chosen.data, f"share-alike/{language}")
    for more in filter(None, chosen.also.split(",")):
        tests[more] = read(chosen.data, more)
    print("| corpus | core | PERSON | LOCATION, ADDRESS | ORG |\n|---|---|---|---|---|")
    for name, documents in tests.items():
        print(line(name.rpartition("/")[2], tally(names, documents)), flush=True)


if __name__ == "__main__":
    main()
