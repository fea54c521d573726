"""Values assigned to a name that says they are secret: in code, configuration, JSON, YAML, XML, headers, queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.broken import end_of_all
from troth.detect.secrets.found import secret
from troth.detect.secrets.judge import is_secret
from troth.detect.secrets.left import left_of
from troth.detect.secrets.names import SERVICES, class_of, is_service
from troth.detect.secrets.placeholders import is_placeholder
from troth.detect.secrets.random_look import looks_random
from troth.detect.secrets.values import Value, value_at, whole

if TYPE_CHECKING:
    from troth.detect.text.view import View

_DULL: Final = re.compile(
    r"(?:[A-Za-z_.]{8,15}|[a-z_.\-]{8,64}|[A-Z_.\-]{8,64})(?![A-Za-z0-9+/=_\-.~%!@#$^&*|:])", re.ASCII
)
"""Words and names, as most values are: nothing that a machine drew."""
_AFTER_SIGN: Final = re.compile(r"[=>]?[ \t]{0,3}[\"'`]?")
_WHY: Final = {"password": "secret/password", "secret": "secret/key", "key": "secret/key"}


@dataclass(frozen=True, slots=True)
class Assigned:
    """Confirms a value whose first characters an anchor holds."""

    first: int
    """How many characters of the value the anchor holds; 0 where it ends in the sign before it."""

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        """The value, if the name before it says that it is secret, and if it looks so."""
        text = view.folded
        start = place - self.first
        if self.first == 0:
            start = _AFTER_SIGN.match(text, place, place + 8).end()  # type: ignore[union-attr]  # matches nothing too
        if self.first != 1 and _DULL.match(text, start):
            return
        left = left_of(text, start)
        if left is None:
            return
        for name in left.names:
            if left.sign == ":" and name.startswith("$"):  # the value of a variable, and something after it
                return
            kind = class_of(name) or ("key" if is_service(name) else None)
            if kind is None:
                continue
            value = value_at(text, start, left.opened, left.sign)
            if value and not value.quoted and text.startswith("(", value.end):  # a call
                return
            if value and left.before in ("?", "&"):
                value = _field(text, value)
            if value and kind == "password" and _PAIR.search(name):
                value = _second(text, value)
            if value and (
                is_secret(text[value.start : value.end], kind, left, value.quoted)
                or (kind == "password" and _after_login(text, value))
            ):
                sure = looks_random(text[value.start : value.end])
                value = whole(text, value)
                end = end_of_all(text, value.end, bool(left.opened) or value.quoted, value.quoted, sure)
                yield secret(value.start, end, _WHY[kind])
            return


_PAIR: Final = re.compile(r"(?:id|user|username|login|account)[/&]\w+\Z", re.IGNORECASE)
"""A name of two things, as in ``ID/PW: ann/hunter2``."""
_FIRST: Final = re.compile(r"[\w.@\-]{1,40}[/:,](?=[^/])")


def _field(text: str, value: Value) -> Value:
    """A field of an address ends before the next, even before one that has no value."""
    end = text.find("&", value.start + 1, value.end)
    return value if end < 0 else replace(value, end=end)


def _second(text: str, value: Value) -> Value:
    """Of a login and a password with a sign between them, the password."""
    first = _FIRST.match(text, value.start, value.end)
    return replace(value, start=first.end()) if first and first.end() < value.end else value


_LOGIN: Final = re.compile(
    r"(?:\A|\n)[ \t>*\-]{0,8}(?:user ?name|user|login|e-?mail|account|benutzer(?:name)?|usuario"
    r"|utilisateur)[ \t*]{0,3}[:=][^\n]{1,60}\n"
    r"[ \t>*\-]{0,8}[\w/ ]{2,20}[*]{0,2}[:=][ \t*`]{0,4}\Z",
    re.IGNORECASE,
)


def _after_login(text: str, value: Value) -> bool:
    """Whether any word will do: the line before gives the name of a user, and this line ends with the word."""
    word = text[value.start : value.end]
    if not 4 <= len(word) <= 32 or is_placeholder(word) or text[value.end : value.end + 1].strip("`*\r\n"):
        return False
    return _LOGIN.search(text, max(0, value.start - 120), value.start) is not None


_CHOSEN: Final = (
    r"(?:pass(?:w[a-z]{0,6}|phrase|code)?|pa{1,2}sw[a-z]{0,6}|ps{1,2}w[a-z]{0,4}|p/?wd?|psk|kennwort"
    r"|wachtwoord|senha|clave|contrasena"
    r"|mdp|mot de passe|haslo|parola|heslo|losenord|adgangskode|salasana)"
)
_FOREIGN: Final = (
    r"(?:ontrase\xc3\xb1a|as\xc5\x82o|\xc3\xb6senord|ifre|\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c"
    r"|\xe5\xaf\x86(?:\xe7\xa0\x81|\xe7\xa2\xbc)"
    r"|\xe5\x8f\xa3\xe4\xbb\xa4|\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89"
    r"|\xeb\xb9\x84\xeb\xb0\x80\xeb\xb2\x88\xed\x98\xb8"
    r"|\xeb\xb9\x84\xeb\xb2\x88|\xec\x95\x94\xed\x98\xb8)"
)
_MADE: Final = r"(?:secret|token|cred|auth|key|bearer|api)"
_ON: Final = r"[A-Za-z0-9_.\-]{0,16}"
_CLOSED: Final = r"[\"'`\[\])\\ \t!:\-|?;&quot]{0,16}"
_OPENED: Final = r"[=>\"'`\\( \t\r\n|?]{0,16}"
_LETTER: Final = r"[!#$%*+\-./0-9@A-Z^_a-z~\x80-\xf4]"
_RANDOM: Final = r"[A-Za-z0-9+/=_\-.~%!@#$^&*|:]{8}"


def _anchors(names: str, value: str) -> tuple[str, ...]:
    """Every way in which a value is assigned: with a sign, as an argument, after a type, in an address."""
    return (
        rf"(?i){names}{_ON}{_CLOSED}[=:>|?]{_OPENED}(?:&quot;|[bru][\"'])?{value}",
        rf"(?i){names}{_ON}[\"'`\]]{{0,2}}[,(] ?\\?[\"'`]{value}",
        rf"(?i){names} ?: ?[A-Za-z.\[\]|?<>]{{1,16}} ?=[ \"'`]{{1,4}}{value}",
        rf"(?i){names}{_ON}%3d{value}",
        rf"(?i){names}[\"'\])]{{1,3}} or [\"']{value}",
    )


PASSWORD: Final = Recogniser(
    "secret-password",
    ("SECRET",),
    (*_anchors(_CHOSEN, _LETTER), rf"{_FOREIGN}[\"' \])]{{0,3}}[=:][ \"']{{0,3}}{_LETTER}"),
    Assigned(1),
)
KEY: Final = Recogniser("secret-key", ("SECRET",), _anchors(_MADE, _RANDOM), Assigned(8))
SERVICE: Final = Recogniser(
    "secret-service",
    ("SECRET",),
    tuple(rf"(?i){service}[\"'\] ]?[:=]" for service in SERVICES),  # one for each: faster than one for all
    Assigned(0),
)
