"""Passports, driving licences, patients and vehicles: numbers known by the words before them or by their form."""

from __future__ import annotations

import re

from stdnum.gb import nhs

from troth.detect.patterns.forms import FORMS
from troth.detect.patterns.recogniser import Around, Recogniser
from troth.detect.patterns.said import after_words, digits_in


def _has_three_digits(match: re.Match[str]) -> bool:
    return digits_in(match) >= 3


def _has_four_digits(match: re.Match[str]) -> bool:
    return digits_in(match) >= 4


PASSPORT = after_words(
    "passport",
    (
        "passports?",
        "reisepass(?:nummer)?",
        "pass-?nr",
        "passeport",
        "pasaporte",
        "passaporto",
        "passaporte",
        "paspoort(?:nummer)?",
    ),
    r"[A-Z]{0,3}[ ]?\d[A-Z0-9]{5,8}|[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}|[A-Z]{2}[ ]\d{6,7}",
    "passport/context",
    rare=("passport", "reisepass", "pass-nr", "passnr", "passeport", "pasaporte", "passaport", "paspoort"),
    check=_has_three_digits,
)
MRZ = Recogniser(
    "passport-mrz",
    ("PASSPORT",),
    (r"\bP[A-Z<][A-Z]{3}[A-Z]{1,30}<<[A-Z<]",),
    Around(
        re.compile(
            r"(?<!\w)P[A-Z<][A-Z]{3}[A-Z<]{39}\s{1,2}[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{14}[\d<]\d"
        ),
        "PASSPORT",
        FORMS["passport/mrz"].confidence,
        "passport/mrz",
        before=64,
        after=120,
    ),
)
LICENCE = after_words(
    "licence",
    (
        r"driver'?s?'?[ _\-]?licen[cs]e",
        r"driving[ _\-]?licen[cs]e",
        r"licen[cs]e (?:number|no)",
        r"\bd\.?l\.?[ ](?:no|number|#)",
        "f[uü]hrerschein(?:nummer)?",
        "permis de conduire",
        "licencia de (?:conducir|manejo)",
        "carn(?:et|é) de conducir",
        "permiso de conducir",
        "patente(?: di guida)?",
        "rijbewijs(?:nummer)?",
        "carta de condu[cç][aã]o",
        "cnh",
        "prawo jazdy",
    ),
    r"[A-Z0-9](?:[ \-]?[A-Z0-9]){4,17}",
    "licence/context",
    rare=(
        "licen[cs]e (?:number|no|#)",
        "driver'?s?'? licen[cs]e",
        "driving licen[cs]e",
        r"f[\x80-\xf4]{2}hrerschein",
        "fuhrerschein",
        "permis de conduire",
        "licencia de",
        r"carn[\x80-\xf4]{2} de",
        "carnet de",
        "permiso de",
        "patente",
        "rijbewijs",
        "carta de condu",
        "cnh",
        "prawo jazdy",
    ),
    common=(r"d\.?l\.?",),
    check=_has_four_digits,
)
LICENCE_GB = Recogniser(
    "licence-gb",
    ("DRIVING_LICENCE",),
    (r"\d[0156]\d[0-3]\d{2}[A-Z][A-Z9][A-Z0-9][A-Z]{2}\b",),
    Around(
        re.compile(r"(?<!\w)[A-Z]{2}[A-Z9]{3}\d[0156]\d[0-3]\d\d[A-Z][A-Z9][A-Z0-9][A-Z]{2}(?!\w)"),
        "DRIVING_LICENCE",
        FORMS["licence/form"].confidence,
        "licence/form",
    ),
)


def _is_nhs(match: re.Match[str]) -> bool:
    return bool(nhs.is_valid(match["it"]))


NHS = after_words(
    "medical-nhs",
    ("nhs",),
    r"\d{3}[ \-]?\d{3}[ \-]?\d{4}",
    "medical/checksum:gb",
    rare=("nhs",),
    check=_is_nhs,
)


def _is_kvnr(match: re.Match[str]) -> bool:
    """The German insured number: the letter as two digits, then digits, weighted 1 and 2 as in Luhn's sum, modulo 10."""
    number = match["it"].upper()
    digits = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    return sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(digits)) % 10 == int(number[9])


KVNR = after_words(
    "medical-kvnr",
    (
        "versicherten(?:nummer|-?nr)",
        "kranken(?:versicherungs|versicherten)(?:nummer|-?nr)",
        "krankenkasse",
        "kvnr",
        "gesundheitskarte",
    ),
    r"[A-Z]\d{9}",
    "medical/checksum:de",
    rare=("versichert", "krankenv", "krankenk", "kvnr", "gesundheitskarte"),
    check=_is_kvnr,
)


def _is_medicare(match: re.Match[str]) -> bool:
    """The Australian one: eight digits and their weighted sum modulo 10."""
    digits = [int(c) for c in match["it"] if c.isdigit()]
    return sum(d * w for d, w in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=False)) % 10 == digits[8]


