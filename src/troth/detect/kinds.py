"""The kinds of sensitive data, what each is called in labelled corpora, and how two that overlap are settled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sensitive data."""

    name: str
    """What a finding bears."""
    coarse: str
    """The type of the labelled corpora that covers it."""
    says: str
    """One phrase for people."""


_TABLE = (
    Kind("PERSON", "PERSON", "a person's name"),
    Kind("USERNAME", "PERSON", "a handle or login name"),
    Kind("LOCATION", "LOCATION", "a place"),
    Kind("ADDRESS", "ADDRESS", "a street address, whole"),
    Kind("GEO", "LOCATION", "geographical coordinates"),
    Kind("ORG", "ORG", "an organisation"),
    Kind("EMAIL", "EMAIL", "an e-mail address"),
    Kind("PHONE", "PHONE", "a telephone number"),
    Kind("CREDIT_CARD", "CREDIT_CARD", "a payment card number"),
    Kind("IBAN", "IBAN", "a bank account number"),
    Kind("BANK_ACCOUNT", "ID", "a bank account number of a national form"),
    Kind("CRYPTO_WALLET", "ID", "the address of a crypto wallet"),
    Kind("NATIONAL_ID", "SSN", "a national identity or social security number"),
    Kind("PASSPORT", "ID", "a passport number"),
    Kind("DRIVING_LICENCE", "ID", "a driving licence number"),
    Kind("MEDICAL_ID", "ID", "a patient or health insurance number"),
    Kind("VEHICLE", "ID", "a number plate or vehicle identification number"),
    Kind("IP", "IP", "an IP address"),
    Kind("MAC", "ID", "the address of a network card"),
    Kind("URL", "URL", "a web address with credentials or of a person"),
    Kind("PATH", "PERSON", "a login name in the path of a file"),
    Kind("DATE_OF_BIRTH", "DATE", "a date of birth"),
    Kind("DATE", "DATE", "a date"),
    Kind("AGE", "AGE", "a person's age"),
    Kind("SECRET", "SECRET", "a password, key, token or other credential"),
)

KINDS = {kind.name: kind for kind in _TABLE}
"""Every kind that Troth ships, by its name. Terms may declare more (`troth.detect.custom`)."""

COARSE = frozenset(kind.coarse for kind in _TABLE)
"""The types of the labelled corpora that findings are mapped to by ``--coarse``."""
