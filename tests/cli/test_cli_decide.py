"""``troth decide``, ``explain``, ``scenarios``, ``records``, ``history check`` and ``formats``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from running import DECIDE, Run

from troth.cli.progress import Progress
from troth.types.decision import DECISION_COLUMNS
from troth.types.record import RECORD_SCHEMA

INSTALLED = str(Path(sys.executable).with_name("troth"))
"""The command beside the Python that runs the tests."""


def test_one_row_for_every_record_with_its_reason(run: Run) -> None:
    result = run("decide", *DECIDE, "--out", "decisions.parquet")
    decided = pq.read_table("decisions.parquet")
    assert decided.column_names == list(DECISION_COLUMNS)
    reasons = Counter(row["reason"] for row in decided.to_pylist())
    assert reasons == {
        "choice_granted": 2, "deleted": 2, "refused": 2, "said_before_choice": 2, "undecided": 2,
    }  # fmt: skip
    for reason, count in reasons.items():
        assert f"{count}  {'allowed' if reason == 'choice_granted' else 'denied '}  {reason}" in result.stdout


def test_json_lines_and_parquet_say_the_same(run: Run) -> None:
    report = json.loads(run("decide", *DECIDE, "--out", "decisions.jsonl", "--json").stdout)
    run("decide", *DECIDE, "--out", "decisions.parquet")
    lines = [json.loads(line) for line in Path("decisions.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = pq.read_table("decisions.parquet").to_pylist()
    told = {row["record"]: (row["allow"], row["reason"], row["clause"]) for row in rows}
    assert {line["record"]: (line["allow"], line["reason"], line["clause"]) for line in lines} == told
    assert (report["records"], report["allowed"], report["denied"]) == (10, 2, 8)
    assert sum(reason["records"] for reason in report["reasons"]) == 10


def test_a_day_is_a_time_and_several_files_go_to_one_option(run: Run) -> None:
    history = Path("history.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("a.jsonl").write_text("".join(history[:3]), encoding="utf-8")
    Path("b.jsonl").write_text("".join(reversed(history[3:])), encoding="utf-8")
    whole = run("decide", *DECIDE[:-1], "2025-11-01T00:00:00Z", "--out", "one.jsonl").stdout
    parts = run("decide", *DECIDE, "--history", "a.jsonl", "b.jsonl", "--out", "one.jsonl").stdout
    assert whole == parts


def test_what_is_worth_knowing_is_warned_of(run: Run) -> None:
    events = [
        {"event": "organisation.changed", "at": "2025-01-01T00:00:00Z", "organisation": "acme", "retention": "P7D"},
        {"event": "choice.made", "at": "2025-01-01T00:00:00Z", "account": "x", "choice": "develpment_partner", "value": "granted"},
        {"event": "terms.acknowledged", "at": "2025-01-01T00:00:00Z", "account": "x", "version": "2024-01-02"},
    ]  # fmt: skip
    Path("more.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    result = run(
        "decide", *DECIDE, "--terms", "anthropic-commercial", "--history", "more.jsonl", "history.jsonl",
        "--purpose", "train.genral", "--out", "decisions.parquet",
    )  # fmt: skip
    told = result.stderr
    assert "'train.genral' is no purpose that Troth knows" in told
    assert "1 event given again with the same content" in told
    assert "the retention P7D of organisation 'acme', set at 2025-01-01T00:00:00Z, is below 30 days" in told
    assert "1 event names the choice 'develpment_partner', which the terms do not have — did you mean" in told
    assert "1 event names the version '2024-01-02', which the terms do not have — did you mean" in told
    assert "10  denied" in result.stdout


def test_events_that_decide_nothing_are_no_errors(run: Run) -> None:
    """In any order, announced ahead, of an account never opened, given twice."""
    events = [
        {"event": "account.changed", "at": "2026-01-01T00:00:00Z", "recorded_at": "2025-01-01T00:00:00Z", "account": "ada", "plan": "free"},
        {"event": "choice.made", "at": "2025-01-01T00:00:00Z", "account": "nobody", "choice": "improve_models", "value": "granted"},
        {"event": "choice.made", "at": "2025-01-01T00:00:00Z", "account": "nobody", "choice": "improve_models", "value": "granted"},
    ]  # fmt: skip
    Path("more.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    result = run("decide", *DECIDE, "--history", "more.jsonl", "--out", "decisions.parquet")
    assert "2  allowed  choice_granted" in result.stdout
    assert "2 events given again" in result.stderr


def test_damage_stops_or_is_left_out_and_named(run: Run) -> None:
    with Path("chats.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"messages": \n')
    assert "chats.jsonl:6:" in run("decide", *DECIDE, "--out", "d.parquet", code=2).stderr
    result = run("decide", *DECIDE, "--out", "d.parquet", "--keep-going")
    assert "troth: warning: chats.jsonl:6: left out: " in result.stderr
    assert "10 records" in result.stdout


def test_an_explanation_says_all_that_it_rests_on(run: Run) -> None:
    told = run("explain", "--record", "talk-3/0", *DECIDE).stdout
    assert "talk-3/0 is denied for train.general at 2025-11-01T00:00:00Z: refused" in told
    assert "refused: Nothing is trained on after a no" in told
    assert "source: help-10023548 [excerpt]" in told
    assert "case-17: it may not be erased" in told
    assert "*  improve_models.standing  refused" in told
    assert "No choice alters it: even if the person 'ben' says yes to improve_models, it stays denied" in told


def test_an_explanation_names_the_smallest_change(run: Run) -> None:
    found = json.loads(run("explain", "--record", "talk-1/1", *DECIDE, "--json").stdout)
    assert (found["allow"], found["keep_until"]) == (True, "2030-09-10T14:00:05Z")
    (choice,) = found["change"]["choices"]
    assert (choice["choice"], choice["value"], choice["account"]) == ("improve_models", "refused", "ada")
    assert found["rule"]["clause"] == "Consumer Terms s.4; Help 10023548"
    assert found["retention"]["limit"]["id"] == "chosen"
    assert {"fact": "plan", "value": "pro", "words": "the plan under which the record was said", "looked_at": True} in found["facts"]  # fmt: skip


def test_a_record_that_nobody_knows_is_denied_and_explained(run: Run) -> None:
    told = run("explain", "--record", "nothing", *DECIDE).stdout
    assert "nothing is denied for train.general at 2025-11-01T00:00:00Z: record_unknown" in told
    assert "no record of this id is known" in told


def test_scenarios_count_each_question_once(run: Run) -> None:
    assert run("scenarios", "scenarios.toml").stdout == "3 passed, 0 failed\n"
    result = run("scenarios", "wrong.toml", "scenarios.toml", code=1)
    assert result.stdout == (
        "wrong.toml a-yes-and-a-no: asked train.general of a1 at 2025-11-01T00:00:00Z "
        "expected allow=false got allow=true (point and columns)\n5 passed, 1 failed\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('choice = "improve_models"', 'choice = "improve_model"', "no choice 'improve_model'"),
        ('event = "account.opened"', 'event = "account.open"', "unknown event 'account.open'"),
        ('terms = "anthropic-consumer"', 'terms = "anthropic"', "unknown terms 'anthropic'"),
        ("ask = [", 'options = { x = "y" }\nask = [', "unknown option 'x'"),
        ("ask = [", 'options = { after_no = "y" }\nask = [', "is never 'y'"),
        ("ask = [", "asks = [", "unknown key 'asks'"),
        ("history = [", "history = [ 3,", "is not a list of tables"),
        ("at = 2025-11-01T00:00:00Z", "at = 2025-11-01T00:00:00", "has no zone"),
        ('reason = "refused"', 'reason = "refuse"', "unknown reason 'refuse'"),
        (
            "ask = [",
            'ask = [ { at = 2025-01-01T00:00:00Z, record = "a1", purpose = "serve", allow = 1 },',
            "allow is neither",
        ),
    ],
)
def test_an_unknown_name_in_a_scenario_is_an_error(run: Run, old: str, new: str, wanted: str) -> None:
    text = Path("scenarios.toml").read_text(encoding="utf-8")
    assert old in text
    Path("scenarios.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    result = run("scenarios", "scenarios.toml", code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("troth: scenarios.toml")
    assert wanted in result.stderr


def test_no_question_at_all_is_an_error(run: Run) -> None:
    text = Path("scenarios.toml").read_text(encoding="utf-8")
    Path("none.toml").write_text(text[: text.index("ask = [")] + "ask = []\n", encoding="utf-8")
    assert "no question was asked" in run("scenarios", "none.toml", code=2).stderr


def test_records_are_written_once_and_read_in_their_place(run: Run) -> None:
    Path("same.jsonl").write_bytes(Path("chats.jsonl").read_bytes())
    Path("logs").mkdir()
    for name in ("chats.jsonl", "same.jsonl"):
        Path(name).rename(f"logs/{name}")
    Path("logs/notes.txt").write_text("not a log", encoding="utf-8")
    report = json.loads(run("records", "logs", "--out", "records.parquet", "--json").stdout)
    assert (report["records"], report["repeated"], report["damaged"]) == (10, 10, 0)
    assert [(file["format"], file["records"]) for file in report["files"]] == [("openai-chat", 10)] * 2
    assert [one["path"] for one in report["skipped"]] == ["logs/notes.txt"]
    assert pq.read_schema("records.parquet").equals(RECORD_SCHEMA)
    again = run("records", "records.parquet", "--out", "again.parquet").stdout
    assert "10  troth-records  records.parquet" in again
    assert pq.read_table("again.parquet").equals(pq.read_table("records.parquet"))


def test_a_history_is_checked_against_terms(run: Run) -> None:
    good = json.loads(
        run("history", "check", "history.jsonl", "--terms", "anthropic-consumer", "--json").stdout
    )
    assert (good["events"], good["repeated"], good["accounts"], good["without_effect"]) == (7, 1, 3, [])
    assert good["counts"]["account.opened"] == 3
    run("history", "check", "history.jsonl", "--terms", "openai", code=1)
    run("history", "check", "history.jsonl")


def test_the_formats_are_those_that_are_read(run: Run) -> None:
    formats = json.loads(run("formats", "--json").stdout)
    assert {"format": "openai-chat", "title": "OpenAI chat messages"} in formats
    assert len(formats) == 18


def test_the_command_runs_as_a_process_and_stands_a_closed_pipe(here: Path) -> None:
    done = subprocess.run(
        [INSTALLED, "decide", *DECIDE, "--out", "d.parquet"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 7)
    reading, writing = os.pipe()
    os.close(reading)
    closed = subprocess.run(
        [INSTALLED, "terms", "show", "openai"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (closed.returncode, closed.stderr) == (141, "")


def test_progress_is_shown_on_a_terminal_and_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 1.0, 3.0, 3.01, 9.0, 10.0, 20.0])
    monkeypatch.setattr("troth.cli.progress.time.monotonic", lambda: next(now))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress() as progress:
        for done in (1, 2, 3, 4):
            progress("decide", done, None)
    assert capsys.readouterr().err == "\r\x1b[Kdecide: 2\r\x1b[Kdecide: 4\r\x1b[K"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    with Progress() as progress:
        progress("decide", 5, 10)
    assert capsys.readouterr().err == ""
