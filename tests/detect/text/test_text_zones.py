"""Prose, code, comments, strings, paths and data are told apart."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.text import lines
from troth.detect.text.line_scores import (
    FENCE,
    FENCE_REACH,
    GAP,
    LEAST,
    MAY_BE_CODE,
    MAY_BE_PROSE,
    REACH,
    SURE,
    score_lines,
)
from troth.detect.text.symbols import PAIRS, TRUTHS, symbols_of
from troth.detect.text.view import AllProse, View, cut, view_of
from troth.detect.text.zones import cuts_of

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


PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ['"""', "'''", "/*", "*/", "//", "# ", "```\n", "```text\n", "\n", "    ", "{", "a/b/c", '"', "\\"]
    ),
    st.sampled_from(
        ["\u2003", "é", "€", "²", "\u0663", "• ", "\x85", "\ud800", "\x00", "-- ", "<!--", "http://a/b"]
    ),
    st.sampled_from(
        [
            "import os\n",
            "@@ -1 +1 @@\n",
            "#!/bin/sh\n",
            "1. a\n",
            "- a\n",
            "----\n",
            "To: me\n",
            "ValueError: a\n",
        ]
    ),
    st.sampled_from(
        ["return x\n", "x = 1;\n", "2024-01-02 10:00 ", "[INFO] a\n", ">>> a\n", "$ ls\n", "+++ a\n"]
    ),
    st.sampled_from(['"a": 3,\n', "<a>\n", "1, 2, 3\n", "key: a\n", "12.3\n", "[\n", "Hello there. "]),
)
TEXTS = st.lists(PIECES, max_size=24).map("".join)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_line_that_an_expression_decides_is_looked_at(text: str) -> None:
    text = f"  {text}"  # two spaces: it may be code
    symbols, begins = symbols_of([text]), np.array([0, len(text)])
    room = text.count("\n") + 1
    of_text, starts = np.empty(2, np.int64), np.empty(room, np.int64)
    scores, flags = np.empty(room, np.int16), np.empty(room, np.uint8)
    count = score_lines(
        symbols, TRUTHS, PAIRS, begins, lines._TABLE, lines._FIRST_WORDS, of_text, starts, scores, flags
    )
    rows = zip(starts[:count].tolist(), scores[:count].tolist(), flags[:count].tolist(), strict=True)
    for start, score, flag in rows:
        end = text.find("\n", start) % (len(text) + 1)
        if lines._judged(text, start, min(end, start + REACH), LEAST) != LEAST:
            assert flag & (MAY_BE_CODE | GAP) or not LEAST <= score <= SURE
        if lines._judged(text, start, min(end, start + REACH), SURE + 1) != SURE + 1:
            assert flag & MAY_BE_PROSE
        if lines._FENCE.match(text, start, min(end, start + FENCE_REACH)):
            assert flag & FENCE


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_it_is_the_same_whether_all_lines_are_looked_at_or_those_in_question(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_TURNS", 0)
        all_lines = [cuts.zones(len(text)) for cuts, text in zip(cuts_of(texts), texts, strict=True)]
    assert [cuts.zones(len(text)) for cuts, text in zip(cuts_of(texts), texts, strict=True)] == all_lines


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("x = {\n/* never closed\ny = [a];  // seen\nz = {b};\n", "seen", "comment"),
        ("x = {\n'never closed\ny = ['seen'];\nz = {b};\n", "seen", "string"),
        ('x = {\n"a \\" seen";\ny = [1];\n', "seen", "string"),
        ("x = {\n'''seen;\ny = [1];\n''';\n", "y = ", "string"),
        ("x = {\na = b;  -- seen\ny = [1];\n", "seen", "comment"),
        ("x = {\n#include <seen>\ny = [1];\n", "seen", "code"),
        ("a {\n  color: #fff; b = [seen]\n}\n", "seen", "code"),
        ("x = {\nu = http://seen.org/a\ny = [1];\n", "seen", "path"),
        ("x = {\n<!-- seen\n--> y = [1];\n", "seen", "comment"),
    ],
)
def test_comments_and_strings_of_many_languages(text: str, word: str, kind: str) -> None:
    assert kind_of(view_of(text), word) == kind


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c;\n1,2,3;\n2,3,4;\n",
        "<a>\n  <b>1</b>\n</a>\n",
        "name: x\n  size: {1}\n  list: []\n",
        '{\n  "a": 1,\n  "b": [2]\n}\n',
        "1,2,{3}\n2,3,{4}\n",
    ],
)
def test_records_tables_elements_and_settings_are_data(text: str) -> None:
    assert {zone.kind for zone in view_of(text).zones} in ({"data"}, {"data", "string"})


def test_the_last_line_counts_as_any_other() -> None:
    program = "x = {a}\nif x:\n    {b}\n\n\n\nThey said so.\n\npass"
    assert [zone.kind for zone in view_of(program).zones] == [
        zone.kind for zone in view_of(program + "\n").zones
    ]


def test_stretches_without_code_are_as_long_as_they_can_be() -> None:
    view = view_of(PROGRAM)
    text = view.folded
    stretches = [text[start:end] for start, end in view.cuts.without({"code"}, len(text))]
    assert stretches[0] == '"""Keeps what a person owes."""'
    assert "# as in the passport" in stretches
    assert list(view_of("Hello").cuts.without({"code"}, 5)) == [(0, 5)]
    assert list(view_of("Hello").cuts.without({"prose"}, 5)) == []


def test_where_everything_is_prose_it_stays_so() -> None:
    view = AllProse(PROGRAM, PROGRAM)
    cut([view])
    assert [zone.kind for zone in view.zones] == ["prose"]
