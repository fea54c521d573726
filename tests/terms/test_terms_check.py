"""Every kind of problem: a small terms file that has it, the line it is reported in, and the words."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from broken_terms import CASES, IMPOSSIBLE
from small_terms import SMALL, before, checked, line_of, replaced, rule

from troth.terms import boxes


def test_terms_without_a_problem_have_none(tmp_path: Path) -> None:
    assert [str(problem) for problem in checked(tmp_path, SMALL)] == []


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_rule_that_can_never_match(tmp_path: Path, name: str) -> None:
    when, words = IMPOSSIBLE[name]
    text = before("chosen", rule("extra", "deny", '"train.general"', when, "undecided"))
    [problem] = checked(tmp_path, text)
    assert problem.what.startswith("rule 'extra' can never match: ")
    assert words in problem.what
    assert problem.line == line_of(text, 'id = "extra"') - 1
    assert not problem.note


def test_several_facts_together_can_be_impossible(tmp_path: Path) -> None:
    """No entry alone holds all of it: refused people were not undecided then, nor is what they say new."""
    when = 'improve.standing = ["undecided", "refused"], improve.reach = ["new", "past"], plan = ["free"]'
    text = before("chosen", rule("extra", "deny", '"train.general"', when, "undecided"))
    [problem] = checked(tmp_path, text)
    assert "there is no standing yes" in problem.what
    assert "no yes before which" in problem.what


def test_silence_is_a_yes_only_where_the_terms_say_so(tmp_path: Path) -> None:
    text = replaced('notice = "May', 'default_on = ["free"]\nnotice = "May')
    silent = 'improve.standing = ["undecided"], improve.reach = ["new"]'
    reason = "undecided"
    allowed = before(
        "chosen", rule("extra", "deny", '"train.general"', f'{silent}, plan = ["free"]', reason), text
    )
    assert not checked(tmp_path, allowed)
    denied = before(
        "chosen", rule("extra", "deny", '"train.general"', f'{silent}, plan = ["paid"]', reason), text
    )
    assert "default_on" in checked(tmp_path, denied)[0].what
    none = silent.replace("new", "none")
    other = before(
        "chosen", rule("extra", "deny", '"train.general"', f'{none}, plan = ["free"]', reason), text
    )
    assert "so reach is new" in checked(tmp_path, other)[0].what


def test_a_last_day_that_is_not_there_never_passes(tmp_path: Path) -> None:
    text = replaced('last_day = 2025-03-01\nafter_deadline = "The product asks before it goes on."\n', "")
    when = 'improve.deadline = ["passed"]'
    [problem] = checked(
        tmp_path, before("chosen", rule("extra", "deny", '"serve"', when, "choice_required"), text)
    )
    assert "improve has no last day" in problem.what


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_problem_has_its_line_words_and_remedy(tmp_path: Path, name: str) -> None:
    text, mark, words, remedy, note = CASES[name]
    problems = checked(tmp_path, text)
    found = [p for p in problems if words in p.what]
    assert len(found) == 1, [str(p) for p in problems]
    assert remedy in found[0].remedy
    assert found[0].note == note
    assert found[0].file == str(tmp_path / "small.toml")
    marked = line_of(text, mark)
    assert found[0].line in (marked, marked - 1, marked + 3), (found[0], marked)


def test_a_typo_in_a_fact_is_the_only_problem_and_is_said_in_one_line(tmp_path: Path) -> None:
    text = CASES["a fact misspelt"][0]
    [problem] = checked(tmp_path, text)
    line = line_of(text, "moode")
    assert str(problem) == (
        f"{tmp_path / 'small.toml'}:{line}: rule 'incognito': unknown fact 'moode' — did you mean 'mode'?"
    )


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = SMALL
    for old, new in (
        ('kind = ["text", "code"]', 'kind = ["text", "coed"]'),
        ('"sell", "share.third_party", "review.human"', '"share.third_party", "review.human"'),
        ("effective = 2025-02-01", "effective = 2024-12-31"),
        ('sources = ["terms", "help"]', 'sources = ["terms", "halp"]'),
        ('from = "said"\nclause', 'from = "said"\nwhen = { plan = ["free"] }\nclause'),
        ('period = "option:api_days"', 'period = "P30D"'),
        ('reason = "undecided"', 'reason = "choice_granted"'),
    ):
        text = replaced(old, new, text)
    text = before("chosen", rule("extra", "deny", '"serve"', 'rated = ["yes"]', "undecided"), text)
    problems = checked(tmp_path, text)
    assert [p.line for p in problems] == sorted(p.line for p in problems)
    words = " | ".join(p.what for p in problems)
    for expected in (
        "before it was published", "is declared and nothing depends on it", "no rule speaks of sell",
        "rule 'extra' can never match", "is never 'coed'", "does not go with 'otherwise'",
        "no limit says how long", "unknown source 'halp'",
    ):  # fmt: skip
        assert words.count(expected) == 1, (expected, words)
    assert len(problems) == 8


def test_a_problem_under_some_option_names_the_option(tmp_path: Path) -> None:
    text = replaced('from = "said"\nclause', 'from = "said"\noptions = { reading = ["narrow"] }\nclause')
    [problem] = checked(tmp_path, text)
    assert problem.what.startswith("no limit says how long to keep content where")
    assert problem.what.endswith(", with reading = wide")


def test_an_option_may_add_a_deny_that_beats_an_allow(tmp_path: Path) -> None:
    extra = rule(
        "extra", "deny", '"serve"', "", "kind_not_covered", extra='options = { reading = ["wide"] }\n'
    )
    assert checked(tmp_path, before("chosen", extra)) == []


def test_a_rule_in_force_under_no_setting(tmp_path: Path) -> None:
    text = replaced('{ reading = ["wide"] }', "{ reading = [] }")
    words = [p.what for p in checked(tmp_path, text)]
    assert "rule 'chosen-uploads' is in force under no setting of the options" in words


def test_a_rule_that_is_not_understood_is_not_judged(tmp_path: Path) -> None:
    """Without the condition that was misspelt the deny would cover every allow: that is not reported."""
    text = replaced('plan = ["team", "legacy"]', 'paln = ["team", "legacy"]')
    assert [p.what for p in checked(tmp_path, text)] == ["rule 'other-plans': unknown fact 'paln'"]


def test_more_options_than_can_be_looked_at_together(tmp_path: Path) -> None:
    names = [f"o{n}" for n in range(9)]
    options = "".join(f'[options.{n}]\nvalues = ["a", "b"]\ntext = "One."\n\n' for n in names)
    conditions = ", ".join(f'{name} = ["a"]' for name in names)
    extra = rule("extra", "deny", '"serve"', 'kind = ["audio"]', "audio_not_used",
                 extra=f"options = {{ {conditions} }}\n")  # fmt: skip
    text = before("chosen", extra, replaced("[choices.improve]", f"{options}[choices.improve]"))
    [problem] = checked(tmp_path, text)
    assert problem.note
    assert problem.what == "the options have 1024 combinations; each was varied alone"


def test_conditions_that_overlap_in_too_many_ways_are_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes.Effort, "step", Mock(side_effect=boxes.TooMuchEffort))
    words = {(problem.note, problem.what) for problem in checked(tmp_path, SMALL)}
    assert words == {(True, "the conditions overlap in too many ways to be looked at to the end")}


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    [problem] = checked(tmp_path, "\x00 = 1")
    assert problem.what.startswith("not TOML")
