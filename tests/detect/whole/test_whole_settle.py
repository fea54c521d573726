"""Findings that overlap are settled by a written order: what wins, what is left of who loses, and always the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.whole.settle import settle


def found(text: str, value: str, kind: str, confidence: float = 0.9, why: str = "test") -> Finding:
    start = text.index(value)
    return Finding(start, start + len(value), kind, confidence, why)


def told(text: str, *findings: Finding) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.kind) for one in settle(findings, text)]


def test_what_does_not_overlap_stays_in_order() -> None:
    text = "Ann Lee, ann@x.org"
    mail, name = found(text, "ann@x.org", "EMAIL"), found(text, "Ann Lee", "PERSON")
    assert settle([mail, name], text) == [name, mail]
    assert settle([], text) == []


def test_two_of_one_kind_become_one_that_covers_both() -> None:
    text = "+1 415 555 2671 ext. 5"
    low = found(text, "415 555 2671 ext. 5", "PHONE", 0.6, "layout")
    high = found(text, "+1 415 555 2671", "PHONE", 0.97, "international")
    assert settle([low, high], text) == [Finding(0, len(text), "PHONE", 0.97, "international")]


def test_a_longer_finding_swallows_one_that_lies_within() -> None:
    text = "at 5 Main Street, Springfield"
    address, town = (
        found(text, "5 Main Street, Springfield", "ADDRESS", 0.8),
        found(text, "Springfield", "LOCATION", 0.99),
    )
    assert told(text, town, address) == [("5 Main Street, Springfield", "ADDRESS")]


def test_a_secret_goes_before_all_others_and_an_address_keeps_its_parts() -> None:
    text = "see https://ann:s3cr3t!pw@db.example.org/x now"
    url, secret = (
        found(text, "https://ann:s3cr3t!pw@db.example.org/x", "URL", 0.99),
        found(text, "s3cr3t!pw", "SECRET", 0.7),
    )
    assert told(text, url, secret) == [
        ("https://ann", "URL"),
        ("s3cr3t!pw", "SECRET"),
        ("db.example.org/x", "URL"),
    ]


def test_a_name_keeps_what_a_form_leaves_of_it() -> None:
    text = "from Ann Lee ann@x.org, Rome"
    name, mail = found(text, "Ann Lee ann@x.org", "PERSON", 0.99), found(text, "ann@x.org", "EMAIL", 0.9)
    assert told(text, name, mail) == [("Ann Lee", "PERSON"), ("ann@x.org", "EMAIL")]


def test_a_small_part_of_a_number_is_no_number() -> None:
    text = "DE89 3704 0044 0532 0130 00 12"
    iban, phone = (
        found(text, "DE89 3704 0044 0532 0130 00", "IBAN", 0.99),
        found(text, "0130 00 12", "PHONE", 0.6),
    )
    assert told(text, iban, phone) == [("DE89 3704 0044 0532 0130 00", "IBAN")]


@pytest.mark.parametrize("kinds", [("PHONE", "NATIONAL_ID"), ("NATIONAL_ID", "PHONE")])
def test_of_two_at_one_place_the_surer_stays(kinds: tuple[str, str]) -> None:
    text = "078-05-1120"
    both = [Finding(0, 11, kind, 0.95 if kind == "NATIONAL_ID" else 0.6, "x") for kind in kinds]
    assert told(text, *both) == [(text, "NATIONAL_ID")]


def test_of_two_equal_ones_the_table_of_kinds_decides() -> None:
    both = [Finding(0, 4, kind, 0.9, "x") for kind in ("TICKET", "AGE", "PHONE")]
    assert [one.kind for one in settle(both, "1234")] == ["PHONE"]


def test_findings_without_a_character_are_left_out() -> None:
    assert settle([Finding(2, 2, "PERSON", 1.0, "x"), Finding(3, 1, "PERSON", 1.0, "x")], "abcd") == []


TEXTS = st.text("ab1 .,@é\ud800\0", min_size=1, max_size=40)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    kinds = st.sampled_from([*KINDS, "TICKET"])
    parts = st.builds(
        Finding, places, places, kinds, st.sampled_from([0.3, 0.5, 0.9, 1.0]), st.sampled_from("ab")
    )
    return text, draw(st.lists(parts, max_size=12))


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_does_not_matter(world: tuple[str, list[Finding]], draw: object) -> None:
    text, findings = world
    mixed = list(findings)
    draw.shuffle(mixed)  # type: ignore[attr-defined]
    assert settle(mixed, text) == settle(findings, text)


@settings(deadline=None)
@given(worlds())
def test_what_is_settled_is_in_order_apart_and_settled_again_the_same(
    world: tuple[str, list[Finding]],
) -> None:
    text, findings = world
    settled = settle(findings, text)
    assert all(one.end <= other.start for one, other in pairwise(settled))
    assert all(
        any((f.start <= s.start and s.end <= f.end) or s.kind == f.kind for f in findings) for s in settled
    )
    assert settle(settled, text) == settled


@settings(deadline=None)
@given(worlds())
def test_every_letter_that_a_name_or_secret_covered_stays_covered(world: tuple[str, list[Finding]]) -> None:
    """But for crumbs of a single letter: who loses keeps what is left of it."""
    text, findings = world
    settled = settle(findings, text)
    covered = {place for one in settled for place in range(one.start, one.end)}
    for one in findings:
        if one.kind == "SECRET":
            missing = [
                place for place in range(one.start, one.end) if place not in covered and text[place].isalnum()
            ]
            assert not missing
