"""Telephone, card and account numbers that are right in form and kept for examples: nobody has them."""

from __future__ import annotations

import re
from typing import Final

from troth.detect.replace.draw import Draw
from troth.detect.replace.shape import blank, laid_out, only_digits, shaped

_AREAS = (
    "202",
    "206",
    "212",
    "303",
    "305",
    "312",
    "404",
    "415",
    "503",
    "512",
    "602",
    "617",
    "702",
    "713",
    "808",
)
_EXAMPLE_PHONE = re.compile(r"\d*(?:55501\d\d|7700900\d{3}|63998\d{4}|3023125\d{1,5})|0*")
"""North America 555-01xx, Ofcom 07700 900xxx, ARCEP 06 39 98 xx xx, Bundesnetzagentur (030) 23125 xxx."""
_TAIL = re.compile(r"[^\W\d_].*", re.DOTALL)

CARDS: Final = (
    "4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444", "5105105105105100",
    "2223003122003222", "378282246310005", "371449635398431", "6011111111111117", "6011000990139424",
    "30569309025904", "38520000023237", "3530111333300000", "3566002020360505", "6200000000000005",
    "6759649826438453", "4222222222222",
)  # fmt: skip
"""Numbers that payment networks and processors publish for tests."""

_SHORTEST_IBAN: Final = 15
"""Characters of the shortest IBAN of the registry (ISO 13616), Norway's."""
_DRAWN_OF_IBAN: Final = 6
_EXAMPLE_IBAN: Final = re.compile(rf"[A-Z]{{2}}\d\d[0X]{{5,}}[\dX]{{{_DRAWN_OF_IBAN}}}", re.ASCII)
"""A bank whose number is all zeros and X, which there is in no country."""


def phone(value: str, draw: Draw) -> str:
    """A telephone number of the same layout that is kept for examples, with its own country's where it has some."""
    tail = _TAIL.search(value)
    main = value[: tail.start()] if tail else value
    digits = only_digits(main)
    if len(digits) != sum(c.isdigit() for c in main):
        return blank(value)
    made = _example(digits, draw, international=main.lstrip("( ").startswith("+"))
    return laid_out(main, made) + blank(value[len(main) :])


def _example(digits: str, draw: Draw, *, international: bool) -> str:
    drawn, count = draw.digits("phone", digits, 8), len(digits)
    for begins, counts, only_international, kept in _KEPT:
        if digits.startswith(begins) and count in counts and (international or not only_international):
            return (kept + drawn)[:count]
    if count == 11 and digits[0] == "1":
        return "1" + _american(drawn)
    if count == 10 and digits[0] in "23456789":
        return _american(drawn)
    return "0" * (count - 7) + "55501" + drawn[:2] if count >= 7 else "0" * count


_KEPT: Final = (
    ("44", (12,), True, "447700900"),
    ("33", (11,), True, "3363998"),
    ("49", range(10, 15), True, "493023125"),
    ("07", (11,), False, "07700900"),
    ("06", (10,), False, "063998"),
)
"""How a number begins, how many digits it has, whether only behind a +, and how those kept for examples begin."""


def _american(drawn: str) -> str:
    return _AREAS[int(drawn[2:5]) % len(_AREAS)] + "55501" + drawn[:2]


def is_example_phone(value: str) -> bool:
    """Whether a telephone number is kept for examples.

    >>> is_example_phone("(202) 555-0142"), is_example_phone("+44 7700 900123"), is_example_phone("020 7219 4272")
    (True, True, False)
    """
    tail = _TAIL.search(value)
    main, rest = (value[: tail.start()], value[tail.start() :]) if tail else (value, "")
    digits = only_digits(main)
    return bool(digits) and _EXAMPLE_PHONE.fullmatch(digits) is not None and blank(rest) == rest


def card(value: str, draw: Draw) -> str:
    """A test number of the same length and, where there is one, the same issuer."""
    digits = only_digits(value)
    same = [one for one in CARDS if len(one) == len(digits)]
    near = [one for one in same if one[0] == digits[:1]] or same
    if not near or len(digits) != sum(c.isdigit() for c in value):
        return blank(value)
    return laid_out(value, near[draw.number("card", digits, len(near))])


def is_test_card(value: str) -> bool:
    """Whether a card number is one for tests."""
    return only_digits(value) in CARDS


def iban(value: str, draw: Draw) -> str:
    """An account of the country at a bank that there is not, with right check digits, in the same groups."""
    plain = "".join(c for c in value if c.isalnum()).upper()
    if len(plain) < _SHORTEST_IBAN or not (plain.isascii() and plain[:2].isalpha()):
        return shaped(value, draw)
    body = "".join("X" if c.isalpha() else "0" for c in plain[4:])
    drawn = iter(draw.digits("iban", plain, _DRAWN_OF_IBAN))
    body = body[:-_DRAWN_OF_IBAN] + "".join(next(drawn) if c == "0" else c for c in body[-_DRAWN_OF_IBAN:])
    number = int("".join(str(int(c, 36)) for c in f"{body}{plain[:2]}00"))
    others = iter(f"{plain[:2]}{98 - number % 97:02d}{body}")
    return "".join(next(others) if c.isalnum() else c for c in value)


def is_example_iban(value: str) -> bool:
    """Whether an account number is at a bank that there is not.

    >>> is_example_iban("DE56 0000 0000 0000 4711 22"), is_example_iban("DE75512108001245126199")
    (True, False)
    """
    plain = "".join(c for c in value if c.isalnum()).upper()
    return _EXAMPLE_IBAN.fullmatch(plain) is not None
