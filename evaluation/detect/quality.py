"""Scores Troth and its peers on every corpus, side by side."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.detect import ours
from evaluation.detect.beside import DETECT_SECRETS, PRESIDIO, Peer, answers, gitleaks
from evaluation.detect.corpora import Document, Span, document_of, files, read
from evaluation.detect.scoring import CORE, Figures, Tally, half_covered, stripped
from training.conversations.make import conversations
from training.names.corpora import HALVED, TRAINED

FIRST = (
    "presidio_synth_v2_even", "uner_ewt_dev", "wnut17_dev", "btc_a", "btc_e", "gum", "litbank", "share-alike/uner_en_pud",
    "conversations", "credsweeper_samples_even", "gitleaks_literals_even", "pystdlib_neg_even",
)  # fmt: skip
"""What stands first in the tables, and is worked on first."""
SECRET_CORPORA = ("credsweeper_samples_even", "gitleaks_literals_even", "pystdlib_neg_even")
CODE = "pystdlib_neg_even"
BARE = ("phone_examples", "probablepeople_names", "usaddress")
"""Corpora of bare values, without a sentence around them."""
EVERY_TYPE = frozenset(
    [
        "PERSON",
        "LOCATION",
        "ADDRESS",
        "ORG",
        "EMAIL",
        "PHONE",
        "CREDIT_CARD",
        "IBAN",
        "SSN",
        "IP",
        "URL",
        "DATE",
        "AGE",
        "ID",
        "SECRET",
    ]
)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one system on one corpus."""

    system: str
    core: Figures
    characters: Figures
    tokens: Figures
    every: Figures
    groups: dict[str, Figures]
    """By group."""
    counts: dict[str, tuple[int, int]]
    """By group: labelled, and predicted."""
    addresses: tuple[int, int]
    """Street addresses: found, and labelled."""
    hits: tuple[int, int]
    """Of documents that are a secret: found, and how many there are."""
    alarms: tuple[int, int]
    """Of documents that are none: taken for one, and how many there are."""
    per_million: float
    """Predictions in scope for each million characters."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """One corpus."""

    name: str
    documents: int
    characters: int
    trained: str
    """What of it the names were trained on: ``all``, ``part`` (which is left out of the row) or nothing."""
    scores: dict[str, Score]


def corpora(shared: Path, only: Sequence[str] = ()) -> dict[str, list[Document]]:
    """Every corpus, those first that matter most; of those that train in part, the other part."""
    found = files(shared)
    names = [name for name in FIRST if name in found or name == "conversations"]
    names += sorted(set(found) - set(names))
    kept = {}
    for name in names:
        if only and name not in only:
            continue
        if name == "conversations":
            kept[name] = [document_of(row) for row in conversations("testing")]
            continue
        documents = read(found[name])
        parts = HALVED.get(name)
        kept[name] = (
            [one for place, one in enumerate(documents) if place % parts == 0] if parts else documents
        )
    return kept


def rows(shared: Path, build: Path, rules: Path | None, only: Sequence[str] = ()) -> Iterable[Row]:
    """Score everything, corpus by corpus."""
    for name, documents in corpora(shared, only).items():
        sys.stderr.write(f"{name}: {len(documents)} texts\n")
        scope = EVERY_TYPE if name == CODE else None
        found = ours.found(documents)
        alone = ours.each_for_itself(documents)
        scores = {
            "troth": scored("Troth", documents, found.spans, found.seconds, scope),
            "alone": scored("Troth, each text alone", documents, alone.spans, alone.seconds, scope),
        }
        if name == SECRET_CORPORA[0]:
            spans = [_without_known(one, row) for one, row in zip(documents, found.spans, strict=True)]
            scores["known"] = scored(
                "Troth, labelled values elsewhere not counted", documents, spans, found.seconds, scope
            )
        for peer in peers(name, rules):
            told = answers(peer, documents, build)
            scores[peer.name] = scored(peer.says, documents, told.spans, told.seconds, scope)
        trained = "all" if name in TRAINED else "part" if name in HALVED else ""
        yield Row(name, len(documents), sum(len(one.text) for one in documents), trained, scores)


def _without_known(document: Document, predicted: Sequence[Span]) -> list[Span]:
    """The predictions without those that hold a labelled value at a place where it is not labelled."""
    text, gold = document.text, stripped(document.text, document.spans, document.scope)
    values = {(text[start:end], group) for start, end, group in gold}
    same = [
        (match.start(), match.end(), group)
        for value, group in values
        for match in re.finditer(re.escape(value), text)
    ]
    kept = []
    for span in predicted:
        own = stripped(text, [span], document.scope)
        if not half_covered(own, same).total() or half_covered(own, gold).total():
            kept.append(span)
    return kept


def peers(name: str, rules: Path | None) -> list[Peer]:
    """Who is measured on a corpus."""
    if name not in SECRET_CORPORA:
        return [PRESIDIO]
    found = [DETECT_SECRETS, *([gitleaks(rules)] if rules else [])]
    return [PRESIDIO, *found] if name == CODE else found


def scored(
    system: str,
    documents: Sequence[Document],
    spans: Sequence[Sequence[Span]],
    seconds: float,
    scope: frozenset[str] | None,
) -> Score:
    """The score of some predictions. ``scope`` stands in the place of the corpus's own, for code without labels."""
    tally = Tally()
    streets = [0, 0]
    for one, predicted in zip(documents, spans, strict=True):
        document = one if scope is None else Document(one.id, one.text, one.spans, scope)
        tally.add(document, predicted)
        gold = stripped(one.text, [span for span in one.spans if span[2] == "ADDRESS"], one.scope)
        streets[0] += half_covered(gold, stripped(one.text, predicted, one.scope)).total()
        streets[1] += len(gold)
    groups = sorted(set(tally.spans.gold) | set(tally.spans.predicted))
    return Score(
        system,
        tally.spans.figures(CORE),
        tally.characters.figures(["core"]),
        tally.tokens.figures(CORE),
        tally.spans.figures(),
        {group: tally.spans.figures([group]) for group in groups},
        {group: (tally.spans.gold[group], tally.spans.predicted[group]) for group in groups},
        (streets[0], streets[1]),
        (tally.hits, tally.positives),
        (tally.alarms, tally.negatives),
        tally.per_million,
        seconds,
    )
