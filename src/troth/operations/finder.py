"""What finds sensitive data in this installation, with what terms declare."""

from __future__ import annotations

from troth.detect.custom import Declared, Declaring
from troth.detect.detector import Detector
from troth.detect.replace.redact import Finder


def finder_with(declared: Declared) -> Finder:
    """Troth's own detector, and what terms declare beside it."""
    return Declaring(Detector.standard(), declared)
