"""No text makes the patterns slow, takes much memory, or breaks them."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import view_of

UNITS = [
    "a", "1", "1 ", "0-1", "0 11", "1.", "1.1.1.1 ", "a:", ":1", "@", "a@", "a@a.", "a.", "+1", "+1 (23) ", "(415) ", "call 1", "phone 1 ",
    "DE89", "DE89 3704 ", "http://", "http://a/", "http://a)", "https://a.b/~x", "http://a:b@", "0x", "0xaB", "1.1234,", "12 Main ", "12 Main St ",
    "12 A B C D ", "12 a st ", "Suite 1 ", "Suite 1, ", "1 rue ", "1 rue A ", "Via A ", "Via A B C D E 1", "straße 1", "A1 1AA ", "1 Jan ", "May 1 ",
    "1-1-1", "12/12/12", "2001-01-01", "2001-01-01 ", "born 1 Jan 2000 ", "age 1", "was 11. ", "passport 1", "passport a ", "ssn ", "ssn 1", "id 1",
    "NIF 1", "AAAAAAAAAAAAAAAAA", "1HGBH41JXMN109186", "::1", "1:2:3:", "00:00:", "@a ", "user:", "a at a dot com ", "a(at)", "4111 ", "4111-1111-",
    "/home/a", "C:\\Users\\a", "é", "\U0001f600", "\ud800", "\0", "123456 ", "123456-1234 ", "the corner of 1 ", "zip 1", "box 1 ", "Box 1 A ",
    "12345 ", "A, CA 12345 ", "P<AAA", "lat 1.1", "1°N ", "1/2", "(1)", "1(", "+(((", "A. ", "12 A. ", "12, A, ", "1 A\n", "\n\n1\n\n", "１ ", "\u202e1",
    "a%40b.c", "2021.03.03 ", "on 1/1/21 ", "3 м", "3月3日", "1.2.3.4\n", "version 1.2.3.4 ", "5.6.7.8 ", "3 Şubat ",
    "1Boat", "bc1q", "A123456(", "123.456.", "RSSMRA85T10A", "address is 1 A ", "patient 1", "plate A1 ", "lat: 1.1, ",
]  # fmt: skip


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    ready = Scanner(PATTERNS)
    ready.find([view_of("compile")])
    return ready


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(scanner: Scanner, unit: str) -> None:
    """Four times the text takes about four times as long, where a quadratic pattern would take sixteen times."""

    def seconds(length: int) -> float:
        view, best = view_of((unit * (length // len(unit) + 1))[:length]), float("inf")
        for _ in range(3):
            before = time.process_time()
            scanner.find([view])
            best = min(best, time.process_time() - before)
        return best

    assert seconds(12_000) < 9 * max(seconds(3_000), 0.002)


def test_a_text_of_many_megabytes_in_one_line_takes_little_memory(scanner: Scanner) -> None:
    text = "lorem ipsum 12 dolor " * 600_000 + "ann@example.org"
    view = view_of(text)
    tracemalloc.start()
    try:
        found = scanner.find([view])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [text[f.start : f.end] for f in found[0]] == ["ann@example.org"]
    assert peak < 24e6 < 2 * len(text)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "\0",
        "\udc80a@b.org",
        "a\u0301@b.org",
        "\u202e+49 30 1234567",
        "\u200d1\u200d2",
        "",
        " ",
        "\n",
    ],
)
def test_any_text_is_taken(scanner: Scanner, text: str) -> None:
    for finding in scanner.find([view_of(text)])[0]:
        assert text[finding.start : finding.end]
