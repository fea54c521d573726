"""In which other spellings a thing that was found may stand elsewhere in the same conversation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from troth.detect.kinds import KINDS
from troth.detect.secrets.random_look import looks_random
from troth.detect.whole.common import common_words

Case = Literal["any", "capital", "mid-sentence", "same"]
"""How it must be written: in any way; with a capital; so, and not where every word has one; exactly as it was."""

RUN: Final = re.compile(r"[^\W_]+")
_NAME_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", re.UNICODE)
_POSSESSIVE: Final = re.compile(r"['’]s?$", re.IGNORECASE)
_TITLES: Final = frozenset("dr mr mrs ms mx miss prof sir madam herr frau dr. jr sr ii iii phd md".split())  # noqa: SIM905
_LOCAL: Final = re.compile(r"([^\W\d_]{2,20})[._\-]([^\W\d_]{2,20})\d{0,4}(?:@|%40)|([^\W_]{6,30})(?:@|%40)")

_EXACT: Final = frozenset(
    "USERNAME EMAIL PHONE CREDIT_CARD IBAN BANK_ACCOUNT CRYPTO_WALLET NATIONAL_ID PASSPORT DRIVING_LICENCE"  # noqa: SIM905
    " MEDICAL_ID VEHICLE IP MAC URL PATH DATE_OF_BIRTH SECRET ADDRESS".split()
)
"""Kinds that are found again as they were written, besides declared ones. A date or an age is another one elsewhere."""
NUMBERS: Final = frozenset("PHONE CREDIT_CARD IBAN BANK_ACCOUNT NATIONAL_ID PASSPORT MEDICAL_ID".split())  # noqa: SIM905
"""Kinds that are the same number with other spaces and hyphens."""
_SHORTEST_EXACT, _LONGEST_EXACT = 5, 512
"""Characters of what is found again as it was written. What is longer, such as a private key, is found by its form."""
_LOOKED_THROUGH: Final = 50_000
"""Characters that are looked through for each login name: in longer texts time would not be linear."""
_WEAK: Final = re.compile(r"(?:[^\W\d_]+|\d+)[\d!?.*#@$&%+_\-]{0,4}")
"""A secret that is one word or number, with up to four digits or signs behind it."""
_SURE_WORD, _SURE_NAME, _SURE_PLACE = 0.93, 0.6, 0.75
"""The confidence from which a name of one word is looked for elsewhere, and one of several; places and organisations."""
SURE: Final = {"PERSON": _SURE_NAME, "LOCATION": _SURE_PLACE, "ORG": _SURE_PLACE}
"""The confidence below which something of a kind has no spellings at all."""
FADE: Final = 0.9
"""What the confidence is multiplied with."""
_MOST_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Spelling:
    """A thing to look for: runs of letters and digits, one after the other, with little between them."""

    runs: tuple[str, ...]
    """In small letters (`small`), first run first; none where only ``literal`` is looked for."""
    kind: str
    confidence: float
    why: str
    case: Case = "any"
    literal: str = ""
    """Where given, the characters must be these (in any case, if ``case`` says so), and not only the runs."""
    initial: str = ""
    """A letter, in small, that must stand before the runs, as in "A. Lee"; it is part of what is found."""
    alone: bool = False
    """Whether it must stand by itself, and in code as a value: it may be a word or a name there."""


def small(text: str) -> str:
    """A text in small letters, of the same length: offsets stay.

    >>> small("İzmir"), len(small("İzmir"))
    ('İzmir', 5)
    """
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one := character.lower()) == 1 else character for character in text)


def runs_of(text: str) -> tuple[str, ...]:
    """The runs of letters and digits of a text, in small letters.

    >>> runs_of("Ann-Marie O'Neil")
    ('ann', 'marie', 'o', 'neil')
    """
    return tuple(RUN.findall(small(text)))


def spellings_of(kind: str, confidence: float, value: str, texts: str, dotted: bool) -> Iterator[Spelling]:
    """The spellings of what was found, itself among them; nothing for what is too short or too common.

    ``texts`` is all that is searched, in small letters; ``dotted`` says whether initials may stand in it. What can
    stand nowhere is mostly left out, as making it costs more than looking.
    """
    if kind == "PERSON":
        yield from _of_person(value, confidence, texts, dotted)
    elif kind in ("LOCATION", "ORG"):
        yield from _of_place(value, kind, confidence)
    elif kind in _EXACT or kind not in KINDS:
        yield from _exact(value, kind, confidence)
        if kind == "EMAIL":
            yield from _of_local_part(value, confidence)


def _exact(value: str, kind: str, confidence: float) -> Iterator[Spelling]:
    value = value.strip()
    runs = runs_of(value)
    plain = value.isalpha() and (
        value.lower() in common_words() or (kind in ("PATH", "USERNAME") and len(value) < 6)
    )
    if not runs or not _SHORTEST_EXACT <= len(value) <= _LONGEST_EXACT or plain:
        return
    if kind == "IP" or (value.isdecimal() and len(value) < 7):
        return  # the same address or few digits elsewhere have been looked at already, and left
    case: Case = "any" if kind in ("EMAIL", "USERNAME", "URL", "ADDRESS") else "same"
    alone = kind == "SECRET" and _WEAK.fullmatch(value) is not None and not looks_random(value)
    yield Spelling(runs, kind, FADE * confidence, "whole/same", case, literal=value, alone=alone)


def _of_place(value: str, kind: str, confidence: float) -> Iterator[Spelling]:
    runs = runs_of(_POSSESSIVE.sub("", value))
    if not 1 <= len(runs) <= _MOST_WORDS or sum(map(len, runs)) < 3 or _all_common(runs):
        return
    if confidence < (_SURE_WORD if len(runs) == 1 else _SURE_PLACE):
        return
    case: Case = "any" if len(runs) > 1 else "capital"
    yield Spelling(runs, kind, FADE * confidence, "whole/same", case)


def _of_person(value: str, confidence: float, texts: str, dotted: bool) -> Iterator[Spelling]:
    plain = value if value.isascii() else unicodedata.normalize("NFC", value)
    words = [_POSSESSIVE.sub("", word) for word in _NAME_WORD.findall(plain)]
    words = [word for word in words if word and word.lower() not in _TITLES]
    if not words or len(words) > _MOST_WORDS:
        return
    if len(words) == 1:
        if confidence >= _SURE_WORD:
            yield from _single(words[0], FADE * confidence, "whole/same")
        return
    if confidence < _SURE_NAME:
        return
    sure = FADE * confidence
    runs = runs_of(" ".join(words))
    case: Case = "capital" if _all_common(runs) else "any"
    yield Spelling(runs, "PERSON", sure, "whole/same", case)
    first, last = words[0], words[-1]
    if len(first) > 1 and len(last) > 1:
        if len(words) > 2:
            yield Spelling((*runs_of(first), *runs_of(last)), "PERSON", sure, "whole/same", case)
        yield from _of_two(first, last, sure, texts, dotted)
    yield from _single(first, sure, "whole/first-name")
    yield from _single(last, sure, "whole/last-name")


def _of_two(first: str, last: str, sure: float, texts: str, dotted: bool) -> Iterator[Spelling]:
    """Spellings of a first and last name: turned about, shortened, with an initial, as login names have them."""
    a, b = runs_of(first), runs_of(last)
    yield Spelling((*b, *a), "PERSON", sure, "whole/turned", "capital")
    yield Spelling(b, "PERSON", sure, "whole/initial", "capital", initial=a[0][0])
    if dotted and _has_case(first) and _has_case(last):
        for between in (".", ". "):
            both = f"{first[0]}{between}{last[0]}.".upper()
            yield Spelling((), "PERSON", sure, "whole/initials", "same", literal=both)
    for login in ("".join((*a, *b)), a[0][0] + "".join(b), "".join(a) + b[0][0]):
        stands = len(texts) > _LOOKED_THROUGH or login in texts
        if len(login) >= _SHORTEST_EXACT and stands and login not in common_words():
            yield Spelling((login,), "USERNAME", sure, "whole/login")


def _single(word: str, sure: float, why: str) -> Iterator[Spelling]:
    """A name of one word: a common word only where it has a capital that the place does not ask for."""
    runs = runs_of(word)
    short = len(word) < 3 and bool(_has_case(word))
    if not runs or short or len(word) < 2:
        return
    if _all_common(runs):
        yield Spelling(runs, "PERSON", sure, why, "mid-sentence")
    else:
        yield Spelling(
            runs, "PERSON", sure, why, "any" if len(word) > 2 or not _has_case(word) else "capital"
        )


def _of_local_part(value: str, confidence: float) -> Iterator[Spelling]:
    match = _LOCAL.match(value)
    if match is None:
        return
    sure = FADE * FADE * confidence
    if match[3]:
        name = match[3].lower()
        if name not in common_words():
            yield Spelling((name,), "USERNAME", sure, "whole/local-part")
        return
    a, b = match[1].lower(), match[2].lower()
    if a in common_words() and b in common_words():
        return
    yield Spelling((a, b), "PERSON", sure, "whole/local-part", "capital")
    yield Spelling((a + b,), "USERNAME", sure, "whole/local-part")


def _all_common(runs: tuple[str, ...]) -> bool:
    return all(run in common_words() or run.isdecimal() for run in runs)


def _has_case(word: str) -> bool:
    return word.lower() != word.upper()
