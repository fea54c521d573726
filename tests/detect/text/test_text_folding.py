"""A folded text is what a reader reads, and every offset of it leads back to the characters it came from."""

from __future__ import annotations

import itertools
import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.text.view import view_of

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("aeiAZ09 _-.@\n\0`^"),
        st.sampled_from(
            "\u0301\u0308\u0302\u034f\u20e3\u00ad\u200b\u200c\u200d\u202e\u2066\ufe0f\ufeff٣４Ａａ𝐀𝟗①ﬁﬃ аеорсΑο пя\ud800\udfff😀"
        ),
        st.characters(),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("４１１１ １１１１", "4111 1111"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("५५५-१२३४", "555-1234"),
        ("𝟏𝟐𝟑 𝐀𝐛", "123 Ab"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ann@example.org"),
        ("pass\u200bword", "password"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202eright\u202c to left", "right to left"),
        ("раssword", "password"),  # Cyrillic r and a
        ("ехample.org", "example.org"),
        ("ΑKIA", "AKIA"),  # Greek Alpha
        ("Jose\u0301", "José"),
        ("Z\u0308\u0301ürich", "Zürich"),
        ("1\ufe0f\u20e32\ufe0f\u20e3", "12"),
        ("oﬃce ﬁle", "office file"),
        ("+33\u00a06\u202f12", "+33 6 12"),
        ("non\u2011breaking", "non-breaking"),
    ],
)
def test_what_looks_the_same_is_read_the_same(written: str, read: str) -> None:
    assert view_of(written).folded == read


@pytest.mark.parametrize(
    "text", ["", "plain", "don’t — “quoted” é ü ñ 日本語", "привет, мир", "όχι", "µm", "😀 fine"]
)
def test_an_ordinary_text_is_not_copied(text: str) -> None:
    view = view_of(text)
    assert view.folded is view.text
    assert view.original(0, len(text)) == (0, len(text))


@pytest.mark.parametrize("text", ["Он сказал: привет", "Москва-2", "Αθήνα", "сосна"])
def test_words_of_other_alphabets_stay(text: str) -> None:
    assert view_of(text).folded == text


@given(HOSTILE)
@settings(max_examples=400, deadline=None)
def test_every_character_has_its_origin(text: str) -> None:
    """Spans of the folded text map to spans that lie in order, hold it, and never reach into a neighbour's."""
    view = view_of(text)
    spans = [view.original(place, place + 1) for place in range(len(view.folded))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    for one, other in itertools.pairwise(spans):
        assert one == other or one[1] <= other[0]
    for start, end in spans:
        read = view_of(text[start:end]).folded
        assert read, "a character that is read came from one that is"


@given(HOSTILE, st.data())
@settings(max_examples=200, deadline=None)
def test_a_span_covers_what_its_characters_cover(text: str, data: st.DataObject) -> None:
    view = view_of(text)
    start = data.draw(st.integers(0, len(view.folded)))
    end = data.draw(st.integers(start, len(view.folded)))
    low, high = view.original(start, end)
    inside = [view.original(place, place + 1) for place in range(start, end)]
    if inside:
        assert (low, high) == (inside[0][0], inside[-1][1])
    else:
        assert low == high


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = view_of(text).folded
    assert view_of(once).folded == once


@given(HOSTILE, HOSTILE)
@settings(max_examples=100, deadline=None)
def test_lines_are_folded_by_themselves(one: str, other: str) -> None:
    whole = view_of(f"{one}\n.\n{other}").folded
    assert whole == f"{view_of(one).folded}\n.\n{view_of(other).folded}" or "\n" in one + other


def test_a_view_can_be_sent_to_another_process() -> None:
    view = view_of("раss\u200bword = 1;\n")
    assert view.zones
    sent = pickle.loads(pickle.dumps(view))  # noqa: S301 - our own bytes
    assert (sent.folded, sent.original(4, 8), sent.zones) == (view.folded, view.original(4, 8), view.zones)


@pytest.mark.parametrize(
    "unit", ["é\u0301", "a\u200b", "\u0301", "\u0301\u0323", "аa", "аб", "４", "ﬁ", "a" * 50 + "а", "\u00ad"]
)
def test_time_is_linear(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        best = float("inf")
        for _ in range(5):
            before = time.process_time()
            view_of(text)
            best = min(best, time.process_time() - before)
        return best

    assert seconds(80_000) < 24 * max(seconds(10_000), 0.006)
