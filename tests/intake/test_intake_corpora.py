"""All of the shared corpora go in, with every conversation accounted for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from troth.intake.formats import recognised_by
from troth.intake.read import IntakeReport, read_logs
from troth.intake.source import Source

CONVERSATIONS = {
    "sgd": 9115,
    "hh-rlhf": 2 * 2312,
    "taskmaster": 3000,
    "sharegpt": 500,
    "tau-bench": 200,
    "oasst-trees": 100,
    "oasst-messages": 74,
    "swe-agent": 13,
}
SESSIONS = {"claude-code": 10, "codex": 6, "chatgpt-export": 2, "claude-export": 1}
"""Logs of products: there, one file is one conversation."""


@pytest.fixture(scope="module")
def report(shared: Path) -> IntakeReport:
    reading = read_logs([str(shared / "data" / "conversations")], keep_going=True)
    assert sum(batch.num_rows for batch in reading) == reading.report.records
    return reading.report


def test_all_of_the_shared_conversations_go_in(report: IntakeReport) -> None:
    found, files = Counter[str](), Counter[str]()
    for file in report.files:
        found[file.format] += file.conversations
        files[file.format] += 1
        assert file.conversations
    assert {name: found[name] for name in CONVERSATIONS} == CONVERSATIONS
    assert {name: files[name] for name in SESSIONS} == SESSIONS
    assert sum(CONVERSATIONS.values()) + sum(SESSIONS.values()) == 17_645
    assert 17_645 - 2312 == 15_333
    assert files.keys() == {*CONVERSATIONS, *SESSIONS}


def test_every_shared_file_is_a_log_of_one_format_or_no_log(report: IntakeReport) -> None:
    for file in report.files:
        sample = Source.at(Path(file.path)).sample
        assert [reader.name for reader in recognised_by(sample)] == [file.format]
    kinds = {Path(each.path).name.split(".")[0].rsplit("_", 1)[-1] for each in report.skipped}
    assert kinds == {"README", "LICENSE", "NOTICE", "schema"}


def test_the_only_damage_is_the_line_that_contradicts_another(report: IntakeReport) -> None:
    """One invented fixture repeats the id of a line with other words, on purpose."""
    damaged = [(Path(file.path).name, *file.damaged[0]) for file in report.files if file.damaged]
    assert damaged == [
        (
            "claude-normalization-main.jsonl",
            6,
            "it has the uuid of another line, and says something else",
        )
    ]
    assert report.damage_count == 1
