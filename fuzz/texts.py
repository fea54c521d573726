"""Makes texts of bytes: most of them out of pieces that recognisers look for, the rest any characters."""

from __future__ import annotations

from typing import Final

PIECES: Final = (
    "password", "passwort: ", "api_key=", "token", "secret", "ID/PW:", "Authorization: ", "Bearer ",
    "Basic ", "curl -u ", "mysql -p", "ghp_x7QmZr2LpW9vTb4K", "sYd8NcFg3HjXaUe6RtVi",
    "AKIAQ7XKJH2MNBVC5TRE", "hunter2", "Tr0ub4dor&3", "cGFzc3dvcmQ9SHVudGVyMng5",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
    "://", "user:", "%40", "%3A", "Ann", "Lee", "Dr. ", "Priya Raman", "ann.lee@example.org", "ann",
    "@ann_lee", "Springfield", "12 Main Street", ", CA 94043", "Acme Ltd", "+49 30 ", "9018201",
    "415-555-2671", "4111 1111 ", "1111 1111", "DE75 5121 0800 1245 1261 99", "123-45-6789", "192.0.2.",
    "10.", "2001:db8::", "3 March ", "2021-03-04", "3月3日", "born ", "age 4", "1.2.3.4", "==",
    "/home/ann/", "C:\\Users\\ann", "lat: 52.1234, 13.1234", "0x", "[PERSON_1]", "SECRET_2", "EXAMPLE",
    "********", "```\n", "def f(x):\n    ", '{"a": "', '"}', '", "b": ', "\\n", "\\u00e9", "\\\"",
    "diff --git ", "\u200b", "\u200d", "\u202e", "\u0301", "\ud800", "\udc00", "\0", "Ａ", "４", "é", "П",
    "张伟", "\U0001f600", "\r\n", "\u2028", "İ", "ß", "ſ",
)  # fmt: skip
_PLAIN: Final = " \n\t.,:;=-_@/\\'\"`()[]{}<>&%$#!?*+|~^0123456789aeioubcdlmnrstABCDLMNRST"


def text_of(data: bytes) -> str:
    """The text that some bytes stand for. Any bytes stand for one, and a changed byte changes little of it.

    >>> text_of(bytes([1, 0])) == PIECES[1] + PIECES[0]
    True
    """
    made, place = [], 0
    while place < len(data):
        byte = data[place]
        place += 1
        if byte < len(PIECES):
            made.append(PIECES[byte])
        elif byte < len(PIECES) + len(_PLAIN):
            made.append(_PLAIN[byte - len(PIECES)])
        else:
            made.append(chr(int.from_bytes(data[place : place + 3]) % 0x110000))
            place += 3
    return "".join(made)
