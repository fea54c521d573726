"""A filter of a few patterns, for tests about what is done with what was found, and not about finding."""

from __future__ import annotations

from troth.detect.detector import Detector
from troth.detect.filter import SensitiveFilter
from troth.detect.patterns.all import PATTERNS
from troth.detect.replace.manner import Manners


def cheap_filter(manner: str = "tag", **own: str) -> SensitiveFilter:
    """Finds e-mail addresses, and telephone and other numbers; kinds may have manners of their own."""
    wanted = ("EMAIL", "PHONE")
    finder = Detector(tuple(one for one in PATTERNS if one.kinds[0] in wanted))
    return SensitiveFilter(finder, Manners.of_kinds(own, manner))
