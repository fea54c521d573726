"""What the tagger finds, and that it depends on nothing but the text."""

from __future__ import annotations

import dataclasses
import pickle
import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.finding import Finding
from troth.detect.names import network, tagger
from troth.detect.names.letters import EDGE, codes_of
from troth.detect.names.looked_at import LookedAt, around_of
from troth.detect.names.network import REACH, Met
from troth.detect.names.tagger import Names
from troth.detect.names.words import Forms, Words, words_of
from troth.detect.text.tokens import KINDS as ZONES
from troth.detect.text.view import View, view_of
from troth.detect.text.zones import Cuts

NAMES = Names.load()

TEXTS = [
    "My name is Maria Gonzalez and I live in Lisbon, Portugal.",
    "hi im kevin from chicago",
    "Kind regards,\nDr. Amara Okafor\nHead of Research",
    "From: Tanaka, Hiroshi\nTo: Sven Lindqvist\n\nHi Sven,\nplease call Priya.",
    "# Author: Jane Doe",
    "Ship it to 1600 Amphitheatre Parkway, Mountain View, CA 94043, please.",
    "Ich heiße Jürgen Müller und wohne in der Hauptstraße 12, 10115 Berlin.",
    "nothing to see here, may I will mark it",
    "",
    "Ada",
]


def find(text: str) -> list[Finding]:
    return NAMES.find([view_of(text)])[0]


def said(text: str) -> set[tuple[str, str]]:
    return {(text[f.start : f.end], f.kind) for f in find(text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXTS[0], {("Maria Gonzalez", "PERSON"), ("Lisbon", "LOCATION"), ("Portugal", "LOCATION")}),
        (TEXTS[1], {("kevin", "PERSON"), ("chicago", "LOCATION")}),
        (TEXTS[4], {("Jane Doe", "PERSON")}),
        ("Dear Mr. Nakamura,", {("Nakamura", "PERSON")}),
        (
            "THE DEFENDANT, ROBERT JOHNSON, LIVES IN DALLAS.",
            {("ROBERT JOHNSON", "PERSON"), ("DALLAS", "LOCATION")},
        ),
        ("we met Zoë's brother in København", {("Zoë", "PERSON"), ("København", "LOCATION")}),
    ],
)
def test_people_and_places_are_found(text: str, found: set[tuple[str, str]]) -> None:
    assert said(text) == found


def test_a_street_address_is_found_whole() -> None:
    assert ("1600 Amphitheatre Parkway, Mountain View, CA 94043", "ADDRESS") in said(TEXTS[5])


@pytest.mark.parametrize(
    "text",
    [
        "May I mark this as read? Will you bill them in April?",
        "def parse(self, value): return value.strip()",
        "2024-05-01 12:00:00 INFO Server started on port 8080",
        "Traceback (most recent call last):",
        "see https://john.example.org/paris/smith and write to john.smith@paris.example",
        "the turkey was on fine china",
        "lol ok thanks, see you tomorrow",
    ],
)
def test_words_that_only_look_like_names_are_left(text: str) -> None:
    assert said(text) == set()


def test_findings_depend_on_their_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [find(text) for text in TEXTS]
    assert NAMES.find([view_of(text) for text in TEXTS]) == alone
    order = list(range(len(TEXTS))) * 5
    random.Random(3).shuffle(order)
    assert NAMES.find([view_of(TEXTS[n]) for n in order]) == [alone[n] for n in order]
    monkeypatch.setattr(tagger, "BLOCK", 7)
    assert NAMES.find([view_of(TEXTS[n]) for n in order]) == [alone[n] for n in order]


def test_neighbours_in_a_batch_share_nothing_even_where_links_and_names_meet() -> None:
    texts = ["see http://x.org/a", "Ada Lovelace", "john@", "Smith@", "New", "York", "@"] * 3
    assert NAMES.find([view_of(text) for text in texts]) == [find(text) for text in texts]


