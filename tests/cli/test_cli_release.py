"""``troth build``, ``verify`` and ``keys new``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from running import DECIDE, Run

from troth.types.record import RECORD_SCHEMA

AGAIN = ("--terms", "anthropic-consumer", "--history", "history.jsonl", "--records")


def contents(folder: str) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
    }


def test_a_release_is_built_reported_and_verified(run: Run) -> None:
    key = json.loads(run("keys", "new", "signer", "--json").stdout)
    built = json.loads(
        run("build", *DECIDE, "--seed", 7, "--sign-key", "signer.key", "--out", "r", "--json").stdout
    )
    assert (built["input"], built["released"], built["key_id"]) == (10, 2, key["id"])
    assert Path("r.report.html").read_text(encoding="utf-8").startswith("<!")
    assert not [name for name in contents("r") if name.endswith(".html")]
    report = json.loads(run("verify", "r", "--key", "signer.pub", *AGAIN, "chats.jsonl", "--json").stdout)
    assert report["exit_code"] == 0
    assert {step["outcome"] for step in report["steps"]} == {"passed"}


def test_without_a_key_the_signer_is_not_established(run: Run) -> None:
    run("build", *DECIDE, "--seed", 7, "--out", "r")
    assert "Signer not established" in run("verify", "r", code=2).stdout


def test_the_same_inputs_give_the_same_bytes(run: Run) -> None:
    run("records", "chats.jsonl", "--out", "records.parquet")
    lines = Path("history.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("turned.jsonl").write_text("".join(reversed(lines)), encoding="utf-8")
    run("build", *DECIDE, "--seed", 7, "--out", "one", "--jobs", 1)
    run("build", *DECIDE, "--seed", 7, "--out", "two", "--jobs", 2)
    other = ["turned.jsonl" if word == "history.jsonl" else word for word in DECIDE]
    run("build", *other, "--seed", 7, "--out", "three")
    assert contents("one") == contents("two") == contents("three")


def test_a_record_that_came_in_again_is_counted_and_excluded(run: Run) -> None:
    run("keys", "new", "signer")
    Path("same.jsonl").write_bytes(Path("chats.jsonl").read_bytes())
    args = (*DECIDE, "--records", "same.jsonl", "--seed", 7, "--sign-key", "signer.key")
    result = run("build", *args, "--out", "r", "--json")
    built = json.loads(result.stdout)
    assert built["input"] == 20
    assert [(row["stage"], row["records"]) for row in built["excluded"] if row["reason"] == "repeated"] == [
        ("intake", 10)
    ]
    run("verify", "r", "--key", "signer.pub", *AGAIN, "chats.jsonl", "same.jsonl")


def test_records_of_another_make_are_taken_as_they_mean(run: Run) -> None:
    """A table with the same columns, and other words about nulls, is as good."""
    run("records", "chats.jsonl", "--out", "records.parquet")
    table = pq.read_table("records.parquet")
    assert table.schema.equals(RECORD_SCHEMA)
    loose = pa.schema([field.with_nullable(True) for field in table.schema])
    pq.write_table(pa.Table.from_pylist(table.to_pylist()[::-1], loose), "loose.parquet")
    run("build", *DECIDE[:4], "--records", "loose.parquet", *DECIDE[6:], "--seed", 7, "--out", "r")


def test_terms_alone_can_be_held_against_a_release(run: Run) -> None:
    run("keys", "new", "signer")
    run("build", *DECIDE, "--seed", 7, "--sign-key", "signer.key", "--out", "r")
    run("verify", "r", "--key", "signer.pub", "--terms", "anthropic-consumer")
    other = run("verify", "r", "--key", "signer.pub", "--terms", "openai", code=1)
    assert "7. failed" in other.stdout


def test_a_history_that_learned_more_since_changes_nothing(run: Run) -> None:
    run("keys", "new", "signer")
    run("build", *DECIDE, "--seed", 7, "--sign-key", "signer.key", "--out", "r")
    with Path("history.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "account.closed", "at": "2025-12-01T00:00:00Z", "account": "ada"}\n')
    run("verify", "r", "--key", "signer.pub", *AGAIN, "chats.jsonl")


def test_a_history_with_another_past_is_a_finding(run: Run) -> None:
    run("keys", "new", "signer")
    run("build", *DECIDE, "--seed", 7, "--sign-key", "signer.key", "--out", "r")
    with Path("history.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "account.closed", "at": "2025-10-01T00:00:00Z", "account": "ada"}\n')
    result = run("verify", "r", "--key", "signer.pub", *AGAIN, "chats.jsonl", code=1)
    assert "not permitted: the record 'talk-1/0' is released" in result.stdout


def test_a_key_is_private_and_never_overwritten(run: Run) -> None:
    Path("keys").mkdir()
    run("keys", "new", "signer", "--dir", "keys")
    assert stat.S_IMODE(Path("keys/signer.key").stat().st_mode) == 0o600
    before = contents("keys")
    assert "exists" in run("keys", "new", "signer", "--dir", "keys", code=2).stderr
    assert contents("keys") == before
