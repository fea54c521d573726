"""OpenAssistant: message trees, one tree an element, and flat messages that name their parents.

Flat messages of one tree that follow one another are read as one part of its conversation. Where they do not
name their tree, its root is found by their parents, which takes memory for the ids of one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from troth.intake.readers.elements import MISSHAPEN, parse_each, role_of, text_of, told
from troth.intake.readers.log_times import time_of
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_ROLES = {"prompter": "user", "assistant": "assistant"}
_IDS = ("message_id", "user_message_id")
_PARENTS = ("parent_id", "parent_message_id")

Flat = tuple[int, str, Turn]
"""Line, id of the tree, message."""


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, dict) and value.get("role") in _ROLES and "text" in value and _id(value) is not None
    )


def _is_tree(value: Any) -> bool:
    return isinstance(value, dict) and "message_tree_id" in value and _is_message(value.get("prompt"))


def _recognises_trees(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_tree, sample.values))


def _recognises_flat(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_message, sample.values))


def _id(message: dict[str, Any]) -> str | None:
    return next((message[key] for key in _IDS if isinstance(message.get(key), str)), None)


def _parent(message: dict[str, Any]) -> str | None:
    return next((told(message[key]) for key in _PARENTS if key in message), None)


def _turn(message: dict[str, Any], parent: str | None) -> Turn:
    return Turn(
        role_of(message["role"], _ROLES),
        text=text_of(message["text"]),
        id=_id(message),
        at=time_of(message.get("created_date")),
        parent=parent,
        account=told(message.get("user_id")),
        model=told(message.get("model_name")),
    )


def _tree(value: dict[str, Any]) -> Iterable[Conversation]:
    """A tree in the order in which it is written: each answer before the answers to it."""
    turns, waiting = list[Turn](), [(value["prompt"], _parent(value["prompt"]))]
    while waiting:
        message, parent = waiting.pop()
        turns.append(_turn(message, parent))
        own = _id(message)
        waiting.extend((reply, own) for reply in reversed(message.get("replies") or ()))
    yield Conversation(tuple(turns), id=told(value["message_tree_id"]))


def _read_trees(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _tree, "a tree of messages")


def _parents(source: Source) -> dict[str, str]:
    """The parent of each message that does not name its tree."""
    return {
        own: parent
        for element in source.json_elements()
        if not isinstance(element, Damage) and isinstance(element[1], dict)
        if "message_tree_id" not in element[1]
        if (own := _id(element[1])) and (parent := _parent(element[1]))
    }


def _root(message: str, parents: dict[str, str]) -> str:
    """The first message of a tree. Messages that answer one another in a circle have the least of them."""
    path = dict[str, None]()
    while message in parents and message not in path:
        path[message] = None
        message = parents[message]
    root = min(path) if message in path else message
    for passed in path:
        parents[passed] = root
    return root


def _messages(source: Source) -> Iterator[Flat | Damage]:
    parents = _parents(source)
    for element in source.json_elements():
        if isinstance(element, Damage):
            yield element
            continue
        number, value = element
        try:
            turn = _turn(value, _parent(value))
            tree = told(value.get("message_tree_id")) or _root(turn.id or "", parents)
        except MISSHAPEN:
            yield Damage(number, "it is not a message, as the rest of the log is")
        else:
            yield number, tree, turn


def _read_flat(source: Source) -> Iterator[Conversation | Damage]:
    for tree, together in groupby(
        _messages(source), lambda found: None if isinstance(found, Damage) else found[1]
    ):
        if tree is None:
            yield from (found for found in together if isinstance(found, Damage))
            continue
        flat = [found for found in together if not isinstance(found, Damage)]
        yield Conversation(tuple(turn for _, _, turn in flat), id=tree, line=flat[0][0])


TREES = Reader("oasst-trees", "OpenAssistant message trees", _recognises_trees, _read_trees, prefix="oasst:")
FLAT = Reader("oasst-messages", "OpenAssistant messages", _recognises_flat, _read_flat, prefix="oasst:")
