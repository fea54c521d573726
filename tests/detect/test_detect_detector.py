"""The doors: the same findings for any batch, order and process; any text; and a digest of everything that decides."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect import detector as doors
from troth.detect.definition import described
from troth.detect.detector import Detector, detect, standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.patterns.recogniser import Around, Recogniser

TALK = [
    "Hi, I am Priya Raman, priya.raman@example.org.",
    "Good morning Priya! Is 415-555-2671 still your number?",
    None,
    "yes. priya out",
    "```python\ntoken = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'\n```",
    "",
]
OTHER = [
    "i told priya nothing",
    "card 4111 1111 1111 1111",
    "Ann lives at 5 Main Street, Springfield, IL 62701.",
]
NAMES = ["a"] * len(TALK) + ["b", "c", "d"]


def told(texts: list[str | None], found: list[list[Finding]]) -> list[set[str]]:
    return [
        {text[one.start : one.end] for one in row} if text else set()
        for text, row in zip(texts, found, strict=True)
    ]


def test_one_text() -> None:
    text = "Mail ann.lee@example.org, card 4111 1111 1111 1111."
    assert [(text[one.start : one.end], one.kind) for one in detect(text)] == [
        ("ann.lee@example.org", "EMAIL"),
        ("4111 1111 1111 1111", "CREDIT_CARD"),
    ]
    assert all(one.kind in KINDS and 0 < one.confidence <= 1 and one.why for one in detect(text))


def test_what_one_turn_tells_is_found_in_the_others_of_its_conversation_alone() -> None:
    found = told([*TALK, *OTHER], standard().find([*TALK, *OTHER], NAMES))
    assert "priya" in found[3]
    assert "Priya" in found[1]
    assert "priya" not in found[6] or "priya" in told(OTHER, standard().find(OTHER))[0]


def test_batch_and_order_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, talks = [*TALK, *OTHER], NAMES
    whole = standard().find(texts, talks)
    assert standard().find(TALK, NAMES[: len(TALK)]) == whole[: len(TALK)]
    assert standard().find(OTHER) == whole[len(TALK) :]
    turned = standard().find([*OTHER, *TALK], [*NAMES[len(TALK) :], *NAMES[: len(TALK)]])
    assert turned == [*whole[len(TALK) :], *whole[: len(TALK)]]
    monkeypatch.setattr(doors, "AT_ONCE", 1)
    assert standard().find(texts, talks) == whole


def test_turns_of_a_conversation_need_not_lie_together() -> None:
    mixed = standard().find([TALK[0], OTHER[1], TALK[3]], ["a", "b", "a"])
    straight = standard().find([TALK[0], TALK[3]], ["a", "a"])
    assert [mixed[0], mixed[2]] == straight


def test_another_process_finds_the_same() -> None:
    script = (
        "import json, pickle, sys\n"
        "detector, texts, talks = pickle.load(sys.stdin.buffer)\n"
        "found = detector.find(texts, talks)\n"
        "print(json.dumps([detector.digest, [[[f.start, f.end, f.kind, f.confidence, f.why] for f in row] for row in found]]))"
    )
    given_to = pickle.dumps((standard(), [*TALK, *OTHER], NAMES))
    done = subprocess.run([sys.executable, "-c", script], input=given_to, capture_output=True, check=True)
    digest, found = json.loads(done.stdout)
    assert [[Finding(*one) for one in row] for row in found] == standard().find([*TALK, *OTHER], NAMES)
    assert digest == standard().digest


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(st.sampled_from('Ann Lee@x.org4155526\ud800\udc00\0\u200dé٣Ａ\n`{":')), max_size=4))
def test_any_text_is_legal_and_findings_are_in_order_and_apart(texts: list[str]) -> None:
    for text, row in zip(texts, standard().find(texts, ["a"] * len(texts)), strict=True):
        assert all(0 <= one.start < one.end <= len(text) for one in row)
        assert all(one.end <= other.start for one, other in pairwise(row))


def test_offsets_index_the_text_as_it_was_given() -> None:
    text = "mail \ud800 ｊｏｈｎ＠example.org und a\u200bn\u200bn.lee@example.org"
    found = [text[one.start : one.end] for one in detect(text) if one.kind == "EMAIL"]
    assert found == ["ｊｏｈｎ＠example.org", "a\u200bn\u200bn.lee@example.org"]


def test_allowed_values_are_no_findings() -> None:
    text = "Write to Help@Example.org or ann.lee@example.org"
    allowing = Detector.standard(allow=["help@example.org"])
    assert [text[one.start : one.end] for one in allowing.find([text])[0]] == ["ann.lee@example.org"]
    assert len(allowing.strict().find([text])[0]) == 2


def test_strict_settings_find_what_is_found_in_prose_in_code_too() -> None:
    code = "```\nfor ann in x: pass\nwrite_to('Priya Raman')\n```"
    usual, strict = standard().find([code])[0], standard().strict().find([code])[0]
    assert {code[one.start : one.end] for one in usual} <= {code[one.start : one.end] for one in strict} | {
        "Priya Raman"
    }
    assert any("Priya" in code[one.start : one.end] for one in strict)


TICKET = Recogniser(
    "ticket",
    ("TICKET",),
    (r"\bTKT-[0-9]{6}",),
    Around(re.compile(r"TKT-\d{6}"), "TICKET", 0.9, "ticket/form"),
)


def test_the_digest_tells_detectors_apart() -> None:
    own = Detector((TICKET,))
    looser = replace(TICKET, confirm=Around(re.compile(r"TKT-\d{6,9}"), "TICKET", 0.9, "ticket/form"))
    every = [own, Detector(()), Detector((looser,)), replace(own, least=0.5), replace(own, allow=frozenset({"x"})),
             own.strict(), standard(), replace(standard(), names=None)]  # fmt: skip
    assert len({one.digest for one in every}) == len(every)
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one.digest) for one in every)
    assert Detector((TICKET,)).digest == own.digest
    assert own.find(["see TKT-123456"]) == [[Finding(4, 14, "TICKET", 0.9, "ticket/form")]]


def test_what_cannot_be_told_apart_cannot_decide() -> None:
    class Vague:
        pass

    @dataclass(frozen=True)
    class Clear:
        words: frozenset[str]

    assert described(Clear(frozenset("ba"))) == described(Clear(frozenset("ab")))
    with pytest.raises(TypeError, match="Vague"):
        described(Vague())
