"""Two engines, one answer; and every place counted in characters of the text that it stands in."""

from __future__ import annotations

import pickle
import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.finding import Finding
from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.blocks import BLOCK
from troth.detect.patterns.engine import Hyperscan, Re2, engine_for
from troth.detect.patterns.recogniser import Around, Recogniser, check_anchor
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import view_of

TICKET = Recogniser(
    "ticket",
    ("SECRET",),
    (r"\bTKT-[0-9]{6}",),
    Around(re.compile(r"(?<!\w)TKT-\d{6,12}(?!\w)", re.ASCII), "SECRET", 0.9, "ticket/form"),
)
OPENING = Recogniser(
    "opening", ("SECRET",), (r"[ \n]open",), Around(re.compile(r"\bopen\w*"), "SECRET", 0.5, "opening")
)
ANCHORS = tuple(dict.fromkeys(anchor for recogniser in PATTERNS for anchor in recogniser.anchors))
PIECES = st.sampled_from(
    [
        "ann@example.org", "+49 30 1234567", "(415) 555-2671", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
        "8.8.8.8", "2001:db8::1", "00:1A:2B:3C:4D:5E", "https://a:b@c.example/", "/home/ann/", "12 Main Street, ",
        "Suite 4", "1 rue A ", "Hauptstraße 5", "born 1 May 1990", "2001-02-03", "age 41.", "passport no. C01X00T47",
        "ssn 219-09-9998", "@ann", "user name: ann_1", "52.5200, 13.4050", "bc1q", "0x", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        *" .,:-+()@/#\n0159aZé日\0\ud800\u200d\u202e\u0301",
    ]
)  # fmt: skip
HOSTILE = st.one_of(
    st.lists(PIECES, max_size=14).map("".join), st.text(st.characters(codec=None), max_size=60)
)


@pytest.mark.parametrize(
    "anchor",
    [r"\bTKT-[0-9]{6}", r"(?i)\bpass(?:word)?[ \t]{0,3}[=:]", r"[\x80-\xf4]@", r"a\.b\[c\]", r"[.+*$]x"],
)
def test_an_anchor_names_what_it_holds(anchor: str) -> None:
    check_anchor(anchor)


@pytest.mark.parametrize(
    "anchor",
    ["", "a.b", "a+", "a*", "a{2,}", "^a", "a$", "[^a]", r"\s", r"\D", r"\W", "(?=a)", "(?P<n>a)", "(a)", r"\x00", "a\0", "é", r"(?i)\xc3", r"\1"],
)  # fmt: skip
def test_an_anchor_that_may_mean_another_text_is_refused(anchor: str) -> None:
    with pytest.raises(ValueError, match="cannot be an anchor"):
        check_anchor(anchor)


def test_an_anchor_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        engine_for(("(?:abcdefghijkl){200}",))


@pytest.mark.parametrize("engine", [Hyperscan, Re2])
def test_what_an_engine_does_not_take_is_told(engine: type) -> None:
    with pytest.raises(ValueError, match="does not take"):
        engine(("a{5,2}",))


@given(st.text("aab12 \nx\0Aé\udc80B", max_size=40))
@settings(deadline=None, max_examples=300)
def test_both_engines_see_every_end_of_an_anchor(text: str) -> None:
    anchors = (
        r"a{1,3}b?",
        r"\b\d{2,4}\b",
        r"[ \n]x",
        r"(?i)ab(?:ba)?",
        r"[\x80-\xf4]\d",
        r"\bab\b",
        r"(?i)b[\x80-\xf4]{2}",
    )
    data = text.encode("utf-8", "surrogatepass")
    assert Hyperscan(anchors).hits(data).tolist() == Re2(anchors).hits(data).tolist()


FAST, SLOW = engine_for(ANCHORS), Re2(ANCHORS)


@given(HOSTILE)
@settings(deadline=None, max_examples=120)
def test_both_engines_call_the_same_recognisers(text: str) -> None:
    data = f"\n{text}\n".encode("utf-8", "surrogatepass")
    assert FAST.hits(data).tolist() == SLOW.hits(data).tolist()


@given(st.lists(HOSTILE, max_size=6))
@settings(deadline=None, max_examples=80)
def test_a_text_has_its_own_answer(texts: list[str]) -> None:
    """Not that of its batch, nor of its place in it."""
    views = [view_of(text) for text in texts]
    scanner = Scanner(PATTERNS)
    together = scanner.find(views)
    assert together == [scanner.find([view])[0] for view in views]
    assert scanner.find(views[::-1]) == together[::-1]


