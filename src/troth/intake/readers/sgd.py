"""Schema-guided dialogues: ``{"dialogue_id", "services", "turns": [{"speaker", "utterance", "frames"}]}``.

A call of a service and its results stand in the frame of the answer that was made from them, so they come
before it. Dialogues are numbered anew in each part of the corpus (train, dev, test).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from troth.intake.readers.elements import parse_each
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_ROLES = {"USER": "user", "SYSTEM": "assistant"}
_encode = msgspec.json.Encoder().encode


class _Call(msgspec.Struct):
    method: str | None = None
    parameters: Any = {}


class _Frame(msgspec.Struct):
    service_call: _Call | None = None
    service_results: Any = None


class _Said(msgspec.Struct):
    speaker: str
    utterance: str
    frames: list[_Frame] = []


class _Dialogue(msgspec.Struct):
    """What is taken of a dialogue. The annotations, most of its bytes, are not even decoded."""

    dialogue_id: str
    turns: list[_Said]


def _is_dialogue(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("dialogue_id"), str):
        return False
    turns = value.get("turns")
    return isinstance(turns, list) and bool(turns) and {"speaker", "utterance"} <= turns[0].keys()


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_dialogue, sample.values))


def _called(call: _Call, results: Any) -> Iterator[Turn]:
    yield Turn("assistant", text=_encode(call.parameters).decode(), kind="code", tool=call.method)
    if results is not None:
        yield Turn("tool", text=_encode(results).decode(), tool=call.method)


def _turns(dialogue: _Dialogue) -> Iterator[Turn]:
    for said in dialogue.turns:
        for frame in said.frames:
            if frame.service_call is not None:
                yield from _called(frame.service_call, frame.service_results)
        yield Turn(_ROLES.get(said.speaker, said.speaker), text=said.utterance)


def _parse(dialogue: _Dialogue) -> Iterable[Conversation]:
    yield Conversation(tuple(_turns(dialogue)), id=dialogue.dialogue_id)


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a schema-guided dialogue", _Dialogue)


READER = Reader("sgd", "Schema-Guided Dialogue", _recognises, _read, prefix="sgd:")
