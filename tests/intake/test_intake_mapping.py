"""Mapping files: new formats without code, joins for what logs do not tell, and a closed world."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_logs import OPENAI, as_lines, records, write

from troth.errors import LogError
from troth.intake.mapping import load_mapping
from troth.types.moment import parse_moment

EXAMPLES = Path(__file__).parents[2] / "docs" / "formats" / "examples"


def _micros(row: dict[str, Any]) -> int | None:
    at = row["at"]
    return None if at is None else parse_moment(at.isoformat().replace("+00:00", "Z"))


def mapped(folder: Path, toml: str, name: str, content: bytes, **options: Any) -> list[dict[str, Any]]:
    mapping = load_mapping(write(folder, "mapping.toml", toml.encode()))
    return records(write(folder, name, content), mapping=mapping, **options)[0]


def test_the_example_of_support_tickets() -> None:
    rows, report = records(EXAMPLES / "tickets.jsonl", mapping=load_mapping(EXAMPLES / "tickets.toml"))
    assert [file.format for file in report.files] == ["tickets"]
    assert [(row["record"], row["role"], row["account"], row["text"]) for row in rows] == [
        ("T-1/1", "user", "ada@example.org", "My parcel is late."),
        ("T-1/2", "assistant", "ada@example.org", "It comes tomorrow."),
        ("T-2/1", "user", None, "Hello?"),
    ]
    assert _micros(rows[0]) == parse_moment("2025-09-10T14:00:00Z")
    assert {row["product"] for row in rows} == {"chat"}


def test_the_example_of_a_table_of_messages() -> None:
    rows, _ = records(EXAMPLES / "messages.csv", mapping=load_mapping(EXAMPLES / "messages.toml"))
    assert [(row["conversation"], row["role"], row["account"], row["plan"]) for row in rows] == [
        ("7", "user", "ada", "pro"),
        ("7", "assistant", "ada", "pro"),
        ("8", "user", None, None),
    ]
    assert [row["position"] for row in rows] == [0, 1, 0]
    assert _micros(rows[0]) == 1_757_512_800_123_000


def test_the_example_of_joining_accounts_to_a_known_format() -> None:
    rows, report = records(EXAMPLES / "fine-tuning.jsonl", mapping=load_mapping(EXAMPLES / "accounts.toml"))
    assert [file.format for file in report.files] == ["openai-chat"]
    told = {(row["conversation"], row["account"], row["plan"], row["channel"]) for row in rows}
    assert told == {("talk-1", "ada", "pro", "first_party"), ("talk-2", None, None, "first_party")}
    assert {_micros(row) for row in rows if row["conversation"] == "talk-1"} == {
        parse_moment("2025-09-10T14:00:00Z")
    }


def test_the_examples_are_the_ones_in_the_reference() -> None:
    page = (EXAMPLES.parent / "mapping.md").read_text("utf-8")
    shown = re.findall(r"```(?:toml|json|text)\n(.*?)```", page, re.DOTALL)
    for example in sorted(EXAMPLES.iterdir()):
        assert example.read_text("utf-8") in shown, f"{example.name} is not shown as it is"


PAIRS = """
[log]
rows = "conversations"
name = "pairs"
[[turn]]
role = { value = "user" }
text = "prompt"
[[turn]]
role = { value = "assistant" }
text = "answer"
model = "by"
"""


def test_a_row_may_hold_two_turns(tmp_path: Path) -> None:
    rows = mapped(tmp_path, PAIRS, "log", b"prompt,answer,by\nHi,Hello,m1\nBye,Bye,\n")
    assert [(row["role"], row["text"], row["model"]) for row in rows] == [
        ("user", "Hi", None),
        ("assistant", "Hello", "m1"),
        ("user", "Bye", None),
        ("assistant", "Bye", None),
    ]
    assert all(row["conversation"].startswith("pairs:") for row in rows)


def test_a_parquet_column_may_hold_json_and_times(tmp_path: Path) -> None:
    toml = """
    [log]
    rows = "conversations"
    turns = "talk"
    [conversation]
    id = "key"
    time = { field = "at", as = "rfc3339" }
    [turn]
    role = "who"
    text = "said.text"
    kind = "sort"
    data = "bytes"
    media_type = "mime"
    """
    talk = [{"who": "user", "said": {"text": "Hi"}}, {"who": "user", "bytes": "AQID", "mime": "audio/ogg"}]
    table = pa.table(
        {"key": ["k"], "talk": [json.dumps(talk)], "at": pa.array([5], pa.timestamp("ns", tz="UTC"))}
    )
    pq.write_table(table, tmp_path / "log")
    mapping = load_mapping(write(tmp_path, "mapping.toml", toml.encode()))
    rows, _ = records(tmp_path / "log", mapping=mapping)
    assert [(row["kind"], row["text"], row["bytes"]) for row in rows] == [
        ("text", "Hi", None),
        ("audio", None, b"\x01\x02\x03"),
    ]
    assert [_micros(row) for row in rows] == [0, 0]


TURNS = """
[log]
rows = "turns"
[conversation]
id = "talk"
[turn]
role = "who"
text = "text"
time = { field = "at", as = "epoch_seconds" }
"""


def test_rows_of_one_conversation_may_lie_apart_and_come_in_any_order(tmp_path: Path) -> None:
    lines = [
        {"talk": "a", "who": "user", "text": "one", "at": 1},
        {"talk": "b", "who": "user", "text": "two", "at": 2.5},
        {"talk": "a", "who": "user", "text": "one", "at": 3},
    ]
    ids = [row["record"] for row in mapped(tmp_path, TURNS, "log", as_lines(lines))]
    assert len(set(ids)) == 3
    again = [row["record"] for row in mapped(tmp_path, TURNS, "log", as_lines(lines[::-1]))]
    assert sorted(again) == sorted(ids)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ({"talk": "a", "who": "user", "text": "x", "at": "noon"}, "a time is not written as epoch_seconds"),
        ({"talk": "a", "text": "x"}, "a turn has no role"),
        ({"talk": "a", "who": "user"}, "the row holds no turn where the mapping file says"),
        (7, "the row holds no turn where the mapping file says"),
    ],
)
def test_a_row_that_is_not_as_described_is_damage(tmp_path: Path, line: Any, what: str) -> None:
    good = {"talk": "a", "who": "user", "text": "x", "at": 1}
    with pytest.raises(LogError, match=f"log:2: {what}"):
        mapped(tmp_path, TURNS, "log", as_lines([good, line]))


def test_a_time_in_seconds_is_exact_to_the_microsecond(tmp_path: Path) -> None:
    (row,) = mapped(
        tmp_path, TURNS, "log", b'{"talk": "a", "who": "user", "text": "x", "at": 1757512800.123457}\n'
    )
    assert _micros(row) == 1_757_512_800_123_457


def test_a_file_that_lacks_what_the_mapping_names_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(
        LogError, match="is a table of text of no known format, and lacks who, which the mapping file"
    ):
        mapped(tmp_path, TURNS, "log", b"talk,text\na,b\n")
    pq.write_table(pa.table({"talk": ["a"], "who": ["user"]}), tmp_path / "parquet")
    with pytest.raises(LogError, match="is a Parquet file of no known format, and lacks text"):
        records(tmp_path / "parquet", mapping=load_mapping(tmp_path / "mapping.toml"))


def test_a_mapping_is_tried_before_the_known_formats_and_others_stay_known(tmp_path: Path) -> None:
    toml = (
        '[log]\nrows = "conversations"\nturns = "messages"\n[conversation]\nid = "conversation_id"\n[turn]\n'
    )
    toml += 'role = { field = "role", values = { system = "tool" } }\ntext = "content"\n'
    mapping = load_mapping(write(tmp_path, "mapping.toml", toml.encode()))
    _, report = records(
        write(tmp_path, "a", as_lines(OPENAI)), write(tmp_path, "b", as_lines(OPENAI[1:])), mapping=mapping
    )
    assert [file.format for file in report.files] == ["mapped", "openai-chat"]


@pytest.mark.parametrize(
    ("toml", "line", "what"),
    [
        ('[log]\nrows = "turns"\nfoo = 1\n', 3, "unknown key `foo` in [log]"),
        ('[log]\nrows = "lines"\n', 2, "Invalid enum value"),
        ('[log]\nrows = "turns"\n[turn]\ntext = "x"\n', 3, "missing required key `role` in [turn]"),
        ('[log]\nrows = "turns"\n[turn]\nrole = "r"\ntext = 5\n', 5, "in [turn]"),
        ('[log]\nrows = "turns"\n[turn]\nrole = "r"\n', 3, "a turn needs text, data or path"),
        ('[log]\nrows = "turns"\n', 1, "at least one table [turn]"),
        (
            '[log]\nrows = "turns"\nturns = "x"\n[turn]\nrole = "r"\ntext = "t"\n',
            3,
            "there is no list of turns",
        ),
        ('[log]\nrows = "turns"\n[turn]\nrole = { value = "boss" }\ntext = "t"\n', 4, "'boss' is no role"),
        (
            '[log]\nrows = "turns"\n[turn]\nrole = { field = "r", value = "user" }\ntext = "t"\n',
            4,
            "either field or",
        ),
        (
            '[log]\nrows = "turns"\n[turn]\nrole = "r"\ntext = "t"\ntime = "at"\n',
            6,
            "a time needs to say how",
        ),
        ('[turn]\nrole = "r"\ntext = "t"\n', 1, "need a table [log]"),
        ("colour = 1\n", 1, "unknown key `colour`"),
        ("[[join]]\nfile = \n", 2, "not valid TOML"),
        ('[[join]]\nfile = "t.csv"\nby = "person"\nkey = "k"\n', 3, "Invalid enum value"),
        ('[[join]]\nfile = "t.csv"\nby = "record"\nkey = "k"\n', 1, "the join adds nothing"),
        (
            '[[join]]\nfile = "t.csv"\nby = "record"\nkey = "k"\nplan = "p"\n[[join]]\nfoo = 1\n',
            7,
            "unknown key `foo` in [join]",
        ),
        ('[[join]]\nfile = "t.csv"\nby = "record"\nkey = "k"\nplan = "p"\n', 2, "cannot be read"),
        ("", None, "the mapping file says nothing"),
    ],
)
def test_a_mapping_file_is_a_closed_world(tmp_path: Path, toml: str, line: int | None, what: str) -> None:
    path = write(tmp_path, "mapping.toml", toml.encode())
    with pytest.raises(LogError) as caught:
        load_mapping(path)
    assert what in str(caught.value)
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == (str(path), line)
    assert caught.value.remedy


JOIN = """
[[join]]
file = "table"
by = "account"
key = "user"
account = "person"
channel = "via"
"""


def joined(folder: Path, table: bytes, toml: str = JOIN) -> list[dict[str, Any]]:
    write(folder, "table", table)
    log = [{"user": user, "messages": OPENAI[1]["messages"][:1]} for user in ("u1", "u2", None)]
    return mapped(folder, toml, "log", as_lines(log))


def test_a_join_from_account_to_account_translates_and_denies_the_rest(tmp_path: Path) -> None:
    rows = joined(tmp_path, b"user,person,via\nu1,ada,bedrock\n")
    assert [(row["account"], row["channel"]) for row in rows] == [
        ("ada", "bedrock"),
        (None, "first_party"),
        (None, "first_party"),
    ]


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (b"user,person,via\nu1,ada,x\nu1,ben,x\n", "table:3: a key says something else than in line 2"),
        (b"user,via\nu1,x\n", "table:2: the join table lacks the column person"),
        (b"user,person,via\n,ada,x\n", "table:2: the key is empty"),
        (b"user,person,via\nu1,ada\n", "table:2: the row has 2 fields"),
        (b'{"user": "u1"\n', "table:1: "),
        (b"", "the join table is empty"),
    ],
)
def test_a_join_table_that_is_damaged_or_contradicts_itself_is_an_error(
    tmp_path: Path, table: bytes, what: str
) -> None:
    with pytest.raises(LogError, match=what):
        joined(tmp_path, table)


def test_a_join_table_may_be_json_and_repeat_itself(tmp_path: Path) -> None:
    table = as_lines([{"user": "u1", "person": "ada", "via": None}] * 2)
    assert [row["account"] for row in joined(tmp_path, table)] == ["ada", None, None]


def test_joins_by_record_give_times(tmp_path: Path) -> None:
    toml = (
        '[[join]]\nfile = "table"\nby = "record"\nkey = "id"\ntime = { field = "at", as = "epoch_millis" }\n'
    )
    write(tmp_path, "table", b"id,at\nc-1/1,1500\n")
    rows = mapped(tmp_path, toml, "log", as_lines(OPENAI[:1]))
    assert [_micros(row) for row in rows] == [1_757_512_800_000_000, 1_500_000, 1_757_512_800_000_000]
    write(tmp_path, "table", b"id,at\nc-1/1,noon\n")
    with pytest.raises(LogError, match="table:2: a time is not written as epoch_millis"):
        load_mapping(tmp_path / "mapping.toml")
