"""The filter of plain patterns: seven kinds of sensitive data, in linear time, without a model.

It knows forms, not meanings: names, places and what people say of their health pass through it.
``docs/detection.md`` says what it finds and how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.canon.canonical import digest_of
from troth.detect.addresses import EMAIL, IP_ADDRESS
from troth.detect.filter import SensitiveFilter
from troth.detect.finding import Finding
from troth.detect.numbers import CARD, IBAN
from troth.detect.phones import PHONE
from troth.detect.plain_secrets import API_KEY, PRIVATE_KEY

RECOGNISERS = (PRIVATE_KEY, API_KEY, EMAIL, IBAN, CARD, IP_ADDRESS, PHONE)
"""In the order in which they replace: the long and sure ones first, telephone numbers last."""

_DIGEST = digest_of({"recognisers": [[r.kind, r.gate, *r.definition] for r in RECOGNISERS]})
_KINDS = {
    "private_key": "SECRET", "api_key": "SECRET", "email": "EMAIL", "iban": "IBAN", "card": "CREDIT_CARD",
    "ip_address": "IP", "phone": "PHONE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainFinder:
    """`troth.detect.replace.redact.Finder` by plain patterns."""

    @property
    def digest(self) -> str:
        """The digest of its expressions, in their order."""
        return _DIGEST

    def find(
        self,
        texts: Sequence[str | None],
        conversations: Sequence[str] | None = None,  # noqa: ARG002 — one form for all
    ) -> list[list[Finding]]:
        """What is in each text."""
        return [_find(text) if text else [] for text in texts]


def PatternFilter() -> SensitiveFilter:  # noqa: N802
    """The filter by plain patterns."""
    return SensitiveFilter(PlainFinder())


def _find(text: str) -> list[Finding]:
    found: list[Finding] = []
    for one in RECOGNISERS:
        for start, end in one.spans(text):
            if all(end <= other.start or start >= other.end for other in found):
                found.append(Finding(start, end, _KINDS[one.kind], 0.9, one.kind))
    return sorted(found)
