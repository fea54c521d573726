"""The demonstration: the main job on a made-up organisation, again and again, each run in its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from short_session import write_session
from troth.errors import LogError
from troth.operations.demo.organisation import Talk, organisation
from troth.operations.demo.run import run_demo


def test_it_runs_twice_and_every_decision_is_taken_again(tmp_path: Path) -> None:
    first, second = run_demo(tmp_path, ()), run_demo(tmp_path, ())
    assert (first.folder.name, second.folder.name) == ("run-001", "run-002")
    for shown in (first, second):
        assert shown.report.exit_code == 0
        assert shown.conversations == 240
        assert shown.built.page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    reasons = {row.reason for row in first.built.rows}
    assert {"undecided", "refused", "plan_not_covered", "said_before_choice"} <= reasons


def test_a_person_withdraws_and_is_erased_and_the_release_that_was_built_before_yields_neither(
    tmp_path: Path,
) -> None:
    shown = run_demo(tmp_path, ())
    told = shown.taken_back
    assert told is not None
    released = shown.built.release.statistics.records
    assert (told.before.opened, told.before.withheld, told.before.gone) == (released, 0, 0)
    taken = released - told.withdrawn.opened
    assert taken > 0
    assert (told.withdrawn.withheld, told.withdrawn.gone) == (taken, 0)
    assert (told.erased.opened, told.erased.withheld, told.erased.gone) == (released - taken, 0, taken)
    assert told.stays == 0
    words = "\n".join(told.withdrawal.report.words)
    assert "improve_models" in words
    assert told.account in words
    for proof in (told.withdrawal, told.erasure):
        assert proof.report.exit_code == 0, proof.report.findings
    assert "destroyed" in "\n".join(told.erasure.report.words)


def test_it_takes_a_persons_own_logs_and_fills_only_the_gaps(tmp_path: Path) -> None:
    log = write_session(tmp_path)
    shown = run_demo(tmp_path / "runs", (str(log),))
    assert shown.made_up[-1].endswith("times for 0 conversations, accounts for 1.")
    assert shown.report.exit_code == 0


def test_a_run_that_cannot_be_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(LogError):
        run_demo(tmp_path, (str(tmp_path / "nothing"),))
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_makes_the_same_organisation_and_keeps_what_logs_tell() -> None:
    talks = [Talk(f"c{n}", None, None) for n in range(40)] + [Talk("told", 1_760_000_000_000_000, "ada")]
    one, two = organisation(talks, 7), organisation(reversed(talks), 7)
    assert one == two
    assert one != organisation(talks, 8)
    assert (one.accounts["told"], one.began["told"]) == ("ada", 1_760_000_000_000_000)
