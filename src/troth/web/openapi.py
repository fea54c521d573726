"""The OpenAPI 3.1 document, made from the same rows as the routes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from troth import __version__
from troth.web.access.rights import RIGHTS
from troth.web.api.endpoint import Endpoint, Nothing
from troth.web.problems import KINDS, MEDIA_TYPE, PREFIX, Problem

_EVERYWHERE = ("unauthenticated", "forbidden", "csrf", "slow", "too-large", "media-type", "invalid",
               "rate-limited", "broken", "unavailable")  # fmt: skip
_TEXT = (
    "What people chose, durably and at once: the question to show a person, recording choices, decisions, receipts,"
    " requests and erasure. Every error is a problem (RFC 9457) whose type is an address under `/problems/`."
)


def openapi(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The document."""
    rows = list(endpoints)
    forms = [
        Problem,
        *(form for row in rows for form in (row.gives, row.query, row.body) if _is_struct(form)),
    ]
    schemas, components = msgspec.json.schema_components(
        list(dict.fromkeys(forms)), ref_template="#/components/schemas/{name}"
    )
    del schemas
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, components)
    for row in rows:  # the parameters of an address are told one by one
        if row.query is not Nothing:
            components.pop(row.query.__name__, None)
    components.pop(Nothing.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Troth", "version": __version__, "description": _TEXT, "license": _LICENSE},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "security": [{"key": []}, {"person": []}, {"session": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key: `troth key new`."},
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of at most ten minutes, in which a product vouches for its signed-in person.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-troth",
        "description": "Who signed in at the console or opened the privacy centre; needs X-CSRF-Token to change something.",
    },
}


def _is_struct(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, msgspec.Struct)


def _operation(row: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    right = RIGHTS[row.act]
    told = [
        f"For: {', '.join(right.every)}." if right.every else "",
        _own(right.own),
        f"Scope: `{right.scope}`.",
    ]
    operation: dict[str, Any] = {
        "operationId": row.act,
        "summary": row.summary,
        "description": " ".join(part for part in (row.text, *told) if part),
        "tags": [row.act.partition(".")[0]],
        "parameters": [*_path(row), *_query(row, components), *_header(row)],
        "responses": _responses(row),
    }
    if row.body is not None:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{row.body.__name__}"}}
        if row.example is not None:
            content["example"] = row.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _own(roles: tuple[str, ...]) -> str:
    return f"For themselves alone: {', '.join(roles)}." if roles else ""


def _path(row: Endpoint) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in row.path.split("/") if part.startswith("{")]
    return [
        {
            "name": name.partition(":")[0],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 512},
        }
        for name in names
    ]


def _query(row: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    if row.query is Nothing:
        return []
    form = components[row.query.__name__]
    needed = form.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _without_null(schema)}
        for name, schema in form["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is no null."""
    kept = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    some = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    return {**kept, **some[0]} if len(some) == 1 else kept if not some else {**kept, "anyOf": some}


def _header(row: Endpoint) -> list[dict[str, Any]]:
    headers = []
    if row.method in ("POST", "DELETE"):
        text = "Sent again with the same key, the same request is done once. Kept for a day at least."
        headers.append(("Idempotency-Key", text, {"type": "string", "pattern": "^[!-~]{1,255}$"}))
    if row.tagged:
        headers.append(("If-None-Match", "The ETag that the caller has.", {"type": "string"}))
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": schema}
        for name, text, schema in headers
    ]


def _responses(row: Endpoint) -> dict[str, Any]:
    good: dict[str, Any] = {"description": row.summary}
    if row.status != 204:
        schema = {"$ref": f"#/components/schemas/{row.gives.__name__}"} if _is_struct(row.gives) else {}
        good["content"] = {row.media: {"schema": schema}}
    found = {str(row.status): good}
    if row.tagged:
        found["304"] = {"description": "The caller has it already."}
    for status, kinds in sorted(_by_status((*_EVERYWHERE, *row.others)).items()):
        titles = "; ".join(f"{KINDS[kind].title} (`{PREFIX}{kind}`)" for kind in kinds)
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        found[str(status)] = {"description": titles, "content": content}
    return found


def _by_status(kinds: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for kind in dict.fromkeys(kinds):
        found.setdefault(KINDS[kind].status, []).append(kind)
    return found
