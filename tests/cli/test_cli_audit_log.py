"""``troth audit-log``: exit codes, JSON, and one line for what cannot be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import Run

KEY = ("--log-key", "shop-log.vkey")


def test_a_key_may_be_given_as_text(here: Path, run: Run) -> None:
    text = (here / "shop-log.vkey").read_text().strip()
    assert (
        "the trusted key shop.example/ledger+d6b4bece"
        in run("audit-log", "shop-ledger", "--log-key", text).output
    )


def test_a_key_and_a_policy_are_of_the_same_log(here: Path, run: Run) -> None:
    both = run("audit-log", "shop-ledger", *KEY, "--policy", "shop.policy").output
    assert "the quorum 'w1' is met" in both
    other = (here / "shop.policy").read_text().splitlines()[1].split()[2]
    refused = run("audit-log", "shop-ledger", "--log-key", other, "--policy", "shop.policy", code=2)
    assert "does not list the log's key" in refused.stderr


def test_a_policy_without_logs_adds_witnesses_to_the_key(here: Path, run: Run) -> None:
    lines = (here / "shop.policy").read_text().splitlines(keepends=True)
    (here / "witnesses").write_text("".join(lines[1:]))
    assert "the quorum 'w1' is met" in run("audit-log", "shop-ledger", *KEY, "--policy", "witnesses").output
    alone = run("audit-log", "shop-ledger", "--policy", "witnesses", code=2).output
    assert "the quorum 'w1' is met" in alone
    assert "not established" in alone


def test_json_has_everything_that_the_text_has(run: Run) -> None:
    told = json.loads(run("audit-log", "shop-ledger", *KEY, "--json").stdout)
    assert (told["exit_code"], told["size"], told["origin"]) == (0, 6, "shop.example/ledger")
    assert told["kinds"] == {"terms": 1, "choice": 2, "deletion": 1, "event": 1, "intake": 1}
    assert told["unchecked"] == ["w1.example"]
    assert [step["outcome"] for step in told["steps"]] == [*["passed"] * 5, "not checked", "passed"]
    assert told["verdict"] == "Nothing was found. Not checked: step 6."


def test_a_finding_is_exit_code_1_and_a_line_with_the_file(here: Path, run: Run) -> None:
    (here / "shop-ledger/tile/0/000.p/6").write_bytes(bytes(192))
    output = run("audit-log", "shop-ledger", *KEY, code=1).output
    assert "3. failed: Every tile is there" in output
    assert "finding: tile/0/000.p/6: hash 0 of it is not what the entries hash to — " in output
    assert output.splitlines()[-1] == "This ledger is not what it says it is: 1 finding."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "nowhere: there is no such folder"),
        (("shop-terms",), "shop-terms: there is no ledger: the file `checkpoint` is missing"),
        (("shop-ledger", "--log-key", "key"), "this is neither a vkey nor a file"),
        (("shop-ledger", "--log-key", "shop.policy"), "shop.policy: "),
        (("shop-ledger", "--policy", "history.jsonl"), "history.jsonl: policy, line 1"),
        (("shop-ledger", "--older", "nothing"), "nothing: cannot be read"),
    ],
)
def test_what_cannot_be_run_is_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    result = run("audit-log", *words, code=2)
    assert result.stdout == ""
    assert result.stderr.startswith(f"troth: {says}")
    assert result.stderr.count("\n") == 1
