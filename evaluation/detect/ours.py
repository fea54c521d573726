"""Troth on the corpora: with names or without, each text for itself or with what its conversation tells."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.detect.corpora import Document, Span

from troth.detect import detector as doors
from troth.detect.detector import Detector, standard
from troth.detect.kinds import KINDS
from troth.detect.text.view import view_of
from troth.detect.whole.special import special_categories


@dataclass(frozen=True, slots=True)
class Found:
    """What Troth found in each document, as types of the corpora, and the processor seconds that it took."""

    spans: list[list[Span]]
    seconds: float


def found(documents: Sequence[Document], detector: Detector | None = None) -> Found:
    """What `troth scan --coarse` finds."""
    detector = detector or standard()
    texts = [one.text for one in documents]
    talks = [one.conversation or one.id for one in documents]
    began = time.process_time()
    rows = detector.find(texts, talks)
    seconds = time.process_time() - began
    return Found([[(one.start, one.end, KINDS[one.kind].coarse) for one in row] for row in rows], seconds)


def each_for_itself(documents: Sequence[Document]) -> Found:
    """The same without what was found elsewhere in the text or conversation."""
    usual = doors.everywhere
    doors.everywhere = lambda _, rows: [list(row) for row in rows]
    try:
        return found(documents)
    finally:
        doors.everywhere = usual


def flagged(documents: Sequence[Document]) -> tuple[int, int, int]:
    """Special categories of conversations: right ones, hinted at, and labelled."""
    hints: dict[str, set[str]] = {}
    for one, categories in zip(
        documents, special_categories([view_of(d.text) for d in documents]), strict=True
    ):
        hints.setdefault(one.conversation, set()).update(categories)
    labels = {one.conversation: one.flags for one in documents}
    right = sum(len(hints[name] & labels[name]) for name in labels)
    return right, sum(map(len, hints.values())), sum(map(len, labels.values()))
