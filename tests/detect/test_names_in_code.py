"""Names in programs: what looks like one and is none, the people who wrote them, and records of people."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.detector import detect, standard
from troth.detect.names.listed import FIRST, LAST, PLACE, STREET, is_common, marks_of
from troth.detect.names.tagger import Names
from troth.detect.names.written import is_humped, is_initial, is_title
from troth.detect.text.view import view_of

NAMED = {"PERSON", "LOCATION", "ORG", "ADDRESS", "USERNAME"}

PYTHON = '''import os

class Store:
    """Keeps the values by key, as RFC 5322 asks for.

    Trivial in Posix, harder on the Mac. Maildir and mbox are read too.
    """

    def __init__(self, path, size=10):
        self.path = path  # lchmod() almost certainly works too
        self.names = ["isdir", "Maildir", "argrepr", "kwargs", "devnull"]

    def get(self, key):
        """Return the London time of a key; raise KeyError."""
        if sys.platform == "darwin" or self.kind == "Ninja":
            raise ValueError(f"InitVar {key!r} is no Field")
        return self.values[key]
'''
SCRIPT = """const Arborist = require("@npmcli/arborist");
// istanbul ignore next: Max safe length for a Rekor identifier
const names = ["gb2312", "latin1", "x-mac-roman"];
function load(mani, Deno) { return mani.version + Deno.args; }
"""
HEADER = """#include <stdio.h>
/*
 * @flags: what NSSCKFWMutex_Destroy is given
 * @return the Dominator Frontiers of LLVM IR
 * License as published by the Free Software Foundation; either version 3
 */
int frobenius(int flags, const char *Underwood) { return flags & 1; }
"""
NUMBERS = (
    "package big\n\nvar table = []int{\n"
    + "".join(f"\t{n}, {n + 1}, {n + 2}, {n + 3},\n" for n in range(100, 190, 4))
    + "}\n"
)


def named(text: str) -> list[tuple[str, str]]:
    """What was found in a text by name, and its kind."""
    return [(text[one.start : one.end], one.kind) for one in detect(text) if one.kind in NAMED]


@pytest.mark.parametrize("program", [PYTHON, SCRIPT, HEADER, NUMBERS, PYTHON * 3, PYTHON[60:]])
def test_a_program_without_people_holds_no_names(program: str) -> None:
    assert named(program) == []


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("# Author: Katarzyna Wójcik\n" + PYTHON, ["Katarzyna Wójcik"]),
        ("# Written by Pieter de Vries <pieter@devries.example>\n" + PYTHON, ["Pieter de Vries"]),
        (PYTHON + "\n    # TODO(maria): ask Henrik Sørensen before this\n    x = {}\n", ["Henrik Sørensen"]),
        ('"""Reads.\n\nCopyright (c) 2019 Rosalind Okafor.\n"""\n' + PYTHON, ["Rosalind Okafor"]),
        ("/*\n * Maintainer: Takashi Yamamoto\n */\n" + HEADER, ["Takashi Yamamoto"]),
        ("// Suggested by Arjun Patel and Elena Petrova.\n" + SCRIPT, ["Arjun Patel", "Elena Petrova"]),
        ("/**\n * @author Samuel Adeyemi\n */\n" + SCRIPT, ["Samuel Adeyemi"]),
        ('#!/bin/sh\n# Ask Dimitri Papadopoulos first\nset -e\necho "$x"\n', ["Dimitri Papadopoulos"]),
        (PYTHON + '__author__ = "Jonas Lindberg"\n', ["Jonas Lindberg"]),
        (PYTHON + 'user = User(first_name="Amelia", last_name="Clarke")\n', ["Amelia", "Clarke"]),
        (SCRIPT + 'const u = { name: "Oliver Hughes", city: "Bristol" };\n', ["Oliver Hughes", "Bristol"]),
        (SCRIPT + 'mail.send("Dear Laura Bianchi, it has shipped");\n', ["Laura Bianchi"]),
        ("INSERT INTO users (name, city) VALUES ('Yusuf Demir', 'Ankara');\n", ["Yusuf Demir", "Ankara"]),
        (
            'Traceback (most recent call last):\n  File "/srv/app/main.py", line 12, in <module>\n'
            '    run(user="Fiona Gallagher")\nValueError: bad id\n',
            ["Fiona Gallagher"],
        ),
        ("commit 9fceb02d\nAuthor: Nadia Rahman <n@example.org>\n\n    Fix it\n", ["Nadia Rahman"]),
        ("9fceb02d (Nadia Rahman 2024-06-03 10:00:00 +0200 1) import os\n", ["Nadia Rahman"]),
    ],
)
def test_people_in_a_program_are_found(text: str, people: list[str]) -> None:
    found = [value for value, _ in named(text)]
    assert all(any(person in value for value in found) for person in people), found


@pytest.mark.parametrize(
    "records",
    [
        '{"customer": "Priya Sharma", "address": {"city": "Mumbai"}, "items": [1, 2]}',
        '[{"first_name": "Priya", "last_name": "Sharma", "city": "Mumbai"}]',
        "id,name,city\n1,Priya Sharma,Mumbai\n2,Priya Sharma,Mumbai\n",
        "customer:\n  name: Priya Sharma\n  city: Mumbai\n  id: 3\n",
        "<person><name>Priya Sharma</name><city>Mumbai</city></person>",
    ],
)
def test_records_of_people_are_no_program(records: str) -> None:
    found = " ".join(value for value, _ in named(records))
    assert "Priya" in found
    assert "Sharma" in found
    assert "Mumbai" in found


@pytest.mark.parametrize("program", [PYTHON, SCRIPT, f"```python\n{PYTHON}```\n"])
def test_what_is_said_beside_a_program_is_talk(program: str) -> None:
    before = "My colleague Stefan in Zurich wrote this, can you explain it?"
    found = named(f"{before}\n\n{program}\n\nI told Charlotte in lisbon that it fails.\n")
    assert [value for value, _ in found] == ["Stefan", "Zurich", "Charlotte", "lisbon"]


def test_what_is_said_beside_code_in_a_conversation_is_found_in_the_code_too() -> None:
    texts = ["Charlotte Marchetti wrote this.", PYTHON + '\nnotify("Charlotte")  # marchetti knows\n']
    rows = standard().find(texts, ["one", "one"])
    assert [texts[1][one.start : one.end] for one in rows[1] if one.kind == "PERSON"] == [
        "Charlotte",
        "marchetti",
    ]


def test_tags_of_a_documented_program_are_no_handles() -> None:
    assert named(HEADER) == []
    assert ("@maria_l", "USERNAME") in named("Please ask @maria_l about this tomorrow.")


def test_a_second_look_reads_a_program_as_if_it_were_talk() -> None:
    assert any(one.kind in NAMED for one in standard().strict().find([PYTHON])[0])


def test_a_row_of_numbers_is_no_address_but_a_street_in_a_comment_is() -> None:
    text = "# Foundation, 59 Temple Place, Suite 330, Boston, MA 02111\n" + PYTHON
    assert [kind for _, kind in named(text)] == ["ADDRESS"]


def test_the_places_of_a_text() -> None:
    text = f"See what Ann did:\n\n{PYTHON}\n# and a comment\nx = y[0]; z = {{}}\n\nThat was all, she said.\n"
    program = view_of(text).program
    expected = {"See what": "talk", "Trivial in": "program", "lchmod": "program", "and a comment": "program"}
    assert {words: program.at(text.index(words)) for words in expected} == expected
    assert program.at(text.index("That was all")) == "talk"
    assert view_of('{"name": "Ann", "size": [1, 2]}').program.at(10) == "records"


def test_a_text_that_begins_within_a_docstring_is_a_program_from_its_first_character() -> None:
    text = PYTHON[PYTHON.index("Trivial") :]
    assert view_of(text).program.at(0) == "program"


@pytest.mark.parametrize(
    ("word", "marks"),
    [("Maria", FIRST), ("gonzalez", LAST), ("LISBON", PLACE), ("Street", STREET), ("Taneli", FIRST)],
)
def test_words_stand_in_the_lists_that_the_bits_are_named_for(word: str, marks: int) -> None:
    assert marks_of(Names.load().weights, [word])[0] & marks


def test_common_words_are_told_from_first_names_that_are_words_too() -> None:
    words = ["return", "field", "value", "Maria", "Oliver", "hasattr", "\ud800", "x" * 500, "\0"]
    common = [is_common(marks) for marks in marks_of(Names.load().weights, words)]
    assert common == [True, True, True, False, False, False, False, False, False]
    assert marks_of(Names.load().weights, []) == []


def test_how_names_are_written() -> None:
    assert all(map(is_title, ["Ann-Marie", "McKay", "O'Neil", "O’Neil", "Åstrand", "DeGraaf", "Jean-luc"]))
    assert not any(map(is_title, ["KeyError", "ASCII", "self", "utf8", "J", "", "-", "Uint32"]))
    assert list(map(is_humped, ["osgVolume", "MinGW", "McKay", "Anna", "KeyError"])) == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert all(map(is_initial, ["J", "J.R.", "M."]))
    assert not any(map(is_initial, ["CV", "x", "", "ABCD"]))


pieces = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [
                "Maria Gonzalez",
                '"""',
                "/*",
                "*/",
                "# by ",
                "```",
                "\n",
                "\ud800",
                "\0",
                "x = {}\n",
                "name: ",
                "De La",
            ]
        ),
    ),
    max_size=24,
)