@given(HOSTILE)
@settings(deadline=None, max_examples=150)
def test_findings_lie_in_the_text(text: str) -> None:
    for finding in Scanner(PATTERNS).find([view_of(text)])[0]:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.kind in {kind for recogniser in PATTERNS for kind in recogniser.kinds}
        assert 0 < finding.confidence <= 1


def test_offsets_count_characters() -> None:
    texts = ["TKT-123456", "", "日本\U0001f600 TKT-123456", "\ud800\udfff TKT-1234567.", "é\0TKT-123456"]
    found = Scanner((TICKET,)).find([view_of(text) for text in texts])
    assert [[text[f.start : f.end] for f in fs] for text, fs in zip(texts, found, strict=True)] == [
        ["TKT-123456"], [], ["TKT-123456"], ["TKT-1234567"], ["TKT-123456"],
    ]  # fmt: skip


def test_full_width_digits_are_found_where_they_stand() -> None:
    text = "ring ＋４９ ３０ １２３４５６７ now"
    found = Scanner(PATTERNS).find([view_of(text)])[0]
    assert {(text[f.start : f.end], f.kind) for f in found} == {("＋４９ ３０ １２３４５６７", "PHONE")}


def test_no_anchor_reaches_from_one_text_into_the_next() -> None:
    never = Recogniser(
        "never",
        ("SECRET",),
        (r"o[ \n]{1,9}p",),
        lambda _view, _place: [Finding(0, 1, "SECRET", 0.1, "never")],
    )
    views = [view_of(text) for text in ("TKT-", "123456", "so", "open", " o", "pen")]
    assert Scanner((TICKET, OPENING, never)).find(views) == [
        [],
        [],
        [],
        [Finding(0, 4, "SECRET", 0.5, "opening")],
        [],
        [],
    ]


@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_long_text_is_as_many_short_ones(letter: str) -> None:
    """Anchors on the cuts between blocks are found once, and where they are."""
    places = [0, BLOCK - 5, 2 * BLOCK - 3, 3 * BLOCK - 10, 4 * BLOCK - 9, 4 * BLOCK + 40]
    text, filler = "", f"{letter} " * 3 * BLOCK
    for place in places:
        text += filler[len(text) : place - 1] + " TKT-123456 " if place else "TKT-123456 "
    found = Scanner((TICKET,)).find([view_of(text), view_of("TKT-654321")])
    starts = [match.start() for match in re.finditer(r"(?<!\w)TKT-123456(?!\w)", text, re.ASCII)]
    assert starts == places
    assert [finding.start for finding in found[0]] == starts
    assert found[1] == [Finding(0, 10, "SECRET", 0.9, "ticket/form")]


def test_what_was_found_is_not_looked_at_again() -> None:
    """Two anchors in one ticket, and the answer is asked for once."""
    asked: list[int] = []

    def confirm(_view: object, place: int) -> list[Finding]:
        asked.append(place)
        return [Finding(0, 9, "SECRET", 0.5, "x")]

    assert (
        len(
            Scanner((Recogniser("x", ("SECRET",), ("ab", "cd"), confirm),)).find([view_of("ab cd cd, cd")])[0]
        )
        == 1
    )
    assert asked == [2, 12]


def test_nothing_to_look_for_and_nothing_to_look_in() -> None:
    assert Scanner(()).find([view_of("a")]) == [[]]
    assert Scanner(PATTERNS).find([]) == []


def test_a_scanner_means_the_same_in_another_process() -> None:
    views = [view_of("write to ann@example.org")]
    again = pickle.loads(pickle.dumps(Scanner(PATTERNS)))  # noqa: S301 — our own bytes
    assert again.find(views) == Scanner(PATTERNS).find(views) != [[]]


def test_threads_do_not_disturb_one_another() -> None:
    views = [view_of(f"{'x' * number} ann@example.org, +49 30 {1234567 + number}") for number in range(300)]
    scanner, answers = Scanner(PATTERNS), {}
    expected = scanner.find(views)

    def work(number: int) -> None:
        answers[number] = scanner.find(views)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(answers.values()) == [expected] * 4
