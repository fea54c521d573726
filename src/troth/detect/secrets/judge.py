"""Whether a value that is assigned to a name of a secret is one."""

from __future__ import annotations

import re
from typing import Final

from troth.detect.secrets.left import Left
from troth.detect.secrets.names import Class, class_of
from troth.detect.secrets.placeholders import is_placeholder, is_reference, is_sample
from troth.detect.secrets.random_look import in_steps, looks_random

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)*", re.ASCII)
_EXPRESSION: Final = re.compile(
    r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?:[.(\[]|={1,3})?$|[\w.]+\(|[=!<>]=|[\w.]+\[", re.ASCII
)
"""Names with dots and no more, calls, comparisons."""
_OF_KEY: Final = re.compile(r"[A-Za-z0-9+/=_\-.~%]+", re.ASCII)
_SIGNS: Final = re.compile(r"[!@#$%^&*?~+=|;:,/\\<>()\[\]{}\"'`]")
_PHRASE: Final = re.compile(r"[a-z]{3,10}(?:([\-_.])[a-z]{3,10})(?:\1[a-z]{3,10}){2,}", re.IGNORECASE)
"""Four words or more with one sign between them, as people are told to choose."""
_SPACE: Final = re.compile(r"\s")
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SCHEME: Final = re.compile(r"(?:Bearer|Basic|Token|ApiKey|SSWS|Bot)\s+", re.IGNORECASE)
_LONGEST_PASSWORD: Final = 128
_LEAST: Final = {"password": 4, "secret": 8, "key": 16}


def is_secret(value: str, kind: Class, left: Left, quoted: bool) -> bool:
    """Whether a value is a secret of a kind, and no sample, reference, name of a variable or text for people."""
    scheme = _SCHEME.match(value)
    value = value[scheme.end() :] if scheme else value
    if len(value) < _LEAST[kind] or _SPACE.search(value) or (class_of(value) and not _DIGIT.search(value)):
        return False
    if kind == "password" and len(value) > _LONGEST_PASSWORD and not looks_random(value):
        return False
    if is_placeholder(value) or (is_reference(value) and not (kind == "password" and value.isdigit())):
        return False
    return _is_password(value, left, quoted) if kind == "password" else _is_key(value, kind, left, quoted)


def _is_key(value: str, kind: Class, left: Left, quoted: bool) -> bool:
    """What a machine made looks random."""
    if is_sample(value):
        return False
    if (
        not quoted and left.sign == ":" and left.before == ":"
    ):  # one part of many, as in the name of a resource
        return False
    if _UUID.fullmatch(value):
        return kind == "secret"
    return looks_random(value) and (kind == "secret" or _OF_KEY.fullmatch(value) is not None)


def _is_password(value: str, left: Left, quoted: bool) -> bool:
    """People choose passwords: letters and digits, or a sign among letters. Quoted, a word will do."""
    letters, digits, signs = (bool(form.search(value)) for form in (_LETTER, _DIGIT, _SIGNS))
    if digits and not letters:
        return signs or (len(value) >= (4 if quoted else 6) and in_steps(value) < 0.9)
    if left.sign == "," and (len(left.names[0]) < 4 or len(value) < 6):
        return False
    if digits or signs:
        return not _EXPRESSION.match(value) and (quoted or _is_chosen(value, left))
    if not quoted or not 5 <= len(value) <= 40:
        return False
    a_word = value.islower() and value.isalpha() and left.sign not in "(,"
    return a_word or looks_random(value) or _PHRASE.fullmatch(value) is not None


def _is_chosen(value: str, left: Left) -> bool:
    """A name of a variable may end in a digit, or hold a dot or an underscore; what people choose mixes more."""
    if not _NAME.fullmatch(value):
        return True
    plain = len(value) >= 6 and "_" not in value and "." not in value
    return (plain and left.sign != "or") or looks_random(value)
