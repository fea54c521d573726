"""The filter of plain patterns: seven kinds of sensitive data, in linear time, without a model.

It knows forms, not meanings: names, places and what people say of their health pass through it.
``docs/detection.md`` says what it finds and how well.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from troth.canon.canonical import digest_of
from troth.detect.addresses import EMAIL, IP_ADDRESS
from troth.detect.filter import Filtered
from troth.detect.numbers import CARD, IBAN
from troth.detect.phones import PHONE
from troth.detect.recogniser import Recogniser
from troth.detect.secrets import API_KEY, PRIVATE_KEY

RECOGNISERS = (PRIVATE_KEY, API_KEY, EMAIL, IBAN, CARD, IP_ADDRESS, PHONE)
"""In the order in which they replace: the long and sure ones first, telephone numbers last."""

_NAME = "troth-patterns/1"
_DIGEST = digest_of(
    {"name": _NAME, "recognisers": [[r.kind, r.gate, *r.definition] for r in RECOGNISERS]},
)


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """`Filter` by plain patterns. It reads no media."""

    @property
    def name(self) -> str:
        """Its name in a manifest."""
        return _NAME

    @property
    def digest(self) -> str:
        """The digest of its expressions, in their order."""
        return _DIGEST

    def reads(self, media_type: str | None) -> bool:  # noqa: ARG002 — the door asks, and the answer is no
        """No media of any type."""
        return False

    def replace(self, texts: pa.Array) -> Filtered:
        """Every text with tags in the place of what was found."""
        replaced: Counter[str] = Counter()
        filtered = texts
        for recogniser in RECOGNISERS:
            filtered = _replace_one(filtered, recogniser, replaced)
        changed = 0 if filtered is texts else pc.sum(pc.not_equal(filtered, texts)).as_py() or 0
        return Filtered(filtered, changed, dict(replaced))


def _replace_one(texts: pa.Array, recogniser: Recogniser, replaced: Counter[str]) -> pa.Array:
    """One recogniser over the texts that pass its gate."""
    gate = pc.fill_null(pc.match_substring_regex(texts, recogniser.gate), False)
    candidates = texts.filter(gate)
    if not len(candidates):
        return texts
    answers = [recogniser.replace(text) for text in candidates.to_pylist()]
    found = sum(count for _, count in answers)
    if not found:
        return texts
    replaced[recogniser.kind] += found
    return pc.replace_with_mask(texts, gate, pa.array([text for text, _ in answers], texts.type))
