"""Surrogates: right in form, of nobody, told at sight, and the same throughout a conversation."""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise

import pytest
from faker.config import AVAILABLE_LOCALES
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import KEY, OTHER_KEY, SLOW_MACHINE, VALUES, redact, talk
from stdnum import iban as iban_rules
from stdnum import luhn

from troth.detect.replace.dates import Shift, age
from troth.detect.replace.draw import Draw
from troth.detect.replace.numbers import CARDS, card, iban, is_example_phone, phone
from troth.detect.replace.people import Numbers
from troth.detect.replace.surrogate import Surrogates
from troth.detect.replace.taken import is_surrogate, pseudonym, tags_of
from troth.detect.replace.words import LETTERS, Wording, is_reserved, reserved, stands_for_names
from troth.detect.replace.written import read_date

DRAW = Draw(KEY)


def surrogate(kind: str, value: str, key: bytes = KEY) -> str:
    draw = Draw(key)
    return Surrogates(draw, Shift(draw)).of(kind, value)


@pytest.mark.parametrize(("value", "kind"), [(v, k) for v, k in VALUES.items() if k not in {"DATE", "AGE"}])
def test_a_surrogate_is_another_value_and_is_told_at_sight(value: str, kind: str) -> None:
    made = surrogate(kind, value)
    assert made != value
    assert is_surrogate(kind, made), made
    assert not is_surrogate(kind, value)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(
    st.sampled_from(["PERSON", "USERNAME", "ORG", "LOCATION", "ADDRESS", "EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "IP", "MAC", "URL", "PATH",
                     "SECRET", "NATIONAL_ID", "PASSPORT", "GEO", "VEHICLE", "CRYPTO_WALLET"]),
    st.text(min_size=1, max_size=40),
)  # fmt: skip
def test_whatever_is_found_its_surrogate_stays_when_it_is_found_again(kind: str, value: str) -> None:
    made = surrogate(kind, value)
    assert not made or is_surrogate(kind, made) or not re.search(r"\w", made), (value, made)


def test_no_reserved_word_is_a_name_in_any_list() -> None:
    from importlib import import_module

    real: set[str] = set()
    for locale in AVAILABLE_LOCALES:
        try:
            provider = import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if "name" in attribute and isinstance(values, tuple | list | dict):
                real.update(str(value).casefold() for value in values)
    words = {word for words in reserved().values() for word in words}
    assert len(real) > 10_000
    assert not words & real


def test_every_reserved_word_is_one_run_of_letters_of_its_script() -> None:
    for script, words in reserved().items():
        assert len(set(words)) == len(words) >= 80, script
        assert all(
            LETTERS.fullmatch(word) and is_reserved(word.upper()) and is_reserved(word) for word in words
        )


@pytest.mark.parametrize(
    ("value", "script"),
    [("Иван", "CYRILLIC"), ("Γιώργος", "GREEK"), ("محمد", "ARABIC"), ("דוד", "HEBREW"), ("राहुल", "DEVANAGARI"), ("สมชาย", "THAI"),
     ("გიორგი", "GEORGIAN"), ("Արամ", "ARMENIAN"), ("タナカ", "KATAKANA"), ("张伟", "CJK"), ("김철수", "HANGUL"), ("Zoë", "LATIN")],
)  # fmt: skip
def test_names_keep_their_script(value: str, script: str) -> None:
    made = surrogate("PERSON", value)
    assert made.lower() in reserved()[script]


@pytest.mark.parametrize(
    ("value", "form"), [("ANN LEE", str.isupper), ("ann lee", str.islower), ("Ann Lee", str.istitle)]
)
def test_names_keep_their_capitals(value: str, form: object) -> None:
    assert form(surrogate("PERSON", value))  # type: ignore[operator]


def test_names_keep_their_class_of_length() -> None:
    words = Wording(DRAW)
    for value in ("Bob", "Smith", "Johnson", "Featherstone"):
        assert abs(len(words.stand_in(value)) - min(max(len(value), 5), 10)) <= 1


def test_a_part_of_a_name_and_its_mail_have_the_same_words() -> None:
    first, second, third = (
        one.text or ""
        for one in talk(["I am John Smith", "write to j.smith82@gmail.com", "John Smith"], "surrogate")
    )
    given, family = third.split()
    assert first == f"I am {given} {family}"
    assert family.lower() in second
    assert "gmail" not in second


def test_two_names_have_two_stand_ins() -> None:
    words = Wording(DRAW)
    names = [f"name{chr(97 + a)}{chr(97 + b)}" for a in range(20) for b in range(20)]
    assert len({words.stand_in(name) for name in names}) > 0.97 * len(names)


@pytest.mark.parametrize("value", ["(415) 867-5309", "415.867.5309", "+1 415-867-5309", "867-5309", "+44 7911 123456", "07911 123456",
                                   "+33 6 12 34 56 78", "06 12 34 56 78", "+49 30 1234567", "+49 170 1234567", "+39 06 1234 5678", "020 7946 1234"])  # fmt: skip
