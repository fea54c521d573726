"""Texts are cut into words whose places are those of the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.names.letters import EDGE, codes_of
from troth.detect.names.links import in_links
from troth.detect.names.tagger import Names
from troth.detect.names.words import LONGEST, Words, words_of

LETTERS = Names.load().network.letters


def framed(text: str) -> tuple[Words, np.ndarray]:
    codes = np.concatenate([[EDGE], codes_of(text), [EDGE]]).astype(np.uint32)
    kinds = LETTERS.kinds_of(codes)
    return words_of(codes, kinds), kinds


def cut(text: str) -> list[str]:
    words, _ = framed(text)
    return [text[a - 1 : b - 1] for a, b in zip(words.starts.tolist(), words.ends.tolist(), strict=True)][
        1:-1
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann-Marie O'Neil's", ["Ann", "-", "Marie", "O", "'", "Neil", "'", "s"]),
        ("@ann_b  #Berlin...", ["@", "ann_b", "#", "Berlin", "..."]),
        ("one\n\ntwo", ["one", "\n\n", "two"]),
        ("東京です", ["東", "京", "で", "す"]),
        ("Žofie Ångström", ["Žofie", "Ångström"]),
        ("12,50 €", ["12", ",", "50", "€"]),
        ("   ", []),
    ],
)
def test_words_are_runs_of_letters_single_ideographs_and_runs_of_one_sign(
    text: str, words: list[str]
) -> None:
    assert cut(text) == words


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_words_lie_in_order_and_leave_out_nothing_but_space(text: str) -> None:
    words, kinds = framed(text)
    covered = np.zeros(len(kinds), bool)
    for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True):
        assert start < end
        assert not covered[start:end].any()
        covered[start:end] = True
    assert (covered == (kinds != 0)).all()


def test_a_run_of_letters_without_end_is_cut_into_words_of_bounded_length() -> None:
    assert [len(word) for word in cut("a" * (2 * LONGEST + 3))] == [LONGEST, LONGEST, 3]


def test_one_word_has_one_hash_wherever_it_stands() -> None:
    hashes = framed(" Ada met Ada, xAda Ada")[0].hashes[1:-1].tolist()
    assert hashes[0] == hashes[2] == hashes[5]
    assert len(set(hashes)) == 4
    assert framed("Ada")[0].hashes[1] != hashes[0], "this one is glued to the beginning of the text"


def linked(text: str) -> list[str]:
    codes = np.concatenate([[EDGE], codes_of(text), [EDGE]]).astype(np.uint32)
    kinds = LETTERS.kinds_of(codes)
    words = words_of(codes, kinds)
    inside = in_links(codes, kinds, words).tolist()
    rows = zip(words.starts.tolist(), words.ends.tolist(), inside, strict=True)
    return [text[a - 1 : b - 1] for a, b, link in rows if link]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mail ann.lee@x.org now", ["ann", ".", "lee", "@", "x", ".", "org"]),
        ('"Ann Lee"<ann@x.org>', ["ann", "@", "x", ".", "org"]),
        ("see https://ann.example/lee Ann", ["https", ":", "//", "ann", ".", "example", "/", "lee"]),
        ("thanks @ann", []),
        ("(@ann)", []),
        ("Ann\nann@x.org\nLee", ["ann", "@", "x", ".", "org"]),
        ("either/or", []),
        ("a // b", []),
    ],
)
def test_what_stands_in_addresses_of_mail_and_web_is_theirs(text: str, words: list[str]) -> None:
    assert linked(text) == words
