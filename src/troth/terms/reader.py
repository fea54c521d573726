"""What the readers of a terms file share: its top-level content, its lines, and where problems go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from troth.errors import Place
from troth.terms.fields import Fields, Shape
from troth.terms.lines import Lines
from troth.terms.problems import Problems, did_you_mean
from troth.types.vocabulary import PURPOSES


@dataclass(frozen=True, slots=True)
class Reader:
    """One terms file being read."""

    top: Mapping[str, Any]
    """The top-level keys that are right."""
    lines: Lines
    problems: Problems

    def line(self, *path: str | int) -> int:
        """Tell the line of a path, or of the nearest table that holds it."""
        return self.lines.of(*path)

    def place(self, line: int) -> Place:
        """Name a line of this file."""
        return Place(self.problems.file, line)

    def fields(self, value: Any, path: tuple[str | int, ...], what: str) -> Fields:
        """Give the fields of one table."""
        return Fields(value, path, what, self.lines, self.problems)

    def tables(self, name: str, shape: Shape, what: str) -> list[tuple[dict[str, Any], int, str]]:
        """Read the tables of an array: the fields of each that are right, its index, and what to call it."""
        found = []
        for index, table in enumerate(self.top.get(name, ())):
            title = f"{what} {table.get('id', table.get('name', index + 1))!r}"
            found.append((self.fields(table, (name, index), title).take(shape), index, title))
        return found

    def purposes(self, table: Mapping[str, Any], line: int, what: str) -> tuple[str, ...]:
        """Take the purposes of a table; an unknown one becomes a problem."""
        purposes: tuple[str, ...] = table.get("purposes", ())
        for purpose in purposes:
            self.known(purpose, PURPOSES, line, f"{what}: unknown purpose {purpose!r}")
        return purposes

    def source(self, table: Mapping[str, Any], line: int, what: str, sources: Iterable[str]) -> str:
        """Take the source of a table; an unknown one becomes a problem."""
        source: str = table.get("source", "")
        if source:
            self.known(source, sources, line, f"{what}: unknown source {source!r}")
        return source

    def known(self, word: str, words: Iterable[str], line: int, what: str) -> None:
        """Add the problem ``what`` where a word is not one of a closed list."""
        words = tuple(words)
        if word not in words:
            self.problems.add(line, what, did_you_mean(word, words))

    def unique(self, ids: Iterable[tuple[str, int]], what: str) -> None:
        """Add a problem for each id that is used again."""
        seen: dict[str, int] = {}
        for id_, line in ids:
            if id_ in seen:
                self.problems.add(
                    line, f"{what} id {id_!r} is used again", f"it stands in line {seen[id_]}; rename one"
                )
            seen.setdefault(id_, line)
