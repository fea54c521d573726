"""Both ways of deciding answer every scenario, and a failure says which of them went wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from troth.decide.scenarios import read_scenarios
from troth.operations import scenarios as scenarios_room
from troth.operations.scenario_judge import judged
from troth.operations.scenario_ways import Group, by_columns, by_point
from troth.operations.scenarios import run_scenarios
from troth.terms.archive import load
from troth.types.moment import parse_moment

EXAMPLES = Path(__file__).parents[2] / "docs" / "commands" / "examples"


def test_the_shared_scenarios_pass_in_both_ways(shared: Path) -> None:
    outcome = run_scenarios([str(shared / "scenarios")])
    assert outcome.failures == ()
    assert outcome.asked > 100


def test_scenarios_of_one_profile_do_not_meet(tmp_path: Path) -> None:
    """Two histories in one run speak of the same accounts and records, and stay apart."""
    text = (EXAMPLES / "scenarios.toml").read_text(encoding="utf-8")
    other = text.replace("a-yes-and-a-no", "the-other-way").replace('value = "granted"', 'value = "?"', 1)
    other = other.replace('value = "refused"', 'value = "granted"').replace(
        'value = "?"', 'value = "refused"'
    )
    other = other[: other.index("ask = [")] + (
        "ask = [\n"
        '  { at = 2025-11-01T00:00:00Z, record = "a1", purpose = "train.general", allow = false },\n'
        '  { at = 2025-11-01T00:00:00Z, record = "b1", purpose = "train.general", allow = true },\n'
        '  { at = 2025-11-01T00:00:00Z, record = "c1", purpose = "train.general", allow = false, '
        'reason = "record_unknown", keep_until = "indefinite", erasable = true },\n]\n'
    )
    (tmp_path / "both.toml").write_text(text + other, encoding="utf-8")
    outcome = run_scenarios([str(tmp_path)])
    assert (outcome.passed, outcome.failures) == (6, ())


def test_an_option_given_its_default_shares_a_run() -> None:
    (one,) = read_scenarios(EXAMPLES / "scenarios.toml")
    other = replace(one, options={"resumed_scope": "new_turns"})
    third = replace(one, options={"resumed_scope": "whole"})
    groups = list(scenarios_room._groups([one, other, third]))
    assert [len(group.scenarios) for group in groups] == [2, 1]


def test_a_failure_says_which_way_went_wrong() -> None:
    (scenario,) = read_scenarios(EXAMPLES / "scenarios.toml")
    group = Group(load(scenario.terms, {}), [scenario])
    ((point, *_),), ((columns, *_),) = by_point(group), by_columns(group)
    ask = scenario.ask[0]
    assert judged(scenario, ask, {"point": point, "columns": columns}) is None
    wrong = replace(columns, allow=False, reason="refused")
    failure = judged(scenario, ask, {"point": point, "columns": wrong})
    assert failure is not None
    assert (failure.expected, failure.got) == ("allow=true", "allow=true (point), allow=false (columns)")
    late = replace(columns, keep_until=parse_moment("2031-01-01T00:00:00Z"))
    failure = judged(scenario, ask, {"point": late, "columns": late})
    assert failure is not None
    assert failure.got == "keep_until=2031-01-01T00:00:00Z (point and columns)"


def test_answers_that_are_right_but_not_the_same_fail() -> None:
    (scenario,) = read_scenarios(EXAMPLES / "scenarios.toml")
    group = Group(load(scenario.terms, {}), [scenario])
    ((point, *_),) = by_point(group)
    failure = judged(scenario, scenario.ask[0], {"point": point, "columns": replace(point, rule="another")})
    assert failure is not None
    assert failure.expected == "the same in both ways"
    assert failure.got == f"rule={point.rule} (point), rule=another (columns)"


@pytest.mark.parametrize("names", [["nothing.toml"], ["empty"]])
def test_paths_that_mean_nothing(tmp_path: Path, names: list[str]) -> None:
    from troth.errors import ScenarioError

    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioError):
        run_scenarios([str(tmp_path / name) for name in names])


CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_our_own_hard_cases_pass_in_both_ways(case: Path) -> None:
    outcome = run_scenarios([str(case)])
    assert outcome.failures == ()
    assert outcome.asked > 20
