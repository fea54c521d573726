"""Words that stand in for names. They are made up, no list of names has them, and they are told at sight.

``words.txt`` is made by ``training/surrogates/make_words.py``. Because a word of it is nobody's name, a text
in which such words stand in for names can be redacted again without any of them being taken for a name.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from troth.detect.replace.draw import Draw

_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
LETTERS = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
"""A run of letters, with the marks above and below them."""
_DIGIT = re.compile(r"\d")
_TRIES = 32

_PARTICLES = """
and at bei bin by da de del der den des di do du el in ibn la las le les lo los of on san sankt santa the und upon van
ven von y zu zum zur dr mr mrs ms mx prof sir
"""
_COMPANIES = """
ag bank bv co company corp corporation foundation gmbh group inc institute kg limited llc llp ltd nv oy plc sa sarl sas
se spa srl university
"""
_STREETS = """
apartment apt ave avenue blvd boulevard box building city close county court crescent drive east flat floor gasse
highway house lane north park parkway place platz plaza po rd road room rue south square st strasse straße street suite
terrace unit via way weg west
"""
KEPT: Final = {
    "ORG": frozenset(f"{_PARTICLES}{_COMPANIES}".split()),
    "ADDRESS": frozenset(f"{_PARTICLES}{_STREETS}".split()),
    "LOCATION": frozenset(f"{_PARTICLES}{_STREETS}".split()),
}
"""Words that name nobody and nothing by themselves, and stay as they are, by kind."""
_KEPT_IN_NAMES = frozenset(_PARTICLES.split())
_ANY_KEPT = frozenset.union(_KEPT_IN_NAMES, *KEPT.values())


@functools.cache
def reserved() -> Mapping[str, tuple[str, ...]]:
    """The words of each script, shortest first."""
    text = (files("troth.detect.replace") / "words.txt").read_text(encoding="utf-8")
    lines = (line.split(" ") for line in text.splitlines())
    return {script: tuple(sorted(words, key=lambda word: (len(word), word))) for script, *words in lines}


@functools.cache
def _all() -> frozenset[str]:
    return frozenset(word for words in reserved().values() for word in words)


@functools.lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "LATIN").split()[0]
    return name if name in reserved() else {"HIRAGANA": "KATAKANA"}.get(name, "LATIN")


def is_reserved(word: str) -> bool:
    """Whether a word stands in for another, in any case.

    >>> is_reserved("Smith"), is_reserved(reserved()["LATIN"][0].upper())
    (False, True)
    """
    return word.lower() in _all()


def stands_for_names(text: str) -> bool:
    """Whether all words of a text are reserved or name nothing, and at least one is reserved."""
    some = False
    for run in LETTERS.finditer(text):
        word = run.group()
        if is_reserved(word):
            some = True
        elif not (_is_short(run) or word.lower() in _ANY_KEPT):
            return False
    return some


class Wording:
    """The words of one conversation: the same word always has the same stand-in, two words have two."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._chosen: dict[str, str] = {}
        self._taken: set[str] = set()

    def stand_in(self, word: str) -> str:
        """The stand-in of a word: of its script and class of length, with capitals where it has them."""
        low = word.lower()
        if is_reserved(low):
            return word
        chosen = self._chosen.get(low)
        if chosen is None:
            chosen = self._chosen[low] = self._choose(low)
            self._taken.add(chosen)
        if word.isupper() and len(word) > 1:
            return chosen.upper()
        return chosen[0].upper() + chosen[1:] if word[0].isupper() else chosen

    def _choose(self, low: str) -> str:
        words = _of_size(_script(low[0]), len(low))
        start = self._draw.number("word", low, len(words))
        for step in range(_TRIES):
            word = words[(start + step) % len(words)]
            if word not in self._taken:
                return word
        return words[start]

    def of(self, text: str, kind: str = "PERSON") -> str:
        """The text with a stand-in for each word that names something, and other digits.

        Single letters, and pairs beside digits, become X; words that name nothing stay. There is always at
        least one stand-in in it.
        """
        kept = KEPT.get(kind, _KEPT_IN_NAMES)
        changed = self._digits(LETTERS.sub(lambda run: self._one(run, kept), text), text)
        if stands_for_names(changed):
            return changed
        return f"{self.stand_in(_only_letters(text) or 'name')}{self._draw.digits('tail', text, 2)}"

    def _one(self, run: re.Match[str], kept: frozenset[str]) -> str:
        word = run.group()
        if _is_short(run):
            return "".join("X" if letter.isupper() else "x" for letter in word)
        return word if word.lower() in kept else self.stand_in(word)

    def _digits(self, text: str, value: str) -> str:
        others = iter(self._draw.digits("digits", value, len(text)))
        return _DIGIT.sub(lambda _: next(others), text)


def _only_letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())[:8]


def _is_short(run: re.Match[str]) -> bool:
    """Whether a run of letters is an initial, or a part of a code such as a postcode."""
    if _script(run.group()[0]) != "LATIN" or run.end() - run.start() > 2:
        return False
    text = run.string
    beside = text[max(0, run.start() - 1) : run.start()] + text[run.end() : run.end() + 1]
    return run.end() - run.start() == 1 or any(c.isdigit() for c in beside)


@functools.lru_cache(maxsize=256)
def _of_size(script: str, length: int) -> tuple[str, ...]:
    """The words of a script that are about as long: 5, 6 to 7, 8 or more letters where it is Latin."""
    words = reserved()[script]
    most = min((size for size in {len(word) for word in words} if size >= length), default=len(words[-1]))
    near = tuple(word for word in words if most - 1 <= len(word) <= most)
    return near or words
