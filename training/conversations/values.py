"""What generated conversations are filled with: made-up people, numbers and secrets, and things that only look so."""

from __future__ import annotations

import base64
import hashlib
import random
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import phonenumbers
from faker import Faker
from stdnum import iban as ibans
from stdnum import luhn

from training.conversations.towns import TOWNS

HALVES = ("training", "testing")
LOCALES = ("en_US", "en_GB", "en_IE", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "pt_BR")
ADDRESSED = ("en_US", "en_US", "en_US", "en_GB", "en_AU", "de_DE", "fr_FR", "es_ES")
_REGIONS = ("US", "US", "GB", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "BR", "IN", "AU", "MX", "ZA", "JP")
_LETTERS = string.ascii_letters + string.digits
_ORGANISATIONS = (
    "{} Logistics",
    "{} Bank",
    "{} & Sons",
    "{} Software GmbH",
    "{} Hospital",
    "University of {}",
    "{} Ltd",
)

Value = tuple[str, str | None]
"""What is written, and its type; None for what only looks like something."""


def of_half(name: str, half: str) -> bool:
    """Whether a name belongs to a half: no name is in both."""
    return hashlib.sha256(name.lower().encode()).digest()[0] % 2 == HALVES.index(half)


@dataclass(frozen=True, slots=True)
class Pools:
    """The names of one half."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    city: tuple[str, ...]

    @classmethod
    def of(cls, half: str) -> Pools:
        """First and last names of several languages, and towns."""
        first, last = set[str](), set[str]()
        city = set(TOWNS)
        for locale in LOCALES:
            person: Any = import_module(f"faker.providers.person.{locale}").Provider
            first.update(_plain(person.first_names))
            last.update(_plain(person.last_names))
        return cls(
            *(tuple(sorted(name for name in names if of_half(name, half))) for names in (first, last, city))
        )


def _plain(names: Any) -> list[str]:
    return [name for name in names if name.replace(" ", "").replace("-", "").isalpha() and len(name) > 2]


@dataclass(slots=True)
class World:
    """The things of one conversation; the same name gives the same thing."""

    draw: random.Random
    pools: Pools
    fake: dict[str, Faker]
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    kept: dict[str, Value] = field(default_factory=dict)

    def value(self, slot: str) -> Value:
        """What stands for a slot: ``a.full`` of a person, or ``phone``, ``phone:2`` of anything else."""
        owner, _, way = slot.partition(".")
        if way:
            first, last = self._person(owner)
            return _PERSON[way](self, first, last)
        if slot not in self.kept:
            self.kept[slot] = _THINGS[slot.partition(":")[0]](self)
        return self.kept[slot]

    def _person(self, owner: str) -> tuple[str, str]:
        if owner not in self.people:
            self.people[owner] = self.draw.choice(self.pools.first), self.draw.choice(self.pools.last)
        return self.people[owner]

    def some(self, size: int, letters: str = _LETTERS) -> str:
        """Random letters."""
        return "".join(self.draw.choice(letters) for _ in range(size))


def _typo(world: World, first: str, _: str) -> Value:
    place = world.draw.randrange(1, len(first) - 1)
    return first[:place] + first[place + 1] + first[place] + first[place + 2 :], "PERSON"


_PERSON: dict[str, Callable[[World, str, str], Value]] = {
    "full": lambda _, f, n: (f"{f} {n}", "PERSON"),
    "low": lambda _, f, n: (f"{f} {n}".lower(), "PERSON"),
    "upper": lambda _, f, n: (f"{f} {n}".upper(), "PERSON"),
    "first": lambda _, f, __: (f, "PERSON"),
    "flow": lambda _, f, __: (f.lower(), "PERSON"),
    "last": lambda _, __, n: (n, "PERSON"),
    "turned": lambda _, f, n: (f"{n}, {f}", "PERSON"),
    "initial": lambda _, f, n: (f"{f[0]}. {n}", "PERSON"),
    "typo": _typo,
    "email": lambda _, f, n: (f"{_ascii(f)}.{_ascii(n)}@example.{'org' if len(f) % 2 else 'com'}", "EMAIL"),
    "login": lambda _, f, n: (f"{_ascii(f)[0]}{_ascii(n)}", "PERSON"),
}


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ł", "l").replace("ø", "o"))
    return "".join(c for c in plain if c.isascii() and c.isalpha()) or "x"


def _phone(world: World) -> Value:
    region = world.draw.choice(_REGIONS)
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None, region
    digits = str(example.national_number)
    example.national_number = int(digits[:-4] + f"{world.draw.randrange(10_000):04}")
    form = world.draw.choice(
        (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)
    )
    return phonenumbers.format_number(example, form if region in ("US", "GB") else 1), "PHONE"


def _card(world: World) -> Value:
    head = world.draw.choice(("4", "51", "55", "37"))
    number = head + world.some((14 if head == "37" else 15) - len(head), string.digits)
    number += luhn.calc_check_digit(number)
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    return world.draw.choice((number, spaced)), "CREDIT_CARD"


def _iban(world: World) -> Value:
    country, size = world.draw.choice((("DE", 18), ("AT", 16), ("FI", 14), ("DK", 14)))
    account = world.some(size, string.digits)
    check = ibans.calc_check_digits(f"{country}00{account}")
    number = f"{country}{check}{account}"
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    return world.draw.choice((number, spaced)), "IBAN"


def _address(world: World) -> Value:
    fake = world.fake[world.draw.choice(ADDRESSED)]
    return ", ".join(fake.address().splitlines()), "ADDRESS"


def _date(world: World) -> str:
    return f"{world.draw.randrange(1950, 2006)}-{world.draw.randrange(1, 13):02}-{world.draw.randrange(1, 29):02}"


def _jwt(world: World) -> Value:
    parts = (f'{{"alg":"HS256","typ":"{world.some(4)}"}}', f'{{"sub":"{world.some(8)}","iat":1700000000}}')
    coded = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    return f"{coded}.{world.some(43)}", "SECRET"


def _pem(world: World) -> Value:
    body = "\n".join(world.some(64) for _ in range(4))
    return f"-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----", "SECRET"


def _password(world: World) -> Value:
    return world.some(3) + world.draw.choice("!#$%+") + world.some(6) + world.draw.choice(
        "!?*"
    ) + "7", "SECRET"


_THINGS: dict[str, Callable[[World], Value]] = {
    "phone": _phone,
    "card": _card,
    "iban": _iban,
    "address": _address,
    "city": lambda w: (w.draw.choice(w.pools.city), "LOCATION"),
    "country": lambda w: (w.draw.choice(("Portugal", "Kenya", "Norway", "Peru", "Vietnam", "Canada")), "LOCATION"),
    "org": lambda w: (w.draw.choice(_ORGANISATIONS).format(w.draw.choice(w.pools.last)), "ORG"),
    "ssn": lambda w: (f"{w.draw.randrange(101, 665)}-{w.draw.randrange(10, 99)}-{w.draw.randrange(1000, 9999)}", "SSN"),
    "ip": lambda w: (f"{w.draw.choice((81, 93, 203))}.{w.draw.randrange(1, 250)}.{w.draw.randrange(250)}.{w.draw.randrange(1, 250)}", "IP"),
    "born": lambda w: (_date(w), "DATE"),
    "age": lambda w: (str(w.draw.randrange(19, 90)), "AGE"),
    "aws": lambda w: ("AKIA" + w.some(16, string.ascii_uppercase + "234567"), "SECRET"),
    "github": lambda w: ("ghp_" + w.some(36), "SECRET"),
    "slack": lambda w: (f"xoxb-{w.some(12, string.digits)}-{w.some(24)}", "SECRET"),
    "stripe": lambda w: ("sk_live_" + w.some(24), "SECRET"),
    "apikey": lambda w: (w.some(40), "SECRET"),
    "hexkey": lambda w: (w.some(32, "0123456789abcdef"), "SECRET"),
    "jwt": _jwt,
    "pem": _pem,
    "password": _password,
    # what only looks like something
    "version": lambda w: (f"{w.draw.randrange(1, 20)}.{w.draw.randrange(30)}.{w.draw.randrange(30)}.{w.draw.randrange(9)}", None),
    "datever": lambda w: (f"{w.draw.randrange(2019, 2026)}.{w.draw.randrange(1, 13):02}.{w.draw.randrange(1, 29):02}", None),
    "order": lambda w: (f"{w.some(3, string.digits)}-{w.some(7, string.digits)}-{w.some(7, string.digits)}", None),
    "number": lambda w: (w.some(w.draw.choice((9, 10, 12, 16)), "123456789"), None),
    "hash": lambda w: (w.some(40, "0123456789abcdef"), None),
    "uuid": lambda w: ("-".join(w.some(n, "0123456789abcdef") for n in (8, 4, 4, 4, 12)), None),
    "placeholder": lambda w: (w.draw.choice(
        ("<YOUR_API_KEY>", "changeme", "${DB_PASSWORD}", "your-secret-here", "xxxxxxxxxxxx", "{{ secrets.TOKEN }}", "********")
    ), None),
    "isbn": lambda w: (f"978-3-16-{w.some(6, string.digits)}-{w.some(1, string.digits)}", None),
    "stamp": lambda w: (f"17{w.some(8, string.digits)}", None),
}  # fmt: skip
