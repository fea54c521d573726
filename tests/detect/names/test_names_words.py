"""Texts are cut into words whose places are those of the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.names.letters import EDGE, LIMIT, SPACE, codes_of
from troth.detect.names.links import in_links
from troth.detect.names.tagger import Names
from troth.detect.names.words import LONGEST, Forms, Words, words_of

LETTERS = Names.load().network.letters


def framed(text: str, forms: Forms | None = None) -> Words:
    codes = np.concatenate([[EDGE], codes_of(text), [EDGE]]).astype(np.uint32)
    return words_of(codes, LETTERS, Forms.with_room(len(codes)) if forms is None else forms)


def cut(text: str) -> list[str]:
    words = framed(text)
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
    words = framed(text)
    covered = np.zeros(len(text) + 2, bool)
    for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True):
        assert start < end
        assert not covered[start:end].any()
        covered[start:end] = True
    space = LETTERS.kind[np.minimum(codes_of(text), LIMIT)] == SPACE
    assert (covered[1:-1] == ~space).all()


def test_a_run_of_letters_without_end_is_cut_into_words_of_bounded_length() -> None:
    assert [len(word) for word in cut("a" * (2 * LONGEST + 3))] == [LONGEST, LONGEST, 3]


def test_one_word_has_one_form_wherever_it_stands() -> None:
    at = framed(" Ada met Ada, xAda Ada").at[1:-1].tolist()
    assert at[0] == at[2] == at[5]
    assert len(set(at)) == 4
    assert framed("Ada Ada").at[1] != framed("Ada Ada").at[2], (
        "the first is glued to the beginning of the text"
    )


def test_a_form_stays_the_same_in_later_texts_and_has_its_own_characters() -> None:
    forms = Forms.with_room(3000)
    before = framed("Ada met Byron", forms).at.tolist()
    framed(" ".join(f"word{number}" for number in range(200)), forms)
    assert framed("Ada met Byron", forms).at.tolist() == before
    begin, size = int(forms.begins[before[3]]), int(forms.sizes[before[3]]) >> 1
    assert "".join(map(chr, forms.codes[begin : begin + size].tolist())) == "Byron"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from("aB1!\0東"), max_size=4), max_size=30))
def test_words_have_the_same_form_where_they_are_the_same_word_after_a_space_or_not(texts: list[str]) -> None:
    text = " ".join(texts)
    words = framed(text)
    seen: dict[int, tuple[str, bool]] = {}
    for start, end, form in zip(words.starts[1:-1], words.ends[1:-1], words.at[1:-1], strict=True):
        word = text[start - 1 : end - 1], start == 1 or text[start - 2] not in " \0"
        assert seen.setdefault(int(form), word) == word
    assert len(set(seen.values())) == len(seen)


def test_a_table_that_is_full_takes_a_word_for_a_new_one_and_never_for_another() -> None:
    forms = Forms.with_room(40_000)
    words = [f"{number:x}" for number in range(3000)]
    text = " ".join(words)
    at = framed(text, forms).at[1:-1].tolist()
    again = framed(text, forms).at[1:-1].tolist()
    spelt = []
    for form in again:
        begin, size = int(forms.begins[form]), int(forms.sizes[form]) >> 1
        spelt.append("".join(map(chr, forms.codes[begin : begin + size].tolist())))
    assert spelt == words
    assert len(set(at)) == len(words)


def linked(text: str) -> list[str]:
    codes = np.concatenate([[EDGE], codes_of(text), [EDGE]]).astype(np.uint32)
    words = words_of(codes, LETTERS, Forms.with_room(len(codes)))
    inside = in_links(codes, words).tolist()
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
