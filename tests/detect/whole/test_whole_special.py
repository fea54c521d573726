"""Hints at the special categories of Art. 9 GDPR: told of a person, and not of the world."""

from __future__ import annotations

import pytest

from troth.detect.text.view import view_of
from troth.detect.whole.special import CATEGORIES, special_categories
from troth.operations.scan_report import SPECIAL


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I was diagnosed with diabetes.", {"health"}),
        ("ich bin schwanger", {"health"}),
        ("elle est malade; je suis enceinte", {"health"}),
        ("tengo depresión desde hace años", {"health"}),
        ("I'm a practising Muslim.", {"religion"}),
        ("she is a registered Republican", {"politics"}),
        ("my son told us he is gay", {"sex_life"}),
        ("My family is Roma.", {"ethnicity"}),
        ("ich bin in der Gewerkschaft", {"union"}),
        ("they took my fingerprints", {"biometric"}),
        ("my DNA test", {"genetic"}),
        ("Diabetes is a disease in which blood sugar is high.", set()),
        ("The Catholic church in the Middle Ages", set()),
        ("I need an essay. The union of two sets is written A ∪ B.", set()),
        ("a republican form of government", set()),
        ("my black cat", set()),
        ("cancerous, unrelated", set()),
        ("\ud800 my \0 diabetes", {"health"}),
        ("", set()),
    ],
)
def test_what_a_text_hints_at(text: str, wanted: set[str]) -> None:
    assert special_categories([view_of(text)]) == [wanted]


def test_every_category_has_a_name_for_people() -> None:
    assert set(CATEGORIES) == set(SPECIAL)
