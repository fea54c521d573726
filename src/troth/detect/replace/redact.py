"""Redacting whole conversations: find, replace, and look again at what came of it until nothing more is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from troth.detect.finding import Finding
from troth.detect.replace.edits import composed
from troth.detect.replace.manner import Manners
from troth.detect.replace.replacer import Talk
from troth.types.edit import Edit, edited
from troth.types.manner import DROP

ROUNDS = 6
"""How often a conversation is looked at, at most. Each further look is at conversations that the last one changed."""


class Finder(Protocol):
    """Finds sensitive data. It can be sent to another process, and finds the same there."""

    @property
    def digest(self) -> str:
        """``sha256:`` digest of its definition: another definition has another digest."""

    def find(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None = None
    ) -> list[list[Finding]]:
        """What is in each text, ordered, none overlapping; nothing in None."""

    def strict(self) -> Finder:
        """The same with nothing spared, for a second look."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """What came of one text."""

    text: str | None
    edits: tuple[Edit, ...]
    """What was done to the text as it was, in order."""
    drop: bool
    """Whether its record is to be left out; then ``text`` is None."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Redacts conversations: a pure function of texts and keys."""

    finder: Finder
    manners: Manners
    kinds: frozenset[str]
    """The kinds that there are: their tags are known at sight."""

    def redact(
        self, texts: Sequence[str | None], conversations: Sequence[str], keys: Mapping[str, bytes]
    ) -> list[Redacted]:
        """Redact texts, each of a conversation, in the order in which they were said.

        ``keys`` has 32 bytes for every conversation. What comes of one does not depend on the others.
        """
        rows: dict[str, list[int]] = {}
        for row, conversation in enumerate(conversations):
            rows.setdefault(conversation, []).append(row)
        talks: dict[str, Talk] = {}
        now = list(texts)
        done: list[list[Edit]] = [[] for _ in texts]
        waiting = list(rows)
        for _ in range(ROUNDS):
            asked = [row for name in waiting for row in rows[name]]
            found = self.finder.find([now[row] for row in asked], [conversations[row] for row in asked])
            by_row = dict(zip(asked, found, strict=True))
            waiting = [name for name in waiting if any(by_row[row] for row in rows[name])]
            changed = []
            for name in waiting:
                talk = talks.get(name) or talks.setdefault(name, Talk(self.manners, keys[name], self.kinds))
                made = talk.edits([now[row] for row in rows[name]], [by_row[row] for row in rows[name]])
                if any(made):
                    changed.append(name)
                for row, edits in zip(rows[name], made, strict=True):
                    text = now[row]
                    if edits and text is not None:
                        now[row], done[row] = edited(text, edits), composed(text, done[row], edits)
            waiting = changed
            if not waiting:
                break
        return [self._redacted(text, edits) for text, edits in zip(now, done, strict=True)]

    def _redacted(self, text: str | None, edits: Sequence[Edit]) -> Redacted:
        drop = any(self.manners.of(edit.kind) == DROP for edit in edits)
        return Redacted(None if drop else text, tuple(edits), drop)
