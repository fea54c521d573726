"""How well the tagger does on documents that it was not trained on; the figures stand in docs/detection-names.md."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from troth.detect.names.tagger import Names
from troth.detect.text.view import view_of

GROUPS = {"PERSON": "PERSON", "LOCATION": "PLACE", "ADDRESS": "PLACE"}


def halves(ours: list[tuple[int, int, str]], theirs: list[tuple[int, int, str]]) -> int:
    """How many spans are covered by half or more."""
    count = 0
    for start, end, group in ours:
        covered = set().union(*(range(max(a, start), min(b, end)) for a, b, g in theirs if g == group))
        count += 2 * len(covered) >= end - start
    return count


def score(file: Path, part: slice) -> float:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    rows = [json.loads(line) for line in data.decode().splitlines()][part]
    right = found = predicted = gold = 0
    for row, findings in zip(rows, Names.load().find([view_of(row["text"]) for row in rows]), strict=True):
        ours = [(f.start, f.end, GROUPS[f.kind]) for f in findings if f.kind in GROUPS]
        theirs = [(a, b, GROUPS[t]) for a, b, t in row["spans"] if t in GROUPS]
        right, found = right + halves(ours, theirs), found + halves(theirs, ours)
        predicted, gold = predicted + len(ours), gold + len(theirs)
    precision, recall = right / predicted, found / gold
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(
    ("corpus", "part", "least"),
    [
        ("uner_ewt_dev.jsonl", slice(None), 0.75),
        ("wnut17_dev.jsonl", slice(None), 0.60),
        ("btc_a.jsonl", slice(None), 0.58),
        ("btc_e.jsonl", slice(None), 0.68),
        ("gum.jsonl.gz", slice(0, None, 3), 0.72),
        ("litbank.jsonl.gz", slice(0, None, 10), 0.70),
        ("share-alike/uner_en_pud.jsonl", slice(None), 0.72),
        ("presidio_synth_v2_even.jsonl", slice(None), 0.78),
    ],
)
def test_names_are_found_at_least_this_well(shared: Path, corpus: str, part: slice, least: float) -> None:
    assert score(shared / "data" / "detect" / corpus, part) >= least


def test_source_code_is_not_full_of_names(shared: Path) -> None:
    rows = [
        json.loads(line) for line in (shared / "data/detect/pystdlib_neg_even.jsonl").read_text().splitlines()
    ]
    found = sum(map(len, Names.load().find([view_of(row["text"]) for row in rows])))
    assert found / sum(len(row["text"]) for row in rows) * 1e6 < 3000
