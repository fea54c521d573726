"""The laws of replacing: twice changes nothing, neighbours stay, growth is bounded, the same key the same bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import KEY, OTHER_KEY, SLOW_MACHINE, TAG_MANNERS, VALUES, Eager, redact, redactor, replaced, talk

from troth.detect.detector import standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.manner import Manners
from troth.detect.replace.replacer import MOST_ADDED, Talk
from troth.types.edit import edited

FILLER = st.sampled_from(
    ["", " ", "\n", "hello ", "x", "_", "9", '"', "'", "`", "\\", "{", "}", "[", "]", ",", "\u200d", "\u202e", "\ud800", "\x00",
     "é", "漢", "```\n", "[PERSON_1]", "PERSON_2", "def f(x): return ", "the ", "= "]
)  # fmt: skip
TEXTS = st.lists(st.one_of(FILLER, st.sampled_from(sorted(VALUES))), max_size=12).map("".join)
ANY_TEXT = st.one_of(TEXTS, st.text(st.characters(), max_size=60))
MANNERS = st.sampled_from(TAG_MANNERS)


@st.composite
def texts_with_findings(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    """Any text, and any findings in it: a finder may be wrong about everything but the bounds."""
    text = draw(ANY_TEXT)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    found = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        found.append(Finding(start, end, draw(st.sampled_from(sorted(KINDS))), 0.5, "any"))
    return text, found


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(TEXTS, max_size=4), MANNERS)
def test_redacting_twice_changes_nothing(texts: list[str], manner: str) -> None:
    once = [one.text for one in talk(texts, manner)]
    assert [one.text for one in talk(once, manner)] == once


@pytest.mark.parametrize("manner", TAG_MANNERS)
@pytest.mark.parametrize(
    "text", ["mysql -pTr0ub4dor9 db", "```sh\nmysql -pTr0ub4dor9 db\n```", "mysql -psecretSECRET_22001:db8::"]
)
def test_what_stands_right_behind_an_option_is_replaced_once(text: str, manner: str) -> None:
    once = [one.text for one in talk([text], manner, finder=standard())]
    assert "Tr0ub4dor9" not in (once[0] or "")
    assert [one.text for one in talk(once, manner, finder=standard())] == once


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(st.lists(st.sampled_from(sorted(VALUES)), max_size=5).map(" and ".join), max_size=3), MANNERS)
def test_redacting_twice_changes_nothing_where_all_that_was_put_is_found_again(
    texts: list[str], manner: str
) -> None:
    """The finder takes tags, surrogates and pseudonyms for names, numbers and secrets."""
    once = [one.text for one in talk(texts, manner, finder=Eager())]
    assert [one.text for one in talk(once, manner, finder=Eager())] == once


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(texts_with_findings(), MANNERS)
def test_what_stands_around_findings_stays_as_it_is(case: tuple[str, list[Finding]], manner: str) -> None:
    text, found = case
    (edits,) = Talk(Manners(manner), KEY).edits([text], [found])
    for edit in edits:
        assert any(one.start <= edit.start < edit.end <= one.end for one in found)
    # Cut at the edits, what stands between is the same on both sides.
    after, place, rest = edited(text, edits), 0, 0
    for edit in edits:
        size = edit.start - place
        assert after[rest : rest + size + len(edit.put)] == text[place : edit.start] + edit.put
        place, rest = edit.end, rest + size + len(edit.put)
    assert after[rest:] == text[place:]


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(texts_with_findings(), MANNERS)
def test_growth_is_bounded(case: tuple[str, list[Finding]], manner: str) -> None:
    text, found = case
    (edits,) = Talk(Manners(manner), KEY).edits([text], [found])
    for edit in edits:
        assert len(edit.put) <= 2 * (edit.end - edit.start) + MOST_ADDED, edit


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(texts_with_findings(), MANNERS)
def test_nothing_that_was_found_and_can_be_replaced_is_left(
    case: tuple[str, list[Finding]], manner: str
) -> None:
    """Whatever holds a letter or digit, and is no replacement itself, is gone or was made of reserved things."""
    text, found = case
    (edits,) = Talk(Manners(manner), KEY).edits([text], [found])
    covered = {place for edit in edits for place in range(edit.start, edit.end)}
    for one in found:
        missed = "".join(text[place] for place in range(one.start, one.end) if place not in covered)
        if re.search(r"[^\W_]", missed) and not re.search(r"[A-Z]_\d", text):
            assert "\\" in text or manner in {"surrogate", "mask"} or re.fullmatch(r"[\W_xX0]*", missed), (
                missed,
                edits,
            )


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(TEXTS, max_size=4), MANNERS)
def test_the_same_key_gives_the_same_bytes(texts: list[str], manner: str) -> None:
    assert talk(texts, manner) == talk(texts, manner)


def test_another_key_draws_other_surrogates() -> None:
    text = "John Smith, (415) 867-5309, born 2020-03-04, 10.1.2.3, at Acme Widgets Ltd; hunter2"
    for manner in ("surrogate", "pseudonym"):
        assert redact(text, manner) != redact(text, manner, OTHER_KEY)
    assert redact(text, "tag") == redact(text, "tag", OTHER_KEY)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(st.tuples(st.sampled_from("abc"), TEXTS), max_size=8), MANNERS)
def test_a_conversation_does_not_depend_on_the_others(rows: list[tuple[str, str]], manner: str) -> None:
    keys = {name: bytes([ord(name)]) * 32 for name in "abc"}
    together = redactor(manner).redact([text for _, text in rows], [name for name, _ in rows], keys)
    for name in "abc":
        own = [text for other, text in rows if other == name]
        alone = redactor(manner).redact(own, [name] * len(own), keys)
        assert alone == [one for one, (other, _) in zip(together, rows, strict=True) if other == name]


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(TEXTS, max_size=3), MANNERS)
def test_the_edits_make_the_text_from_what_was_said(texts: list[str], manner: str) -> None:
    for before, one in zip(texts, talk(texts, manner), strict=True):
        assert edited(before, one.edits) == one.text


class Restless:
    """A finder that finds something else each time: the last letter of every text."""

    digest = ""

    def find(
        self,
        texts: Sequence[str | None],
        conversations: Sequence[str] | None = None,  # noqa: ARG002
    ) -> list[list[Finding]]:
        found = []
        for text in texts:
            places = [n for n, c in enumerate(text or "") if c.islower()][-1:]
            found.append([Finding(n, n + 1, "PERSON", 0.5, "") for n in places])
        return found


def test_a_finder_that_never_rests_comes_to_an_end() -> None:
    (one,) = redactor("tag", Restless()).redact(["abcdefghijklmnop"], ["t"], {"t": KEY})
    assert one.text is not None
    assert edited("abcdefghijklmnop", one.edits) == one.text


@pytest.mark.parametrize("manner", TAG_MANNERS)
def test_time_is_linear_in_the_text(manner: str) -> None:
    text = ("John Smith wrote to j.smith82@gmail.com. " * 4_000)[:120_000]
    import time

    def seconds(part: str) -> float:
        start = time.process_time()
        redact(part, manner)
        return time.process_time() - start

    small, large = seconds(text[:30_000]), seconds(text)
    assert large < 12 * small + 0.5


def test_null_and_empty_texts_stay() -> None:
    assert [one.text for one in talk([None, "", "hello"])] == [None, "", "hello"]


def test_dropping_leaves_the_record_out_and_keeps_the_others() -> None:
    manners = Manners.of_kinds({"SECRET": "drop"})
    first, second = talk(["the password is hunter2", "John Smith said so"], manners)
    assert (first.drop, first.text) == (True, None)
    assert (second.drop, second.text) == (False, "[PERSON_1] said so")


def test_overlapping_findings_do_no_harm() -> None:
    found = [
        Finding(0, 10, "PERSON", 0.9, ""),
        Finding(5, 14, "ORG", 0.9, ""),
        Finding(6, 9, "DATE", 0.9, ""),
    ]
    assert replaced("John Smith Ltd rest", found) == "[PERSON_1] [ORG_1] rest"
