"""JSON that a log stores inside a text column: decoded, or kept as the text that it is."""

from __future__ import annotations

from typing import Any

from troth.intake.json_text import NotJsonError, decode


def value_of(stored: Any) -> Any:
    """The value in a column: what its text holds as JSON, if that is more than a number, or else the text."""
    if not isinstance(stored, str):
        return stored
    if not stored.lstrip().startswith(("{", "[", '"')):
        return None if stored.strip() in ("", "null") else stored
    try:
        return decode(stored.encode("utf-8", errors="replace"))
    except NotJsonError:
        return stored
