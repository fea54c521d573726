"""Content as files really hold it: compressed, cut short, oddly encoded, and of any size."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_logs import write

from troth.intake import json_stream, source, tables
from troth.intake.json_stream import elements
from troth.intake.source import Damage, Source


def read(path: Path) -> list[Any]:
    return list(Source.at(path).json_elements())


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        (b'{"a": 1}', "jsonl"),
        (b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n', "jsonl"),
        (b'{"a": oops\n{"a": 2}\n', "jsonl"),
        (b'{\n  "a": 1\n}', "object"),
        (b'[{"a": 1}]', "array"),
        (b"[\n]", "array"),
        (b"name,age\nada,1\n", "csv"),
        (b"name\tage\n", "csv"),
        (b"SQLite format 3\x00 and then nothing", "unknown"),
        (b"PAR1 and then nothing", "unknown"),
        (b"", "unknown"),
        (b" \n\n", "unknown"),
        (b"# Notes\n\nSome prose.", "unknown"),
        (b"\x89PNG\r\n\x1a\n,,", "unknown"),
        ('{"a": 1}'.encode("utf-16"), "unknown"),
    ],
)
def test_the_shape_is_told_by_the_content(tmp_path: Path, content: bytes, shape: str) -> None:
    sample = Source.at(write(tmp_path, "file.txt", content)).sample
    assert sample.shape == shape
    assert bool(sample.why) == (shape == "unknown")


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_compressed_files_are_read_by_their_first_bytes_in_several_members(
    tmp_path: Path, compress: Any
) -> None:
    path = write(tmp_path, "log.dat", compress(b'{"a": 1}\n') + compress(b'{"a": 2}\n'))
    assert read(path) == [(1, {"a": 1}), (2, {"a": 2})]


@pytest.mark.parametrize(("compress", "name"), [(gzip.compress, "gzip"), (zstandard.compress, "zstd")])
def test_a_truncated_compressed_file_is_one_clear_damage(tmp_path: Path, compress: Any, name: str) -> None:
    lines = b"".join(b'{"a": %d}\n' % number for number in range(100_000))
    whole = compress(lines)
    *good, last = read(write(tmp_path, "log", whole[: len(whole) // 2]))
    assert good[0] == (1, {"a": 0})
    assert isinstance(last, Damage)
    assert last.what == f"the {name} data ends early; the file is truncated"
    assert last.line == len(good) + 1


def test_a_decompression_bomb_takes_time_but_no_memory(tmp_path: Path) -> None:
    path = write(tmp_path, "bomb", gzip.compress(b" " * (256 << 20) + b"{}", compresslevel=1))
    tracemalloc.start()
    try:
        assert Source.at(path).sample.shape == "unknown"
        list(json_stream.lines(source.pieces(path)))
        assert tracemalloc.get_traced_memory()[1] < 160 << 20
    finally:
        tracemalloc.stop()


def test_a_line_over_the_limit_is_damage_and_the_next_line_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 100)
    path = write(tmp_path, "log", b'{"a": 1}\n{"a": "' + b"x" * 200 + b'"}\n{"a": 3}\n')
    found = list(json_stream.lines(source.pieces(path, 40)))
    assert found == [(1, {"a": 1}), Damage(2, "the line is longer than 64 MiB"), (3, {"a": 3})]


def test_an_element_over_the_limit_ends_the_file(monkeypatch: Any) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 100)
    pieces = [b'[{"a": 1}, {"a": "', *[b"x" * 50] * 9, b'"}]']
    first, last = elements(pieces)
    assert first == (1, {"a": 1})
    assert isinstance(last, Damage)
    assert last.line == 2
    assert "longer than 64 MiB" in last.what


def test_an_array_on_one_line_is_streamed_however_long_it_is(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(json_stream, "VALUE_LIMIT", 1000)
    monkeypatch.setattr(source, "IN_ONE_GO", 1000)
    values = [{"number": number} for number in range(1000)]
    path = write(tmp_path, "log", json.dumps(values).encode())
    assert read(path) == list(enumerate(values, start=1))


ODD = [
    (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
    (b'{"a": "\\ud800x"}', {"a": "\ufffdx"}),
    (b'{"\\udfff": ["\\ud83d\\ude00"]}', {"\ufffd": ["\U0001f600"]}),
    (b'{"a": "\\u0000"}', {"a": "\x00"}),
    (b'{"a": 1, "a": 2}', {"a": 2}),
]


@pytest.mark.parametrize(("line", "value"), ODD)
@pytest.mark.parametrize("array", [False, True])
def test_odd_json_is_read_alike_in_lines_and_arrays(
    tmp_path: Path, line: bytes, value: Any, array: bool
) -> None:
    content = b"[" + line + b"]" if array else line + b"\n"
    assert read(write(tmp_path, "log", content)) == [(1, value)]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"a": "\xff"}', "is not valid UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "is not valid UTF-8"),
        (b'{"a": tru}', "is not valid JSON"),
        (b'{"a": 1}\x00', "is not valid JSON"),
        (b"\x00\x00\x00\x00", "is not valid JSON"),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "is nested too deeply"),
    ],
)
def test_a_damaged_line_has_its_number_and_its_neighbours_are_read(
    tmp_path: Path, line: bytes, what: str
) -> None:
    path = write(tmp_path, "log", b'{"a": 1}\n\r\n' + line + b'\n{"a": 4}')
    assert read(path) == [(1, {"a": 1}), Damage(3, f"the line {what}"), (4, {"a": 4})]


def test_a_damaged_element_leaves_its_neighbours_readable(tmp_path: Path) -> None:
    path = write(tmp_path, "log", b'[{"a": 1}, {"a": "\xff"}, {"a": tru}, {"a": 4}]')
    one, two, three, four = read(path)
    assert (one, four) == ((1, {"a": 1}), (4, {"a": 4}))
    assert two == Damage(2, "the element is not valid UTF-8")
    assert three == Damage(3, "the element is not valid JSON")


def test_a_truncated_array_is_damage_after_its_last_whole_element(tmp_path: Path) -> None:
    path = write(tmp_path, "log", b'[{"a": 1}, {"a": [')
    assert read(path) == [(1, {"a": 1}), Damage(2, "the JSON ends early; the file is truncated")]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab"\\[]{}', max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values=st.lists(json_values, max_size=8), cut=st.integers(1, 50), indent=st.sampled_from([None, 1]))
def test_streamed_elements_are_the_elements(values: list[Any], cut: int, indent: int | None) -> None:
    text = json.dumps(values, indent=indent).encode()
    pieces = [text[start : start + cut] for start in range(0, len(text), cut)]
    assert list(elements(pieces)) == list(enumerate(values, start=1))


@given(text=st.text('[]{}",:1 \n\\a', max_size=40), cut=st.integers(1, 10))
def test_no_text_is_lost_or_crashes_the_splitter(text: str, cut: int) -> None:
    data = b"[" + text.encode()
    found = list(elements([data[start : start + cut] for start in range(0, len(data), cut)]))
    try:
        values = msgspec.json.decode(data)
    except msgspec.DecodeError:
        return
    assert found == list(enumerate(values, start=1))


def test_the_first_long_value_is_seen_in_part(tmp_path: Path) -> None:
    first = {"id": "a", "mapping": {"n1": {"text": "x" * (9 << 20)}}}
    for content in (json.dumps([first]), json.dumps(first), json.dumps(first, indent=1)):
        sample = Source.at(write(tmp_path, "log", content.encode())).sample
        (value,) = sample.values
        assert value == {"id": "a", "mapping": {"n1": {"text": None}}}


class Kept(msgspec.Struct):
    a: int


def test_values_of_a_shape_hold_its_fields_and_others_are_damage(tmp_path: Path) -> None:
    log = Source.at(write(tmp_path, "log", b'[{"a": 1, "b": [2]}, {"a": "x"}, {"a": 3, "b": NaN}]'))
    assert list(log.json_elements(Kept)) == [
        (1, Kept(1)),
        Damage(2, "the element is not as the rest of the log is"),
        (3, Kept(3)),
    ]


def test_csv_rows_may_hold_lines_and_quotes_and_know_their_lines(tmp_path: Path) -> None:
    text = 'name,said\r\nada,"one\r\n""two"""\r\n\r\nben\ncy,"é"\n'
    rows = list(Source.at(write(tmp_path, "log", text.encode())).rows())
    assert rows == [
        (3, {"name": "ada", "said": 'one\r\n"two"'}),
        Damage(5, "the row has 1 fields where the header has 2"),
        (6, {"name": "cy", "said": "é"}),
    ]


