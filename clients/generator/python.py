"""The Python client's types and methods, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from document import Operation, forms, operations

_HEAD = '''"""A form for each thing and a method for each operation of the service. Made from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote
'''
_CLASS = '''

class Interface:
    """Every operation of the service. `Client` says how a request is sent."""

    def send(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, once: str | None, *, text: bool = False
    ) -> Any:
        """Send a request, and give what is answered."""
        raise NotImplementedError
'''
_TAIL = '''

def _part(text: str) -> str:
    """A value as one part of an address."""
    return quote(text, safe="")
'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def python(document: Mapping[str, Any]) -> str:
    """The module."""
    parts = [_HEAD, *(_form(name, schema) for name, schema in forms(document)), _CLASS]
    parts += ["".join(_method(one)) for one in operations(document)]
    return "".join([*parts, _TAIL])


def _form(name: str, schema: Mapping[str, Any]) -> str:
    lines = [f'\n\nclass {name}(TypedDict):\n    """{schema.get("description", name)}"""\n\n']
    needed = schema.get("required", ())
    for field, told in schema["properties"].items():
        kind = _kind(told)
        lines.append(f"    {field}: {kind if field in needed else f'NotRequired[{kind}]'}\n")
    return "".join(lines)


def _kind(told: Mapping[str, Any]) -> str:
    if "$ref" in told:
        return str(told["$ref"]).rpartition("/")[2]
    if "anyOf" in told:
        return " | ".join(_kind(one) for one in told["anyOf"])
    if "enum" in told:
        values = ", ".join('"' + str(one) + '"' for one in told["enum"])
        return f"Literal[{values}]"
    if told.get("type") == "array":
        return f"list[{_kind(told['items'])}]"
    if told.get("type") == "object":
        values = told.get("additionalProperties")
        return f"dict[str, {_kind(values) if isinstance(values, Mapping) else 'Any'}]"
    return _PLAIN.get(told.get("type", ""), "Any")


def _method(one: Operation) -> Iterator[str]:
    gives = "str" if one.gives is None else _kind(one.gives)
    yield f"\n    def {one.name.replace('.', '_')}(\n        self,\n"
    for place in one.places:
        yield f"        {place.name}: str,\n"
    if one.body is not None:
        yield f"        body: {_kind(one.body)},\n"
    if one.query or one.keyed:
        yield "        *,\n"
    for told in one.query:
        kind = _kind(told.schema)
        yield (
            f"        {told.name}: {kind},\n"
            if told.required
            else f"        {told.name}: {kind} | None = None,\n"
        )
    if one.keyed:
        yield "        once: str | None = None,\n"
    yield f'    ) -> {gives}:\n        """{one.summary}."""\n'
    query = ", ".join(f'"{told.name}": {told.name}' for told in one.query)
    path = one.path
    for place in one.places:
        path = path.replace(f"{{{place.name}}}", f"{{_part({place.name})}}")
    path = f'{"f" if one.places else ""}"{path}"'
    body, key = "None" if one.body is None else "body", "once" if one.keyed else "None"
    text = ", text=True" if one.gives is None else ""
    sent = f'self.send("{one.method}", {path}, {{{query}}}, {body}, {key}{text})'
    yield f"        return cast({gives!r}, {sent})\n" if gives != "Any" else f"        return {sent}\n"
