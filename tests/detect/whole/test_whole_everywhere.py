"""What was found once is found everywhere in its conversation, in other spellings; a common word alone is not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.finding import Finding
from troth.detect.text.view import view_of
from troth.detect.whole.common import common_words
from troth.detect.whole.everywhere import everywhere
from troth.detect.whole.settle import settle


def again(said: str, value: str, kind: str, *others: str, confidence: float = 0.95) -> list[list[str]]:
    """What is found in other texts of a conversation in which ``value`` was found in the first."""
    start = said.index(value)
    found = [[Finding(start, start + len(value), kind, confidence, "test")], *([] for _ in others)]
    answer = everywhere([view_of(text) for text in (said, *others)], found)
    assert answer[0], "what was found stays found"
    return [[text[one.start : one.end] for one in row] for text, row in zip(others, answer[1:], strict=True)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("thanks, Priya Raman!", ["Priya Raman"]),
        ("ask Priya", ["Priya"]),
        ("Priya's laptop", ["Priya"]),
        ("PRIYA RAMAN", ["PRIYA RAMAN"]),
        ("i told priya so", ["priya"]),
        ("Raman, Priya", ["Raman, Priya"]),
        ("P. Raman agreed", ["P. Raman"]),
        ("initials P.R. below", ["P.R."]),
        ("priya.raman is her login", ["priya.raman"]),
        ("/home/praman/x", ["praman"]),
        ("priyaraman", ["priyaraman"]),
        ("Priya\nRaman", ["Priya\nRaman"]),
        ("Ｐｒｉｙａ said", ["Ｐｒｉｙａ"]),
        ("Pri\u200bya said", ["Pri\u200bya"]),
        ("Priyanka and Ramanujan", []),
        ("a Q. Raman", ["Raman"]),
    ],
)
def test_a_person_in_other_spellings(text: str, wanted: list[str]) -> None:
    assert again("I am Priya Raman.", "Priya Raman", "PERSON", text) == [wanted]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("will you? may I? a rose", []),
        ("Will you come?", []),
        ("Yes. Will you?", []),
        ("WILL YOU COME", []),
        ("Rose Prices Will Rise", []),
        ("I met Will yesterday", ["Will"]),
        ("then Will Rose came", ["Will Rose"]),
        ("so will rose prices", []),
    ],
)
def test_a_common_word_alone_is_no_name_unless_written_as_one(text: str, wanted: list[str]) -> None:
    assert {"will", "rose", "may", "mark"} <= common_words()
    assert again("This is Will Rose.", "Will Rose", "PERSON", text) == [wanted]


def test_a_single_unsure_name_is_not_looked_for() -> None:
    assert again("Zorbax crashed", "Zorbax", "PERSON", "zorbax and Zorbax", confidence=0.6) == [[]]
    assert again("hi, Zorbax here", "Zorbax", "PERSON", "zorbax and Zorbax") == [["zorbax", "Zorbax"]]


def test_a_word_that_was_mostly_left_is_doubtful() -> None:
    """One finding and dozens of places where the same word was none: then it is none, most likely."""
    assert again("hi, Zorbax here", "Zorbax", "PERSON", "Zorbax " * 20) == [[]]


def test_single_names_are_not_looked_for_in_code() -> None:
    code = "```python\nfor priya in range(3):\n    print(priya)\n```"
    found = again("I am Priya Raman.", "Priya Raman", "PERSON", code)
    assert found == [[]]


@pytest.mark.parametrize(
    ("value", "kind", "text", "wanted"),
    [
        ("415-555-2671", "PHONE", "or +1 (415) 555 2671.", ["+1 (415) 555 2671"]),
        ("+49 30 901820", "PHONE", "030/901820", []),  # too few digits are the same
        ("4111 1111 1111 1111", "CREDIT_CARD", "4111111111111111 and 4111111111111112", ["4111111111111111"]),
        ("ann.lee@example.org", "EMAIL", "ANN.LEE@EXAMPLE.ORG; Ann Lee", ["ANN.LEE@EXAMPLE.ORG", "Ann Lee"]),
        ("tr0ub4dor&3", "SECRET", "type tr0ub4dor&3 there, not Tr0ub4dor&3", ["tr0ub4dor&3"]),
        ("password", "SECRET", "a password is needed", []),
        ("x1", "SECRET", "x1 and x1", []),
        ("Acme Rockets Ltd", "ORG", "at ACME ROCKETS LTD.", ["ACME ROCKETS LTD"]),
        ("2024-01-05", "DATE", "2024-01-05", []),
        ("42", "AGE", "42 files", []),
    ],
)
def test_other_kinds(value: str, kind: str, text: str, wanted: list[str]) -> None:
    assert again(f"it is {value} now", value, kind, text) == [wanted]


@pytest.mark.parametrize(
    ("value", "text", "wanted"),
    [
        ("hunter2", "I typed hunter2, then (hunter2). And hunter2.", 3),
        ("hunter2", "hunter21, /opt/hunter2/bin, hunter2.example, my-hunter2, ahunter2", 0),
        ("hunter2", "```python\ndef f(hunter2):\n    x = 'hunter2'\n```", 1),
        ("swordfish", "swordfish is it, not swordfish_id", 1),
        ("IhqSb1Gg", "root/IhqSb1Gg@host", 1),
        ("correct-horse-battery", "it was correct-horse-battery-, I think", 1),
        ("9f8B7c6D5e4F", "x-9f8B7c6D5e4F-y", 1),
    ],
)
def test_a_weak_secret_is_found_again_only_where_it_stands_by_itself(
    value: str, text: str, wanted: int
) -> None:
    assert again(f"it is {value} now", value, "SECRET", text) == [[value] * wanted]


def test_one_conversation_with_many_names_is_found_by_another_way_with_the_same_answer() -> None:
    draw = random.Random(3)
    names = [
        "".join(draw.choice("bcdfgklmnprst") + draw.choice("aeiou") for _ in range(3)).title()
        for _ in range(300)
    ]
    said = " and ".join(names) + "."
    found, at = [], 0
    for name in names:
        at = said.index(name, at)
        found.append(Finding(at, at + 6, "PERSON", 0.95, "test"))
    other = " ".join(f"met {name} today," for name in names[:30])
    many = everywhere([view_of(said), view_of(other)], [settle(found, said), []])
    few = everywhere([view_of(said), view_of(other)], [settle(found[:30], said), []])
    seen = [[one.start for one in answer[1]] for answer in (many, few)]
    assert set(seen[1]) <= set(seen[0])
    assert len(seen[1]) >= 25


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("AnnLee anlei.'\n\ud800\0ſİß张")), min_size=1, max_size=4), st.data())
def test_any_text_is_fine_and_what_was_found_stays(texts: list[str], data: st.DataObject) -> None:
    found = []
    for text in texts:
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        kind = data.draw(st.sampled_from(["PERSON", "EMAIL", "PHONE", "SECRET", "ORG", "ADDRESS"]))
        found.append(settle([Finding(start, end, kind, 0.99, "test")], text))
    answer = everywhere([view_of(text) for text in texts], found)
    for text, before, after in zip(texts, found, answer, strict=True):
        covered = {place for one in after for place in range(one.start, one.end)}
        for one in before:  # it may be a part of another now, but for single letters at its edges
            left = [
                place for place in range(one.start, one.end) if place not in covered and text[place].isalnum()
            ]
            assert len(left) <= 2
        assert all(0 <= a.start < a.end <= len(text) for a in after)
        assert after == settle(after, text)


@pytest.mark.parametrize(
    ("kind", "unit", "values"),
    [
        ("ADDRESS", "a ", lambda text: [(0, len(text) // 2)]),
        ("SECRET", "ab-", lambda text: [(at, at + 480) for at in range(0, len(text) // 2, 480)]),
        ("PERSON", "Zor Bax, ", lambda text: [(at, at + 7) for at in range(0, len(text) - 7, 18)]),
    ],
)
def test_time_is_linear_in_texts_that_repeat(
    kind: str, unit: str, values: Callable[[str], list[tuple[int, int]]]
) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        found = [Finding(start, end, kind, 0.95, "test") for start, end in values(text)]
        began = time.process_time()
        everywhere([view_of(text)], [found])
        return time.process_time() - began

    seconds(100)
    assert seconds(80_000) < 24 * max(seconds(10_000), 0.01)


def test_time_is_linear_in_the_number_of_names() -> None:
    def seconds(count: int) -> float:
        draw, parts, found, at = random.Random(count), [], [], 0
        for _ in range(count):
            word = "".join(draw.choice("bcdfgklmnprst") + draw.choice("aeiou") for _ in range(6))
            name = f"{word[:6]} {word[6:]}".title()
            found.append(Finding(at, at + len(name), "PERSON", 0.95, "test"))
            parts.append(f"{name} came and went, then came again, and {name[7:]} too. ")
            at += len(parts[-1])
        text = "".join(parts)
        began = time.process_time()
        everywhere([view_of(text)], [found])
        return time.process_time() - began

    seconds(10)
    assert seconds(8_000) < 14 * max(seconds(2_000), 0.05)


def test_time_grows_with_the_length_of_the_text() -> None:
    def seconds(count: int) -> float:
        names = [f"Zor{number}bax" for number in range(count)]
        text = " ".join(f"u{number}@example.org" for number in range(count)) + " a.a a@" * count
        found, at = [], 0
        for number in range(count):
            value = f"u{number}@example.org"
            at = text.index(value, at)
            found.append(Finding(at, at + len(value), "EMAIL", 0.99, "test"))
        view = view_of(text + " ".join(names))
        began = time.process_time()
        everywhere([view], [found])
        return time.process_time() - began

    seconds(100)
    assert seconds(4000) < 12 * max(seconds(1000), 0.02)
