"""Who is whom in a conversation: "J. Smith", "Smith's" and "john smith" are one thing, and have one number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from troth.detect.replace.words import LETTERS

_TITLES = frozenset("dr mr mrs ms mx prof sir herr frau madame monsieur señor señora".split())  # noqa: SIM905
_POSSESSIVE = re.compile(r"(?:'s|’s|['’])\Z", re.IGNORECASE)


def plain(value: str) -> str:
    r"""A value as it is compared: compatible characters as one, small letters, one space between words.

    >>> plain("ＡＮＮ\n Lee")
    'ann lee'
    """
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


_NUMBERS = frozenset(("PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID", "BANK_ACCOUNT"))


def same(kind: str, value: str) -> str:
    """What two values of a kind have in common where they mean the same thing.

    >>> same("IBAN", "DE89 3704") == same("IBAN", "de893704"), same("PERSON", "Ann Lee's")
    (True, 'ann lee')
    """
    if kind == "PERSON":
        return " ".join(name_words(value)) or plain(value)
    if kind in _NUMBERS:
        return "".join(c for c in plain(value) if c.isalnum()) or plain(value)
    return plain(value)


class Numbers:
    """The numbers of one conversation's things, from 1 on for each kind, in the order in which they came up."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: dict[str, int] = {}
        self._people: dict[str, list[str]] = {}
        """Words of a name to the whole names, of more than one word, that have it."""

    def begin_after(self, kind: str, number: int) -> None:
        """Give no number up to this one: a tag in the text has it."""
        self._last[kind] = max(self._last.get(kind, 0), number)

    def meet(self, values: Iterable[tuple[str, str]]) -> None:
        """Learn the names of a conversation, kind and value, before numbers are given."""
        for kind, value in values:
            words = name_words(value) if kind == "PERSON" else ()
            whole = " ".join(words)
            for word in {words[0], words[-1]} if len(words) > 1 and len(words[0]) > 1 else ():
                named = self._people.setdefault(word, [])
                if whole not in named:
                    named.append(whole)

    def of(self, kind: str, value: str) -> int:
        """The number of a thing."""
        key = (kind, self._whole(value) if kind == "PERSON" else same(kind, value))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._last[kind] = self._last.get(kind, 0) + 1
        return number

    def _whole(self, value: str) -> str:
        """The whole name that a name is a part of, where there is only one such; else the name itself."""
        words = name_words(value)
        whole = " ".join(words)
        if len(words) == 1:
            named = self._people.get(words[0], [])
        elif len(words) == 2 and len(words[0]) == 1:
            named = [
                name
                for name in self._people.get(words[1], [])
                if name[:1] == words[0] and len(name) > len(whole)
            ]
        else:
            named = []
        return named[0] if len(named) == 1 else same("PERSON", value)


def name_words(value: str) -> tuple[str, ...]:
    """The words of a name without titles and the 's of a possessive.

    >>> name_words("Dr. Ann LEE's")
    ('ann', 'lee')
    """
    words = tuple(LETTERS.findall(_POSSESSIVE.sub("", plain(value))))
    return tuple(word for word in words if word not in _TITLES) or words
