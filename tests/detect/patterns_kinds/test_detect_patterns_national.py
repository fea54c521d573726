"""Personal numbers of many countries: told by their form, or by a word, and never by accident."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.checks import passes_base58check, passes_bech32, passes_luhn, passes_mod97
from troth.detect.patterns.keccak import passes_eip55
from troth.detect.patterns.national_table import AFTER_WORDS, BY_FORM
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import view_of

BY_THEIR_FORM = [
    ("us", "526-01-8159"), ("us", "908-73-0166"), ("gb", "AB 12 34 56 C"), ("gb", "AB123456C"), ("it", "RSSMRA85T10A562S"),
    ("es", "X6617603-C"), ("es", "56355150-K"), ("fr", "1 85 05 78 006 084 91"), ("br", "578.720.097-73"), ("cn", "11010519491231002X"),
    ("in", "2262 4562 4180"), ("in", "ABCPE5788F"), ("fi", "131052-308T"), ("se", "880320-6161"), ("no", "151086 02985"),
    ("is", "450401-6840"), ("be", "85.07.30-004.57"), ("de", "36 574 261 809"), ("ch", "756.9217.0769.85"), ("pt", "00000000 0 ZZ4"),
    ("sg", "S8297691D"), ("hk", "A123456(3)"), ("th", "8-6357-88393-04-3"), ("mx", "BOXW310820HNERXN09"), ("ar", "20-28522041-7"),
    ("cl", "23.995.217-8"), ("cz", "710319/5319"), ("lv", "161175-93943"), ("my", "770305-02-1234"), ("pk", "34201-0891231-8"),
    ("do", "224-0002111-3"), ("ru", "112-233-445 95"),
]  # fmt: skip
AFTER_A_WORD = [
    ("us", "my SSN is 219099998"), ("us", "Social Security Number: 219 09 9998"), ("gb", "National Insurance no. AB123456C"),
    ("es", "DNI 30784853C"), ("br", "CPF: 75543800282"), ("in", "Aadhaar 284728763942"), ("in", "PAN ABCPE1234F"),
    ("se", "personnummer 8803209835"), ("dk", "CPR-nummer 211062-3464"), ("no", "fødselsnummer 15108698559"), ("is", "kennitala 4504013909"),
    ("be", "rijksregisternummer 85073095774"), ("nl", "BSN 511696474"), ("de", "Steuer-ID: 36574261809"), ("de", "Personalausweisnummer L01X00T47"),
    ("at", "SVNR 9300 010180"), ("ch", "AHV-Nr. 7569217076985"), ("pt", "NIF 604782632"), ("ie", "PPS number 2520509I"), ("ca", "SIN 606-306-884"),
    ("tw", "身分證字號 A123456789"), ("th", "เลขบัตรประชาชน 4954318589174"), ("za", "ID number 7503305044089"), ("mx", "RFC GODE561231GR8"),
    ("ar", "DNI 20.123.456"), ("cl", "RUT 886891903"), ("tr", "kimlik no 53337058824"), ("il", "teudat zehut 934466228"), ("ro", "CNP 1630615123350"),
    ("bg", "ЕГН 7523169263"), ("hr", "OIB 30178241670"), ("ee", "isikukood 36805277931"), ("lt", "asmens kodas 33309242619"), ("gr", "AMKA 01013979420"),
    ("pl", "PESEL 44051459901"), ("si", "EMŠO 0101006501487"), ("rs", "JMBG 0101006712160"), ("ru", "СНИЛС 06906337277"), ("ua", "РНОКПП 7093103995"),
    ("id", "NIK 3171011708450001"), ("nz", "IRD 49091850"), ("ec", "cédula 1714307103"), ("jp", "マイナンバー 1234 5678 9012"),
]  # fmt: skip


def national(text: str) -> list[tuple[str, str]]:
    found = Scanner(PATTERNS).find([view_of(text)])[0]
    return [(f.why.partition(":")[2], text[f.start : f.end]) for f in found if f.kind == "NATIONAL_ID"]


@pytest.mark.parametrize(("country", "number"), BY_THEIR_FORM)
def test_told_by_its_form(country: str, number: str) -> None:
    assert (country, number) in national(f"it is {number}, I think")


@pytest.mark.parametrize(("country", "said"), AFTER_A_WORD)
def test_told_by_a_word(country: str, said: str) -> None:
    assert any(where == country and said.endswith(number) for where, number in national(f"Yes. {said}"))


UNCHECKED = {"us", "gb", "in", "mx", "ar", "id", "dk", "de", "jp"}


@pytest.mark.parametrize(
    ("country", "said"), [row for row in AFTER_A_WORD if row[0] not in UNCHECKED and row[1][-1].isdigit()]
)
def test_another_digit_is_another_number(country: str, said: str) -> None:
    """Where there is a check, the number with its last digit changed is none of that country."""
    others = [f"{said[:-1]}{digit}" for digit in "0123456789" if digit != said[-1]]
    assert sum(bool([n for n in national(other) if n[0] == country]) for other in others) <= 1


def test_more_than_twenty_countries_have_checks() -> None:
    assert len({row.country for row in (*BY_FORM, *AFTER_WORDS) if row.module != "own.any"}) > 40


@given(st.from_regex(r"[0-9]{9,13}", fullmatch=True))
@settings(deadline=None, max_examples=200)
def test_a_bare_number_is_nobodys(number: str) -> None:
    assert national(f"order {number} is on its way") == []


@given(st.integers(0, 10**18))
def test_luhn_has_one_right_digit(number: int) -> None:
    assert sum(passes_luhn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.text("ABCXYZ0123456789", min_size=11, max_size=26))
def test_mod_97_has_one_right_pair(account: str) -> None:
    assert len([check for check in range(2, 99) if passes_mod97(f"DE{check:02d}{account}")]) == 1


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (passes_base58check, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        (passes_bech32, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        (passes_bech32, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"),
        (passes_eip55, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
    ],
)
def test_a_wallet_with_a_letter_changed_is_none(check: object, right: str) -> None:
    assert callable(check)
    assert check(right)
    wrong = (
        right[:-1] + ("2" if right[-1] != "2" else "3") if check is not passes_eip55 else right[:-4] + "D359"
    )
    assert not check(wrong)
