"""Which tool a result came from, and so what kind of record it is.

Terms treat what connectors fetch from elsewhere apart. A result whose tool the log does not name is taken
for a connector's: that is the reading that denies.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

MCP_PREFIX = "mcp__"


def always_connector(_name: str | None) -> str:
    """For logs of calls to an API: every tool there is the caller's own system."""
    return "connector"


def mcp_name(server: Any, tool: Any) -> str:
    """The one name by which a tool of a Model Context Protocol server goes here."""
    return f"{MCP_PREFIX}{server}__{tool}"


class Tools:
    """The names of the tools called so far, by the id of the call. One short entry for each call is kept."""

    def __init__(self, kind_of_result: Callable[[str | None], str]) -> None:
        self._kind_of_result = kind_of_result
        self._names: dict[str, str] = {}

    def called(self, call: Any, name: Any) -> str | None:
        """Remember that ``call`` went to the tool ``name``."""
        if not isinstance(name, str) or not name:
            return None
        if isinstance(call, str) and call:
            self._names[call] = name
        return name

    def result(self, call: Any, name: Any = None) -> tuple[str, str | None]:
        """The kind of the result of ``call``, and the tool's name where anything tells it."""
        known = self._names.get(call) if isinstance(call, str) else None
        named = known or (name if isinstance(name, str) and name else None)
        return self._kind_of_result(named), named


def as_json(value: Any) -> str:
    """A value of the log as the text of a record: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
