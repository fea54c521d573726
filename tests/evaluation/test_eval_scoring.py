"""The scoring rule of the corpora, on examples worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from evaluation.detect.corpora import Document, read
from evaluation.detect.picture import picture
from evaluation.detect.scoring import CORE, Figures, Tally, stripped

NAMES = frozenset({"PERSON", "LOCATION", "ORG"})


def tally(
    text: str,
    gold: list[tuple[int, int, str]],
    predicted: list[tuple[int, int, str]],
    scope: frozenset[str] = NAMES,
) -> Tally:
    made = Tally()
    made.add(Document("1", text, tuple(gold), scope), predicted)
    return made


def three(figures: Figures) -> tuple[float, float, float]:
    return tuple(round(value, 3) for value in (figures.precision, figures.recall, figures.f1))  # type: ignore[return-value]


def test_half_covered_is_found_and_less_is_not() -> None:
    text = "Ann Marie Lee went"
    assert three(tally(text, [(0, 13, "PERSON")], [(0, 7, "PERSON")]).spans.figures()) == (1, 1, 1)
    assert three(tally(text, [(0, 13, "PERSON")], [(0, 6, "PERSON")]).spans.figures()) == (1, 0, 0)
    assert three(tally(text, [(0, 3, "PERSON")], [(0, 13, "PERSON")]).spans.figures()) == (0, 1, 0)


def test_two_halves_cover_a_whole_and_one_covers_two() -> None:
    text = "Ann Marie Lee went"
    assert three(
        tally(text, [(0, 13, "PERSON")], [(0, 3, "PERSON"), (10, 13, "PERSON"), (4, 9, "ORG")]).spans.figures(
            CORE
        )
    ) == (1, 0, 0)
    assert three(
        tally(text, [(0, 9, "PERSON"), (10, 13, "PERSON")], [(0, 13, "PERSON")]).spans.figures()
    ) == (1, 1, 1)


def test_another_type_is_wrong_but_places_and_addresses_are_one() -> None:
    text = "5 Main Street"
    scope = frozenset({"ADDRESS", "PERSON"})
    assert three(tally(text, [(0, 13, "ADDRESS")], [(0, 13, "LOCATION")], scope).spans.figures()) == (1, 1, 1)
    assert three(tally(text, [(0, 13, "ADDRESS")], [(0, 13, "PERSON")], scope).spans.figures()) == (0, 0, 0)


def test_what_is_out_of_scope_is_neither_right_nor_wrong() -> None:
    made = tally("Ann ann@x.org", [(0, 3, "PERSON")], [(0, 3, "PERSON"), (4, 13, "EMAIL")])
    assert three(made.spans.figures()) == (1, 1, 1)


def test_edges_are_stripped_and_equal_predictions_count_once() -> None:
    text = ' "Ann," and'
    assert stripped(text, [(0, 6, "PERSON"), (2, 5, "PERSON"), (0, 2, "PERSON")], NAMES) == [(2, 5, "PERSON")]
    assert stripped("@ann", [(0, 4, "PERSON")], NAMES) == [(0, 4, "PERSON")]


def test_core_leaves_organisations_out() -> None:
    made = tally("Ann Acme", [(0, 3, "PERSON"), (4, 8, "ORG")], [(0, 3, "PERSON")])
    assert three(made.spans.figures(CORE)) == (1, 1, 1)
    assert three(made.spans.figures()) == (1, 0.5, 0.667)


def test_characters_do_not_know_types_and_tokens_do() -> None:
    made = tally("Ann Lee-Ray x", [(0, 11, "PERSON")], [(0, 3, "PERSON"), (4, 7, "LOCATION")])
    assert three(made.characters.figures(["core"])) == (1, 0.6, 0.75)
    assert three(made.tokens.figures()) == (0.5, 0.25, 0.333)


def test_documents_that_are_one_string_are_hits_or_alarms() -> None:
    made, scope = Tally(), frozenset({"SECRET"})
    for gold, predicted in ((True, True), (True, False), (False, True), (False, False), (False, False)):
        spans = ((0, 3, "SECRET"),) if gold else ()
        made.add(Document("1", "abc", spans, scope, whole=True), [(1, 2, "SECRET")] if predicted else [])
    assert (made.hits, made.positives, made.alarms, made.negatives) == (1, 2, 1, 3)


def test_predictions_are_counted_for_each_million_characters() -> None:
    made = tally("x" * 1000, [], [(0, 3, "PERSON"), (5, 8, "PERSON")])
    assert made.per_million == pytest.approx(2000)


def test_the_corpora_are_read(shared: Path) -> None:
    documents = read(shared / "data" / "detect" / "uner_ewt_dev.jsonl")
    assert len(documents) == 318
    assert sum(len(one.spans) for one in documents) == 966


def test_a_picture_names_its_rows() -> None:
    drawn = picture("A & B", [("uner", 0.75, 0.5)])
    assert drawn.startswith("<svg")
    assert "A &amp; B" in drawn
    assert ">0.750<" in drawn
    assert "http://www.w3.org" in drawn
    assert drawn.count("http") == 1
