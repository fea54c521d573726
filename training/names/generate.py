"""Makes labelled texts from templates, and puts other names into labelled texts."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache

from training.names import lists
from training.names.corpora import EVERY_TYPE, GENERATED, Document
from training.names.languages import CARRIERS, OFTEN, words_of
from training.names.pools import Pools
from training.names.templates import CHAT, CODE, NEGATIVE

_SLOT = re.compile(r"\{\{|\}\}|\{(\w+)\}")
_LABEL = {"P": "PERSON", "F": "PERSON", "L": "PERSON", "LF": "PERSON", "I": "PERSON", "C": "LOCATION", "N": "LOCATION",
          "G": "LOCATION", "O": "ORG", "A": "ADDRESS", "S": "ADDRESS"}  # fmt: skip
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Generator:
    """Draws texts; the same seed gives the same texts."""

    def __init__(self, pools: Pools, words: list[str], seed: int) -> None:
        self.draw = random.Random(seed)
        self.pools = pools
        self.words = words

    def slot(self, name: str) -> str:  # noqa: PLR0911
        """What stands for one slot."""
        draw, pools = self.draw, self.pools
        first, last = draw.choice(pools.full)
        match name:
            case "P":
                return self._person(first, last)
            case "F":
                return first
            case "L":
                return last
            case "LF":
                return f"{last}, {first}" + draw.choice(("", "", "", f" {draw.choice(_LETTERS).upper()}."))
            case "I":
                return draw.choice(
                    (
                        f"{first[0]}. {last}",
                        f"{last} {first[0]}.",
                        f"{first[0]}. {draw.choice(_LETTERS).upper()}. {last}",
                    )
                )
            case "A":
                return self._address()
            case "S":
                return draw.choice(pools.street).replace("\n", ", ")
            case "C" | "N" | "G" | "O" | "E" | "T" | "J":
                pool = {
                    "C": "city",
                    "N": "country",
                    "G": "region",
                    "O": "company",
                    "E": "email",
                    "T": "phone",
                    "J": "job",
                }[name]
                found: str = draw.choice(getattr(pools, pool))
                return found.lower() if name == "J" and draw.random() < 0.5 else found
            case _:
                return self._plain(name)

    def _person(self, first: str, last: str) -> str:
        draw = self.draw
        kind = draw.random()
        middle = draw.choice(_LETTERS).upper()
        if kind < 0.7:
            return f"{first} {last}"
        if kind < 0.8:
            return f"{first} {middle}. {last}"
        if kind < 0.86:
            return f"{first} {draw.choice(self.pools.first)} {last}"
        if kind < 0.9:
            return f"{first} {last} {draw.choice(self.pools.last)}"
        return f"{first} {last}" if kind < 0.97 else first

    def _address(self) -> str:
        draw = self.draw
        text = draw.choice(self.pools.address)
        kind = draw.random()
        if kind < 0.55:
            text = text.replace("\n", ", ")
        elif kind < 0.65:
            text = text.replace("\n", " ")
        elif kind < 0.75:
            text = draw.choice(self.pools.street).replace("\n", ", ") + ", " + draw.choice(self.pools.city)
        if draw.random() < 0.15:
            text += draw.choice((", ", "\n")) + draw.choice(self.pools.country)
        return text

    def _plain(self, name: str) -> str:  # noqa: PLR0911
        draw = self.draw
        match name:
            case "n":
                return str(draw.randrange(10 ** draw.randint(1, 4)))
            case "H":
                return f"{draw.randint(1, 23)}:{draw.randint(0, 59):02}"
            case "D":
                day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1960, 2026)
                name = _MONTHS[month - 1]
                return draw.choice(
                    (
                        f"{name} {day}, {year}",
                        f"{year}-{month:02}-{day:02}",
                        f"{day}/{month}/{year}",
                        f"{day} {name} {year}",
                        f"{name} {day}",
                        draw.choice(_DAYS),
                        f"{name} {year}",
                    )
                )
            case "W":
                return draw.choice(self.words).upper()
            case "k":
                return draw.choice(self.words)
            case "K":
                word = draw.choice(self.words)
                return word[:1].upper() + word[1:]
            case "id":
                one, two = draw.choice(self.words), draw.choice(self.words)
                return draw.choice(
                    (
                        one,
                        f"{one}_{two}",
                        one + two.capitalize(),
                        one.capitalize() + two.capitalize(),
                        f"_{one}",
                        f"{one}_{two}_id",
                    )
                )
            case _:
                raise ValueError(f"a template names no slot: {name}")

    def fill(self, template: str) -> Document:
        """A text of one template."""
        spans, text, end = [], "", 0
        for match in _SLOT.finditer(template):
            text += template[end : match.start()]
            end = match.end()
            if match.group(1) is None:
                text += match.group()[0]
                continue
            value = self.slot(match.group(1)).strip()
            if match.group(1) in _LABEL:
                spans.append((len(text), len(text) + len(value), _LABEL[match.group(1)]))
            text += value
        return Document(text + template[end:], tuple(spans), GENERATED, EVERY_TYPE)

    def text(self) -> Document:
        """A text of one template or a few in a row."""
        draw = self.draw
        if draw.random() < 0.25:
            return self.foreign()
        parts = [
            self.fill(draw.choice(draw.choices((CHAT, CODE, NEGATIVE), (6, 1.5, 4))[0]))
            for _ in range(draw.choice((1, 1, 2, 3, 4)))
        ]
        return self._joined(parts, 0.3)

    def foreign(self) -> Document:
        """A text in another language: carriers, and ordinary words in any order with names among them."""
        draw = self.draw
        language = draw.choice(OFTEN)
        own, self.words = self.words, list(words_of(language))
        parts = [
            self.fill(draw.choice(CARRIERS[language]) if draw.random() < 0.4 else self._salad())
            for _ in range(draw.randint(1, 4))
        ]
        self.words = own
        return self._joined(parts, 0.12)

    def _salad(self) -> str:
        """A template of ordinary words, first one with a capital, with a name or two, a number or a comma."""
        draw = self.draw
        words = ["{k}"] * draw.randint(4, 16)
        words[0] = "{K}"
        for slot in draw.choice(
            (
                (),
                (),
                ("{P}",),
                ("{C}",),
                ("{L}",),
                ("{N}",),
                ("{F}",),
                ("{P}", "{C}"),
                ("{O}",),
                ("{n}",),
                ("{K}",),
            )
        ):
            words[draw.randrange(len(words))] = slot
        if draw.random() < 0.5:
            words[draw.randrange(len(words))] += ","
        return " ".join(words) + draw.choice((".", ".", ".", "?", ""))

    def _joined(self, parts: list[Document], small: float) -> Document:
        glue = self.draw.choice((" ", "\n", "\n\n", " "))
        text, spans = "", []
        for part in parts:
            text += glue if text else ""
            spans += [(a + len(text), b + len(text), t) for a, b, t in part.spans]
            text += part.text
        return self.recased(Document(text, tuple(spans), GENERATED, EVERY_TYPE), small, 0.05)

    def recased(self, document: Document, small: float, large: float) -> Document:
        """The same text, at times in small or capital letters only, or with letters swapped."""
        kind = self.draw.random()
        text = document.text
        if kind < small:
            text = text.lower()
        elif kind < small + large:
            text = text.upper()
        elif kind < small + large + 0.02:
            text = text.title()
        elif kind < small + large + 0.06:
            text = self._typos(text)
        return replace(document, text=text) if len(text) == len(document.text) else document

    def _typos(self, text: str) -> str:
        letters = list(text)
        for at in range(1, len(letters) - 1):
            if self.draw.random() < 0.01 and letters[at].isalpha() and letters[at + 1].isalpha():
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        return "".join(letters)

    def renamed(self, document: Document) -> Document:
        """The same text with other people and places in it, the same one for the same one."""
        text, spans, end = "", [], 0
        chosen: dict[str, str] = {}
        for start, stop, kind in sorted(document.spans):
            if start < end:
                return document
            old = document.text[start:stop]
            new = chosen.setdefault(old.lower() + kind, self._other(old, kind))
            new = new.lower() if old.islower() else new.upper() if old.isupper() and len(old) > 3 else new
            text += document.text[end:start]
            spans.append((len(text), len(text) + len(new), kind))
            text += new
            end = stop
        return replace(document, text=text + document.text[end:], spans=tuple(spans))

    def _other(self, old: str, kind: str) -> str:
        draw, pools = self.draw, self.pools
        words = old.split()
        if not re.fullmatch(r"[^\W\d_]{3,}(?: [^\W\d_]{2,})?", old):
            return old
        if kind == "PERSON":
            first, last = draw.choice(pools.full)
            if len(words) == 2:
                return f"{first} {last}"
            return first if old.title() in _first_names() else last
        if kind == "LOCATION" and len(words) == 1 and old.isascii():
            return draw.choice(pools.country) if old.title() in lists.countries() else draw.choice(pools.city)
        return old


@cache
def _first_names() -> frozenset[str]:
    return frozenset(lists.us_names()["first"])
