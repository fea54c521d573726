"""What is encoded, broken over lines, or stands in something else is found through the door, whole."""

from __future__ import annotations

import base64
from itertools import pairwise
from urllib.parse import quote

import pytest

from troth.detect.detector import Detector, detect

TOKEN = "ghp_x7QmZr2LpW9vTb4KsYd8NcFg3HjXaUe6RtVi"
DRAWN = "x7QmZr2LpW9vTb4KsYd8NcFg3HjXaUe6RtViOqBn"
LOGIN = "postgres://app:S3cure9x@db.internal:5432/prod"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secrets(text: str) -> list[str]:
    return [text[one.start : one.end] for one in detect(text) if one.kind == "SECRET"]


@pytest.mark.parametrize(
    "plain", ["password=Hunter2x9", '{"user": "ann", "password": "Hunter2x9"}', TOKEN, LOGIN, f"a {LOGIN}"]
)
def test_secrets_in_base64(plain: str) -> None:
    encoded = in_base64(plain)
    assert secrets(f"it says {encoded} there") == [encoded]


@pytest.mark.parametrize(
    "plain", ["just a letter to you, my dear", "postgres://user:password@localhost/db", "ghp_xxxxxxxxxxxx"]
)
def test_other_things_in_base64_are_left(plain: str) -> None:
    assert secrets(f"it says {in_base64(plain)} there") == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("/in?name=Ann%20Lee&password=Tr0ub%264dor%21x&y", "Tr0ub%264dor%21x"),
        ("/in?next=%2Fhome%3Fpassword%3DHunter2x9%26b%3D1", "Hunter2x9"),
        (f"/go?to={quote('https://ann:Hunter2x9@db.example.org/x', safe='')}", "Hunter2x9"),
        (f"/go?query={quote(f'use {TOKEN} here')}", TOKEN),
    ],
)
def test_secrets_in_addresses(text: str, secret: str) -> None:
    assert secrets(text) == [secret]


def test_a_mail_address_in_the_address_of_a_page() -> None:
    text = "GET /list?mail=ann.lee%40example.org&to=mailto%3Abob%40example.org HTTP/1.1"
    found = [text[one.start : one.end] for one in detect(text) if one.kind == "EMAIL"]
    assert found == ["ann.lee%40example.org", "bob%40example.org"]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("key ", f"{TOKEN[:20]}\n{TOKEN[20:]}", " end"),
        ("key ", f"{TOKEN[:20]}\r\n{TOKEN[20:]}", " end"),
        ("key ", f"{TOKEN[:20]}=\n{TOKEN[20:]}", " end"),
        ("> ", f"{TOKEN[:20]}\n> {TOKEN[20:]}", "\n> end"),
        ('key = "', f'{TOKEN[:20]}" \\\n    "{TOKEN[20:]}', '"'),
        ('api_key = "', f'{DRAWN[:20]}" +\n    "{DRAWN[20:]}', '";'),
        ('api_key = ("', f'{DRAWN[:20]}"\n    "{DRAWN[20:]}', '")'),
        ('api_key: "', f"{DRAWN[:20]}\n  {DRAWN[20:]}", '"\n'),
        ("API_KEY=", f"{DRAWN[:20]}\\\n{DRAWN[20:]}", "\n"),
        ("password = ", "Tr0ub4\\\ndor99", "\n"),
    ],
)
def test_a_secret_that_is_broken_over_lines_is_found_whole(before: str, value: str, after: str) -> None:
    assert secrets(f"{before}{value}{after}") == [value]


def test_strings_that_only_follow_one_another_are_two() -> None:
    assert secrets('password = "hunter22"\n"other words"') == ["hunter22"]
    assert secrets(f'api_key = "{DRAWN}"\nname = "ann"') == [DRAWN]


def test_what_stands_in_something_else_is_found_once() -> None:
    """A secret goes first, and no two findings overlap."""
    text = (
        f"https://ann.lee@example.org:{TOKEN}@example.org/~ann?mail=ann.lee%40example.org&password=Hunter2x9"
    )
    found = detect(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert {"Hunter2x9"} < set(secrets(text))
    assert any(TOKEN in one for one in secrets(text))
    allowing = Detector.standard(allow=["hunter2x9"])
    assert all(text[one.start : one.end] != "Hunter2x9" for one in allowing.find([text])[0])
