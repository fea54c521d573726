"""Versions of a folder together, and texts that may not change once they are published."""

from __future__ import annotations

import shutil
from pathlib import Path

from small_terms import SMALL, before, checked, line_of, replaced, rule

from troth.terms.archive import LOCK, shipped, write_lock
from troth.terms.check import check
from troth.terms.problems import Problem

LATER = SMALL.replace("2025-01-01", "2025-06-01").replace("2025-02-01", "2025-07-01")


def folder(path: Path, *texts: str, names: tuple[str, ...] = ("2025-01-01", "2025-06-01")) -> list[Problem]:
    path.mkdir(exist_ok=True)
    for name, text in zip(names, texts, strict=False):
        (path / f"{name}.toml").write_text(text, encoding="utf-8")
    return check(path)


def test_two_versions_without_a_problem(tmp_path: Path) -> None:
    assert folder(tmp_path, SMALL, LATER) == []


def test_a_version_that_stands_twice(tmp_path: Path) -> None:
    problems = folder(tmp_path, SMALL, replaced('version = "2025-06-01"', 'version = "2025-01-01"', LATER))
    [error] = [p for p in problems if not p.note]
    assert error.what == "version '2025-01-01' stands in 2025-01-01.toml too"
    assert (Path(error.file).name, error.line) == ("2025-06-01.toml", 3)
    [note] = [p for p in problems if p.note]
    assert note.what == "the file is named '2025-06-01.toml', its version '2025-01-01'"


def test_several_profiles_in_one_folder(tmp_path: Path) -> None:
    [problem] = folder(tmp_path, SMALL, replaced('name = "small"', 'name = "big"', LATER))
    assert problem.what == "the name is 'big', but 'small' in 2025-01-01.toml"
    assert problem.line == 2


def test_two_versions_of_one_day(tmp_path: Path) -> None:
    text = replaced("published = 2025-06-01", "published = 2025-01-01", LATER)
    problems = folder(tmp_path, SMALL, text)
    assert [p.what for p in problems] == [
        "published on the same day as 2025-01-01.toml, so neither is the newer"
    ]


def test_a_later_version_in_force_earlier_is_worth_a_note(tmp_path: Path) -> None:
    text = replaced("effective = 2025-02-01", "effective = 2025-12-01")
    [problem] = folder(tmp_path, text, LATER)
    assert problem.note
    assert "in force from 2025-07-01, earlier than 2025-01-01.toml (2025-12-01)" in problem.what


def test_a_deadline_replaced_of_no_version(tmp_path: Path) -> None:
    text = replaced("[plans]", 'replaces_deadline_of = ["2025-01-02"]\n\n[plans]', LATER)
    [problem] = folder(tmp_path, SMALL, text)
    assert problem.what == "replaces the deadline of '2025-01-02', which is no other version here"
    assert problem.remedy == "did you mean '2025-01-01'?"
    assert problem.line == line_of(text, "replaces_deadline_of")


def test_a_deadline_replaced_of_a_later_version(tmp_path: Path) -> None:
    text = replaced("[plans]", 'replaces_deadline_of = ["2025-06-01"]\n\n[plans]')
    [problem] = folder(tmp_path, text, LATER)
    assert problem.what == "replaces the deadline of '2025-06-01', which is not older"


def test_a_deadline_set_later_can_pass_in_the_earlier_version(tmp_path: Path) -> None:
    deny = rule(
        "late", "deny", '"serve"', 'improve.deadline = ["passed"], plan = ["paid"]', "choice_required"
    )
    dateless = replaced('last_day = 2025-03-01\nafter_deadline = "The product asks before it goes on."\n', "")
    earlier = before("chosen", deny, dateless)
    assert "improve has no last day" in folder(tmp_path, earlier, LATER)[0].what
    later = replaced("[plans]", 'replaces_deadline_of = ["2025-01-01"]\n\n[plans]', LATER)
    assert folder(tmp_path, earlier, later) == []


def test_an_option_declared_otherwise(tmp_path: Path) -> None:
    text = replaced('values = ["narrow", "wide"]', 'values = ["wide", "narrow"]', LATER)
    [problem] = folder(tmp_path, SMALL, text)
    assert problem.what == "option 'reading' is declared otherwise than in 2025-01-01.toml"
    assert problem.line == line_of(text, "[options.reading]")


def test_a_published_text_may_not_change(tmp_path: Path) -> None:
    folder(tmp_path, SMALL, LATER)
    write_lock(tmp_path)
    assert check(tmp_path) == []
    text = replaced("Nothing leaves the house.", "Little leaves the house.")
    (tmp_path / "2025-01-01.toml").write_text(text, encoding="utf-8")
    [problem] = check(tmp_path)
    assert problem.what == "the text of version '2025-01-01' has changed since it was published (terms.lock)"
    assert (Path(problem.file).name, problem.line) == ("2025-01-01.toml", 3)
    assert check(tmp_path / "2025-01-01.toml") == [problem]


def test_comments_and_layout_are_not_the_text(tmp_path: Path) -> None:
    folder(tmp_path, SMALL)
    write_lock(tmp_path)
    (tmp_path / "2025-01-01.toml").write_text("# A comment.\n" + SMALL, encoding="utf-8")
    assert check(tmp_path) == []


def test_a_published_file_may_not_go(tmp_path: Path) -> None:
    folder(tmp_path, SMALL, LATER)
    write_lock(tmp_path)
    (tmp_path / "2025-01-01.toml").unlink()
    [problem] = check(tmp_path)
    assert problem.what == "version '2025-01-01' was published, and its file is gone"
    assert Path(problem.file).name == LOCK


def test_a_lock_that_cannot_be_read(tmp_path: Path) -> None:
    folder(tmp_path, SMALL)
    for text in ("published = ", "published = 3", '[published]\n"2025-01-01" = 3'):
        (tmp_path / LOCK).write_text(text, encoding="utf-8")
        [problem] = check(tmp_path)
        assert Path(problem.file).name == LOCK
        assert "restore the file" in problem.remedy


def test_a_shipped_profile_with_another_text(tmp_path: Path) -> None:
    copy = tmp_path / "openai"
    shutil.copytree(shipped() / "openai", copy)
    (copy / LOCK).unlink()
    file = copy / "2025-05-13.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("P30D", "P31D"), encoding="utf-8")
    words = [p.what for p in check(copy)]
    assert "openai '2025-05-13' is a shipped version, and this is another text" in words
    assert not any("'2023-03-01' is a shipped version" in what for what in words)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert [p.what for p in check(tmp_path)] == ["no terms files in this folder"]


def test_one_file_that_is_no_toml_does_not_hide_the_others(tmp_path: Path) -> None:
    problems = folder(tmp_path, SMALL.replace("[plans]", "[plans"), replaced('"sell", ', "", LATER))
    assert any(p.what.startswith("not TOML") and p.line == 9 for p in problems)
    assert any("no rule speaks of sell" in p.what for p in problems)


def test_an_account_closed_under_a_plan_that_another_version_calls_an_organisation_s(tmp_path: Path) -> None:
    deny = rule(
        "late",
        "deny",
        '"serve"',
        'account = ["closed"], plan = ["legacy"], deleted = ["yes"]',
        "account_closed",
    )
    earlier = before("never-out", deny)
    assert checked(tmp_path / "alone", earlier) == []
    later = replaced(
        'organisation = ["team"]\nother = ["legacy"]', 'organisation = ["team", "legacy"]', LATER
    )
    [problem] = folder(tmp_path / "both", earlier, later)
    assert "stays the organisation's" in problem.what
