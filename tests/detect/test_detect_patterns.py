"""The contract of the filter's door, and that no text makes it slow."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.filter import Filter
from troth.detect.numbers import passes_luhn, passes_mod97
from troth.detect.plain import RECOGNISERS, PatternFilter

PIECES = st.sampled_from(
    [
        "ann@example.org",
        "+49 30 1234567",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "8.8.8.8",
        "2001:db8::1",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        *" .,:-+()@/\n0159aZé日",
    ]
)
TEXT = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=40))
NASTY = {
    "a": "a",
    "digits": "1",
    "digits and spaces": "1 ",
    "digits and hyphens": "0-1",
    "zeros": "0 11",
    "dots": "1.",
    "addresses": "1.1.1.1",
    "colons": "a:",
    "hex": ":1",
    "at": "@",
    "a at": "a@",
    "labels": "a@a.",
    "labels only": "a.",
    "plus": "+1",
    "plus groups": "+1 (23) ",
    "brackets": "(415) ",
    "call": "call ",
    "call numbers": "call 1",
    "iban": "DE89",
    "iban groups": "DE89 3704 ",
    "begin": "-----BEGIN PRIVATE KEY-----",
    "begin rsa": "-----BEGIN RSA ",
    "tokens": "eyJaaaaaaaa.",
    "token runs": "eyJaaaaaaaa",
    "sk": "sk-a",
    "sk runs": "sk-aaaaaaaaaaaaaaaaaaaaaaa ",
    "aws": "aws ",
    "aws secret": "aws secret ",
    "akia": "AKIA",
    "ghp": "ghp_a",
}


@pytest.mark.parametrize("name", NASTY)
def test_time_is_linear(name: str) -> None:
    """Eight times the text takes far less than the 64 times that a quadratic pattern would."""
    unit = NASTY[name]

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        best = float("inf")
        for _ in range(3):
            before = time.process_time()
            for recogniser in RECOGNISERS:
                recogniser.replace(text)
            best = min(best, time.process_time() - before)
        return best

    assert seconds(80_000) < 24 * max(seconds(10_000), 0.002)


@given(st.lists(st.one_of(st.none(), TEXT), max_size=6))
@settings(deadline=None)
def test_each_text_has_its_own_answer(texts: list[str | None]) -> None:
    """A column is filtered as its texts are, nulls stay, and the counts are of all of them."""
    sensitive = PatternFilter()
    together = sensitive.replace(pa.array(texts, pa.string()))
    alone = [sensitive.replace(pa.array([text], pa.string())) for text in texts]
    assert together.texts.to_pylist() == [one.texts[0].as_py() for one in alone]
    assert together.changed == sum(one.changed for one in alone)
    assert sum(together.replaced.values()) == sum(sum(one.replaced.values()) for one in alone)


@given(TEXT)
@settings(deadline=None)
def test_a_gate_lets_everything_through_that_has_spans(text: str) -> None:
    """Without the gates the answer is the same."""
    expected = text
    for recogniser in RECOGNISERS:
        expected, _ = recogniser.replace(expected)
    assert PatternFilter().replace(pa.array([text])).texts[0].as_py() == expected


@given(TEXT)
@settings(deadline=None)
def test_spans_are_in_order_and_apart(text: str) -> None:
    for recogniser in RECOGNISERS:
        end = 0
        for start, stop in recogniser.spans(text):
            assert end <= start < stop <= len(text)
            end = stop


def test_it_keeps_the_contract_of_the_door() -> None:
    sensitive: Filter = PatternFilter()
    assert pickle.loads(pickle.dumps(sensitive)).digest == sensitive.digest  # noqa: S301 — our own bytes
    assert sensitive.digest.startswith("sha256:")
    assert not any(sensitive.reads(kind) for kind in (None, "text/plain", "image/png"))


def test_an_empty_column() -> None:
    answer = PatternFilter().replace(pa.array([], pa.string()))
    assert (len(answer.texts), answer.changed, answer.replaced) == (0, 0, {})


@given(st.integers(0, 10**18))
def test_luhn_has_one_right_check_digit(number: int) -> None:
    assert sum(passes_luhn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.text("ABCXYZ0123456789", min_size=11, max_size=26))
def test_mod97_has_one_right_pair_of_check_digits(account: str) -> None:
    right = [check for check in range(2, 99) if passes_mod97(f"DE{check:02d}{account}")]
    assert len(right) == 1


def test_the_page_names_every_kind() -> None:
    page = (Path(__file__).parents[2] / "docs" / "detection.md").read_text(encoding="utf-8")
    assert all(f"`{recogniser.tag}`" in page for recogniser in RECOGNISERS)