def test_phones_are_kept_for_examples_and_keep_their_layout(value: str) -> None:
    made = phone(value, DRAW)
    assert is_example_phone(made)
    assert not is_example_phone(value)
    assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", value)


def test_the_country_of_a_phone_stays_where_numbers_are_kept_there() -> None:
    assert phone("+44 7911 123456", DRAW).startswith("+44 7700 900")
    assert phone("+1 415-867-5309", DRAW)[:2] == "+1"
    assert "555-01" in phone("(415) 867-5309", DRAW)


def test_cards_are_test_cards_of_the_same_issuer() -> None:
    assert all(luhn.is_valid(number) for number in CARDS)
    made = card("4929 1234 5678 9017", DRAW)
    assert made.replace(" ", "") in CARDS
    assert made[0] == "4"
    assert len(card("3714 496353 98431", DRAW)) == 17


@pytest.mark.parametrize(
    "value",
    [
        "GB82 WEST 1234 5698 7654 32",
        "DE75512108001245126199",
        "XK051212012345678906",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_ibans_are_right_in_form(value: str) -> None:
    made = iban(value, DRAW)
    assert made[:2] == value[:2]
    assert len(made) == len(value)
    plain = made.replace(" ", "")
    assert iban_rules.is_valid(plain, check_country=False)
    assert made != value
    assert is_surrogate("IBAN", made)


def test_ibans_of_one_country_are_told_apart_and_follow_the_key() -> None:
    values = [f"DE{check:02d}5121080012451{number:05d}" for check, number in enumerate(range(100, 180), 10)]
    made = [iban(value, DRAW) for value in values]
    assert len(set(made)) == len(values)
    assert {one[4:16] for one in made} == {"0" * 12}
    assert iban("DE75 5121 0800 1245 1261 99", DRAW).replace(" ", "") == iban("de75512108001245126199", DRAW)
    assert iban(values[0], Draw(b"k" * 32)) != made[0]


def test_addresses_of_machines_are_of_ranges_for_documentation() -> None:
    assert ipaddress.ip_address(surrogate("IP", "8.8.4.4")).is_private or surrogate(
        "IP", "8.8.4.4"
    ).startswith(("192.0.2.", "198.51.100.", "203.0.113."))
    assert surrogate("IP", "8.8.4.4:443").endswith(":443")
    assert ipaddress.ip_address(surrogate("IP", "2a00:1450::5")) in ipaddress.ip_network("2001:db8::/32")
    assert surrogate("MAC", "AA-BB-CC-DD-EE-FF").startswith("00-00-5E-00-53-")


@pytest.mark.parametrize(
    "value",
    [
        "ann@corp.test",
        "Ann.Lee+x@sub.corp.test",
        "12345@qq.com",
        "ann at corp dot com",
        "аня@почта.рф",
        "a@b.co",
    ],
)
def test_mail_is_at_a_domain_for_examples(value: str) -> None:
    made = surrogate("EMAIL", value)
    assert re.search(r"example(\.| dot )(org|com|net)$", made)
    assert is_surrogate("EMAIL", made)


def test_one_domain_becomes_one_domain() -> None:
    made = surrogate("EMAIL", "ann@corp.test"), surrogate("EMAIL", "bob@corp.test")
    assert made[0].split("@")[1] == made[1].split("@")[1]
    assert made[0] != made[1]


@pytest.mark.parametrize(
    "value", ["hunter2", "p@ss-w0rd!", "ghp_abcdefghij0123456789ABCDEFGHIJ012345", "x" * 5000, "'"]
)
def test_secrets_open_nothing(value: str) -> None:
    made = surrogate("SECRET", value)
    assert "example" in made.lower()
    assert len(made) <= max(128, 7)


def test_a_private_key_keeps_its_frame() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----"
    made = surrogate("SECRET", pem)
    assert made.splitlines()[0] == "-----BEGIN PRIVATE KEY-----"
    assert "MIIEvQ" not in made


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days", "moved"),
    [
        ("2020-02-28", 2, "2020-03-01"),
        ("28.02.2021", 1, "01.03.2021"),
        ("12/31/1999", 1, "01/01/2000"),
        ("31/12/99", 1, "01/01/00"),
        ("3.4.2020", -3, "31.3.2020"),
        ("March 3, 2020", 30, "April 2, 2020"),
        ("Sept. 10, 1998", 30, "Oct. 10, 1998"),
        ("3. März 2020", 30, "2. April 2020"),
        ("3 de marzo de 2020", -3, "29 de febrero de 2020"),
        ("JAN 1st", -1, "DEC 31st"),
        ("May 2020", 31, "June 2020"),
        ("2020-03-03T10:00:00Z", 1, "2020-03-04T10:00:00Z"),
        ("1999", 400, "2000"),
    ],
)
def test_dates_are_written_as_they_were(text: str, days: int, moved: str) -> None:
    date = read_date(text)
    assert date is not None
    assert date.moved(days) == moved


@settings(deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.text(max_size=30))
def test_any_text_is_a_date_or_is_none(text: str) -> None:
    date = read_date(text)
    if date is not None:
        date.moved(1500), date.moved(-1500)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.lists(st.dates(), min_size=2, max_size=5), st.binary(min_size=32, max_size=32))
