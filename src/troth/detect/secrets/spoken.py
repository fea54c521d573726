"""Passwords that people tell one another in words: "the password is ...", "Passwort lautet ...", "PIN 4821"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.placeholders import is_placeholder, is_reference
from troth.detect.secrets.random_look import looks_random

if TYPE_CHECKING:
    from troth.detect.text.view import View

_SAID: Final = re.compile(
    r"\b(?P<what>pass ?words?|passwd|pwd|pass ?code|pass ?phrase|secret key|api key|access key|token|passwort|kennwort"
    r"|contrase[ñn]a|clave|mot de passe|senha|wachtwoord|parola|has[łl]o|пароль)\b(?:[ ][\w@.'\-]{1,24}){0,4}?"
    r"[ ](?:is|was|ist|lautet|war|es|era|est|[éè]|to|as|-|—|–)(?:[ ]now|[ ]set to)?:?[ ]"
    r"(?P<mark>[\"'`*“‘«]{0,3})(?P<it>[^\s\"'`“”‘’«»<>]{4,80})",
    re.IGNORECASE,
)
_PIN: Final = re.compile(
    r"\b(?:PIN|pin (?:code|number)|pin is|passcode|door code|alarm code|security code|cvv|cvc|verification code|otp)"
    r"(?:[ ](?:number|code|is|was|for|the|my|card|to)){0,3}[ ]?[:=#]?[ ]?(?P<it>\d{3,8})(?![\w.\-/:]\w?\d|\d)"
)
_DOTTED: Final = re.compile(r"[A-Za-z_]+(?:[./][A-Za-z_]+)+", re.ASCII)
_INNER: Final = re.compile(r"[!@#$%^&*_+=]")
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")


def _said(view: View, place: int) -> Iterator[Finding]:
    """What is said to be a password, after a word for it that ends before a place."""
    text = view.folded
    for match in _SAID.finditer(text, max(0, place - 24), place + 150):
        if match.start() >= place:
            return
        start, end = match.span("it")
        while end > start and text[end - 1] in ".,;:!?)*":
            end -= 1
        word = text[start:end]
        machine = match["what"].lower().endswith(("key", "token"))
        chosen = looks_random(word) if machine else _looks_chosen(word, bool(match["mark"]))
        if chosen and not is_placeholder(word):
            yield secret(start, end, "secret/said")


def _looks_chosen(word: str, marked: bool) -> bool:
    """Whether a word is no word of a sentence: it stands in quotation marks, or holds digits, signs or odd capitals."""
    if len(word) < 4 or is_reference(word) or _DOTTED.fullmatch(word):
        return False
    if marked or _INNER.search(word):
        return True
    if _DIGIT.search(word):
        return bool(_LETTER.search(word)) or len(word) >= 5
    return word[1:] != word[1:].lower() and not word.isupper()


def _pin(view: View, place: int) -> Iterator[Finding]:
    """A number that opens something."""
    for match in _PIN.finditer(view.folded, max(0, place - 60), place + 10):
        if match.start() >= place:
            return
        yield secret(*match.span("it"), "secret/said:pin")


SAID: Final = Recogniser(
    "secret-said",
    ("SECRET",),
    (
        r"(?i)(?:pass ?words?|passwd|pwd|pass ?code|pass ?phrase|secret key|api key|access key|token|passwort|kennwort"
        r"|contrasena|clave|mot de passe|senha|wachtwoord|parola|haslo) [a-z\x80-\xf4]",
        r"(?:ontrase\xc3\xb1a|senha|as\xc5\x82o) (?:es|era|\xc3\xa9|to) ",
        r"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c [\-\xd0\xe2]",
    ),
    _said,
)
PIN: Final = Recogniser(
    "secret-pin",
    ("SECRET",),
    (
        r"(?i)\b(?:pin|pin code|pin number|passcode|door code|alarm code|security code|cvv|cvc|verification code|otp)"
        r"(?: (?:number|code|is|was|for|the|my|card|to)){0,3} ?[:=#]? ?\d{3}",
    ),
    _pin,
)
