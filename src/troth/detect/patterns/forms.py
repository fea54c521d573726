"""The forms that are recognised: what kind each gives, and how often it is right.

Confidence marked *measured* is the share of right findings on the labelled corpora (``docs/detection-patterns.md``
says which); every other figure is a judgement, made here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.detect.finding import Finding


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a kind is written."""

    kind: str
    confidence: float


_TABLE: dict[str, dict[str, float]] = {
    "EMAIL": {"email/form": 0.99, "email/spelled-out": 0.9},
    "PHONE": {
        "phone/international": 0.97,
        "phone/layout": 0.8,
        "phone/context": 0.9,
        "phone/alone": 0.6,
    },
    "CREDIT_CARD": {"card/luhn": 0.95, "card/luhn-context": 0.99},
    "IBAN": {"iban/mod-97": 0.99},
    "BANK_ACCOUNT": {"bank/context": 0.8, "bank/bic-context": 0.7},
    "CRYPTO_WALLET": {
        "wallet/base58check": 0.99,
        "wallet/bech32": 0.99,
        "wallet/eth-checksum": 0.95,
        "wallet/eth-context": 0.8,
        "wallet/context": 0.7,
    },
    "NATIONAL_ID": {"national/checksum": 0.95, "national/context": 0.9, "national/layout": 0.75},
    "PASSPORT": {"passport/context": 0.85, "passport/mrz": 0.99},
    "DRIVING_LICENCE": {"licence/context": 0.85, "licence/form": 0.85},
    "MEDICAL_ID": {"medical/checksum": 0.9, "medical/context": 0.85},
    "VEHICLE": {"vehicle/vin": 0.9, "vehicle/plate-context": 0.8},
    "IP": {"ip/v4": 0.9, "ip/v6": 0.95},
    "MAC": {"mac/form": 0.9},
    "URL": {"url/credentials": 0.95, "url/person": 0.85, "url/context": 0.85},
    "PATH": {"path/home": 0.9},
    "USERNAME": {"username/handle": 0.6, "username/context": 0.8},
    "GEO": {"geo/decimal": 0.8, "geo/degrees": 0.95, "geo/context": 0.9},
    "DATE_OF_BIRTH": {"birth/context": 0.9},
    "DATE": {"date/numeric": 0.85, "date/words": 0.85},
    "AGE": {"age/words": 0.85},
    "ADDRESS": {
        "address/street": 0.85,
        "address/context": 0.85,
        "address/box": 0.85,
        "address/unit": 0.75,
        "address/postcode": 0.75,
        "address/postcode-context": 0.8,
    },
}

FORMS = {why: Form(kind, confidence) for kind, forms in _TABLE.items() for why, confidence in forms.items()}
"""Every form, by the ``why`` of its findings. National numbers have the country after it: ``national/checksum:it``."""


def found(start: int, end: int, why: str) -> Finding:
    """A finding of a form."""
    form = FORMS[why.partition(":")[0]]
    return Finding(start, end, form.kind, form.confidence, why)
