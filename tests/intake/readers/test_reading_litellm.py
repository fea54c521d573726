"""LiteLLM spend logs: the channel, the person, and prompts that were not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader_logs import PNG, at, read_fixture, read_lines

from troth.intake.readers.litellm import READER

FORMATS = ["litellm/spend_logs.jsonl", "litellm/spend_logs.csv"]


def row(**told: Any) -> dict[str, Any]:
    return {
        "request_id": "r",
        "call_type": "acompletion",
        "spend": 0,
        "startTime": "2026-02-03T09:00:00.000Z",
        "custom_llm_provider": "openai",
        "messages": [{"role": "user", "content": "Hi"}],
        **told,
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_is_one_conversation_in_which_each_turn_stands_once(name: str) -> None:
    conversation = read_fixture(READER, name).conversation("visit-1")
    said = [(turn.role, turn.kind, turn.text) for turn in conversation.turns]
    assert said == [
        ("tool", "text", "You help in a bakery."),
        ("user", "text", "Is rye sour?"),
        ("assistant", "text", "A little."),
        ("user", "text", "Any left?"),
        ("assistant", "text", "This is a mock request"),
        ("assistant", "code", '{"loaf": "rye"}'),
        ("tool", "connector", "3"),
        ("assistant", "text", "Three."),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_times_are_in_utc_whether_the_export_says_so_or_not(name: str) -> None:
    log = read_fixture(READER, name)
    assert at(log.turn("Is rye sour?").at) == "2026-02-03T09:01:00Z"
    assert at(log.turn("A little.").at) == "2026-02-03T09:01:02Z"


def test_json_lines_and_csv_make_the_same_records() -> None:
    lines, table = (read_fixture(READER, name) for name in FORMATS)
    assert lines.turns == table.turns


def test_the_end_user_comes_before_the_user_of_the_proxy() -> None:
    log = read_fixture(READER, FORMATS[0])
    assert [(each.id, each.account) for each in log.conversations] == [
        ("visit-1", "amina"),
        ("session-of-4", "boris"),
        ("session-of-5", None),
        ("visit-2", "amina"),
    ]


def test_the_provider_tells_the_channel() -> None:
    log = read_fixture(READER, FORMATS[0])
    assert [each.channel for each in log.conversations] == ["first_party", "bedrock", "vertex", "first_party"]
    assert {each.product for each in log.conversations} == {"api"}


@pytest.mark.parametrize(
    ("provider", "model", "channel"),
    [
        ("bedrock_converse", "m", "bedrock"),
        ("vertex_ai_beta", "m", "vertex"),
        ("vertex_ai-anthropic_models", "m", "vertex"),
        ("gemini", "m", "first_party"),
        ("", "bedrock/m", "bedrock"),
        (None, "vertex_ai/m", "vertex"),
        ("", "m", "first_party"),
    ],
)
def test_channels_of_other_providers(tmp_path: Path, provider: str | None, model: str, channel: str) -> None:
    log = read_lines(READER, tmp_path, row(custom_llm_provider=provider, model=model))
    assert log.conversations[0].channel == channel


def test_prompts_that_were_not_stored_are_no_damage_and_no_words() -> None:
    conversation = read_fixture(READER, FORMATS[0]).conversation("visit-2")
    assert conversation.turns == ()


@pytest.mark.parametrize("nothing", [None, "", "{}", {}, [], "[]", "null"])
def test_nothing_stored_is_written_in_many_ways(tmp_path: Path, nothing: Any) -> None:
    log = read_lines(READER, tmp_path, row(messages=nothing, response=nothing, proxy_server_request=nothing))
    assert (log.damage, [each.turns for each in log.conversations]) == ([], [()])


def test_words_that_the_proxy_left_out_are_none(tmp_path: Path) -> None:
    left_out = [{"role": "user", "content": "redacted-by-litellm"}]
    assert read_lines(READER, tmp_path, row(messages=left_out)).turns == []


def test_messages_are_read_from_either_place_once(tmp_path: Path) -> None:
    both = row(proxy_server_request={"model": "m", "messages": [{"role": "user", "content": "Hi"}]})
    assert read_lines(READER, tmp_path, both).texts == ["Hi"]


def test_pictures_are_records_of_their_own_with_their_bytes() -> None:
    (photo,) = read_fixture(READER, FORMATS[0]).of_kind("photo")
    assert (photo.role, photo.data, photo.media_type) == ("user", PNG, "image/png")


def test_a_picture_cut_short_by_the_proxy_leaves_a_record_without_bytes(tmp_path: Path) -> None:
    url = {"url": "data:image/png;base64,iVBO... (litellm_truncated 99 chars)"}
    cut = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    (photo,) = read_lines(READER, tmp_path, row(messages=cut)).turns
    assert (photo.kind, photo.data, photo.digest, photo.media_type) == ("photo", None, None, "image/png")


def test_a_call_passed_on_to_a_server_of_tools_is_a_connectors(tmp_path: Path) -> None:
    called = row(
        call_type="call_mcp_tool",
        mcp_namespaced_tool_name="mail-list",
        messages={},
        proxy_server_request={"name": "list", "arguments": {}},
        response={"content": [{"type": "text", "text": "3 letters"}]},
    )
    log = read_lines(READER, tmp_path, called)
    assert [(turn.role, turn.kind, turn.tool) for turn in log.turns] == [
        ("assistant", "code", "mail-list"),
        ("tool", "connector", "mail-list"),
    ]


def test_a_row_without_an_id_is_damage_and_the_rest_is_read(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, row(), {"spend": 1}, row(request_id="r2"))
    assert log.texts == ["Hi", "Hi"]
    assert [damage.line for damage in log.damage] == [2]
