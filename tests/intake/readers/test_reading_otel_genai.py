"""OpenTelemetry GenAI spans: two shapes, two generations of names, and a history repeated at each call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader_logs import PNG, at, read_fixture, read_lines

from troth.intake.readers.otel_genai import READER
from troth.intake.source import Source

SHAPES = ["otel_genai/spans.jsonl", "otel_genai/otlp.jsonl"]
OLDER = "otel_genai/older_names.jsonl"


def span(attributes: dict[str, Any], **told: Any) -> dict[str, Any]:
    start = {"traceId": "t1", "spanId": "s1", "startTimeUnixNano": "1760000000000000000"}
    return {**start, "attributes": {"gen_ai.system": "openai", **attributes}, **told}


@pytest.mark.parametrize("name", SHAPES)
def test_a_conversation_of_several_calls_holds_each_turn_once(name: str) -> None:
    conversation = read_fixture(READER, name).conversation("visit-1")
    assert [(turn.role, turn.kind, turn.text) for turn in conversation.turns] == [
        ("tool", "text", "You help in a bakery."),
        ("user", "text", "Which loaf keeps longest?"),
        ("user", "photo", None),
        ("assistant", "text", "Rye holds moisture."),
        ("assistant", "code", '{"loaf": "rye"}'),
        ("tool", "connector", '{"days": 9}'),
        ("assistant", "text", "Rye: about nine days."),
        ("user", "text", "Thanks, and this one?"),
        ("user", "photo", None),
        ("assistant", "text", "A baguette: one."),
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_a_question_has_the_time_of_its_call_and_an_answer_that_of_its_end(name: str) -> None:
    log = read_fixture(READER, name)
    assert at(log.turn("Which loaf keeps longest?").at) == "2025-10-09T08:53:20Z"
    assert at(log.turn("Rye: about nine days.").at) == "2025-10-09T08:53:23Z"
    assert at(log.turn("Thanks, and this one?").at) == "2025-10-09T08:53:24Z"


def test_both_shapes_make_the_same_records() -> None:
    spans, otlp = (read_fixture(READER, name) for name in SHAPES)
    assert spans.turns == otlp.turns


def test_pictures_are_kept_by_their_bytes_or_their_place() -> None:
    linked, inline = read_fixture(READER, SHAPES[0]).of_kind("photo")
    assert (linked.path, linked.data) == ("https://example.org/loaf.png", None)
    assert (inline.path, inline.data, inline.media_type) == (None, PNG, "image/png")


def test_the_account_is_told_by_the_application_or_by_nobody() -> None:
    log = read_fixture(READER, SHAPES[0])
    assert [each.account for each in log.conversations] == ["amina", None]


def test_without_a_conversation_id_the_trace_is_the_conversation() -> None:
    for name in SHAPES:
        assert (
            read_fixture(READER, name).conversation("00000000000000070000000000000001").turns[0].text
            == "Hello?"
        )


def test_the_provider_tells_the_channel() -> None:
    channels = [{each.channel for each in read_fixture(READER, name).conversations} for name in SHAPES]
    assert channels == [{"bedrock"}, {"first_party"}]


def test_spans_that_call_no_model_are_passed_by() -> None:
    assert len(read_fixture(READER, SHAPES[0]).conversations) == 2


def test_the_older_numbered_names_are_read() -> None:
    conversation = read_fixture(READER, OLDER).conversations[0]
    assert (conversation.account, conversation.channel) == ("boris", "vertex")
    assert [(turn.role, turn.kind, turn.text) for turn in conversation.turns] == [
        ("tool", "text", "You help in a bakery."),
        ("user", "text", "Is the oven on?"),
        ("assistant", "text", "Let me look."),
        ("assistant", "code", "{}"),
    ]


def test_the_older_names_on_events_are_read() -> None:
    conversation = read_fixture(READER, OLDER).conversations[1]
    assert [(turn.role, turn.text) for turn in conversation.turns] == [
        ("user", "Open today?"),
        ("assistant", "Until six."),
    ]


def test_messages_that_stand_in_an_event_each_are_read(tmp_path: Path) -> None:
    events = [
        {"name": "gen_ai.system.message", "attributes": {"gen_ai.event.content": '{"content": "Be brief."}'}},
        {"name": "gen_ai.user.message", "attributes": {"gen_ai.event.content": '{"content": "Hi"}'}},
        {
            "name": "gen_ai.choice",
            "attributes": {"gen_ai.event.content": '{"message": {"content": "Hello."}}'},
        },
    ]
    log = read_lines(READER, tmp_path, span({}, events=events))
    assert [(turn.role, turn.text) for turn in log.turns] == [
        ("tool", "Be brief."),
        ("user", "Hi"),
        ("assistant", "Hello."),
    ]


def test_content_may_be_structured_and_not_text(tmp_path: Path) -> None:
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    assert read_lines(READER, tmp_path, span({"gen_ai.input.messages": asked})).texts == ["Hi"]


def test_structured_content_of_otlp_is_unwrapped(tmp_path: Path) -> None:
    def text(value: str) -> dict[str, Any]:
        return {"stringValue": value}

    part = {
        "kvlistValue": {
            "values": [{"key": "type", "value": text("text")}, {"key": "content", "value": text("Hi")}]
        }
    }
    message = [
        {"key": "role", "value": text("user")},
        {"key": "parts", "value": {"arrayValue": {"values": [part]}}},
    ]
    messages = {"arrayValue": {"values": [{"kvlistValue": {"values": message}}]}}
    made = {
        "traceId": "t",
        "spanId": "s",
        "attributes": [{"key": "gen_ai.input.messages", "value": messages}],
    }
    log = read_lines(READER, tmp_path, {"resourceSpans": [{"scopeSpans": [{"spans": [made]}]}]})
    assert [(turn.role, turn.text, turn.at) for turn in log.turns] == [("user", "Hi", None)]


def test_a_part_of_an_unknown_type_is_kept_whole(tmp_path: Path) -> None:
    asked = [{"role": "user", "parts": [{"type": "of_tomorrow", "words": "Kept"}]}]
    log = read_lines(READER, tmp_path, span({"gen_ai.input.messages": asked}))
    assert '"words": "Kept"' in (log.turns[0].text or "")


def test_the_run_of_a_tool_is_a_connectors_each_time(tmp_path: Path) -> None:
    ran = {"gen_ai.tool.name": "stock", "gen_ai.tool.call.arguments": "{}", "gen_ai.tool.call.result": "3"}
    log = read_lines(READER, tmp_path, span(ran), span(ran, spanId="s2"))
    assert [(turn.kind, turn.tool) for turn in log.turns] == [("code", "stock"), ("connector", "stock")] * 2


def test_a_span_whose_content_was_not_opted_in_has_no_words(tmp_path: Path) -> None:
    log = read_lines(READER, tmp_path, span({"gen_ai.usage.input_tokens": 3}))
    assert [each.turns for each in log.conversations] == [()]


def test_a_line_that_is_no_span_is_damage_and_the_rest_is_read(tmp_path: Path) -> None:
    log = read_lines(
        READER, tmp_path, span({"gen_ai.prompt": "Before"}), {"a": 1}, "[", span({"gen_ai.prompt": "After"})
    )
    assert log.texts == ["Before", "After"]
    assert [damage.line for damage in log.damage] == [2, 3]


def test_spans_of_other_conventions_are_not_taken_for_these(tmp_path: Path) -> None:
    path = tmp_path / "spans"
    path.write_text('{"context": {"trace_id": "1"}, "attributes": {"http.request.method": "GET"}}\n')
    assert not READER.recognises(Source.at(path).sample)
