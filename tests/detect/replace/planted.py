"""A finder that finds what a test has planted, and nothing else; and conversations with such things in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck

from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.manner import Manners
from troth.detect.replace.redact import Redacted, Redactor
from troth.detect.replace.replacer import Talk
from troth.types.edit import edited

SLOW_MACHINE = [HealthCheck.too_slow]
KEY, OTHER_KEY = bytes(range(32)), bytes(reversed(range(32)))

VALUES: Mapping[str, str] = {
    "John Smith": "PERSON",
    "Mary-Jane O'Neill": "PERSON",
    "Иван Петров": "PERSON",
    "张伟": "PERSON",
    "j.smith82@gmail.com": "EMAIL",
    "(415) 867-5309": "PHONE",
    "+44 20 7946 1234": "PHONE",
    "4929 1234 5678 9017": "CREDIT_CARD",
    "GB82 WEST 1234 5698 7654 32": "IBAN",
    "221B Baker Street, London NW1 6XE": "ADDRESS",
    "2020-03-04": "DATE",
    "March 14th, 2020": "DATE",
    "10.1.2.3": "IP",
    "fe80::1ff:fe23:4567:890a": "IP",
    "00:1B:44:11:3A:B7": "MAC",
    "hunter2": "SECRET",
    "ghp_abcdefghij0123456789ABCDEFGHIJ012345": "SECRET",
    "123-45-6789": "NATIONAL_ID",
    "52.5200, 13.4050": "GEO",
    "@johnny_b": "USERNAME",
    "https://bob:pw@corp.test/x": "URL",
    "Acme Widgets Ltd": "ORG",
    "Springfield": "LOCATION",
    "WVWZZZ1JZXW000001": "VEHICLE",
}
"""What is planted, and its kind."""

TAG_MANNERS = ("tag", "pseudonym", "mask", "surrogate")
KINDS_KNOWN = frozenset(KINDS)


@dataclass(frozen=True)
class Planted:
    """Finds values wherever they stand."""

    values: Mapping[str, str] = field(default_factory=lambda: VALUES)

    @property
    def digest(self) -> str:
        return "sha256:" + "0" * 64

    def find(
        self,
        texts: Sequence[str | None],
        conversations: Sequence[str] | None = None,  # noqa: ARG002
    ) -> list[list[Finding]]:
        return [self._find(text or "") for text in texts]

    def _find(self, text: str) -> list[Finding]:
        pattern = "|".join(sorted(map(re.escape, self.values), key=len, reverse=True))
        return [
            Finding(m.start(), m.end(), self.values[m.group()], 0.9, "planted")
            for m in re.finditer(pattern, text)
        ]


_EAGER = (
    ("EMAIL", r"[\w.]+@[\w.]+\w"),
    ("DATE", r"\d{4}-\d\d-\d\d|[A-Z][a-z]{2,8} \d{1,2}(?:st|nd|rd|th), \d{4}"),
    ("URL", r"https?://[^\s\"]+"),
    ("IP", r"\d{1,3}(?:\.\d{1,3}){3}"),
    ("PHONE", r"[+(]?\d[\d ().\-]{5,}\d"),
    ("SECRET", r"\b(?=\w*\d)\w{7,}\b"),
    ("PERSON", r"\b[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*"),
    ("USERNAME", r"@\w+"),
    ("AGE", r"\b\d\d\b"),
)


@dataclass(frozen=True)
class Eager:
    """Finds what is planted, and takes everything else for something too: what was put in place of others as well."""

    digest = "sha256:" + "2" * 64

    def find(
        self,
        texts: Sequence[str | None],
        conversations: Sequence[str] | None = None,  # noqa: ARG002
    ) -> list[list[Finding]]:
        return [self._find(text or "") for text in texts]

    def _find(self, text: str) -> list[Finding]:
        found = Planted()._find(text)
        for kind, pattern in _EAGER:
            for match in re.finditer(pattern, text):
                start, end = match.span()
                if all(end <= one.start or start >= one.end for one in found):
                    found.append(Finding(start, end, kind, 0.5, "eager"))
        return sorted(found)


def redactor(manner: str | Manners = "tag", finder: object = None) -> Redactor:
    manners = Manners(manner) if isinstance(manner, str) else manner
    return Redactor(finder or Planted(), manners, KINDS_KNOWN)  # type: ignore[arg-type]


def redact(text: str, manner: str | Manners = "tag", key: bytes = KEY) -> str:
    (one,) = talk([text], manner, key)
    assert one.text is not None
    return one.text


def talk(
    texts: Sequence[str | None], manner: str | Manners = "tag", key: bytes = KEY, finder: object = None
) -> list[Redacted]:
    """The texts of one conversation, redacted."""
    return redactor(manner, finder).redact(texts, ["talk"] * len(texts), {"talk": key})


def replaced(text: str, found: Sequence[Finding], manner: str | Manners = "tag") -> str:
    """One text with given findings, once."""
    manners = Manners(manner) if isinstance(manner, str) else manner
    (edits,) = Talk(manners, KEY).edits([text], [found])
    return edited(text, edits)
