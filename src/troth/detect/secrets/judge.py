"""Whether a value that is assigned to a name of a secret is one."""

from __future__ import annotations

import re
from typing import Final

from troth.detect.secrets.left import Left
from troth.detect.secrets.names import Class, class_of
from troth.detect.secrets.placeholders import is_placeholder, is_reference, is_sample
from troth.detect.secrets.random_look import common_pairs, entropy, in_steps, looks_random

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)*", re.ASCII)
_OF_KEY: Final = re.compile(r"[A-Za-z0-9+/=_\-.~%]+", re.ASCII)
_SIGNS: Final = frozenset("!@#$%^&*?~+=|;:,/\\<>()[]{}\"'`")
_SCHEME: Final = re.compile(r"(?:Bearer|Basic|Token|ApiKey|SSWS|Bot)\s+", re.IGNORECASE)


def is_secret(value: str, kind: Class, left: Left, quoted: bool) -> bool:
    """Whether a value is a secret of a kind, and no sample, reference, name of a variable or text for people."""
    value = _SCHEME.sub("", value, count=1)
    if not 4 <= len(value) <= 16_000 or is_placeholder(value) or is_reference(value):
        return False
    if kind != "password" and is_sample(value):
        return False
    if any(c.isspace() for c in value) or class_of(value) and not any(c.isdigit() for c in value):
        return False
    if kind == "password":
        return _is_password(value, left, quoted)
    if len(value) < (8 if kind == "secret" else 16):
        return False
    if not quoted and (_NAME.fullmatch(value) and not looks_random(value)):
        return False
    if left.sign == ":" and left.before == ":" and not quoted:  # one part of many, as in the name of a resource
        return False
    if kind == "key" and not _OF_KEY.fullmatch(value):
        return False
    if _UUID.fullmatch(value):
        return kind == "secret"
    return looks_random(value)


def _is_password(value: str, left: Left, quoted: bool) -> bool:
    """People choose passwords: letters and digits, or a sign among letters. Quoted, a word will do."""
    letters, digits = any(c.isalpha() for c in value), any(c.isdigit() for c in value)
    signs = any(c in _SIGNS for c in value)
    if len(value) > 128 and not looks_random(value):
        return False
    if digits and not letters:
        return len(value) >= 6 and in_steps(value) < 0.9 or signs
    if quoted:
        if digits or signs:
            return not _is_expression(value)
        return left.sign not in "(," and 5 <= len(value) <= 40 and (value.islower() and value.isalpha() or looks_random(value))
    if _is_expression(value):
        return False
    if _NAME.fullmatch(value):
        return digits and not left.sign == "or" and _chosen(value) or looks_random(value)
    return digits or signs


def _chosen(value: str) -> bool:
    """A name of a variable may end in a digit; what people choose mixes more."""
    return len(value) >= 6 and "_" not in value and "." not in value


def _is_expression(value: str) -> bool:
    """Names with dots and no more, calls, comparisons."""
    return bool(re.match(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+[.(\[]?$|[\w.]+\(|[=!<>]=|[\w.]+\[", value))