def test_damaged_csv_is_reported_with_its_line(tmp_path: Path) -> None:
    content = b'name,said\nada,\xff\nben,"never closed\n'
    first, second = Source.at(write(tmp_path, "log", content)).rows()
    assert first == Damage(2, "the line is not valid UTF-8")
    assert isinstance(second, Damage)
    assert "not valid CSV" in second.what


def test_parquet_rows_come_in_small_batches_and_nanoseconds_are_cut(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 2)
    at = pa.array([1, 1001, None], pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"n": [1, 2, 3], "at": at}), tmp_path / "log")
    opened = Source.at(tmp_path / "log")
    assert opened.sample.columns == ("n", "at")
    rows = list(opened.rows())
    assert [(number, row["n"]) for number, row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert rows[1][1]["at"].microsecond == 1


def test_a_truncated_parquet_file_is_damaged_and_not_merely_unknown(tmp_path: Path) -> None:
    held = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}), held)
    sample = Source.at(write(tmp_path, "log", held.getvalue()[:-20])).sample
    assert sample.damaged
    assert sample.why == "is a damaged or truncated Parquet file"


def test_a_compressed_parquet_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    held = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}), held)
    sample = Source.at(write(tmp_path, "log", gzip.compress(held.getvalue()))).sample
    assert sample.why == "is a compressed Parquet file; decompress it first"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    start=st.sampled_from(
        [b"", b"[", b"{", b"\x1f\x8b\x08", b"(\xb5/\xfd", b"PAR1", b"a,b\n", b"\xef\xbb\xbf{"]
    ),
    rest=st.binary(max_size=200),
)
def test_random_bytes_never_crash_a_source(tmp_path: Path, start: bytes, rest: bytes) -> None:
    opened = Source.at(write(tmp_path, "log", start + rest))
    for _ in opened.json_elements():
        pass
    for _ in opened.json_lines():
        pass
    if opened.sample.shape in ("csv", "parquet"):
        list(opened.rows())
