"""What holds for every reader here: one format for each log, and nothing that a log holds is an error."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from reader_logs import LOGS

from troth.intake.formats import READERS, recognised_by
from troth.intake.readers import (
    chatgpt_export,
    claude_code,
    claude_export,
    codex,
    langfuse,
    litellm,
    open_webui,
    otel_genai,
)
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader
from troth.types.vocabulary import CHANNELS, KINDS, PRODUCTS

BY_FOLDER = {
    "chatgpt_export": chatgpt_export.READER,
    "claude_code": claude_code.READER,
    "claude_export": claude_export.READER,
    "codex": codex.READER,
    "langfuse": langfuse.READER,
    "litellm": litellm.READER,
    "open_webui": open_webui.READER,
    "otel_genai": otel_genai.READER,
}
FIXTURES = sorted(
    path
    for folder in BY_FOLDER
    for path in (LOGS / folder).iterdir()
    if path.suffix not in (".py", ".md", "")
)
JSON_FIXTURES = [path for path in FIXTURES if path.suffix in (".json", ".jsonl")]
ODD: list[Any] = [
    None,
    True,
    0,
    -1.5,
    10**20,
    "",
    "odd",
    [],
    [None],
    [[]],
    {},
    {"type": "text"},
    {"a": {"b": []}},
]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_log_is_of_one_format_whatever_its_name(path: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "conversations.txt"
    renamed.write_bytes(path.read_bytes())
    expected = BY_FOLDER[path.parent.name]
    others = [reader for reader in READERS if reader.name != expected.name]
    assert recognised_by(Source.at(renamed).sample, [*others, expected]) == [expected]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_records_speak_the_vocabulary_and_have_ids_of_their_own(path: Path) -> None:
    found = list(BY_FOLDER[path.parent.name].read(Source.at(path)))
    ids = set[tuple[str | None, str | None, str | None]]()
    for conversation in found:
        assert isinstance(conversation, Conversation)
        assert conversation.product in PRODUCTS
        assert conversation.channel in CHANNELS
        assert conversation.id
        for turn in conversation.turns:
            key = (conversation.id, conversation.account, turn.id)
            assert turn.id
            assert key not in ids
            ids.add(key)
            assert turn.kind in KINDS
            assert turn.role in ("user", "assistant", "tool")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_reading_twice_tells_the_same(path: Path) -> None:
    reader = BY_FOLDER[path.parent.name]
    assert list(reader.read(Source.at(path))) == list(reader.read(Source.at(path)))


@pytest.mark.parametrize("path", JSON_FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_whatever_stands_in_a_log_is_read_or_named_as_damage(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = path.suffix == ".jsonl"
    values = [json.loads(line) for line in text.splitlines()] if lines else json.loads(text)
    source = Source.at(path)
    chance = random.Random(path.name)
    broken = tmp_path / "broken"
    for _ in range(60):
        changed = copy.deepcopy(values)
        _spoil(changed, chance)
        whole = "\n".join(map(json.dumps, changed)) if lines else json.dumps(changed)
        broken.write_text(whole, encoding="utf-8")
        _read_all(BY_FOLDER[path.parent.name], Source(broken, source.sample))


def _spoil(value: Any, chance: random.Random) -> None:
    """Put something odd in one place, anywhere in a value."""
    while isinstance(value, dict | list) and value:
        key = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        inner = value[key]
        if chance.random() < 0.25 or not isinstance(inner, dict | list) or not inner:
            value[key] = copy.deepcopy(chance.choice(ODD))
            return
        value = inner


def _read_all(reader: Reader, source: Source) -> None:
    for piece in reader.read(source):
        if isinstance(piece, Damage):
            assert piece.what
            continue
        assert isinstance(piece, Conversation)
        for turn in piece.turns:
            told = (
                turn.text,
                turn.id,
                turn.parent,
                turn.path,
                turn.media_type,
                turn.digest,
                turn.model,
                turn.tool,
            )
            assert all(each is None or isinstance(each, str) for each in told), turn
            assert turn.at is None or isinstance(turn.at, int)
            assert isinstance(turn.role, str)
            assert isinstance(turn.kind, str)
