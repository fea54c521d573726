"""The scoring rule of the corpora: span F1 by group, a span found or right where half of it is covered."""

from __future__ import annotations

from collections.abc import Sequence

GROUPS = {"PERSON": "PERSON", "LOCATION": "LOC", "ADDRESS": "LOC", "ORG": "ORG"}
_WIDE = {"LOC": ("LOCATION", "ADDRESS")}

Span = tuple[int, int, str]


def stripped(text: str, spans: Sequence[Span], scope: frozenset[str]) -> list[Span]:
    """Spans in scope, by group, without edge punctuation, each once."""
    kept = set()
    groups = {GROUPS[t] for t in scope if t in GROUPS}
    for start, end, kind in spans:
        if GROUPS.get(kind) not in groups:
            continue
        letters = [place for place in range(start, end) if text[place].isalnum()]
        if letters:
            kept.add((letters[0], letters[-1] + 1, GROUPS[kind]))
    return sorted(kept)


def _covered(ours: Sequence[Span], theirs: Sequence[Span]) -> dict[str, int]:
    covered: dict[str, int] = {}
    for start, end, group in ours:
        marks = set()
        for a, b, g in theirs:
            if g == group and a < end and b > start:
                marks.update(range(max(a, start), min(b, end)))
        covered[group] = covered.get(group, 0) + (2 * len(marks) >= end - start)
    return covered


class Tally:
    """Counts over documents."""

    def __init__(self) -> None:
        self.gold: dict[str, int] = {}
        self.found: dict[str, int] = {}
        self.predicted: dict[str, int] = {}
        self.right: dict[str, int] = {}

    def add(self, text: str, gold: Sequence[Span], predicted: Sequence[Span], scope: frozenset[str]) -> None:
        """Count one document."""
        gold, predicted = stripped(text, gold, scope), stripped(text, predicted, scope)
        for counts, spans in ((self.gold, gold), (self.predicted, predicted)):
            for _, _, group in spans:
                counts[group] = counts.get(group, 0) + 1
        for counts, covered in (
            (self.found, _covered(gold, predicted)),
            (self.right, _covered(predicted, gold)),
        ):
            for group, count in covered.items():
                counts[group] = counts.get(group, 0) + count

    def figures(self, groups: Sequence[str] = ("PERSON", "LOC")) -> tuple[float, float, float]:
        """Precision, recall, F1 over some groups."""
        total = [
            sum(c.get(g, 0) for g in groups) for c in (self.right, self.predicted, self.found, self.gold)
        ]
        precision = total[0] / total[1] if total[1] else 0.0
        recall = total[2] / total[3] if total[3] else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0
