"""Histories as files: every way in which they can be wrong names its file and line, and two files agree or fail."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from troth.errors import HistoryError
from troth.history import read
from troth.history.history import digest_of_events
from troth.history.read import open_history, read_history

OPENED = {"event": "account.opened", "at": "2025-03-01T09:00:00Z", "account": "ada", "plan": "pro"}
GRANTED = {
    "event": "choice.made", "at": "2025-09-05T10:00:00Z", "account": "ada", "choice": "improve_models", "value": "granted",
}  # fmt: skip
SAID = {
    "event": "record.said",
    "at": "2025-09-06T10:00:00Z",
    "record": "r",
    "conversation": "c",
    "account": "ada",
}


def write(path: Path, *events: dict[str, Any] | str) -> str:
    path.write_text(
        "".join((e if isinstance(e, str) else json.dumps(e)) + "\n" for e in events), encoding="utf-8"
    )
    return str(path)


def write_parquet(path: Path, *events: dict[str, Any], **columns: pa.DataType) -> str:
    names = sorted({name for event in events for name in event})
    arrays = [pa.array([event.get(name) for event in events], columns.get(name)) for name in names]
    pq.write_table(pa.table(arrays, names), path)
    return str(path)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({**OPENED, "event": "acount.opened"}, "did you mean 'account.opened'"),
        ({**OPENED, "plann": "pro"}, "did you mean 'plan'"),
        ({"event": "account.opened", "account": "ada"}, "has no at"),
        ({"event": "account.opened", "at": "2025-03-01T09:00:00Z"}, "has no account"),
        ({**OPENED, "at": "2025-03-01T09:00:00"}, "has no zone"),
        ({**OPENED, "at": "2025-03-01T09:00:00+01:00"}, "not in UTC"),
        ({**OPENED, "at": 5}, "is not a time"),
        ({**OPENED, "plan": 5}, "mend the value"),
        ({**GRANTED, "value": "yes"}, "value 'yes'"),
        ({**GRANTED, "organisation": "acme"}, "names one of account and organisation"),
        ({**GRANTED, "period": "3 months"}, "not an ISO 8601 duration"),
        ("not json", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ("{", "not JSON"),
    ],
)
def test_a_wrong_event_is_named_with_file_line_and_remedy(tmp_path: Path, event: Any, words: str) -> None:
    path = write(tmp_path / "h.jsonl", OPENED, "", event)
    with pytest.raises(HistoryError) as caught:
        read_history([path])
    assert str(caught.value).startswith(f"{path}:3: ")
    assert words in str(caught.value)
    assert " — " in str(caught.value)


def test_an_event_given_twice_counts_once(tmp_path: Path) -> None:
    history = read_history(
        [write(tmp_path / "a.jsonl", OPENED, GRANTED), write(tmp_path / "b.jsonl", GRANTED)]
    )
    assert (len(history.events), history.repeated) == (2, 1)


def test_one_id_with_two_contents_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "h.jsonl", {**GRANTED, "id": "e1"}, {**GRANTED, "id": "e1", "value": "refused"})
    with pytest.raises(HistoryError, match=r"h\.jsonl:2: event id 'e1' is used again with other content"):
        read_history([path])


def test_one_record_said_in_two_ways_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "h.jsonl", SAID, {**SAID, "account": "ben"})
    with pytest.raises(HistoryError, match="record 'r' is said again in another way"):
        read_history([path])


def test_the_digest_does_not_depend_on_order_or_repetition(tmp_path: Path) -> None:
    one = read_history([write(tmp_path / "a.jsonl", OPENED, GRANTED, SAID)])
    two = read_history(
        [write(tmp_path / "b.jsonl", SAID, GRANTED), write(tmp_path / "c.jsonl", OPENED, SAID)]
    )
    assert one.digest() == two.digest()
    assert one.digest() != digest_of_events(one.events[:2])


def test_a_damaged_gzip_and_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(OPENED).encode() * 2000)
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(HistoryError, match=r"cut\.jsonl\.gz:1: the compressed file is damaged"):
        read_history([str(tmp_path / "cut.jsonl.gz")])
    (tmp_path / "latin.jsonl").write_bytes(b'{"event": "account.opened", "account": "J\xf6rg"}\n')
    with pytest.raises(HistoryError, match=r"latin\.jsonl:1"):
        read_history([str(tmp_path / "latin.jsonl")])


def test_a_line_over_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LONGEST_LINE", 100)
    path = write(tmp_path / "h.jsonl", OPENED, {**OPENED, "account": "a" * 200})
    with pytest.raises(HistoryError, match=r"h\.jsonl:2: a line of over"):
        read_history([path])


def test_parquet_says_the_same_as_json_lines(tmp_path: Path) -> None:
    events = (OPENED, {**GRANTED, "recorded_at": "2025-09-06T00:00:00Z"}, SAID)
    lines = read_history([write(tmp_path / "h.jsonl", *events)])
    table = read_history([write_parquet(tmp_path / "h.parquet", *events)])
    assert set(lines.events) == set(table.events)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (({**OPENED, "at": None},), "has no at"),
        ((OPENED, {**OPENED, "account": None}), "has no account"),
        ((OPENED, {**GRANTED, "plan": "pro"}), "unknown key 'plan'"),
        ((OPENED, {**GRANTED, "value": "yes"}), "value 'yes'"),
        ((OPENED, {**OPENED, "at": "2025-03-01T09:00:00"}), "no zone"),
    ],
)
def test_large_parquet_is_checked_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: tuple[dict[str, Any], ...], words: str
) -> None:
    monkeypatch.setattr(read, "MANY_EVENTS", 1)
    path = write_parquet(tmp_path / "h.parquet", *events, at=pa.string(), account=pa.string())
    with pytest.raises(HistoryError) as caught:
        open_history([path], duckdb.connect())
    assert str(caught.value).startswith(f"{path}:{len(events)}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("missing", "words"), [("at", "column 'at' is missing"), ("event", "column 'event' is missing")]
)
def test_a_missing_column_is_named(tmp_path: Path, missing: str, words: str) -> None:
    path = write_parquet(tmp_path / "h.parquet", {k: v for k, v in OPENED.items() if k != missing})
    with pytest.raises(HistoryError, match=words):
        read_history([path])


def test_timestamps_without_a_zone_and_unknown_columns_are_refused(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "h.parquet", {**OPENED, "at": 0}, at=pa.timestamp("us"))
    with pytest.raises(HistoryError, match="have no zone"):
        read_history([path])
    path = write_parquet(tmp_path / "k.parquet", {**OPENED, "plann": "pro"})
    with pytest.raises(HistoryError, match="did you mean 'plan'"):
        read_history([path])


def test_contradictions_between_large_files_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MANY_EVENTS", 1)
    one = write_parquet(tmp_path / "a.parquet", {**GRANTED, "id": "e1"})
    two = write_parquet(tmp_path / "b.parquet", {**GRANTED, "id": "e1", "value": "refused"})
    with pytest.raises(HistoryError, match="event id 'e1' is used again"):
        open_history([one, two], duckdb.connect())
    said = write_parquet(tmp_path / "c.parquet", SAID)
    other = write_parquet(tmp_path / "d.parquet", {**SAID, "conversation": "elsewhere"})
    with pytest.raises(HistoryError, match="record 'r' is said again"):
        open_history([said, other], duckdb.connect())


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no such file"):
        read_history([str(tmp_path / "nothing*.jsonl")])
