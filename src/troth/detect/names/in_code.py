"""Keeps of the names found in a program those that something speaks for: code is full of words that look like names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from troth.detect.names.credits import (
    IDENTIFIER,
    Around,
    around,
    is_free,
    is_plain,
)
from troth.detect.names.listed import FIRST, LAST, PLACE, STREET, is_common, is_word, marks_of
from troth.detect.names.weights import Weights
from troth.detect.names.written import PARTICLES, is_humped, is_initial, is_title, words_in
from troth.detect.text.program import Place

if TYPE_CHECKING:
    from troth.detect.text.view import View

SURE = 0.9
"""The confidence from which a name in no list is believed in a program."""
_NEAR = 400
_NAMES = FIRST | LAST | PLACE
_COMMENT = r"[ \t]*(?:#|//|/\*|\*|--|;|%|[\"'])"
_LIKE_PROGRAM = (re.compile(rf"\A{_COMMENT}"), re.compile(rf"\n{_COMMENT}"), re.compile(r"\d[\s,]+\d"))
"""What a text has somewhere of which any part may be a comment, or a row of values, or of numbers. One by one they are
searched for twice as fast as together."""


@dataclass(frozen=True, slots=True)
class Name:
    """What the tagger found, in offsets of the folded text."""

    start: int
    end: int
    kind: str
    sure: float


def believed(view: View, names: Sequence[Name], weights: Weights) -> Sequence[Name]:
    """The names of a text, in order, without those in a program or in records that nothing speaks for.

    In what people say to one another all are kept. Time is linear in the length of the text.
    """
    if not names or (len(view.zones) == 1 and not any(form.search(view.folded) for form in _LIKE_PROGRAM)):
        return names
    groups = list(_groups(view.folded, names))
    places = [view.program.at(group[0].start) for group in groups]
    judge = Judge.of(view, groups, weights)
    beliefs = [judge.believes(group, place) for group, place in zip(groups, places, strict=True)]
    beside = {
        judge.line_of(group[0])
        for group, belief in zip(groups, beliefs, strict=True)
        if belief and group[0].kind == "PERSON"
    }
    return [
        name
        for group, belief in zip(groups, beliefs, strict=True)
        if belief or (judge.line_of(group[0]) in beside and judge.is_known_place(group))
        for name in group
    ]


def _groups(text: str, names: Sequence[Name]) -> Iterator[list[Name]]:
    """Parts of one person's name that the tagger took for several stand together."""
    group: list[Name] = []
    for name in names:
        if group and (
            name.kind != "PERSON"
            or group[-1].kind != "PERSON"
            or text[group[-1].end : name.start] not in (" ", "-", "'")
        ):
            yield group
            group = []
        group.append(name)
    if group:
        yield group


