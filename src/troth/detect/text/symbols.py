"""The characters of many texts as one byte each: ASCII as it is, every other character as what kind of one it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Symbols = npt.NDArray[np.uint8]
"""A byte for each character: its code point below 128, or else 128 plus what is true of it."""

WORD, LETTER, SPACE, UPPER, HIGH = 1, 2, 4, 8, 16
"""What may be true of a character: ``\\w``; that and no decimal digit or underscore; ``\\s``; a capital; not in Latin-1."""
HEX, SIGN, OPENER, IN_SLASHES, IN_BACKSLASHES, BEFORE_PATH, BEFORE_PROSE = 32, 64, 128, 256, 512, 1024, 2048
"""What else may be true of one in ASCII: what each is for, the loops say that ask for it."""

NEW_LINE, BLANK, QUOTE, APOSTROPHE, BACKTICK, SLASH, BACKSLASH, LESS, MORE, DASH, STAR = b"\n \"'`/\\<>-*"
PLUS, COLON, COMMA, DOT, SEMICOLON, BANG, QUESTION, HASH, ROUND, SQUARE, CURLY, TILDE = b"+:,.;!?#([{~"
UNDERSCORE: Final = ord("_")

OF_PROSE: Final = " *->0123456789#TFCcBSDR=_~+•"
"""How a line that is a list, a quotation, a header or drawn may begin."""

_PART: Final = 1 << 20
"""Characters that are turned to bytes at once, so that memory stays bounded."""


def symbols_of(texts: Sequence[str]) -> Symbols:
    """The characters of texts, one after the other."""
    whole = "".join(texts)
    if whole.isascii():
        return np.frombuffer(whole.encode("ascii"), np.uint8)
    symbols = np.empty(len(whole), np.uint8)
    for low in range(0, len(whole), _PART):
        part = whole[low : low + _PART]
        codes = np.frombuffer(part.encode("utf-32-le", "surrogatepass"), "<u4")
        symbols[low : low + len(part)] = _looked_up(codes)
    return symbols


_KNOWN: Final = np.zeros(0x110000, np.uint8)
"""The symbol of each code point; 0 for those that were not asked for yet. Filled twice, it holds the same."""
_KNOWN[:128] = np.arange(128)


def _looked_up(codes: npt.NDArray[np.uint32]) -> Symbols:
    symbols = _KNOWN[codes]
    fresh = codes[(symbols == 0) & (codes != 0)]
    if not len(fresh):
        return symbols
    for code in np.unique(fresh).tolist():
        _KNOWN[code] = 128 | _truths(chr(code))
    return _KNOWN[codes]


def _truths(character: str) -> int:
    word = character.isalnum() or character == "_"
    truths = WORD * word | LETTER * (word and not character.isdecimal() and character != "_")
    truths |= SPACE * character.isspace() | UPPER * character.isupper()
    return truths | HIGH * (ord(character) > 0xFF)


def _of_ascii() -> npt.NDArray[np.uint16]:
    table = np.zeros(256, np.uint16)
    for code in range(128):
        table[code] = _truths(chr(code))
    table[128:] = np.arange(128) & (WORD | LETTER | SPACE | UPPER | HIGH)
    word = [code for code in range(256) if table[code] & WORD]
    for truth, characters in (
        (HEX, "0123456789abcdefABCDEF"),
        (SIGN, "{}<>=;\\_`\t[|~^"),
        (OPENER, "\"'`/<-#"),
        (IN_SLASHES, ".-@+~%"),
        (IN_BACKSLASHES, ".-@+ "),
        (BEFORE_PATH, ".-~:@$%/\\"),
        (BEFORE_PROSE, OF_PROSE[:-1]),
    ):
        table[[ord(character) for character in characters]] |= truth
    table[word] |= IN_SLASHES | IN_BACKSLASHES | BEFORE_PATH
    table[128 | _truths(OF_PROSE[-1])] |= BEFORE_PROSE
    return table


TRUTHS: Final = _of_ascii()
"""What is true of each symbol."""

AS_CODE, AS_PROSE = 1, 2
"""Two characters with which a line may begin that no word begins, or may begin a list, a quotation or a header."""
_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SPACES: Final = " \t\r\v\f\x1c\x1d\x1e\x1f"


def _pairs() -> Symbols:
    table = np.zeros((256, 256), np.uint8)
    for truth, firsts, seconds in (
        (AS_CODE, "@", "@_" + _LETTERS + _DIGITS),
        (AS_CODE, "#", "id!"),
        (AS_CODE, "/", "/*"),
        (AS_CODE, "*", "/"),
        (AS_CODE, "$", " "),
        (AS_CODE, "[", _LETTERS + _DIGITS),
        (AS_CODE, _DIGITS, _DIGITS),
        (AS_PROSE, "*->", _SPACES),
        (AS_PROSE, "#", "#" + _SPACES),
        (AS_PROSE, _DIGITS, _DIGITS + ".)"),
        (AS_PROSE, "C", "Cc"),
        *((AS_CODE, both, both) for both in "-+>"),
        *((AS_PROSE, first, second) for first, second in ("To", "Fr", "cc", "Bc", "Su", "Da", "Se", "Re")),
    ):
        for first in firsts:
            table[ord(first), [ord(second) for second in seconds]] |= truth
    others = np.arange(128, 256)
    digits = others[(others & (WORD | LETTER)) == WORD]
    spaces, words = others[others & SPACE != 0], others[others & WORD != 0]
    table[np.ix_([*b"*->#", 128 | _truths(OF_PROSE[-1])], spaces)] |= AS_PROSE
    table[128 | _truths(OF_PROSE[-1]), [ord(space) for space in _SPACES]] |= AS_PROSE
    table[ord("@"), words] |= AS_CODE
    table[digits] |= AS_CODE | AS_PROSE
    table[np.ix_([*b"0123456789["], digits)] |= AS_CODE | AS_PROSE
    return table


PAIRS: Final = _pairs()
"""What is true of two symbols in a row."""
