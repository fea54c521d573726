"""How well the patterns do on labelled texts: floors a little under what was measured, by the corpora's own rule."""

from __future__ import annotations

import json
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from troth.detect.kinds import KINDS
from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import view_of

GROUPS = {"LOCATION": "LOC", "ADDRESS": "LOC", "SSN": "ID"}
EDGE = string.whitespace + string.punctuation
Span = tuple[int, int, str]


def documents(shared: Path, name: str) -> list[dict[str, object]]:
    with (shared / "data" / "detect" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stripped(text: str, spans: Iterator[Span]) -> set[Span]:
    """Spans without punctuation at their edges."""
    cut = set()
    for start, end, kind in spans:
        inner = text[start:end].strip(EDGE)
        begin = start + text[start:end].find(inner)
        cut.add((begin, begin + len(inner), GROUPS.get(kind, kind)))
    return {span for span in cut if span[0] < span[1]}


def covered(span: Span, others: set[Span]) -> bool:
    start, end, kind = span
    inside = {place for a, b, k in others if k == kind for place in range(max(a, start), min(b, end))}
    return 2 * len(inside) >= end - start


def score(shared: Path, name: str) -> dict[str, tuple[float, float]]:
    """Precision and recall of each type."""
    docs = documents(shared, name)
    predicted, right, gold, hit = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for doc, findings in zip(
        docs, Scanner(PATTERNS).find([view_of(str(d["text"])) for d in docs]), strict=True
    ):
        text, scope = str(doc["text"]), {GROUPS.get(kind, kind) for kind in doc["scope"]}  # type: ignore[attr-defined]
        ours = {
            s
            for s in stripped(text, ((f.start, f.end, KINDS[f.kind].coarse) for f in findings))
            if s[2] in scope
        }
        theirs = stripped(text, iter(doc["spans"]))  # type: ignore[call-overload]
        for span in ours:
            predicted[span[2]] += 1
            right[span[2]] += covered(span, theirs)
        for span in theirs:
            gold[span[2]] += 1
            hit[span[2]] += covered(span, ours)
    return {kind: (right[kind] / predicted[kind], hit[kind] / max(gold[kind], 1)) for kind in predicted}


@pytest.mark.parametrize(
    ("corpus", "floors"),
    [
        (
            "presidio_synth_v2_even",
            {
                "PHONE": (0.97, 0.95), "EMAIL": (0.99, 0.99), "CREDIT_CARD": (0.99, 0.99), "IBAN": (0.99, 0.99), "IP": (0.99, 0.99),
                "ID": (0.99, 0.99), "URL": (0.95, 0.95), "DATE": (0.95, 0.40), "AGE": (0.97, 0.95), "LOC": (0.97, 0.55),
            },
        ),
        ("phone_examples", {"PHONE": (1.0, 0.95)}),
        ("email_threads", {"EMAIL": (0.95, 0.99)}),
        ("usaddress", {"LOC": (0.99, 0.65)}),
    ],
)  # fmt: skip
def test_on_labelled_texts(shared: Path, corpus: str, floors: dict[str, tuple[float, float]]) -> None:
    scores = score(shared, corpus)
    for kind, (precision, recall) in floors.items():
        assert scores[kind][0] >= precision, (kind, scores[kind])
        assert scores[kind][1] >= recall, (kind, scores[kind])


def test_source_code_holds_little_but_the_addresses_of_its_authors(shared: Path) -> None:
    texts = [str(doc["text"]) for doc in documents(shared, "pystdlib_neg_even")]
    found = Counter(
        finding.kind
        for findings in Scanner(PATTERNS).find([view_of(text) for text in texts])
        for finding in findings
    )
    megabytes = sum(map(len, texts)) / 1e6
    assert found.pop("EMAIL") <= 8  # each is one
    assert sum(found.values()) / megabytes < 5, found