class Judge:
    """Says of the names in one text whether anything speaks for them."""

    def __init__(self, text: str, marks: Mapping[str, int], mixed: bool) -> None:
        self._text = text
        self._marks = marks
        self._mixed = mixed

    @classmethod
    def of(cls, view: View, groups: Iterable[Sequence[Name]], weights: Weights) -> Self:
        """The judge of some names in a text; their words are looked up in the lists at once."""
        text = view.folded
        words = sorted({word for group in groups for word in words_in(text[group[0].start : group[-1].end])})
        return cls(text, dict(zip(words, marks_of(weights, words), strict=True)), view.program.mixed)

    def believes(self, group: Sequence[Name], place: Place) -> bool:
        """Whether the parts of a name are one.

        In a program something must speak for it. In records its form decides. In talk it is believed, but for what
        only a program writes so, if there is one in the text.
        """
        text, start, end = self._text, group[0].start, group[-1].end
        if group[0].kind == "ADDRESS":
            return self._is_address(text[start:end], place)
        if place == "talk":
            humped = group[0].kind == "PERSON" and any(map(is_humped, words_in(text[start:end])))
            return not self._mixed or (is_plain(text, start, end) and not humped)
        if not is_free(text, start, end):
            return False
        words = words_in(text[start:end])
        if not words:
            return False
        near = around(text, start, end)
        if near.mail:
            return any(word[0].isupper() for word in words)
        return self._speaks(group, words, near) if place == "program" else self._looks(words, near)

    def _speaks(self, group: Sequence[Name], words: list[str], near: Around) -> bool:
        """Whether something speaks for a name in a program."""
        kind, sure = group[0].kind, min(name.sure for name in group)
        if near.keys & {"person", "place", "org"} and all(
            is_title(word) or word.lower() in PARTICLES for word in words
        ):
            return len(words) > 1 or words[0] not in self._identifiers
        if kind == "PERSON" or (near.led and len(words) > 1):
            return self._is_person(words, sure, near)
        return kind == "LOCATION" and near.placed and self.is_known_place(group)

    def _looks(self, words: list[str], near: Around) -> bool:
        """Whether a value is written like a name, or stands in a list of names."""
        if near.keys or any(is_title(word) or word.lower() == word.upper() for word in words):
            return True
        return any(self._marks[word] & _NAMES and not is_common(self._marks[word]) for word in words)

    def is_known_place(self, group: Sequence[Name]) -> bool:
        """Whether it is surely a place, by its form and the lists."""
        words = words_in(self._text[group[0].start : group[-1].end])
        marks = [self._marks[word] for word in words]
        return (
            group[0].kind == "LOCATION"
            and min(name.sure for name in group) >= SURE
            and is_free(self._text, group[0].start, group[-1].end)
            and all(is_title(word) or word.lower() in PARTICLES for word in words)
            and any(mark & PLACE for mark in marks)
            and not all(map(is_common, marks))
            and self._identifiers.isdisjoint(words)
        )

    def line_of(self, name: Name) -> int:
        """Where the line of a name begins, if that is near."""
        return self._text.rfind("\n", max(0, name.start - _NEAR), name.start)

    def _is_person(self, words: list[str], sure: float, near: Around) -> bool:
        heads = [word for word in words if word.lower() not in PARTICLES]
        if len(heads) < 2:
            return bool(heads) and self._is_single(heads[0], sure, near)
        first, last = self._marks[heads[0]], self._marks[heads[-1]]
        common = [is_common(self._marks[word]) for word in heads]
        if not any(map(is_title, heads)) or not all(is_title(word) or is_initial(word) for word in heads):
            listed = bool(first & FIRST and last & LAST) and not any(common)
            capital = all(word[0].isupper() for word in heads)
            return capital and (listed or (near.credit and sure >= SURE and any(map(is_title, heads))))
        if all(is_word(self._marks[word]) for word in heads):
            return sure >= SURE and (near.credit or (bool(first & FIRST) and not common[-1]))
        if first & FIRST and not common[0] and (not common[-1] or (last & LAST and sure >= SURE)):
            return True
        return near.credit or (sure >= SURE and not any(common))

    def _is_single(self, word: str, sure: float, near: Around) -> bool:
        marks = self._marks[word]
        if not is_title(word) or is_common(marks) or word in self._identifiers:
            return False
        return bool(marks & (FIRST | LAST)) and sure >= SURE and (near.led or "name" in near.keys)

    def _is_address(self, value: str, place: Place) -> bool:
        """Whether it is more than a row of numbers and, in a program, has a street."""
        words = [word for word in words_in(value) if word.isalpha()]
        if place == "talk":
            return bool(words) or value.count(",") + value.count("\n") + value.count(" ") < 2
        marks = [self._marks[word] for word in words]
        return (
            any(map(str.isdigit, value))
            and any(mark & STREET for mark in marks)
            and any(map(is_title, words))
        )

    @functools.cached_property
    def _identifiers(self) -> frozenset[str]:
        return frozenset(match[match.lastindex or 0] for match in IDENTIFIER.finditer(self._text))
