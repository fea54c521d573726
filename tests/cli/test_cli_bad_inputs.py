"""What is wrong with an input is one line on stderr and exit code 2, and nothing is left half-written."""

from __future__ import annotations

import errno
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from running import DECIDE, Run

from troth.cli import failures
from troth.errors import Place, TermsError, VerificationError

OUT = ("--out", "decisions.parquet")


def refused(run: Run, *args: object) -> str:
    """The one line that a command says before it gives up; nothing new lies in the folder."""
    before = sorted(Path().rglob("*"))
    result = run(*args, code=2)
    assert result.stdout == ""
    assert sorted(Path().rglob("*")) == before
    (line,) = result.stderr.splitlines()
    assert line.startswith("troth: ")
    return line


def edit(name: str, old: str, new: str) -> None:
    text = Path(name).read_text(encoding="utf-8")
    assert old in text
    Path(name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_terms_with_a_typo_in_a_fact(run: Run) -> None:
    line = refused(run, "decide", *DECIDE[2:], "--terms", "broken.toml", *OUT)
    assert "broken.toml:67: rule 'closed': unknown fact 'acount' — did you mean 'account'?" in line


def test_a_time_without_a_zone_in_a_history(run: Run) -> None:
    edit("history.jsonl", "2025-09-06T10:00:00Z", "2025-09-06T10:00:00")
    line = refused(run, "decide", *DECIDE, *OUT)
    assert line.startswith("troth: history.jsonl:6: ")
    assert "has no zone" in line


def test_a_time_without_a_zone_on_the_command_line(run: Run) -> None:
    line = refused(run, "decide", *DECIDE[:-1], "2025-11-01T00:00:00", *OUT)
    assert "has no zone; write it in UTC, ending in Z" in line


def test_one_event_id_with_two_contents(run: Run) -> None:
    text = Path("history.jsonl").read_text(encoding="utf-8").replace('"granted"', '"refused"', 1)
    Path("history.jsonl").write_text(text, encoding="utf-8")
    line = refused(run, "decide", *DECIDE, *OUT)
    assert "history.jsonl:5: event id 'e-4' is used again with other content — it stands first at" in line


@pytest.mark.parametrize("name", ["history.jsonl", "chats.jsonl"])
def test_a_truncated_gzip(run: Run, name: str) -> None:
    packed = gzip.compress(Path(name).read_bytes() * 50)
    Path(name).write_bytes(packed[: len(packed) // 2])
    assert refused(run, "decide", *DECIDE, *OUT).startswith(f"troth: {name}")


def test_an_event_over_the_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.history.read.LONGEST_LINE", 100)
    assert "history.jsonl:4: a line of over" in refused(run, "decide", *DECIDE, *OUT)


def test_a_line_of_a_log_over_the_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("chats.jsonl").open("a", encoding="utf-8") as file:
        long = {"messages": [{"role": "user", "content": "x" * (65 << 20)}]}
        file.write(json.dumps(long) + "\n")
    assert refused(run, "decide", *DECIDE, *OUT).startswith("troth: chats.jsonl:6: ")


@pytest.mark.parametrize("name", ["history.jsonl", "chats.jsonl"])
def test_invalid_utf8(run: Run, name: str) -> None:
    Path(name).write_bytes(Path(name).read_bytes().replace(b"ada", b"\xff\xfe", 1))
    assert refused(run, "decide", *DECIDE, *OUT).startswith(f"troth: {name}:1: ")


def test_records_with_a_column_missing(run: Run) -> None:
    run("records", "chats.jsonl", "--out", "records.parquet")
    pq.write_table(pq.read_table("records.parquet").drop_columns(["account"]), "fewer.parquet")
    line = refused(run, "decide", *DECIDE, "--records", "fewer.parquet", *OUT)
    assert "fewer.parquet" in line
    assert "account" in line


def test_a_history_with_a_column_missing(run: Run) -> None:
    run("records", "chats.jsonl", "--out", "records.parquet")
    line = refused(run, "history", "check", "records.parquet")
    assert "records.parquet: column 'event' is missing" in line


@pytest.mark.parametrize("command", ["decide", "build", "records"])
def test_a_record_id_twice_with_different_text(run: Run, command: str) -> None:
    text = Path("chats.jsonl").read_text(encoding="utf-8")
    Path("more.jsonl").write_text(text.replace("apple", "cherry"), encoding="utf-8")
    if command == "records":
        line = refused(run, "records", "chats.jsonl", "more.jsonl", "--out", "records.parquet")
    elif command == "build":
        line = refused(run, "build", *DECIDE, "--records", "more.jsonl", "--seed", 7, "--out", "release")
    else:
        line = refused(run, "decide", *DECIDE, "--records", "more.jsonl", *OUT)
    assert "record 'talk-1/0' stands twice with different content" in line


def test_an_output_folder_that_exists(run: Run) -> None:
    Path("release").mkdir()
    line = refused(run, "build", *DECIDE, "--seed", 7, "--out", "release")
    assert "release exists — a release is never changed" in line


def test_an_output_that_cannot_be_written(run: Run) -> None:
    line = refused(run, "decide", *DECIDE, "--out", "nowhere/decisions.parquet")
    assert "nowhere/decisions.parquet cannot be written" in line


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (("decide", *DECIDE, "--out", "decisions.csv"), "neither a .parquet nor a .jsonl file"),
        (("records", "chats.jsonl", "--out", "records.csv"), "is no .parquet file"),
        (("decide", *DECIDE, "--option", "after_no", *OUT), "is not name=value"),
        (("decide", *DECIDE, "--option", "after_noo=x", *OUT), "did you mean 'after_no'?"),
        (("decide", *DECIDE, "--option", "after_no=x", *OUT), "is never 'x'"),
        (("decide", *DECIDE, "--option", "a=1", "--option", "a=2", *OUT), "'a' is given twice"),
        (("terms", "show", "openai@2020-01-01"), "no version '2020-01-01' of 'openai'"),
        (("terms", "check", "nothing.toml"), "no terms named 'nothing.toml'"),
        (("terms", "diff", "openai", "meta-public", "--option", "x=y"), "unknown option 'x'"),
        (("terms", "publish", "history.jsonl"), "is no folder"),
        (("build", *DECIDE, "--seed", -1, "--out", "release"), "the seed -1 is not from 0"),
        (("build", *DECIDE, "--seed", 1, "--sample", 2, "--out", "release"), "is not a share"),
        (("build", *DECIDE, "--seed", 1, "--sign-key", "no.key", "--out", "release"), "no.key"),
        (("keys", "new", "a/b"), "is no name of a file"),
        (("keys", "new", "a", "--dir", "nowhere"), "there is no folder nowhere"),
        (("verify", "nowhere"), "there is no such folder"),
        (("verify", ".", "--history", "history.jsonl"), "history and records go together"),
        (("scenarios", "shop-terms"), "unknown key 'format'"),
        (("scenarios", "nothing.toml"), "nothing.toml: cannot be read"),
        (("records", "history.jsonl", "--out", "records.parquet"), "history.jsonl"),
    ],
)
def test_what_cannot_be(run: Run, args: tuple[object, ...], wanted: str) -> None:
    assert wanted in refused(run, *args)


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (
            TermsError("is wrong", place=Place("a.toml", 3), remedy="mend it"),
            2,
            "a.toml:3: is wrong — mend it",
        ),
        (TermsError("is\nwrong"), 2, "is wrong"),
        (VerificationError("is not what it says"), 1, "is not what it says"),
        (OSError(errno.ENOSPC, "No space left", "out"), 2, "out: No space left — make room on the disk, and"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "out: Permission denied — mend the"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_whatever_goes_wrong_is_one_line(
    raised: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def call() -> None:
        raise raised

    assert failures.run(call) == code
    told = capsys.readouterr().err
    assert told.startswith(f"troth: {line}")
    assert told.count("\n") == 1


def test_a_bug_keeps_its_traceback() -> None:
    def call() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failures.run(call)


@pytest.mark.parametrize("change", [lambda text: text.replace('"payload":"', '"payload":"e'), lambda _: "{}"])
def test_a_manifest_edited_by_hand_is_a_finding(run: Run, change: Callable[[str], str]) -> None:
    run("keys", "new", "signer")
    run("build", *DECIDE, "--seed", 7, "--sign-key", "signer.key", "--out", "release")
    manifest = Path("release/manifest.json")
    manifest.write_text(change(manifest.read_text(encoding="utf-8")), encoding="utf-8")
    assert "finding: manifest.json" in run("verify", "release", "--key", "signer.pub", code=1).stdout


def test_a_release_signed_by_another_key_is_a_finding(run: Run) -> None:
    run("keys", "new", "signer")
    run("keys", "new", "other")
    run("build", *DECIDE, "--seed", 7, "--sign-key", "other.key", "--out", "release")
    result = run("verify", "release", "--key", "signer.pub", code=1)
    assert "2. failed" in result.stdout
    assert "signer    not established" in result.stdout
