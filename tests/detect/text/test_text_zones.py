"""Prose, code, comments, strings, paths and data are told apart."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.text.view import View, cut, view_of

PROGRAM = '''import os

class Account:
    """Keeps what a person owes."""

    def __init__(self, name):
        self.name = name  # as in the passport
        self.path = os.path.join("/srv/data", name)

    def pay(self, amount):
        if amount <= 0:
            raise ValueError("the amount is negative")
        return self.balance - amount
'''
SCRIPT = """const fs = require('fs');
// written by Ada
function read(path) {
  const text = fs.readFileSync(path, "utf8");
  return text.split("\\n").map((line) => line.trim());
}
module.exports = { read };
"""
LETTER = """Dear Maria,

thank you for your letter of last week. We talked with Peter about the house in Lisbon, and he thinks that
we should wait until spring. What do you think? If you like, call me on Sunday; I am at home all day.

Love,
Ingrid
"""
RECORDS = (
    '{"results": [{"id": 17, "owner": "Ada Lovelace", "ok": true}, {"id": 18, "owner": null, "ok": false}]}'
)
TRACE = """Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    main()
ValueError: the amount is negative
"""


def kind_of(view: View, words: str) -> str:
    return view.zone_at(view.folded.index(words) + 1)


def test_a_letter_is_prose() -> None:
    assert {zone.kind for zone in view_of(LETTER).zones} == {"prose"}


@pytest.mark.parametrize(
    ("text", "word"), [(PROGRAM, "self.balance"), (SCRIPT, "module.exports"), (TRACE, "main()")]
)
def test_a_program_without_fences_is_code(text: str, word: str) -> None:
    assert kind_of(view_of(text), word) == "code"


def test_comments_and_strings_are_found_in_code() -> None:
    view = view_of(PROGRAM)
    assert kind_of(view, "as in the passport") == "comment"
    assert kind_of(view, "the amount is negative") == "string"
    assert kind_of(view, "Keeps what") == "string"
    assert kind_of(view_of(SCRIPT), "written by Ada") == "comment"


def test_a_fence_ends_where_it_ends() -> None:
    view = view_of(
        f"Here is what I tried:\n```python\nx = Ada\n```\nIt did not work for Ada Lovelace, sadly.\n{LETTER}"
    )
    assert kind_of(view, "x = Ada") == "code"
    assert kind_of(view, "It did not work") == "prose"
    assert kind_of(view_of("```text\nDear Maria, see you on Sunday in Lisbon.\n```\n"), "Maria") == "prose"


def test_a_program_between_paragraphs() -> None:
    view = view_of(f"{LETTER}\n{SCRIPT}\n{LETTER}")
    assert kind_of(view, "readFileSync") == "code"
    assert kind_of(view, "Peter") == "prose"
    assert view.zone_at(len(view.folded) - 4) == "prose"


def test_records_are_data_with_strings() -> None:
    view = view_of(RECORDS)
    assert kind_of(view, "17") == "data"
    assert kind_of(view, "Ada Lovelace") == "string"


@pytest.mark.parametrize(
    "path",
    [
        "/home/ada/notes/letter.txt",
        "C:\\Users\\ada\\notes",
        "https://example.org/people/ada",
        "src/troth/errors.py",
    ],
)
def test_a_path_in_prose(path: str) -> None:
    assert kind_of(view_of(f"Please look at {path} when you can"), path[-6:]) == "path"


@pytest.mark.parametrize(
    "text", ["on 01/02/2024 we met", "either/or", "To: Hass, Glen; Donoho, Lindy; Dietz, Rick\nHello Glen\n"]
)
def test_what_is_no_path_and_no_code(text: str) -> None:
    assert {zone.kind for zone in view_of(text).zones} == {"prose"}


def test_places_at_the_edge() -> None:
    assert view_of("").zones == ()
    assert view_of("").zone_at(0) == "prose"
    assert view_of("abc").zone_at(99) == "prose"


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                ['"""', "'''", "/*", "*/", "//", "# ", "```\n", "\n", "    ", "{", "a/b/c", '"', "\\"]
            ),
        ),
        max_size=30,
    ).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_zones_cover_the_text(text: str) -> None:
    view = view_of(text)
    end = 0
    for zone in view.zones:
        assert zone.start == end < zone.end
        assert view.zone_at(zone.start) == view.zone_at(zone.end - 1) == zone.kind
        end = zone.end
    assert end == len(view.folded)


@pytest.mark.parametrize(
    "unit",
    [
        '"""',
        '"',
        "'",
        "/*",
        "<!--",
        "\\",
        "/a",
        "a/b/",
        "{",
        "\n",
        "x=1;\n",
        "```\n",
        " ",
        "a\\b",
        '"a\n',
        "# a\n",
        "://a/b",
    ],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(length: int) -> float:
        text = "x = [1];\n" + (unit * length)[:length]
        best = float("inf")
        for _ in range(2):
            before = time.process_time()
            assert view_of(text).zones
            best = min(best, time.process_time() - before)
        return best

    assert seconds(64_000) < 24 * max(seconds(8_000), 0.008)


@pytest.mark.parametrize(
    ("corpus", "kinds", "least"),
    [
        ("uner_ewt_dev.jsonl", {"prose", "path"}, 0.98),
        ("gum.jsonl.gz", {"prose", "path"}, 0.99),
        ("wnut17_dev.jsonl", {"prose", "path"}, 0.98),
        ("pystdlib_neg_even.jsonl", {"code", "comment", "string", "data"}, 0.85),
    ],
)
def test_the_corpora(shared: Path, corpus: str, kinds: set[str], least: float) -> None:
    file = shared / "data" / "detect" / corpus
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as file_lines:
        views = [view_of(json.loads(line)["text"]) for line in file_lines]
    right = sum(zone.end - zone.start for view in views for zone in view.zones if zone.kind in kinds)
    assert right / sum(len(view.folded) for view in views) >= least


_PIECES = ["ab", "x = f(1);", "{}", "\n", "# no", "'s", '"', "```", " ", "  ", "/a/b", "日", "Ann.", "\ud800"]


@given(st.lists(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_zones_of_a_text_do_not_depend_on_the_others(texts: list[str]) -> None:
    together = [view_of(text) for text in texts]
    cut(together)
    assert [view.zones for view in together] == [view_of(text).zones for text in texts]