def test_what_lies_between_dates_stays(dates: list[object], key: bytes) -> None:
    import datetime

    days = [day for day in dates if isinstance(day, datetime.date) and 1910 < day.year < 2090]
    shift = Shift(Draw(key))
    shift.settle([day.isoformat() for day in days])
    moved = [datetime.date.fromisoformat(shift.moved(day.isoformat()) or "") for day in days]
    assert [b - a for a, b in pairwise(moved)] == [b - a for a, b in pairwise(days)]
    if days:
        again = Shift(Draw(key))
        again.settle([day.isoformat() for day in moved])
        assert [again.moved(day.isoformat()) for day in moved] == [day.isoformat() for day in moved]


def test_a_date_that_another_moves_to_is_moved_too() -> None:
    shift = Shift(DRAW)
    shift.settle(["2020-03-04"])
    there = shift.moved("2020-03-04") or ""
    assert shift.moved(there) not in {there, None}
    shift.settle([there])
    assert shift.moved(there) == there


@pytest.mark.parametrize("text", ["2020-03-04", "March 4th", "May 2020", "4 de marzo"])
def test_a_date_alone_stays_when_it_is_moved_again(text: str) -> None:
    stayed = 0
    for number in range(60):
        made = redact_dates([text], number)
        assert redact_dates(made, number) == made
        stayed += made == [text]
    assert stayed < 15


def redact_dates(texts: list[str], number: int) -> list[str]:
    shift = Shift(Draw(number.to_bytes(32)))
    shift.settle(texts)
    return [shift.moved(text) or "" for text in texts]


def test_a_year_alone_is_no_date_that_could_be_known_again() -> None:
    assert redact_dates(["1998"], 1) == [""]
    assert redact_dates(["1998", "2020-01-01"], 1) != ["", ""]


def test_dates_move_in_nearly_every_conversation() -> None:
    keys = [number.to_bytes(32) for number in range(400)]
    stayed = sum(
        redact("born 2020-03-04, hired March 14th, 2020", "surrogate", key).count("2020-03-04")
        for key in keys
    )
    assert stayed < 10


def test_ages_become_the_middle_of_their_ten_years() -> None:
    assert [age(str(number)) for number in (0, 9, 10, 34, 89, 95, 120)] == [
        "5",
        "5",
        "15",
        "35",
        "85",
        "95",
        "95",
    ]


# --- tags and pseudonyms --------------------------------------------------------------------------


def test_the_same_person_has_the_same_number() -> None:
    values = {
        "John Smith": 1,
        "john smith": 1,
        "Smith": 1,
        "John": 1,
        "J. Smith": 1,
        "Smith's": 1,
        "Dr. Smith": 1,
        "Mary Lee": 2,
        "Lee": 2,
        "Bob": 3,
    }
    numbers = Numbers()
    numbers.meet(("PERSON", value) for value in values)
    assert {value: numbers.of("PERSON", value) for value in values} == values


def test_a_name_that_two_bear_has_its_own_number() -> None:
    numbers = Numbers()
    numbers.meet([("PERSON", "John Smith"), ("PERSON", "Mary Smith")])
    assert [numbers.of("PERSON", name) for name in ("John Smith", "Mary Smith", "Smith", "Mary")] == [
        1,
        2,
        3,
        2,
    ]


def test_numbers_in_other_layouts_are_one() -> None:
    numbers = Numbers()
    assert numbers.of("IBAN", "DE75 5121 0800 1245 1261 99") == numbers.of("IBAN", "de75512108001245126199")


def test_a_tag_that_was_said_gives_no_number_away() -> None:
    assert redact("[PERSON_1] is John Smith") == "[PERSON_1] is [PERSON_2]"


def test_pseudonyms_follow_from_the_key_and_tell_nothing() -> None:
    made = pseudonym("PERSON", "ann", DRAW)
    assert made == pseudonym("PERSON", "ann", DRAW) != pseudonym("PERSON", "ann", Draw(OTHER_KEY))
    assert list(tags_of(f"by {made}.", frozenset({"PERSON"}))) == [(3, 3 + len(made), made)]
    broken = made[:-1] + ("a" if made[-1] != "a" else "b")
    assert list(tags_of(broken, frozenset({"PERSON"}))) == []


def test_masks_tell_the_class_of_length_alone() -> None:
    assert redact("hunter2", "mask") == "*" * 8
    assert [
        len(redact(f"the key is {value}", "mask")) - 11
        for value in ("John Smith", "j.smith82@gmail.com", "10.1.2.3")
    ] == [16, 32, 8]


def test_words_that_name_nothing_stay_where_they_name_nothing() -> None:
    assert redact("Acme Widgets Ltd", "surrogate").endswith(" Ltd")
    assert " Street, " in redact("221B Baker Street, London NW1 6XE", "surrogate")
    assert "Lane" not in surrogate("PERSON", "Lois Lane")
    assert not stands_for_names("Lane")
