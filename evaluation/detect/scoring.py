"""The scoring rule of the corpora: what was found, and how much of it was right, by span, character and token.

Places and addresses count as one group, and so do social security and other numbers. A labelled span is found
where half of its characters are covered by predictions of its group; a prediction is right where half of its
characters are covered by labels of its group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evaluation.detect.corpora import Document, Span

GROUPS = {
    **{
        kind: kind
        for kind in [
            "PERSON",
            "ORG",
            "EMAIL",
            "PHONE",
            "CREDIT_CARD",
            "IBAN",
            "IP",
            "URL",
            "DATE",
            "AGE",
            "TITLE",
            "NRP",
            "SECRET",
        ]
    },
    **{"LOCATION": "LOC", "ADDRESS": "LOC", "SSN": "ID", "ID": "ID"},
}
"""The group of every type."""
CORE = frozenset(["PERSON", "LOC", "EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "ID", "IP", "URL", "SECRET"])
"""The groups whose figures are the headline."""

EDGES = frozenset(".,;:!?\"'()[]{}<>")
"""Punctuation that is no part of a span at its edges. With these, and space, the reference figures come out."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1; 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, right: int, predicted: int, found: int, gold: int) -> Figures:
        """The figures of four counts."""
        precision = right / predicted if predicted else 0.0
        recall = found / gold if gold else 0.0
        both = precision + recall
        return cls(precision, recall, 2 * precision * recall / both if both else 0.0)


@dataclass(slots=True)
class Counts:
    """Of one way of counting, by group."""

    gold: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def figures(self, groups: Iterable[str] | None = None) -> Figures:
        """Over some groups, or all."""
        wanted = set(self.gold) | set(self.predicted) if groups is None else set(groups)
        sums = [
            sum(c[group] for group in wanted) for c in (self.right, self.predicted, self.found, self.gold)
        ]
        return Figures.of(*sums)


def stripped(text: str, spans: Iterable[Span], scope: frozenset[str]) -> list[Span]:
    """Spans of the groups in scope, without space and punctuation at their edges, each once, by group."""
    groups = {GROUPS[kind] for kind in scope}
    kept = set()
    for first, last, kind in spans:
        group, start, end = GROUPS.get(kind), first, last
        if group not in groups:
            continue
        while start < end and _is_edge(text[start]):
            start += 1
        while end > start and _is_edge(text[end - 1]):
            end -= 1
        if start < end:
            kept.add((start, end, group))
    return sorted(kept)


def _is_edge(character: str) -> bool:
    return character in EDGES or character.isspace()


def half_covered(ours: Sequence[Span], theirs: Sequence[Span]) -> Counter[str]:
    """How many of ours have at least half of their characters covered by theirs of the same group."""
    covered: Counter[str] = Counter()
    for start, end, group in ours:
        marks: set[int] = set()
        for low, high, other in theirs:
            if other == group and low < end and high > start:
                marks.update(range(max(low, start), min(high, end)))
        covered[group] += 2 * len(marks) >= end - start
    return covered


@dataclass(slots=True)
class Tally:
    """What is counted over the documents of a corpus."""

    spans: Counts = field(default_factory=Counts)
    tokens: Counts = field(default_factory=Counts)
    characters: Counts = field(default_factory=Counts)
    """Of core groups together under ``core``, of all together under ``all``."""
    size: int = 0
    """Characters of text."""
    positives: int = 0
    negatives: int = 0
    hits: int = 0
    """Documents that are a secret, and in which one was found."""
    alarms: int = 0
    """Documents that are none, and in which one was found."""

    def add(self, document: Document, predictions: Iterable[Span]) -> None:
        """Count one document."""
        text = document.text
        self.size += len(text)
        gold = stripped(text, document.spans, document.scope)
        predicted = stripped(text, predictions, document.scope)
        if document.whole:
            self.positives += bool(gold)
            self.negatives += not gold
            self.hits += bool(gold and predicted)
            self.alarms += bool(predicted and not gold)
            return
        self.spans.gold.update(group for _, _, group in gold)
        self.spans.predicted.update(group for _, _, group in predicted)
        self.spans.found.update(half_covered(gold, predicted))
        self.spans.right.update(half_covered(predicted, gold))
        self._tokens(text, gold, predicted)
        self._characters("all", text, gold, predicted)
        core = [[span for span in spans if span[2] in CORE] for spans in (gold, predicted)]
        self._characters("core", text, *core)

    def _tokens(self, text: str, gold: Sequence[Span], predicted: Sequence[Span]) -> None:
        if not gold and not predicted:
            return
        tokens = [match.span() for match in _TOKEN.finditer(text)]
        ours, theirs = (_of_tokens(tokens, spans) for spans in (gold, predicted))
        both = Counter(group for _, group in ours & theirs)
        self.tokens.gold.update(group for _, group in ours)
        self.tokens.predicted.update(group for _, group in theirs)
        self.tokens.found.update(both)
        self.tokens.right.update(both)

    def _characters(self, name: str, text: str, gold: Sequence[Span], predicted: Sequence[Span]) -> None:
        ours, theirs = (
            {place for start, end, _ in spans for place in range(start, end) if not text[place].isspace()}
            for spans in (gold, predicted)
        )
        counts, both = self.characters, len(ours & theirs)
        counts.gold[name] += len(ours)
        counts.predicted[name] += len(theirs)
        counts.found[name] += both
        counts.right[name] += both

    @property
    def per_million(self) -> float:
        """Predictions for each million characters of text."""
        return 1e6 * self.spans.predicted.total() / self.size if self.size else 0.0


def _of_tokens(tokens: Sequence[tuple[int, int]], spans: Sequence[Span]) -> set[tuple[int, str]]:
    """Token and group, of every span that covers any of the token's characters."""
    return {
        (number, group)
        for start, end, group in spans
        for number, (low, high) in enumerate(tokens)
        if low < end and high > start
    }
