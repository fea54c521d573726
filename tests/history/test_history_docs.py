"""The page of the history format says what the vocabulary is, and its examples are events."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from troth.errors import Place
from troth.history.event import public_form, read_event
from troth.history.vocabulary import CHOICE_VALUES, EVENTS, INITIAL_STATES
from troth.types.vocabulary import MECHANISMS, SIGNAL_VALUES

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "history.md").read_text(encoding="utf-8")
ROWS = {
    name: fields
    for names, fields in re.findall(r"^\| (`[a-z]+\.[^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
    for name in re.findall(r"`([a-z.]+)`", names)
}


def test_every_kind_of_event_is_on_the_page() -> None:
    assert set(ROWS) == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_every_field_of_a_kind_is_on_the_page(name: str) -> None:
    assert [field for field in EVENTS[name].fields if f"`{field}`" not in ROWS[name]] == []


def test_every_word_of_a_closed_list_is_on_the_page() -> None:
    signals = [word for name, values in SIGNAL_VALUES.items() for word in (name, *values)]
    for word in (*CHOICE_VALUES, *INITIAL_STATES, *MECHANISMS, *signals):
        assert f"`{word}`" in PAGE, word


def test_every_example_is_an_event_in_its_public_form() -> None:
    lines = re.findall(r"^    (\{.*\})$", PAGE, re.MULTILINE)
    assert len(lines) >= 6
    for line in lines:
        form = json.loads(line)
        assert public_form(read_event(form, Place("history.md"))) == form