MEDICARE_AU = after_words(
    "medical-medicare-au",
    ("medicare",),
    r"[2-6]\d{3}[ \-]?\d{5}[ \-]?\d(?:[ \-/]?\d)?",
    "medical/checksum:au",
    rare=("medicare",),
    check=_is_medicare,
)
MEDICAL = after_words(
    "medical",
    (
        "patient(?:en)?[ _\\-]?(?:id|number|no|nr|nummer|identifier)",
        "mrn",
        "medical record",
        "medical[ _\\-]?id",
        "chart number",
        "health (?:insurance|card|id|plan)",
        "medicare",
        "medicaid",
        "mbi",
        "(?:insurance|member|policy|subscriber|beneficiary)[ _\\-]?(?:id|member|number|no)",
        "ohip",
        "phn",
        "nhs",
        "krankenversicherung(?:snummer)?",
        "versichertennummer",
        "carte vitale",
        "num[eé]ro de patient",
        "tarjeta sanitaria",
        "n[uú]mero de (?:paciente|historia cl[ií]nica)",
        "tessera sanitaria",
        "sus",
        "cart[aã]o (?:do )?sus",
        "pati[eë]ntnummer",
        "polisnummer",
    ),
    r"[A-Z]{0,4}[ \-]?\d(?:[ \-]?[A-Z0-9]){4,14}",
    "medical/context",
    rare=(
        "mrn",
        "medical record",
        "medicare",
        "medicaid",
        "ohip",
        "nhs",
        "krankenv",
        "versichert",
        "carte vitale",
        "sanitaria",
        "polisnummer",
    ),
    common=(
        "patient[ _\\-]?(?:id)?",
        "medical[ _\\-]?id",
        "chart",
        "health (?:insurance|card|id|plan)",
        "mbi",
        "(?:insurance|member|policy|subscriber|beneficiary)[ _\\-]?(?:id)?",
        "phn",
        "sus",
        "de paciente",
        "patientennummer",
    ),
    check=_has_four_digits,
)

_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ",
        (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _is_vin(match: re.Match[str]) -> bool:
    """The check digit of ISO 3779 as used in North America, and letters and digits as a maker writes them."""
    vin = match.group()
    total = sum(w * (_VIN_VALUES.get(c) or int(c)) for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
    letters = sum(c.isalpha() for c in vin)
    return 3 <= letters <= 12 and vin[-4:].isdigit() and vin[8] == "0123456789X"[total % 11]


VIN = Recogniser(
    "vehicle-vin",
    ("VEHICLE",),
    (r"\b[A-HJ-NPR-Z0-9]{17}\b",),
    Around(
        re.compile(r"(?<![\w\-+/=.])[A-HJ-NPR-Z0-9]{17}(?![\w\-+/=])"),
        "VEHICLE",
        FORMS["vehicle/vin"].confidence,
        "vehicle/vin",
        _is_vin,
    ),
)
VIN_SAID = after_words(
    "vehicle-vin-context",
    (
        "vin",
        "vehicle identification",
        "chassis",
        "fahrgestell(?:nummer|-?nr)?",
        "fin",
        "num[eé]ro de ch[aâ]ssis",
        "n[uú]mero de chasis",
        "telaio",
    ),
    r"[A-HJ-NPR-Z0-9]{17}",
    "vehicle/vin",
    rare=("vin", "vehicle identification", "chassis", "fahrgestell", "chasis", "telaio"),
    check=_has_four_digits,
)


def _is_plate(match: re.Match[str]) -> bool:
    plate = match["it"]
    return (
        any(c.isdigit() for c in plate)
        and any(c.isalpha() for c in plate)
        and len(plate.replace(" ", "").replace("-", "")) <= 9
    )


PLATE = after_words(
    "vehicle-plate",
    (
        r"(?:licen[cs]e|number|registration|vehicle|car)[ _\-]?plates?",
        "plate number",
        "plate",
        r"(?:vehicle|car) reg(?:istration)?",
        "kennzeichen",
        "nummernschild",
        "plaque(?: d'immatriculation)?",
        "immatriculation",
        "immatricul[eé]e?",
        "matr[ií]cula",
        "targa",
        "kenteken",
        "placas?",
    ),
    r"[A-ZÄÖÜ0-9]{1,4}(?:[ \-]{1,2}[A-Z0-9]{1,5}){1,3}|[A-Z0-9]{5,8}",
    "vehicle/plate-context",
    rare=(
        "plates?",
        "kennzeichen",
        "nummernschild",
        "plaque",
        "immatricul",
        "matricula",
        r"matr[\x80-\xf4]{2}cula",
        "targa",
        "kenteken",
        "placas?",
        "(?:vehicle|car) reg",
    ),
    check=_is_plate,
    case=True,
)
