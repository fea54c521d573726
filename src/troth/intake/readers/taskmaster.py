"""Taskmaster: ``{"conversation_id", "utterances": [{"index", "speaker", "text", …}]}``.

The calls of an API and their results stand beside an utterance, as ``annotations`` (TM-4) or ``apis`` (TM-3).
What the crowd workers were asked to do (``scenario``, ``instructions``) is no part of the conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from troth.intake.readers.elements import parse_each, text_of, told
from troth.intake.readers.tools import as_json
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_ANNOTATED = {"request": ("assistant", "code"), "response": ("tool", "text")}
_NAMES = frozenset({"api_call", "api_response"})


def _is_dialogue(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("conversation_id"), str):
        return False
    said = value.get("utterances")
    return isinstance(said, list) and bool(said) and {"index", "speaker", "text"} <= said[0].keys()


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_dialogue, sample.values))


def _annotated(annotations: list[dict[str, Any]]) -> Iterator[Turn]:
    """A call or a response is two annotations: the name of the API, then what was sent or came back."""
    tool: str | None = None
    for each in annotations:
        name, value = each.get("name"), each.get("value")
        if name in _NAMES:
            tool = told(value)
        elif name in _ANNOTATED:
            role, kind = _ANNOTATED[name]
            yield Turn(role, text=as_json(value), kind=kind, tool=tool)


def _called(apis: list[dict[str, Any]]) -> Iterator[Turn]:
    for each in apis:
        tool = told(each.get("name"))
        yield Turn("assistant", text=as_json(each.get("args", {})), kind="code", tool=tool)
        if "response" in each:
            yield Turn("tool", text=as_json(each["response"]), tool=tool)


def _turns(said: dict[str, Any]) -> Iterator[Turn]:
    speaker = said["speaker"].lower()
    yield Turn("assistant" if speaker == "system" else speaker, text=text_of(said["text"]))
    if said.get("annotations"):
        yield from _annotated(said["annotations"])
    if said.get("apis"):
        yield from _called(said["apis"])


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    turns = tuple(turn for said in value["utterances"] for turn in _turns(said))
    yield Conversation(turns, id=told(value["conversation_id"]))


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a dialogue with utterances")


READER = Reader("taskmaster", "Taskmaster dialogues", _recognises, _read)
