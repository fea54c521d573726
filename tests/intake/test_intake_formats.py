"""Each format is told by its content, by one reader alone, and what it says is kept."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_logs import (
    FLAT,
    JSON_LOGS,
    OPENAI,
    PAIR,
    SGD,
    SHAREGPT,
    SWE,
    TASKMASTER,
    TAU,
    TREE,
    as_array,
    as_lines,
    conversations,
    write,
)

from troth.errors import LogError
from troth.intake.formats import READERS, reader_for, recognised_by
from troth.intake.read import read_logs
from troth.intake.readers import hh_rlhf, oasst, openai_chat, sgd, sharegpt, swe_agent, taskmaster, tau_bench
from troth.intake.source import Source
from troth.intake.turns import Damage
from troth.types.moment import parse_moment


@pytest.mark.parametrize("name", JSON_LOGS)
def test_exactly_one_reader_recognises_each_log(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "no-telling-name", JSON_LOGS[name])
    assert [reader.name for reader in recognised_by(Source.at(path).sample)] == [name]


def test_every_format_has_a_name_of_its_own() -> None:
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert {*JSON_LOGS, "open-webui", "troth-records"} == {reader.name for reader in READERS}


def test_logs_beside_the_project_are_recognised_by_one_reader_each() -> None:
    logs = Path(__file__).parents[1] / "fixtures" / "logs"
    found = {
        str(path): [reader.name for reader in recognised_by(sample)]
        for path in sorted(logs.rglob("*"))
        if path.is_file() and (sample := Source.at(path).sample).shape != "unknown"
    }
    assert found
    assert {path: names for path, names in found.items() if len(names) != 1} == {}


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b'{"messages": []}',
        b'{"messages": [{"role": "narrator", "content": "Once"}]}',
        b'{"messages": [{"role": ["user"], "content": "x"}]}',
        b'{"conversations": [{"from": "human"}]}',
        b'{"chosen": "yes", "rejected": "no"}',
        b'{"dialogue_id": "1", "turns": [5]}',
        b'[{"service_name": "Hotels_1", "slots": []}]',
        b'[1, "two", null]',
        b"name,age\nada,1\n",
    ],
)
def test_what_only_looks_like_a_log_is_not_recognised(tmp_path: Path, content: bytes) -> None:
    assert reader_for(Source.at(write(tmp_path, "x", content)).sample) is None


def test_chat_messages_keep_roles_times_account_and_model(tmp_path: Path) -> None:
    one, two = conversations(write(tmp_path, "log", as_lines(OPENAI)), openai_chat.READER)
    assert (one.id, one.account, two.id, two.account) == ("c-1", "ada", None, None)
    assert [(turn.role, turn.tool, turn.text) for turn in one.turns] == [
        ("tool", "system", "Be brief."),
        ("user", None, "Hello"),
        ("assistant", None, "Hello, Ada."),
    ]
    assert {turn.at for turn in one.turns} == {parse_moment("2025-09-10T14:00:00Z")}
    assert {turn.at for turn in two.turns} == {None}
    assert [turn.model for turn in one.turns] == [None, None, "m-1"]


def test_parts_of_chat_messages_become_media_records(tmp_path: Path) -> None:
    content = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "input_audio", "input_audio": {"data": "AQID", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf"}},
    ]
    log = [{"messages": [{"role": "user", "content": content}]}]
    (one,) = conversations(write(tmp_path, "log", as_lines(log)), openai_chat.READER)
    said, inline, linked, heard, file = one.turns
    assert (said.kind, said.text) == ("text", "Look")
    assert (inline.kind, inline.media_type, inline.data) == ("photo", "image/png", b"\x01\x02\x03")
    assert inline.digest
    assert inline.digest.startswith("sha256:")
    assert (linked.kind, linked.path, linked.data) == ("photo", "https://example.org/a.png", None)
    assert (heard.kind, heard.media_type, heard.data) == ("audio", "audio/wav", b"\x01\x02\x03")
    assert (file.kind, file.path) == ("upload", "file-1")


def test_calls_of_tools_are_kept_and_results_of_mcp_servers_are_connectors(tmp_path: Path) -> None:
    def call(name: str) -> dict[str, Any]:
        return {"id": name, "type": "function", "function": {"name": name, "arguments": "{}"}}

    messages = [
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": None, "tool_calls": [call("find"), call("mcp__mail__read")]},
        {"role": "tool", "tool_call_id": "find", "content": "found"},
        {"role": "tool", "tool_call_id": "mcp__mail__read", "content": "a mail"},
        {"role": "narrator", "content": "The end."},
    ]
    (one,) = conversations(write(tmp_path, "log", as_lines([{"messages": messages}])), openai_chat.READER)
    assert [(turn.role, turn.kind, turn.tool, turn.text) for turn in one.turns[1:]] == [
        ("assistant", "code", "find", "{}"),
        ("assistant", "code", "mcp__mail__read", "{}"),
        ("tool", "text", "find", "found"),
        ("tool", "connector", "mcp__mail__read", "a mail"),
        ("narrator", "text", None, "The end."),
    ]


def test_a_mere_row_number_is_no_conversation_id(tmp_path: Path) -> None:
    log = [{"id": 1, "messages": OPENAI[1]["messages"]}, {"id": "talk", "messages": OPENAI[1]["messages"]}]
    one, two = conversations(write(tmp_path, "log", as_lines(log)), openai_chat.READER)
    assert (one.id, two.id) == (None, "talk")


def test_shared_conversations(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", as_array(SHAREGPT)), sharegpt.READER)
    assert one.id == "talk-1"
    assert [(turn.role, turn.tool) for turn in one.turns] == [
        ("tool", "system"),
        ("user", None),
        ("assistant", None),
    ]


def test_a_tree_keeps_who_answers_whom(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", as_lines([TREE])), oasst.TREES)
    first, second, third = one.turns
    assert one.id == first.id == second.parent == third.parent
    assert [turn.role for turn in one.turns] == ["user", "assistant", "assistant"]
    assert (first.account, second.account) == ("ben", None)
    assert first.at == parse_moment("2023-02-05T14:23:50.983374Z")


def test_flat_messages_find_their_trees_in_any_order(tmp_path: Path) -> None:
    for order in (FLAT, FLAT[::-1]):
        found = conversations(write(tmp_path, "log", as_array(order)), oasst.FLAT)
        trees = {turn.id: one.id for one in found for turn in one.turns}
        assert trees == {"aa": "aa", "bb": "aa", "cc": "aa", "dd": "dd"}


def test_messages_that_answer_one_another_in_a_circle_end(tmp_path: Path) -> None:
    log = [
        {"user_message_id": "a", "parent_message_id": "b", "text": "x", "role": "prompter"},
        {"user_message_id": "b", "parent_message_id": "a", "text": "y", "role": "assistant"},
    ]
    (one,) = conversations(write(tmp_path, "log", as_array(log)), oasst.FLAT)
    assert one.id == "a"


def test_a_preference_pair_is_two_conversations(tmp_path: Path) -> None:
    chosen, rejected = conversations(write(tmp_path, "log", as_lines([PAIR])), hh_rlhf.READER)
    assert [turn.role for turn in chosen.turns] == ["user", "assistant"]
    assert chosen.turns[0] == rejected.turns[0]
    assert chosen.turns[1].text == "It is noon."


def test_taskmaster_calls_stand_behind_the_utterance(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", as_array(TASKMASTER)), taskmaster.READER)
    assert [(turn.role, turn.kind, turn.tool) for turn in one.turns] == [
        ("user", "text", None),
        ("assistant", "code", "get_menu"),
        ("tool", "text", "get_menu"),
        ("assistant", "text", None),
    ]


def test_service_calls_stand_before_the_answer_made_from_them(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", as_array(SGD)), sgd.READER)
    assert [(turn.role, turn.text) for turn in one.turns] == [
        ("user", "I am hungry."),
        ("assistant", '{"city":"Ulm"}'),
        ("tool", '[{"name":"Krone"}]'),
        ("assistant", "There is one."),
    ]


def test_tau_bench_knows_the_simulated_customer(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", as_array(TAU)), tau_bench.READER)
    assert (one.id, one.account) == (None, "ada_1")
    assert [turn.role for turn in one.turns] == ["tool", "user", "assistant", "tool", "assistant"]


def test_what_the_environment_answers_a_coding_agent_is_not_the_persons(tmp_path: Path) -> None:
    (one,) = conversations(write(tmp_path, "log", json.dumps(SWE).encode()), swe_agent.READER)
    assert one.product == "code"
    assert [(turn.role, turn.tool, turn.text) for turn in one.turns] == [
        ("tool", "system", "You code."),
        ("tool", "demonstration", "Here is a demonstration."),
        ("user", None, "Fix the bug."),
        ("assistant", None, "Let us look.\nls"),
        ("tool", "environment", "a.py\n"),
        ("assistant", None, "Now this.\ncat a.py"),
        ("tool", "environment", "x = 1\n"),
    ]


def test_a_trajectory_without_history_is_read_by_its_steps(tmp_path: Path) -> None:
    log = {"environment": "main", "trajectory": SWE["trajectory"]}
    (one,) = conversations(write(tmp_path, "log", json.dumps(log).encode()), swe_agent.READER)
    assert [turn.role for turn in one.turns] == ["assistant", "tool", "assistant", "tool"]


@pytest.mark.parametrize("name", ["openai-chat", "sharegpt", "hh-rlhf", "taskmaster", "sgd", "tau-bench"])
def test_an_element_of_another_shape_is_damage_with_its_number(tmp_path: Path, name: str) -> None:
    reader = next(reader for reader in READERS if reader.name == name)
    first = json.loads(JSON_LOGS[name]) if JSON_LOGS[name].startswith(b"[") else None
    value = first[0] if first else json.loads(JSON_LOGS[name].splitlines()[0])
    path = write(tmp_path, "log", as_array([value, 5, {"turns": 5}, value]))
    found = list(reader.read(Source.at(path)))
    assert [piece.line for piece in found if isinstance(piece, Damage)] == [2, 3]


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _spoilt(value: Any, draw: Any) -> Any:
    """The same log with a few of its values replaced by anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(wild)
    if isinstance(value, dict):
        return {key: _spoilt(each, draw) for key, each in value.items()}
    if isinstance(value, list):
        return [_spoilt(each, draw) for each in value]
    return value


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.sampled_from(sorted(JSON_LOGS)), data=st.data())
def test_a_log_spoilt_anyhow_is_read_or_refused_in_words(tmp_path: Path, name: str, data: Any) -> None:
    text = JSON_LOGS[name]
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = [json.loads(line) for line in text.splitlines()]
    spoilt = [value, *(_spoilt(value, data.draw) for _ in range(3))]
    spoilt = [each for one in spoilt for each in (one if isinstance(one, list) else [one])]
    path = write(tmp_path, "log", as_lines(spoilt))
    with suppress(LogError):
        for batch in read_logs([str(path)], keep_going=True):
            batch.validate(full=True)
