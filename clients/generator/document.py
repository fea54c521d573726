"""What a client needs of the OpenAPI document: operations, and the forms of what they take and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address or of its query."""

    name: str
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a client."""

    name: str
    """As the document has it: two words with a dot."""
    method: str
    path: str
    summary: str
    places: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    body: Mapping[str, Any] | None
    gives: Mapping[str, Any] | None
    """None: text."""
    keyed: bool
    """Whether an ``Idempotency-Key`` goes along."""


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation, in the order of the document."""
    return [
        _operation(path, method, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def forms(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Every form by name, in the order of the alphabet."""
    return sorted(document["components"]["schemas"].items())


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Operation:
    parameters = [
        (one["in"], Parameter(one["name"], one["schema"], one["required"])) for one in told["parameters"]
    ]
    good = next(answer for status, answer in told["responses"].items() if status < "300")
    media, content = next(iter(good["content"].items()))
    body = told.get("requestBody")
    return Operation(
        told["operationId"],
        method.upper(),
        path,
        told["summary"],
        tuple(one for place, one in parameters if place == "path"),
        tuple(one for place, one in parameters if place == "query"),
        None if body is None else body["content"]["application/json"]["schema"],
        content["schema"] if media == "application/json" else None,
        any(place == "header" and one.name == "Idempotency-Key" for place, one in parameters),
    )
