"""What a product may style, and what it may not: both buttons are one rule, and people can read them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.ask.colour import contrast, read_colour
from troth.ask.form import Shown, form_digest, form_html, style_sheet
from troth.ask.layout import Layout, Style, objections, order_for, read_style
from troth.ask.shipped import shipped
from troth.errors import UsageError

ENGLISH = shipped()[0].notices["en"]
DEADLINE = 1_759_881_600_000_000


def test_the_style_as_it_comes_is_fit() -> None:
    assert list(objections(Style())) == []
    assert read_style({}) == Style()


def test_black_on_white_has_the_contrast_that_wcag_gives() -> None:
    black, white = read_colour("#000"), read_colour("#ffffff")
    assert black is not None
    assert white is not None
    assert contrast(black, white) == pytest.approx(21)
    grey = read_colour("#767676")
    assert grey is not None
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"yes_colour": "#00ff00"}, "only one button"),
        ({"light": {"no": "#cccccc"}}, "no colour 'no'"),
        ({"light": {"button_text": "#888888"}}, "contrast"),
        ({"light": {"text": "#aaaaaa"}}, "contrast"),
        ({"dark": {"focus": "#1b1b1f"}}, "focus"),
        ({"light": {"button": "#ffffff", "button_text": "#000000"}}, "the buttons on the page"),
        ({"light": {"text": "rgba(0,0,0,.9)"}}, "not a colour"),
        ({"light": "black"}, "not a table"),
        ({"font_size": 12}, "12 px"),
        ({"font_size": "16px"}, "whole number"),
        ({"font": "x; } .answer[data-answer=no] { opacity: 0"}, "font"),
        ({"radius": 90}, "corners"),
    ],
)
def test_a_style_that_breaks_equality_or_reading_is_refused_with_the_reason(
    told: dict[str, object], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        read_style(told)


@given(st.text(string.printable, max_size=30))
def test_no_colour_gets_anything_but_a_colour_into_the_style_sheet(told: str) -> None:
    try:
        style = read_style({"light": {"button": told}})
    except UsageError:
        return
    assert read_colour(style.light.button) is not None
    assert "}" not in style.light.button


def test_everybody_sees_one_order_for_ever_and_half_of_them_the_other() -> None:
    orders = [order_for("improve-models-1", f"person-{number}") for number in range(2000)]
    assert orders == [order_for("improve-models-1", f"person-{number}") for number in range(2000)]
    assert 900 < orders.count("yes-first") < 1100


def test_the_digest_of_a_layout_changes_with_order_style_and_component() -> None:
    layouts = [
        Layout("sha256:a", "yes-first", Style()),
        Layout("sha256:a", "no-first", Style()),
        Layout("sha256:b", "yes-first", Style()),
        Layout("sha256:a", "yes-first", read_style({"radius": 4})),
    ]
    assert len({one.digest for one in layouts}) == len(layouts)


def shown(**told: object) -> Shown:
    layout = Layout(form_digest(), "no-first", Style())
    ordinary = {
        "kind": "existing",
        "notice": ENGLISH,
        "layout": layout,
        "deadline": DEADLINE,
        "effective": None,
        "may_defer": True,
    }
    return Shown(**{**ordinary, **told})  # type: ignore[arg-type]


def test_the_form_says_all_and_offers_three_answers_in_the_order_of_the_layout() -> None:
    page = form_html(shown(), "/ask", {"csrf": 'a"b<c'}, "/ask.css")
    assert page.index(ENGLISH.no) < page.index(ENGLISH.yes) < page.index(ENGLISH.later)
    for words in (ENGLISH.what, ENGLISH.trained, ENGLISH.deletion, "8 October 2025"):
        assert words in page
    assert "checked" not in page
    assert "<c" not in page
    assert "script" not in page


def test_after_the_deadline_later_is_gone_and_nothing_else() -> None:
    page = form_html(shown(may_defer=False, gated=True), "/ask", {}, "/ask.css")
    assert ENGLISH.later not in page
    assert "The deadline was 8 October 2025." in page
    assert ENGLISH.yes in page
    assert ENGLISH.no in page


def test_where_it_cannot_be_put_off_before_the_deadline_nothing_says_that_the_deadline_has_passed() -> None:
    page = form_html(shown(may_defer=False), "/ask", {}, "/ask.css")
    assert ENGLISH.later not in page
    assert "The deadline was" not in page
    assert "8 October 2025" in page


def test_the_style_sheet_has_one_rule_for_both_answers() -> None:
    assert style_sheet(Style()).count(".answer {") == 1
    assert "data-answer" not in style_sheet(Style())
