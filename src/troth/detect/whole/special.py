"""Hints that a conversation tells what Art. 9 GDPR protects: health, religion, politics and the like.

A word of a list close to words that speak of a person ("I am", "my", "she has"). It is a hint and no more: it knows
neither irony nor novels, and most that is told in other words passes it. Nothing is replaced because of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import View
from troth.detect.whole.special_words import SPECIAL_WORDS

CATEGORIES: Final = tuple(SPECIAL_WORDS)
CONFIDENCE: Final = 0.5
_BEFORE, _AFTER, _LONGEST = 60, 40, 32
"""Characters before and after a word in which a person is spoken of, and of the longest word or phrase."""
_OTHER_LETTER: Final = r"[\x80-\xf4]{2}"
_PERSON: Final = re.compile(
    r"(?<![^\W_])(?:my|our|i am|i'm|im|i was|i've|i have|i had|i got|i joined|i take|i took|i voted|we are|we're|he is|he's"
    r"|she is|she's|he has|she has|his|her|their|they are|me|makes? me|as a|diagnosed"
    r"|ich bin|bin ich|ich habe|ich hab|ich war|mein\w{0,2}|wir sind|unser\w{0,2}"
    r"|je suis|j'ai|mon|ma|mes|nous sommes|notre"
    r"|soy|estoy|tengo|mi|mis|somos|sou|estou|tenho|meu|minha|sono|ho|mio|mia|ik ben|ik heb|mijn|jag är|jestem|mam"
    r")(?![^\W_])",
    re.IGNORECASE,
)
_END: Final = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True)
class _Told:
    """Whether a word that ends at a place is one of a category, and speaks of a person."""

    category: str
    words: re.Pattern[str]

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        text = view.folded
        for word in self.words.finditer(text, max(0, place - _LONGEST), place + _LONGEST):
            if word.start() < place <= word.end() and _of_a_person(text, word.start(), word.end()):
                yield Finding(*word.span(), self.category, CONFIDENCE, f"special/{self.category}")


def _of_a_person(text: str, start: int, end: int) -> bool:
    low, high = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    for stop in _END.finditer(text, low, start):
        low = stop.end()
    stopped = _END.search(text, end, high)
    high = stopped.start() if stopped else high
    return bool(_PERSON.search(text, low, start) or _PERSON.search(text, end, high))


def _recogniser(category: str, words: Sequence[str]) -> Recogniser:
    forms = "|".join(re.escape(word).replace(r"\*", r"\w{0,16}") for word in words)
    pattern = re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])", re.IGNORECASE)
    anchors = tuple(dict.fromkeys(_anchor(word) for word in words))
    return Recogniser(f"special-{category}", (category,), anchors, _Told(category, pattern))


def _anchor(word: str) -> str:
    """What the engine looks for: the beginning of a word, or the whole of a short one."""
    stem = word.rstrip("*")
    plain = "".join(c if c.isascii() else _OTHER_LETTER for c in stem.replace("-", r"\-"))
    return rf"(?i)\b{plain}" if word.endswith("*") or not stem[-1].isascii() else rf"(?i)\b{plain}\b"


@functools.cache
def _scanner() -> Scanner:
    lists = {
        name: [one.strip() for one in " ".join(words.split()).split(",")]
        for name, words in SPECIAL_WORDS.items()
    }
    return Scanner(tuple(_recogniser(name, [one for one in words if one]) for name, words in lists.items()))


def special_categories(views: Sequence[View]) -> list[frozenset[str]]:
    """The categories that each text hints at; those of a conversation are those of its texts together."""
    return [frozenset(finding.kind for finding in found) for found in _scanner().find(views)]
