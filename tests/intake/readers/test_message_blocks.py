"""Blocks of messages in the shapes of several APIs become the same turns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_logs import PNG, PNG_URL

from troth.canon.canonical import digest_of_bytes
from troth.intake.readers.blocks import turns_of_content
from troth.intake.readers.messages import turns_of_messages, turns_of_request, turns_of_response
from troth.intake.readers.tools import Tools, always_connector
from troth.intake.turns import Turn

BASE64 = PNG_URL.partition(",")[2]


def turns(content: Any, role: str = "user") -> list[Turn]:
    return list(turns_of_content(content, role, Tools(always_connector)))


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BASE64}},
        {"type": "image", "data": BASE64, "mimeType": "image/png"},
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "input_image", "image_url": PNG_URL},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": BASE64},
        {"type": "file", "file": {"file_data": PNG_URL}},
        {"type": "resource", "resource": {"uri": "x:1", "mimeType": "image/png", "blob": BASE64}},
    ],
)
def test_inline_pictures(block: dict[str, Any]) -> None:
    (photo,) = turns([block])
    assert (photo.kind, photo.data, photo.digest) == ("photo", PNG, digest_of_bytes(PNG))
    assert (photo.media_type, photo.path, photo.text) == ("image/png", None, None)


@pytest.mark.parametrize(
    ("block", "kind", "path"),
    [
        (
            {"type": "image", "source": {"type": "url", "url": "https://a.example/1"}},
            "photo",
            "https://a.example/1",
        ),
        ({"type": "uri", "modality": "video", "uri": "gs://b/2"}, "video", "gs://b/2"),
        ({"type": "file", "modality": "audio", "file_id": "file-3"}, "audio", "file-3"),
        ({"type": "document", "source": {"type": "file", "file_id": "file-4"}}, "upload", "file-4"),
        ({"type": "input_file", "file_id": "file-5"}, "upload", "file-5"),
        ({"type": "resource_link", "uri": "x:6", "mimeType": "text/plain"}, "upload", "x:6"),
    ],
)
def test_linked_media(block: dict[str, Any], kind: str, path: str) -> None:
    assert [(turn.kind, turn.path, turn.data) for turn in turns([block])] == [(kind, path, None)]


def test_sound_has_the_type_of_its_format() -> None:
    (sound,) = turns([{"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}])
    assert (sound.kind, sound.media_type, sound.data) == ("audio", "audio/wav", PNG)


def test_a_document_of_plain_text_is_an_upload_with_its_text() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "Rye notes"}
    (upload,) = turns([{"type": "document", "source": source}])
    assert (upload.kind, upload.text, upload.media_type) == ("upload", "Rye notes", "text/plain")


def test_base64_that_cannot_be_decoded_leaves_a_record_without_bytes() -> None:
    (photo,) = turns([{"type": "image_url", "image_url": {"url": "data:image/png;base64,???"}}])
    assert (photo.kind, photo.data, photo.digest, photo.path) == ("photo", None, None, None)


def test_encrypted_thoughts_hold_no_words() -> None:
    assert turns([{"type": "redacted_thinking", "data": "xyz"}, {"type": "text", "text": ""}, "", None]) == []


def test_a_block_of_an_unknown_type_is_kept_whole() -> None:
    assert [turn.text for turn in turns([{"type": "of_tomorrow", "x": 1}])] == [
        '{"type": "of_tomorrow", "x": 1}'
    ]


def test_an_answer_of_a_tool_is_matched_to_its_call() -> None:
    messages = [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "3"},
    ]
    found = list(turns_of_messages(messages, "user", Tools(always_connector)))
    assert [(turn.role, turn.kind, turn.tool, turn.text) for turn in found] == [
        ("assistant", "code", "f", "{}"),
        ("tool", "connector", "f", "3"),
    ]


def test_calls_and_answers_of_the_responses_api_go_by_the_id_of_the_call() -> None:
    items = [
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "id": "fco_1", "call_id": "c", "output": "3"},
    ]
    found = list(turns_of_request({"input": items}, Tools(always_connector)))
    assert [(turn.role, turn.tool) for turn in found] == [("assistant", "f"), ("tool", "f")]


def test_gemini_parts() -> None:
    answer = {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "hm", "thought": True},
                        {"text": "Here:"},
                        {"inlineData": {"mimeType": "image/png", "data": BASE64}},
                        {"functionCall": {"name": "f", "args": {"a": 1}}},
                    ],
                }
            }
        ]
    }
    found = list(turns_of_response(answer, Tools(always_connector)))
    assert [(turn.kind, turn.text) for turn in found] == [
        ("text", "hm"),
        ("text", "Here:"),
        ("photo", None),
        ("code", '{"a": 1}'),
    ]


def test_a_role_that_is_not_known_is_kept_as_it_is() -> None:
    assert [
        turn.role
        for turn in turns_of_messages([{"role": "critic", "content": "No."}], "user", Tools(always_connector))
    ] == ["critic"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "content", "role", "parts", "source", "input", "function", "id"]
            ),
            inner | st.sampled_from(["text", "image", "tool_use", "tool_result", "thinking", "user", "file"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_content_is_an_error_that_readers_do_not_expect(content: Any) -> None:
    try:
        found = [
            *turns_of_request(content, Tools(always_connector)),
            *turns_of_response(content, Tools(always_connector)),
        ]
    except (KeyError, TypeError, AttributeError, ValueError):
        return
    assert all(turn.text is None or isinstance(turn.text, str) for turn in found)
