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

_IBANS: Final = frozenset(
    """
    AT611904300234573201 BE68539007547034 CH9300762011623852957 CZ6508000000192000145399 DE89370400440532013000
    DK5000400440116243 ES9121000418450200051332 FI2112345600000785 FR1420041010050500013M02606
    GB29NWBK60161331926819 GR1601101250000000012300695 IE29AIBK93115212345678 IT60X0542811101000000123456
    LU280019400644750000 NL91ABNA0417164300 NO9386011117947 PL61109010140000071219812874
    PT50000201231234567890154 SE4550000000058398257466 TR330006100519786457841326 SA0380000000608010167519
    AE070331234567890123456 BR1800360305000010009795493C1 HU42117730161111101800000000 RO49AAAA1B31007593840000
    """.split()  # noqa: SIM905 — a table
)
"""The examples of the IBAN registry."""
_SHORTEST_IBAN: Final = 8
_BY_COUNTRY = {iban[:2]: iban for iban in _IBANS}


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
    """The example of the country, in the same groups; where there is none, zeros with the right check digits."""
    plain = "".join(c for c in value if c.isalnum())
    country = plain[:2].upper()
    if len(plain) < _SHORTEST_IBAN:
        return shaped(value, draw)
    made = _BY_COUNTRY.get(country, "")
    if len(made) != len(plain):
        made = _zeros(country, len(plain))
    others = iter(made)
    return "".join(next(others) if c.isalnum() else c for c in value)


def _zeros(country: str, length: int) -> str:
    body = "0" * max(0, length - 4)
    if not (country.isascii() and country.isalpha()):
        return "0" * length
    number = int("".join(str(int(c, 36)) for c in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02d}{body}"[:length]


def is_example_iban(value: str) -> bool:
    """Whether an account number is an example, or all zeros.

    >>> is_example_iban("DE89 3704 0044 0532 0130 00"), is_example_iban("DE75512108001245126199")
    (True, False)
    """
    plain = "".join(c for c in value if c.isalnum()).upper()
    return plain in _IBANS or (len(plain) > 4 and not plain[4:].strip("0"))
