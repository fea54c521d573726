"""hh-rlhf: ``{"chosen", "rejected"}``, each one text with turns marked ``Human:`` and ``Assistant:``.

The two of a pair are two conversations. They share a beginning, so they are near-duplicates of one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from troth.intake.readers.elements import parse_each
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

_MARK = re.compile(r"\n\n(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def _is_pair(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    both = value.get("chosen"), value.get("rejected")
    return all(isinstance(text, str) and _MARK.match(text) for text in both)


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_pair, sample.values))


def _conversation(text: str) -> Conversation:
    before, *marked = _MARK.split(text)
    if before.strip():
        raise ValueError("the text does not begin with a turn")
    speakers, said = marked[::2], marked[1::2]
    turns = (Turn(_ROLES[who], text=what.removeprefix(" ")) for who, what in zip(speakers, said, strict=True))
    return Conversation(tuple(turns))


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    return _conversation(value["chosen"]), _conversation(value["rejected"])


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "a pair of conversations")


READER = Reader("hh-rlhf", "hh-rlhf preference pairs", _recognises, _read)
