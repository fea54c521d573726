"""How well secrets are found in the labelled corpora; the floors lie a little below what was measured."""

from __future__ import annotations

import gzip
import json
import string
from pathlib import Path
from typing import Any

import pytest

from troth.detect.patterns.scan import Scanner
from troth.detect.secrets import SECRETS
from troth.detect.text.view import view_of

EDGE = string.punctuation + string.whitespace


def documents(shared: Path, name: str) -> list[tuple[dict[str, Any], list[tuple[int, int]]]]:
    """Every document of a corpus, and what is found in it, overlapping findings joined."""
    file = shared / "data" / "detect" / name
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        loaded = [json.loads(line) for line in lines]
    found = Scanner(SECRETS).find([view_of(one["text"]) for one in loaded])
    answers = []
    for findings in found:
        spans: list[tuple[int, int]] = []
        for finding in findings:
            if spans and finding.start < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], finding.end))
            else:
                spans.append((finding.start, finding.end))
        answers.append(spans)
    return list(zip(loaded, answers, strict=True))


def half_covered(text: str, span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    start, end = span
    while start < end and text[start] in EDGE:
        start += 1
    while end > start and text[end - 1] in EDGE:
        end -= 1
    covered = sum(max(0, min(end, high) - max(start, low)) for low, high in spans)
    return 2 * covered >= end - start


def test_configuration_and_code(shared: Path) -> None:
    right = found = recalled = wanted = 0
    for document, spans in documents(shared, "credsweeper_samples_even.jsonl.gz"):
        gold = [(start, end) for start, end, _ in document["spans"]]
        right += sum(half_covered(document["text"], span, gold) for span in spans)
        found += len(spans)
        recalled += sum(half_covered(document["text"], span, spans) for span in gold)
        wanted += len(gold)
    precision, recall = right / found, recalled / wanted
    assert 2 * precision * recall / (precision + recall) >= 0.87


def test_single_strings(shared: Path) -> None:
    pairs = documents(shared, "gitleaks_literals_even.jsonl.gz")
    positive = [bool(spans) for document, spans in pairs if document["spans"]]
    negative = [bool(spans) for document, spans in pairs if not document["spans"]]
    assert sum(positive) / len(positive) >= 0.9
    assert sum(negative) / len(negative) <= 0.1


@pytest.mark.parametrize("name", ["pystdlib_neg_even.jsonl"])
def test_ordinary_code(shared: Path, name: str) -> None:
    pairs = documents(shared, name)
    size = sum(len(document["text"]) for document, _ in pairs)
    assert sum(len(spans) for _, spans in pairs) / size * 1_000_000 < 3
