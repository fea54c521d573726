"""An honest release passes, and the report says what was looked at and what was not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa
import pytest
from small_release import Made, make, silent

from troth.errors import LogError, Place, ReleaseError, UsageError, VerificationError
from troth.history.event import read_event
from troth.history.history import History
from troth.release.keys import new_key
from troth.verify.report import NAMED, Notes, Outcome
from troth.verify.verify import NOT_SHOWN, TITLES, verify


def test_every_step_of_an_honest_release_passes(honest: Made) -> None:
    report = honest.verify()
    assert [str(finding) for finding in report.findings] == []
    assert [step.outcome for step in report.steps] == [Outcome.PASSED] * 8
    assert report.exit_code == 0
    assert report.verdict == "Every step passed: the release is what it says it is."
    report.require()


def test_the_small_world_tries_every_stage(honest: Made) -> None:
    excluded = " ".join(honest.verify().steps[4].checked)
    assert "10 rows" in excluded
    assert honest.verify().steps[5].checked == (
        "15 records in = 5 released + 10 excluded; statistics counted again",
    )


def test_without_a_key_the_signer_is_not_established(honest: Made) -> None:
    report = honest.verify(key=False)
    assert report.exit_code == 2
    assert report.findings == ()
    assert report.steps[1].outcome is Outcome.NOT_CHECKED
    assert (
        "signer not established: no trusted key was given; it says it was signed"
        in report.steps[1].not_checked[0]
    )
    assert report.verdict.startswith("Signer not established")
    with pytest.raises(VerificationError, match="signer not established"):
        report.require()


def test_an_unsigned_release_without_a_key_is_checked_to_its_salts(unsigned: Made) -> None:
    report = unsigned.verify(key=False)
    assert report.exit_code == 2
    assert "unsigned" in report.steps[1].not_checked[0]
    assert all("salts" not in why for why in report.steps[3].not_checked)
    assert report.findings == ()


def test_an_unsigned_release_has_no_signature_of_the_trusted_key(unsigned: Made) -> None:
    report = unsigned.verify()
    assert report.exit_code == 1
    assert [f.what for f in report.findings] == ["no signature: nobody has signed this release"]


def test_another_key_is_not_the_trusted_key(honest: Made, tmp_path: Path) -> None:
    _, other = new_key(tmp_path / "other")
    report = verify(honest.folder, other, None, silent)
    assert [f.what[:9] for f in report.findings] == ["other key"]
    assert report.exit_code == 1


def test_without_history_and_records_step_8_is_not_checked(honest: Made) -> None:
    report = honest.verify(inputs=False)
    assert report.exit_code == 0
    assert report.steps[7].outcome is Outcome.NOT_CHECKED
    assert report.verdict == "Nothing was found. Not checked: step 8."
    assert report.steps[6].checked == ("'anthropic-consumer', 3 versions: those shipped with Troth",)


def test_a_sampled_release_of_many_conversations_passes(tmp_path: Path) -> None:
    made = make(tmp_path, sample=0.5, conversations=40)
    report = made.verify()
    assert [str(finding) for finding in report.findings] == []
    assert report.exit_code == 0


def test_later_events_do_not_change_the_history_as_of_the_release(honest: Made) -> None:
    event = {"event": "choice.made", "at": "2025-12-01T00:00:00Z", "account": "ada",
             "choice": "improve_models", "value": "refused"}  # fmt: skip
    grown = History((*honest.history.events, read_event(event, Place("test"))))
    made = dataclasses.replace(honest, history=grown)
    assert made.verify().exit_code == 0


def test_the_report_says_what_is_not_shown(honest: Made) -> None:
    assert honest.verify().not_shown == NOT_SHOWN
    assert any("absent from other releases" in line for line in NOT_SHOWN)


def test_what_cannot_be_run_is_raised(honest: Made, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no such folder"):
        verify(tmp_path / "nothing", None, None, silent)
    with pytest.raises(UsageError, match="not a public key"):
        verify(honest.folder, honest.private, None, silent)
    strange = dataclasses.replace(honest, records=pa.table({"record": ["a"]}))
    with pytest.raises(LogError, match="columns are others"):
        strange.verify()


def test_many_findings_of_one_kind_are_counted() -> None:
    notes = Notes(1, "a step")
    for number in range(NAMED + 5):
        notes.found("file", f"wrong {number}", "mend it", kind="a wrong thing")
    step = notes.step()
    assert len(step.findings) == NAMED + 1
    assert step.findings[-1].what == "5 more like this: a wrong thing"
    assert step.outcome is Outcome.FAILED


def test_a_step_in_which_nothing_was_looked_at_has_not_passed() -> None:
    assert Notes(1, "a step").step().outcome is Outcome.NOT_CHECKED


def test_the_page_has_the_same_steps() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    for number, title in TITLES.items():
        assert f"### {number}. {title}" in page
    for line in NOT_SHOWN:
        assert line in page
