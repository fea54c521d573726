"""Measures a file of weights on the corpora that never train: ``python -m training.names.measure --data FOLDER``."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.names.corpora import Document, read, testing
from training.names.score import Tally
from troth.detect.names.tagger import Names
from troth.detect.names.weights import FILE
from troth.detect.text.view import view_of

_LANGUAGES = ("uner_de_pud", "uner_pt_pud", "uner_sv_pud", "uner_da_ddt", "uner_zh_pud")


def tally(names: Names, documents: list[Document]) -> Tally:
    """How a tagger does on some documents."""
    counts = Tally()
    for document, found in zip(documents, names.find([view_of(d.text) for d in documents]), strict=True):
        counts.add(document.text, document.spans, [(f.start, f.end, f.kind) for f in found], document.scope)
    return counts


def line(name: str, counts: Tally) -> str:
    """One row of the table: core, then each kind."""
    cells = [counts.figures(groups) for groups in (("PERSON", "LOC"), ("PERSON",), ("LOC",), ("ORG",))]
    return f"| {name} | " + " | ".join(f"{p:.3f}/{r:.3f}/**{f:.3f}**" for p, r, f in cells) + " |"


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
