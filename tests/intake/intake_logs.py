"""Small invented logs, one for each format that is known, and the ways to write them down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from troth.intake.read import IntakeReport, read_logs
from troth.intake.source import Source
from troth.intake.turns import Conversation, Reader

OPENAI = [
    {
        "conversation_id": "c-1",
        "user": "ada",
        "created_at": "2025-09-10T14:00:00Z",
        "model": "m-1",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello, Ada."},
        ],
    },
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi."}]},
]

SHAREGPT = [
    {
        "id": "talk-1",
        "conversations": [
            {"from": "system", "value": "Be kind."},
            {"from": "human", "value": "Who are you?"},
            {"from": "gpt", "value": "A program."},
        ],
    }
]

TREE = {
    "message_tree_id": "11111111-1111-4111-8111-111111111111",
    "tree_state": "ready_for_export",
    "prompt": {
        "message_id": "11111111-1111-4111-8111-111111111111",
        "text": "What is tea?",
        "role": "prompter",
        "user_id": "ben",
        "created_date": "2023-02-05T14:23:50.983374+00:00",
        "replies": [
            {
                "message_id": "22222222-2222-4222-8222-222222222222",
                "parent_id": "11111111-1111-4111-8111-111111111111",
                "text": "A drink.",
                "role": "assistant",
                "replies": [],
            },
            {
                "message_id": "33333333-3333-4333-8333-333333333333",
                "parent_id": "11111111-1111-4111-8111-111111111111",
                "text": "A leaf.",
                "role": "assistant",
                "replies": [],
            },
        ],
    },
}

FLAT = [
    {"user_message_id": "aa", "parent_message_id": None, "text": "Can you sing?", "role": "prompter"},
    {"user_message_id": "bb", "parent_message_id": "aa", "text": "No.", "role": "assistant"},
    {"user_message_id": "cc", "parent_message_id": "bb", "text": "A pity.", "role": "prompter"},
    {"user_message_id": "dd", "parent_message_id": None, "text": "Can you dance?", "role": "prompter"},
]

PAIR = {
    "chosen": "\n\nHuman: Is it late?\n\nAssistant: It is noon.",
    "rejected": "\n\nHuman: Is it late?\n\nAssistant: No idea.",
}

TASKMASTER = [
    {
        "conversation_id": "dlg-44444444-4444-4444-8444-444444444444",
        "vertical": "Coffee",
        "scenario": "a script",
        "instructions": None,
        "utterances": [
            {
                "index": 0,
                "speaker": "user",
                "text": "A latte, please",
                "segments": [],
                "annotations": [
                    {"name": "api_call", "value": "get_menu", "context": "api_call_0"},
                    {"name": "request", "value": '{"query": "latte"}', "context": "api_call_0"},
                    {"name": "api_response", "value": "get_menu", "context": "api_response_0"},
                    {"name": "response", "value": '{"menu": []}', "context": "api_response_0"},
                ],
            },
            {"index": 1, "speaker": "assistant", "text": "Sorry.", "segments": [], "annotations": []},
        ],
    }
]

SGD = [
    {
        "dialogue_id": "1_00000",
        "services": ["Restaurants_1"],
        "turns": [
            {"speaker": "USER", "utterance": "I am hungry.", "frames": [{"service": "Restaurants_1"}]},
            {
                "speaker": "SYSTEM",
                "utterance": "There is one.",
                "frames": [
                    {
                        "service": "Restaurants_1",
                        "service_call": {"method": "Find", "parameters": {"city": "Ulm"}},
                        "service_results": [{"name": "Krone"}],
                    }
                ],
            },
        ],
    }
]

TAU = [
    {
        "task_id": 0,
        "reward": 1.0,
        "info": {"task": {"user_id": "ada_1", "instruction": "Ask."}},
        "trial": 0,
        "traj": [
            {"role": "system", "content": "# Policy"},
            {"role": "user", "content": "Where is my order?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "k1", "type": "function", "function": {"name": "find", "arguments": '{"id": 7}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "k1", "name": "find", "content": "on its way"},
            {"role": "assistant", "content": "It is on its way."},
        ],
    }
]

SWE = {
    "environment": "main",
    "trajectory": [
        {"action": "ls\n", "observation": "a.py\n", "response": "Let us look.\nls", "thought": "look"},
        {
            "action": "cat a.py\n",
            "observation": "x = 1\n",
            "response": "Now this.\ncat a.py",
            "thought": "see",
        },
    ],
    "history": [
        {"role": "system", "content": "You code.", "agent": "main"},
        {"role": "user", "content": "Here is a demonstration.", "agent": "main", "is_demo": True},
        {"role": "user", "content": "Fix the bug.", "agent": "main"},
        {
            "role": "assistant",
            "content": "Let us look.\nls",
            "thought": "look",
            "action": "ls\n",
            "agent": "main",
        },
        {"role": "user", "content": "a.py\n", "agent": "main"},
        {"role": "assistant", "content": "Now this.\ncat a.py", "action": "cat a.py\n", "agent": "main"},
    ],
    "info": {},
}

CHATGPT = [
    {
        "id": "t-1",
        "conversation_id": "t-1",
        "title": "Tea",
        "create_time": 1700000000.5,
        "update_time": 1700000001.0,
        "current_node": "n2",
        "mapping": {
            "n1": {"id": "n1", "message": None, "parent": None, "children": ["n2"]},
            "n2": {
                "id": "n2",
                "parent": "n1",
                "children": [],
                "message": {
                    "id": "n2",
                    "author": {"role": "user"},
                    "create_time": 1700000000.5,
                    "content": {"content_type": "text", "parts": ["Tea?"]},
                },
            },
        },
    }
]

CLAUDE = [
    {
        "uuid": "55555555-5555-4555-8555-555555555555",
        "name": "Tea",
        "created_at": "2025-09-10T14:00:00Z",
        "updated_at": "2025-09-10T14:00:00Z",
        "account": {"uuid": "66666666-6666-4666-8666-666666666666"},
        "chat_messages": [
            {
                "uuid": "77777777-7777-4777-8777-777777777777",
                "sender": "human",
                "text": "Tea?",
                "content": [{"type": "text", "text": "Tea?"}],
                "created_at": "2025-09-10T14:00:00Z",
                "updated_at": "2025-09-10T14:00:00Z",
                "attachments": [],
                "files": [],
            }
        ],
    }
]

CLAUDE_CODE = [
    {
        "type": "user",
        "uuid": "88888888-8888-4888-8888-888888888888",
        "parentUuid": None,
        "sessionId": "99999999-9999-4999-8999-999999999999",
        "timestamp": "2025-09-10T14:00:00Z",
        "message": {"role": "user", "content": "Fix it."},
    }
]

CODEX = [
    {
        "timestamp": "2025-09-10T14:00:00Z",
        "type": "session_meta",
        "payload": {"id": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "timestamp": "2025-09-10T14:00:00Z"},
    },
    {
        "timestamp": "2025-09-10T14:00:01Z",
        "type": "response_item",
        "payload": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
    },
]

LANGFUSE = [
    {
        "id": "o1",
        "trace_id": "t1",
        "project_id": "p1",
        "type": "GENERATION",
        "parent_observation_id": None,
        "start_time": "2025-09-10T14:00:00Z",
        "end_time": "2025-09-10T14:00:01Z",
        "name": "answer",
        "input": '[{"role": "user", "content": "Hi"}]',
        "output": '{"role": "assistant", "content": "Hi."}',
        "user_id": "ada",
        "session_id": "s1",
    }
]

LITELLM = [
    {
        "request_id": "r1",
        "call_type": "acompletion",
        "api_key": "hash",
        "spend": 0.1,
        "startTime": "2025-09-10T14:00:00Z",
        "endTime": "2025-09-10T14:00:01Z",
        "model": "m-1",
        "custom_llm_provider": "bedrock",
        "user": "ada",
        "end_user": "",
        "session_id": "s1",
        "messages": [{"role": "user", "content": "Hi"}],
        "response": {"choices": [{"message": {"role": "assistant", "content": "Hi."}}]},
    }
]

OTEL = [
    {
        "name": "chat m-1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "start_time": "2025-09-10T14:00:00Z",
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.conversation.id": "c1",
            "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}],
            "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": "Hi."}]}],
        },
    }
]


def as_lines(values: list[Any]) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def as_array(values: list[Any]) -> bytes:
    """One JSON array, indented as exports are."""
    return json.dumps(values, indent=2).encode()


JSON_LOGS: dict[str, bytes] = {
    "openai-chat": as_lines(OPENAI),
    "sharegpt": as_array(SHAREGPT),
    "oasst-trees": as_lines([TREE]),
    "oasst-messages": as_array(FLAT),
    "hh-rlhf": as_lines([PAIR]),
    "taskmaster": as_array(TASKMASTER),
    "sgd": as_array(SGD),
    "tau-bench": as_array(TAU),
    "swe-agent": json.dumps(SWE, indent=2).encode(),
    "chatgpt-export": as_array(CHATGPT),
    "claude-export": as_array(CLAUDE),
    "claude-code": as_lines(CLAUDE_CODE),
    "codex": as_lines(CODEX),
    "langfuse": as_lines(LANGFUSE),
    "litellm": as_lines(LITELLM),
    "otel-genai": as_lines(OTEL),
}
"""The name of the format, and a log of it."""


def write(folder: Path, name: str, content: bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


def conversations(path: Path, reader: Reader) -> list[Conversation]:
    """What a reader makes of a file that has no damage."""
    found = list(reader.read(Source.at(path)))
    assert all(isinstance(piece, Conversation) for piece in found), found
    return found


def records(*paths: Path | str, **options: Any) -> tuple[list[dict[str, Any]], IntakeReport]:
    """The records of logs, one dictionary each, and the report."""
    reading = read_logs([str(path) for path in paths], **options)
    rows = [row for batch in reading for row in batch.to_pylist()]
    return rows, reading.report