@given(pieces)
@settings(max_examples=40, deadline=None)
def test_any_text_is_legal_and_its_neighbours_do_not_matter(parts: list[str]) -> None:
    text = "".join(parts) + "\n" + SCRIPT
    names = Names.load()
    alone = names.find([view_of(text)])[0]
    assert all(0 <= one.start < one.end <= len(text) for one in alone)
    assert names.find([view_of(PYTHON), view_of(text)])[1] == alone


@pytest.mark.parametrize(
    "line", ["# Maria Gonzalez, Oliver Hughes\nx = {}\n", '"""\n', "/* ", "name: Maria, ", "# a\n"]
)
def test_time_is_linear(line: str) -> None:
    names = Names.load()

    def seconds(size: int) -> float:
        view = view_of("x = {1: 2}\n" + line * (size // len(line)))
        began = time.process_time()
        names.find([view])
        return time.process_time() - began

    seconds(1_000)
    assert seconds(240_000) < 12 * (seconds(40_000) + 0.1)


def test_ordinary_source_code_gives_hardly_more_than_its_authors(shared: Path) -> None:
    file = shared / "data" / "detect" / "pystdlib_neg_even.jsonl"
    texts = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").split("\n") if line]
    rows = standard().find(texts)
    per_million = 1e6 / sum(map(len, texts))
    assert sum(map(len, rows)) * per_million < 70
    people = [
        text[one.start : one.end]
        for text, row in zip(texts, rows, strict=True)
        for one in row
        if one.kind == "PERSON"
    ]
    assert {"Guido van Rossum", "Raymond Hettinger", "Peter Åstrand"} <= set(people)
    assert all(" " in one or one[0].isupper() for one in people)
