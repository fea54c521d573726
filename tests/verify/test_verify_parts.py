"""The small parts: tags, words, marks, sample, and the decision conversation by conversation."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cheap_filter import cheap_filter
from troth.build.words import words_of
from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.detect.filter import Talks
from troth.history.history import History
from troth.terms.archive import load
from troth.types.said import Said
from troth.verify.filtered import Tags
from troth.verify.judge import Judge
from troth.verify.marks import Lookup, Marker, as_marks, repeated
from troth.verify.sample import Sample
from troth.verify.tally import count_words
from worlds import questions, world

TAGS = Tags(["EMAIL", "PHONE"])


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("a@b.org", "[EMAIL_1]", True),
        ("", "[EMAIL_1]", False),
        ("mail a@b.org", "mail [EMAIL_1]", True),
        ("mail a@b.org now", "mail [EMAIL_1]", True),  # a tag may stand for more: the filter is not run
        ("mail a@b.org now", "mail [EMAIL_1] later", False),
        ("mail a@b.org now", "mall [EMAIL_1] now", False),
        ("a@b.org 123", "[EMAIL_1][PHONE_1]", True),
        ("a", "[EMAIL_1][PHONE_1]", False),
        ("mail [EMAIL_1] now", "mail [EMAIL_1] now", True),
        ("x a@b.org y", "x [NAME_1] y", False),
        ("x a@b.org y", "x y", False),
        ("same", "same", True),
        ('{"n": 4111}', '{"n": "[PHONE_1]"}', True),
        ("my_0301234567_id", "my_PHONE_12_id", True),
        ("x a@b.org y", "x [EMAIL] y", False),
        ("aXbXc", "a[EMAIL_1]bXc", True),
        ("aXcXbYc", "a[EMAIL_1]b[PHONE_1]c", True),
    ],
)
def test_only_tags_may_differ(before: str, after: str, same: bool) -> None:
    assert TAGS.explain(before, after) is same


def test_without_kinds_nothing_may_differ() -> None:
    assert Tags([]).explain("a", "a")
    assert not Tags([]).explain("mail a@b.org", "mail [EMAIL_1]")


@given(
    st.lists(
        st.sampled_from(
            ["ann@example.org", "+44 20 7946 0958", "hello", " ", "[EMAIL_1]", "4111111111111111", "é\n"]
        )
    )
)
def test_whatever_the_filter_does_is_explained(parts: list[str]) -> None:
    before = " ".join(parts)
    filtered = cheap_filter().replace(Talks(pa.array([before]), pa.array(["talk"]), {"talk": bytes(32)}))
    assert Tags(filtered.replaced).explain(before, filtered.texts[0].as_py())


@given(st.lists(st.one_of(st.none(), st.text(), st.text("aB\u3000 \x1c\x85東ไ\u0301é"))))
def test_words_are_counted_as_the_build_counts_them(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    assert count_words(column) == int(words_of(column)[1].sum())


@given(st.lists(st.text()), st.lists(st.text()))
def test_marks_find_what_is_there(held: list[str], wanted: list[str]) -> None:
    held = list(dict.fromkeys(held))
    marker = Marker(b"key")
    found = Lookup(as_marks(marker.texts(held))).find(as_marks(marker.texts(wanted)))
    assert found.tolist() == [held.index(text) if text in held else -1 for text in wanted]


@given(st.lists(st.sampled_from("abcdef")))
def test_repeated_marks_are_found(held: list[str]) -> None:
    places = repeated(as_marks(Marker(b"key").texts(held)))
    assert places.tolist() == [place for place, text in enumerate(held) if text in held[:place]]


def test_a_mark_that_ends_in_zeros_is_itself() -> None:
    marks = as_marks(b"a" + bytes(15) + b"a" + bytes(14) + b"b")
    assert np.unique(marks).size == 2
    assert repeated(marks).size == 0


def test_the_sample_is_all_or_nothing_at_its_ends() -> None:
    names = [f"c-{n}" for n in range(50)]
    assert list(Sample(7, 1.0).outside(names)) == []
    assert list(Sample(7, 0.0).outside(names)) == names
    half = list(Sample(7, 0.5).inside(names))
    assert 10 < len(half) < 40
    assert half + list(Sample(7, 0.5).outside(names)) != names or half == names
    assert sorted([*half, *Sample(7, 0.5).outside(names)]) == sorted(names)


@pytest.mark.parametrize("seed", range(40))
def test_deciding_by_conversation_is_deciding_over_all(seed: int) -> None:
    """The judge lays one conversation at a time beside the events, and must not see less than all at once."""
    rng = random.Random(seed)
    terms = load(rng.choice(["anthropic-consumer", "openai", "amazon-alexa"]))
    events = world(rng, terms)
    logged = [
        Said(f"l{n}", rng.choice(["c1", "c2", "c3"]), rng.choice(["ada", "ben", None]), at, at)
        for n, at in enumerate(rng.choice(events).at for _ in range(6))
    ]
    for at in questions(rng, events):
        everything = Point(terms, Index(events, logged, terms.newest.retention_minimum))
        judge = Judge(terms, History(tuple(events)), "train.general", at)
        for conversation in ("c1", "c2", "c3"):
            part = [one for one in logged if one.conversation == conversation]
            for one, found in zip(part, judge.explain(conversation, part), strict=True):
                assert found.decision == everything.decide(one.record, "train.general", at)
