"""Where each key of a TOML file stands, so that every problem can name its line.

``tomllib`` gives values without places. This reads only table headers and keys, of files that
``tomllib`` has already accepted; what it cannot place is reported at the table that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=""")
_STRING = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*')


class Lines:
    """The line of each path of one TOML text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._text = text.splitlines()
        self._scan(text)

    def of(self, *path: str | int) -> int:
        """Tell the line of a path, or of the nearest table that holds it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return 1

    def saying(self, text: str, *path: str | int) -> int:
        """Tell the line at or after that of a path in which a text stands; the path's own where it stands in none."""
        first = self.of(*path)
        written = text.replace("\\", "\\\\").replace('"', '\\"')
        for number, line in enumerate(self._text[first - 1 :], start=first):
            if text in line or written in line:
                return number
        return first

    def _scan(self, text: str) -> None:
        counts: dict[Path, int] = {}
        table: Path = ()
        until = ""
        depth = 0
        for number, line in enumerate(text.splitlines(), start=1):
            if until:
                until = "" if until in line else until
                continue
            if not depth:
                header = _HEADER.match(line)
                if header:
                    table = self._enter(header, counts)
                    self._lines.setdefault(table, number)
                    continue
                key = _KEY.match(line)
                if key:
                    self._lines.setdefault((*table, *_parts(key.group(1))), number)
            until = _open_string(line)
            depth = max(0, depth + _brackets(line))

    @staticmethod
    def _enter(header: re.Match[str], counts: dict[Path, int]) -> Path:
        path: Path = ()
        names = _parts(header.group(2))
        for name in names[:-1]:
            path = (*path, name)
            if path in counts:
                path = (*path, counts[path])
        path = (*path, names[-1])
        if header.group(1) == "[[":
            counts[path] = counts.get(path, -1) + 1
            path = (*path, counts[path])
        return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _open_string(line: str) -> str:
    """Find the quotes of a multi-line string that begins in this line and does not end in it."""
    for quotes in ('"""', "'''"):
        if line.count(quotes) % 2:
            return quotes
    return ""


def _brackets(line: str) -> int:
    bare = _STRING.sub("", line)
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")


def flatten(value: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested tables as one level with dotted names: ``{a: {b: 1}}`` to ``{"a.b": 1}``."""
    flat: dict[str, object] = {}
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, Mapping):
            flat.update(flatten(inner, f"{name}."))
        else:
            flat[name] = inner
    return flat
