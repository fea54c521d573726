"""The loop that most readers share: each element is parsed on its own, and damage stays with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.tools import as_json
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage

MISSHAPEN = (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError)
"""What parsing raises for an element that is not shaped as its format has it."""

Parse = Callable[[Any], Iterable[Conversation]]


def parse_each(source: Source, parse: Parse, what: str, shape: Any = Any) -> Iterator[Conversation | Damage]:
    """The conversations that ``parse`` finds in each element, or that the element is no ``what``.

    Elements are plain values, or of the type ``shape``.
    """
    for element in source.json_elements(shape):
        if isinstance(element, Damage):
            yield element
            continue
        number, value = element
        try:
            found = list(parse(value))
        except MISSHAPEN:
            yield Damage(number, f"it is not {what}, as the rest of the log is")
            continue
        for conversation in found:
            yield replace(conversation, line=number)


def told(value: Any) -> str | None:
    """An id or a name as a log tells it: text or a whole number; None for nothing, or for anything else."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def text_of(value: Any) -> str | None:
    """What a log wrote as text: text as it is, nothing as nothing, and anything else as its JSON."""
    return None if value is None else as_json(value)


def role_of(written: Any, roles: dict[str, str]) -> str:
    """The role that a log's own word stands for; an unknown word is kept as it is, and denied later."""
    if not isinstance(written, str):
        raise TypeError("a role is text")
    return roles.get(written, written)


def own_id(value: dict[str, Any]) -> str | None:
    """What a log writes under ``id``, unless that is a mere number, which counts rows and names nothing."""
    found = told(value.get("id"))
    return None if found is None or found.isdigit() else found


def first_told(value: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """The first of several fields that holds an id or a name, or an object that has one under ``id``."""
    for key in keys:
        held = value.get(key)
        found = told(held.get("id") if isinstance(held, dict) else held)
        if found:
            return found
    return None