def test_findings_do_not_depend_on_what_was_met_before(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = [Names.of(NAMES.weights, "").find([view_of(text)]) for text in TEXTS]
    monkeypatch.setattr(tagger, "_KEPT", 30)
    names = Names.of(NAMES.weights, "")
    for _ in range(3):
        assert [names.find([view_of(text)]) for text in TEXTS] == fresh


def test_what_neighbours_add_is_worked_out_again_where_there_is_no_room_to_keep_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = " and ".join(TEXTS) * 3
    expected = find(text)
    monkeypatch.setattr(network, "_FORMS", 30)
    assert Names.of(NAMES.weights, "").find([view_of(text)])[0] == expected


def test_the_end_of_one_text_says_nothing_of_the_next() -> None:
    forms = Forms.with_room(1000)
    seen = []
    for text in ("so", "so ", "so.", "so\n"):
        codes, begins = tagger.Block([text, "Ada"], [0, 1], [0, 0]).laid_out()
        words = words_of(codes, NAMES.network.letters, forms)
        first = int(np.searchsorted(words.starts, begins[1]))
        seen.append(words.at[first - REACH : first + 1].tolist())
    assert seen == seen[:1] * 4


def test_threads_at_once_find_what_one_finds() -> None:
    texts = [" ".join(random.Random(seed).sample(TEXTS, len(TEXTS))) * 20 for seed in range(8)]
    alone = [find(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, texts)) == alone


def test_it_means_the_same_in_another_process() -> None:
    again = pickle.loads(pickle.dumps(NAMES))  # noqa: S301
    assert again.digest == NAMES.digest
    assert again.find([view_of(text) for text in TEXTS]) == [find(text) for text in TEXTS]


PIECES = st.sampled_from(
    [
        "Maria",
        "Gonzalez",
        "Berlin",
        "lives in ",
        " ",
        "\n",
        "@",
        ".",
        "://",
        "12",
        "Main Street",
        "\ud800",
        "\x00",
        "\u200d",
        "e\u0301",
        "东京",
        "😀",
        "İ",
        "ﬁ",
        "a" * 30,
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES | st.text(st.characters(exclude_categories=()), max_size=4), max_size=25).map("".join))
def test_any_text_is_answered_with_spans_in_order_that_lie_in_it(text: str) -> None:
    end = 0
    for finding in find(text):
        assert end <= finding.start < finding.end <= len(text)
        assert finding.kind in {"PERSON", "LOCATION", "ORG", "ADDRESS"}
        assert 0.0 <= finding.confidence <= 1.0
        end = finding.end


def test_offsets_are_those_of_the_text_as_it_was_given() -> None:
    text = "I met Ma\u200bria Gonz\u200balez in Lisbon"
    assert "Lisbon" in {text[f.start : f.end] for f in find(text)}
    assert any(text[f.start : f.end] == "Ma\u200bria Gonz\u200balez" for f in find(text))


def test_in_code_names_are_looked_for_only_where_people_write_them() -> None:
    text = "maria = Berlin(lisbon)  # thanks to Maria Gonzalez\n"
    comment = text.index("#")
    view = View(text, text)
    kinds = [ZONES.index("code"), ZONES.index("comment")]
    view.__dict__["cuts"] = Cuts(np.array([0, comment]), np.array(kinds, np.uint8))
    assert {text[f.start : f.end] for f in NAMES.find([view])[0]} == {"Maria Gonzalez"}


def test_a_text_longer_than_a_piece_is_cut_at_a_space_and_loses_no_name() -> None:
    sentence = "My name is Maria Gonzalez and I live in Lisbon. "
    count = 3 * tagger.PIECE // len(sentence)
    found = [f for f in find(sentence * count) if f.kind == "PERSON"]
    assert len(found) == count
    assert all((f.start - found[0].start) % len(sentence) == 0 for f in found)


@pytest.mark.parametrize(
    "text", ["a", "A", "Ada ", "Ada, ", "@", ":// ", "a@b.c ", "12 Main Street ", "\n", "X. "]
)
def test_time_is_linear_in_the_length(text: str) -> None:
    def spent(size: int) -> float:
        view = view_of(text * (size // len(text)))
        began = time.process_time()
        NAMES.find([view])
        return time.process_time() - began

    spent(5_000)
    assert spent(60_000) < 1.5


def read(text: str) -> tuple[Met, Words]:
    """The words of one text, and what is known of each."""
    own = NAMES.network
    edges = np.full(REACH, EDGE, np.uint32)
    codes = np.concatenate([edges, codes_of(text), edges])
    met = own.met(len(codes))
    words = words_of(codes, own.letters, met.forms)
    own.describe(met)
    return met, words


def exact(text: str) -> list[list[int]]:
    """How far each tag is ahead for every word, worked out in Python's whole numbers, layer by layer."""
    w = NAMES.weights
    met, words = read(text)
    rows = met.inner[words.at].astype(object)
    size, u, h, h2 = w.word.shape[0], w.word.shape[1], w.near.shape[2], w.far.shape[2]
    bias = np.split(w.bias.astype(object), np.cumsum([size, u, 1, h, h2]))

    def layer(rows: np.ndarray, matrix: np.ndarray, bias: np.ndarray, scale: np.float32) -> np.ndarray:
        reach = len(matrix) // 2
        padded = np.concatenate([rows[:1]] * reach + [rows] + [rows[-1:]] * reach)
        sums = sum(padded[k : k + len(rows)] @ matrix[k].astype(object) for k in range(len(matrix))) + bias
        scaled = np.floor(sums.astype(np.float32) * scale)
        return np.clip(scaled, 0, 127).astype(np.int64).astype(object)

    near = layer(rows, w.near, bias[3], w.scale[2])
    far = layer(near, w.far, bias[4], w.scale[3])
    return (np.concatenate([near, far], axis=1) @ w.out.astype(object) + bias[5]).tolist()


def test_the_floats_of_the_network_are_whole_numbers_worked_out_exactly() -> None:
    text = TEXTS[0]
    met, words = read(text)
    look: LookedAt = around_of(
        np.arange(REACH, len(words.at) - REACH, dtype=np.int32), len(words.at), NAMES.network.far_reach
    )
    assert NAMES.network.tags(met, words.at, look).tolist() == exact(text)[REACH:-REACH]


def test_a_network_that_answers_otherwise_is_noticed() -> None:
    other = dataclasses.replace(NAMES.weights, out=-NAMES.weights.out)
    assert Names.of(other, "sha256:0").find([view_of(TEXTS[0])])[0] != find(TEXTS[0])
