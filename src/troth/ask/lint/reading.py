"""How hard a text is to read."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.!?。？！؟:;]+(?:\s|$)|\n|[。？！]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text: 0.39 words a sentence + 11.8 syllables a word - 15.59.

    Syllables are counted as groups of vowels, a final silent e left out.

    >>> round(grade("The cat sat on the mat. It was warm."), 1)
    -1.1
    """
    words = _WORD.findall(text.lower())
    if not words:
        return 0.0
    sentences = max(1, len(sentences_of(text)))
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def mean_length(text: str, *, spaced: bool) -> float:
    """The mean length of a sentence: words, or letters where words are not parted by spaces."""
    sentences = sentences_of(text)
    if not sentences:
        return 0.0
    lengths = [len(_WORD.findall(one)) if spaced else len("".join(_WORD.findall(one))) for one in sentences]
    return sum(lengths) / len(lengths)


def sentences_of(text: str) -> list[str]:
    """The sentences that have words."""
    return [one for one in _SENTENCE.split(text) if one and _WORD.search(one)]


def _syllables(word: str) -> int:
    count = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith("le") and count > 1
    return max(1, count - silent)
