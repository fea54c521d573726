"""Geographical coordinates: pairs of decimal degrees, degrees with minutes, and what is called latitude and longitude."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_PAIR = re.compile(
    r"(?<![\w.,+\-$])(?<!\d, )(?P<lat>[+-]?\d{1,2}\.\d{4,15})(?:,[ ]?|[ ]|;[ ]?)"
    r"(?P<lon>[+-]?\d{1,3}\.\d{4,15})(?![\w.%]|[,;]?[ ]?[+-]?\d)",
    re.ASCII,
)
_PART = (
    r"\d{1,3}(?:\.\d{1,8})?[ ]?°[ ]?(?:\d{1,2}(?:\.\d{1,6})?[ ]?['′’][ ]?)?(?:\d{1,2}(?:\.\d{1,6})?[ ]?"
    r"(?:[\"″”]|''|′′)[ ]?)?"
)
_DEGREES = re.compile(rf"(?<![\w.])[+-]?{_PART}[NS](?![^\W_])(?:[ ,;]{{0,3}}[+-]?{_PART}[EWO](?![^\W_]))?")
_NAMED = re.compile(
    r"(?<![^\W_])lat(?:itude)?[\"']?[ ]?[:=]?[ ]?[\"']?(?P<lat>[+-]?\d{1,2}\.\d{2,15})(?!\d)[\"']?"
    r"(?:[ ,;&\n{}]|and){1,6}[\"']?(?:lon|lng|long|longitude)[\"']?[ ]?[:=]?[ ]?[\"']?"
    r"(?P<lon>[+-]?\d{1,3}\.\d{2,15})(?!\d)",
    re.IGNORECASE,
)


def _pair(view: View, place: int) -> Iterator[Finding]:
    for match in _PAIR.finditer(view.folded, max(0, place - 40), place + 32):
        if match.start() >= place:
            return
        if match.end() >= place and 1 <= abs(float(match["lat"])) <= 90 and abs(float(match["lon"])) <= 180:
            yield found(match.start(), match.end(), "geo/decimal")


def _degrees(view: View, place: int) -> Iterator[Finding]:
    for match in _DEGREES.finditer(view.folded, max(0, place - 40), place + 48):
        if match.start() >= place:
            return
        if match.end() >= place:
            yield found(match.start(), match.end(), "geo/degrees")


def _named(view: View, place: int) -> Iterator[Finding]:
    for match in _NAMED.finditer(view.folded, max(0, place - 16), place + 72):
        if match.start() >= place:
            return
        if match.end() >= place and abs(float(match["lat"])) <= 90 and abs(float(match["lon"])) <= 180:
            yield found(*match.span("lat"), "geo/context")
            yield found(*match.span("lon"), "geo/context")


GEO_PAIR = Recogniser("geo", ("GEO",), (r"\b\d{1,2}\.\d{4,15}[,; ][ ]?[+\-]?\d{1,3}\.\d{4}",), _pair)
GEO_DEGREES = Recogniser(
    "geo-degrees", ("GEO",), (r"\d[ ]?\xc2\xb0[ ]?(?:[0-9][0-9.' \"\xe2\x80-\xbf]{0,24})?[NS]\b",), _degrees
)
GEO_NAMED = Recogniser(
    "geo-named", ("GEO",), (r"(?i)\blat(?:itude)?[\"']?[ ]?[:=]?[ ]?[\"']?[+\-]?\d{1,2}\.\d",), _named
)
