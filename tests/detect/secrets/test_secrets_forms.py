"""Every published form is found as its service would draw it, and no longer or shorter run of characters."""

from __future__ import annotations

import re

import pytest
from drawn import drawn_from

from troth.detect.patterns.scan import Scanner
from troth.detect.secrets.forms_business import MESSAGING, OFFICE, PAYMENT
from troth.detect.secrets.forms_cloud import CLOUD, INTELLIGENCE
from troth.detect.secrets.forms_code import CODE
from troth.detect.secrets.tokens import TOKENS
from troth.detect.text.view import view_of

ROWS = [
    row.split()
    for table in (CLOUD, INTELLIGENCE, CODE, PAYMENT, MESSAGING, OFFICE)
    for row in table.strip().splitlines()
]
SCANNER = Scanner(TOKENS)


def found(text: str) -> list[str]:
    return [text[finding.start : finding.end] for finding in SCANNER.find([view_of(text)])[0]]


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({name for name, *_ in ROWS}) == len(ROWS) >= 170
    assert len({name.partition("/")[0] for name, *_ in ROWS}) >= 100


@pytest.mark.parametrize(("name", "beginning", "rest"), ROWS, ids=[name for name, *_ in ROWS])
def test_drawn_tokens_are_found(name: str, beginning: str, rest: str) -> None:
    """At least seven of eight: a draw may hold a sample by chance, or not look random enough."""
    expression = re.sub(r"\\b", "", beginning.replace("<", "")) + re.sub(r"\\b|\(\?[=!][^()]*\)", "", rest)
    drawn = [drawn_from(expression, seed) for seed in range(8)]
    assert sum(any(token in one or one in token for one in found(f"it is {token} .")) for token in drawn) >= 7


@pytest.mark.parametrize("before", ["", "x = '", "(", "\n", "key:", "\\n"])
@pytest.mark.parametrize("after", ["", "'", ")", "\n", ".", "\\n", ", "])
def test_what_may_stand_around_a_token(before: str, after: str) -> None:
    token = drawn_from("ghp_[A-Za-z0-9]{36}", 5)
    assert found(f"{before}{token}{after}") == [token]


def test_a_part_of_a_word_is_no_token() -> None:
    token = drawn_from("AKIA[A-Z0-9]{16}", 5)
    assert found(token) == [token]
    assert not found(f"X{token}")
    assert not found(f"{token}X")
    assert not found(token[:-1])
