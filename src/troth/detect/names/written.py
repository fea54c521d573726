"""How the names of people are written: words with a capital, initials, and the small words between them."""

from __future__ import annotations

from itertools import pairwise

PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "do", "du", "la", "le", "el", "al", "bin",
     "ibn", "ten", "ter", "y", "zu", "zur", "st", "af", "av")
)  # fmt: skip
"""Small words within a name, in small letters."""
_PREFIXES = ("Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Von", "O'", "O’", "D'", "D’", "Fitz", "St")


def words_in(value: str) -> list[str]:
    """The words of a name, without the punctuation about them."""
    return [word for one in value.replace(",", " ").split() if (word := one.strip(".'’-"))]


def is_title(word: str) -> bool:
    """Whether a word is written as a name is: small letters after a capital, and another one only where names have it.

    >>> [word for word in ("Ann-Marie", "McKay", "O'Neil", "KeyError", "ASCII", "self") if is_title(word)]
    ['Ann-Marie', 'McKay', "O'Neil"]
    """
    for prefix in _PREFIXES:
        if word.startswith(prefix) and word[len(prefix) : len(prefix) + 1].isupper():
            word = word[len(prefix) :]
    parts = [part for part in word.replace("’", "'").replace("'", "-").strip(".").split("-") if part]
    return (
        bool(parts)
        and all(
            part.isalpha()
            and (part[0].isupper() or len(part) == 1 or number > 0)
            and part[1:] == part[1:].lower()
            for number, part in enumerate(parts)
        )
        and any(character.islower() for character in word)
    )


def is_humped(word: str) -> bool:
    """Whether a capital follows a small letter, and not as it does in names: "osgVolume"."""
    return any(a.islower() and b.isupper() for a, b in pairwise(word)) and not is_title(word)


def is_initial(word: str) -> bool:
    """Whether a word is a letter or a few with full stops: "J", "J.R."."""
    letters = word.replace(".", "").replace("-", "")
    return 0 < len(letters) <= 3 and letters.isupper() and (len(letters) == 1 or "." in word)
