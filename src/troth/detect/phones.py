"""Telephone numbers, and not order numbers, dates, versions, prices or sums.

A number counts as a telephone number if it is written like one: with ``+`` and a country code, in the North
American form with separators, with a trunk ``0`` and separators, or after a word such as "phone" or "call".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.detect.recogniser import Recogniser, Span

_PATTERNS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        # +49 30 123456, +1 (415) 555-2671, 0049 30 123456
        r"(?<![\w+.,:])(?:\+|(?<!\d[ \-])00(?=[1-9]))[ ]?\(?\d(?:[ .\-/()]{0,3}\d){6,14}(?![\d\w])",
        # (415) 555-2671, 415-555-2671, 1-415-555-2671
        r"(?<![\w.\-/+$€£])(?:1[ .\-])?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .\-])\d{3}[ .\-]\d{4}"
        r"(?![\w\-/]|\.\d)",
        # 030 1234567, 0171/1234567, 020 7946 0958, 06 12 34 56 78
        r"(?<![\w.\-/+,:])(?<!\d[ \-])\(?0[1-9]\d{0,4}\)?[ /\-.]\d{2,8}(?:[ \-.]\d{2,8}){0,4}(?![\w\-/:])",
        # phone: 4155552671, call me at 555-1234
        r"\b(?:tele)?(?:phones?|tel|telefon|tel[eé]fono|mobile|cell|handy|fax|whatsapp|sms|call|dial)\b"
        r"[^\d\n+]{0,24}(?P<said>\d[\d ().\-]{4,18}\d)(?![\w/])",
    )
)
_DATE = re.compile(
    r"\d{1,2}([ .\-/])\d{1,2}\1(?:19|20)\d{2}(?!\d)|(?:19|20)\d{2}([ .\-/])\d{1,2}\2\d{1,2}(?!\d)", re.ASCII
)
_POSTCODE = re.compile(r"\d{5}-\d{4}", re.ASCII)
"""ZIP+4 of the United States."""
_LEAST = (8, 10, 9, 7)
_MOST = (15, 11, 12, 15)


def _phone_spans(text: str) -> Iterator[Span]:
    """Spans of all forms; where two overlap, the one that begins first and is longest."""
    found = []
    for number, pattern in enumerate(_PATTERNS):
        group = "said" if "said" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            start, end = _trim(text, *match.span(group))
            if _is_phone(text[start:end], number):
                found.append((start, end))
    end = 0
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= end:
            yield start, stop
            end = stop


def _trim(text: str, start: int, end: int) -> Span:
    """Leave out separators at the end."""
    while end > start and text[end - 1] in " .-/(":
        end -= 1
    return start, end


def _is_phone(text: str, form: int) -> bool:
    digits = sum(c.isdigit() for c in text)
    if not _LEAST[form] <= digits <= _MOST[form]:
        return False
    return not (_DATE.match(text) or _POSTCODE.fullmatch(text))


PHONE = Recogniser(
    "phone",
    r"[0-9][0-9 ().\-/]{4,}[0-9]",
    _phone_spans,
    (*(p.pattern for p in _PATTERNS), _DATE.pattern, _POSTCODE.pattern, str(_LEAST), str(_MOST)),
)
