"""Credentials that open nothing: of the same length class and the same sorts of characters, and plainly an example."""

from __future__ import annotations

import re

from troth.detect.replace.draw import Draw

_MOST = 128
"""A longer secret becomes one of this length."""
_PEM = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]{0,60}-----")
_RUN = re.compile(r"[A-Za-z0-9]+")
_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_WORD = "EXAMPLE"


def secret(value: str, draw: Draw) -> str:
    """Another secret: every letter and digit drawn anew, and the word EXAMPLE in it."""
    value = value[:_MOST]
    drawn = [draw.data("secret", f"{value}\0{block}") for block in range(len(value) // 32 + 1)]
    stream = b"".join(drawn)
    made = "".join(_drawn(c, byte) for c, byte in zip(value, stream, strict=False))
    for head in _PEM.finditer(value):
        made = made[: head.start()] + head.group() + made[head.end() :]
    return _marked(made)


def _marked(made: str) -> str:
    """With the word in the longest run of letters and digits that is no header; or the word alone."""
    heads = [head.span() for head in _PEM.finditer(made)]
    runs = [
        run.span()
        for run in _RUN.finditer(made)
        if not any(start <= run.start() < end for start, end in heads)
    ]
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    if end - start < len(_WORD):
        return _WORD.lower()
    word = _WORD if any(c.isupper() for c in made[start:end]) else _WORD.lower()
    return made[: end - len(word)] + word + made[end:]


def _drawn(character: str, byte: int) -> str:
    for letters in (_LOWER, _UPPER, _DIGITS):
        if character in letters:
            return letters[byte % len(letters)]
    return "x" if character.isalnum() else character


def is_example_secret(value: str) -> bool:
    """Whether a credential says that it is an example.

    >>> is_example_secret("AKIAIOSFODNN7EXAMPLE"), is_example_secret("hunter2")
    (True, False)
    """
    return _WORD in value.upper()
