"""Base64, decimal numbers and plain text in the one form that the C2SP formats allow.

Two texts for one value would let somebody change a file without breaking a signature, so every other form is refused.
"""

from __future__ import annotations

import base64
import binascii

from troth.errors import VerificationError

LARGEST_NUMBER = 2**63 - 1
"""The largest size, index or timestamp: that of a cosignature's timestamp (C2SP tlog-cosignature)."""

_LARGEST_DIGITS = len(str(LARGEST_NUMBER))
_ASK = "get the file again from where it was published; it may have been cut or changed on the way"


def to_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def read_base64(text: str, what: str) -> bytes:
    """The bytes of standard, padded base64 (RFC 4648, section 4) without white space or stray bits.

    ``what`` names the value in the message of the `VerificationError`.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise VerificationError(f"{what} is not base64", remedy=_ASK) from None
    if to_base64(data) != text:
        raise VerificationError(f"{what} is base64, but not in its one canonical form", remedy=_ASK)
    return data


def read_number(text: str, what: str) -> int:
    """A number from 0 to 2^63 - 1 in ASCII digits without leading zeroes. Raises `VerificationError`."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise VerificationError(f"{what} is not a decimal number without leading zeroes", remedy=_ASK)
    if len(text) > _LARGEST_DIGITS or (number := int(text)) > LARGEST_NUMBER:
        raise VerificationError(f"{what} is larger than 2^63 - 1", remedy=_ASK)
    return number


def check_characters(text: str, what: str) -> None:
    """Raise `VerificationError` where a text holds a control character below U+0020 other than newline."""
    for number, line in enumerate(text.split("\n"), 1):
        if line and min(line) < " ":
            raise VerificationError(f"{what} holds a control character in line {number}", remedy=_ASK)


def utf8(text: str, what: str) -> bytes:
    """The bytes of a text in UTF-8. Raises `VerificationError` where it has none (a lone surrogate)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise VerificationError(f"{what} is not UTF-8", remedy=_ASK) from None
