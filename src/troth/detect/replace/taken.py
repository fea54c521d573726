"""What already stands in the place of something: tags and pseudonyms by their form, surrogates by what is reserved.

It is left alone, so that redacting twice changes nothing.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator

from troth.detect.replace.draw import Draw
from troth.detect.replace.numbers import is_example_iban, is_example_phone, is_test_card
from troth.detect.replace.online import (
    is_example_email,
    is_example_ip,
    is_example_mac,
    is_example_url,
)
from troth.detect.replace.secret import is_example_secret
from troth.detect.replace.shape import is_shaped
from troth.detect.replace.words import stands_for_names

_BODY, _CHECK = 12, 4
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_LONGEST = 512
"""Characters: what is longer is no surrogate."""


def tag(kind: str, number: int) -> str:
    """The tag of the thing of a kind that came first, second and so on.

    >>> tag("PERSON", 1)
    '[PERSON_1]'
    """
    return f"[{kind}_{number}]"


def pseudonym(kind: str, value: str, draw: Draw) -> str:
    """A name that follows from key, kind and value: the kind, and 16 letters and digits that check each other."""
    body = _base32(draw.data(f"pseudonym {kind}", value), _BODY)
    return f"{kind}_{body}{_check(kind, body)}"


def _check(kind: str, body: str) -> str:
    return _base32(hashlib.sha256(f"troth:pseudonym:1\0{kind}\0{body}".encode()).digest(), _CHECK)


def _base32(data: bytes, count: int) -> str:
    return "".join(_BASE32[byte & 31] for byte in data[:count])


@functools.lru_cache(maxsize=16)
def _pattern(kinds: frozenset[str]) -> re.Pattern[str]:
    """Tags and pseudonyms; one without brackets may stand right behind an option of one letter, as in ``mysql -p``."""
    names = "|".join(sorted(map(re.escape, kinds), key=len, reverse=True)) or "(?!)"
    return re.compile(
        rf"\[(?:{names})_[1-9]\d{{0,6}}\]"
        rf"|(?P<kind>{names})_(?P<body>[a-z2-7]{{{_BODY}}})(?P<check>[a-z2-7]{{{_CHECK}}})"
        rf"|(?:(?<![A-Za-z0-9_])|(?<=[\s\"'`]-[A-Za-z]))(?:{names})_[1-9]\d{{0,6}}(?![A-Za-z0-9_])",
        re.ASCII,
    )


def tags_of(text: str, kinds: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Where tags and pseudonyms of some kinds stand in a text, and each as it stands there."""
    for found in _pattern(kinds).finditer(text):
        if not found["check"] or found["check"] == _check(found["kind"], found["body"]):
            yield found.start(), found.end(), found.group()


def is_surrogate(kind: str, value: str) -> bool:
    """Whether a value is nobody's: made of reserved words, or of a range that is kept for examples.

    Dates and ages are looked at elsewhere: theirs have no form of their own.

    >>> is_surrogate("PHONE", "(202) 555-0142"), is_surrogate("EMAIL", "ann@example.org")
    (True, False)
    """
    if len(value) > _LONGEST:
        return False
    return any(check(value) for check in _CHECKS) or (kind == "SECRET" and is_example_secret(value))


_CHECKS = (
    stands_for_names, is_shaped, is_example_email, is_example_phone, is_example_ip, is_test_card, is_example_iban,
    is_example_mac, is_example_url,
)  # fmt: skip
