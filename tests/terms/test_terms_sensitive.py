"""What terms say of sensitive data is read, shown, compared and checked like everything else in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_terms import SMALL

from troth.operations.terms_check import check_terms
from troth.terms.archive import load
from troth.terms.diff import changes
from troth.terms.model import Version
from troth.terms.parse import TermsFile
from troth.terms.show import as_text, show

MORE = """
[[filters]]
purposes = ["train.general"]
replace = { "*" = "tag", SECRET = "drop" }
clause = "s.9"
text = "Secrets leave with their record."

[[recognisers]]
kind = "CASE_NUMBER"
pattern = 'C-\\d{6}'
check = "luhn"
context = ["case"]
finds = ["the case {C-123455}"]
passes = ["the case C-123456"]
text = "Numbers of our cases"

[[allowed]]
values = ["Small Ltd"]
kinds = ["ORG"]
text = "Our own name"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


def version(folder: Path, text: str) -> Version:
    file = TermsFile.read(written(folder, text))
    read = file.version({})
    file.problems.raise_first()
    return read


def problems(folder: Path, text: str) -> list[str]:
    return [str(one) for one in check_terms(str(written(folder, text))).problems if not one.note]


def test_what_is_declared_is_read(tmp_path: Path) -> None:
    read = version(tmp_path, SMALL + MORE)
    (one,) = read.recognisers
    assert (one.kind, one.pattern, one.check, one.context) == ("CASE_NUMBER", r"C-\d{6}", "luhn", ("case",))
    assert one.place.line == (SMALL + MORE).splitlines().index("[[recognisers]]") + 1
    assert read.filters[-1].replace == {"*": "tag", "SECRET": "drop"}
    assert read.allowed[0].values == ("Small Ltd",)
    assert problems(tmp_path, SMALL + MORE) == []


def test_it_is_shown_in_words(tmp_path: Path) -> None:
    text = as_text(show(load(str(written(tmp_path, SMALL + MORE)))))
    assert "SECRET is replaced by nothing: the whole record is left out" in text
    assert "every other kind is replaced by a tag such as [PERSON_1]" in text
    assert "CASE_NUMBER: Numbers of our cases (C-\\d{6}, with the check luhn, near case)" in text
    assert "Small Ltd taken for ORG: Our own name" in text


def test_a_difference_is_told(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new = (
        version(tmp_path / "old", SMALL + MORE),
        version(tmp_path / "new", SMALL + MORE.replace("luhn", "damm").replace('"drop"', '"mask"')),
    )
    told = [str(change) for change in changes(old, new)]
    assert "recognisers CASE_NUMBER, check: luhn → damm" in told
    assert any(one.startswith("filters") and "SECRET: drop" in one and "SECRET: mask" in one for one in told)
    added = [
        change.topic for change in changes(version(tmp_path / "old", SMALL), new) if change.kind == "added"
    ]
    assert added == ["filters", "recognisers", "allowed"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('kind = "CASE_NUMBER"', 'kind = "case number"', "cannot be the name of a kind"),
        ('kind = "CASE_NUMBER"', f'kind = "{"A" * 25}"', "cannot be the name of a kind"),
        ('check = "luhn"', 'check = "lunh"', "did you mean 'luhn'?"),
        ('SECRET = "drop"', 'SECRET = "burn"', "unknown manner 'burn' of replacing SECRET"),
        ('SECRET = "drop"', 'SECRETS = "drop"', "there is no kind 'SECRETS'"),
        ('SECRET = "drop"', "SECRET = 7", "is not text"),
        ('kinds = ["ORG"]', 'kinds = ["ORGANISATION"]', "there is no kind 'ORGANISATION'"),
        ('values = ["Small Ltd"]\n', "", "allows nothing"),
        ("finds =", "find =", "unknown key 'find'"),
        ('passes = ["the case C-123456"]\n', "", "has no passes"),
        ("{C-123455}", "{C-123456}", "small.toml:"),
        (r"'C-\d{6}'", "'" + "x" * 1001 + "'", "the pattern has 1,001 characters"),
        (r"'C-\d{6}'", r"'(?<!x)C-\d{6}'", "RE2 does not take the pattern"),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in MORE
    told = problems(tmp_path, SMALL + MORE.replace(old, new))
    assert any(what in one for one in told), told


def test_a_case_that_fails_is_reported_with_its_own_line(tmp_path: Path) -> None:
    text = SMALL + MORE.replace(
        'finds = ["the case {C-123455}"]', 'finds = [\n  "the case {C-123455}",\n  "case {C-1}",\n]'
    )
    (told,) = problems(tmp_path, text)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "{C-1}" in one)
    assert told.startswith(f"{tmp_path / 'small.toml'}:{line}: ")
    assert "finds nothing, and should find 'C-1'" in told
