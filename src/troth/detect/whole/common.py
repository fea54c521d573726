"""Words that, alone, are taken for no name: "will", "may", "rose", "mark"."""

from __future__ import annotations

import functools
from pathlib import Path

FILE = Path(__file__).with_name("common_words.txt")
"""Made by ``training/whole/make_common_words.py``. Whoever can write it decides which names are found again; it
holds no code, and its digest is part of the detector's."""


@functools.cache
def common_words() -> frozenset[str]:
    """The words, in small letters."""
    return frozenset(FILE.read_text(encoding="utf-8").split())
