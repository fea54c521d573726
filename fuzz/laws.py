"""What holds for every text, as functions of bytes that raise where it does not."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from fuzz.texts import text_of
from troth.detect.detector import standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.engine import Hyperscan, Re2
from troth.detect.replace.manner import Manners
from troth.detect.replace.redact import Redacted, Redactor
from troth.detect.replace.replacer import MOST_ADDED
from troth.detect.secrets import SECRETS
from troth.types.edit import edited

KEY: Final = bytes(range(32))
_MANNERS: Final = ("tag", "surrogate", "pseudonym", "mask")
_OTHER: Final = "I am Ann Lee, ann.lee@example.org; my password is hunter2."


class BrokenError(AssertionError):
    """A law does not hold."""


def _check(holds: bool, *told: object) -> None:
    if not holds:
        raise BrokenError(*told)


def _turns(data: bytes) -> list[str]:
    """One text, or several turns of a conversation: 0xFF parts them."""
    return [text_of(part) for part in data.split(b"\xff")[:4]]


def detect(data: bytes) -> None:
    """Findings lie in their text, in order and apart, and do not depend on what else is asked about."""
    texts = _turns(data)
    found = standard().find(texts, ["a"] * len(texts))
    for text, row in zip(texts, found, strict=True):
        _check(all(0 <= one.start < one.end <= len(text) for one in row), text, row)
        _check(all(one.kind in KINDS and 0 < one.confidence <= 1 for one in row), text, row)
        _check(all(one.end <= other.start for one, other in pairwise(row)), text, row)
    turned = standard().find([_OTHER, *texts], ["b", *(["a"] * len(texts))])[1:]
    _check(turned == found, texts, found, turned)


def redact(data: bytes) -> None:
    """Redacting twice is redacting once; what is put is bounded, and what stands around it stays."""
    manner, texts = _MANNERS[(data[:1] or b"\0")[0] % len(_MANNERS)], _turns(data[1:])
    once = _redacted(texts, manner)
    for text, one in zip(texts, once, strict=True):
        _check(edited(text, one.edits) == one.text, manner, text, one)
        for edit in one.edits:
            _check(len(edit.put) <= 2 * (edit.end - edit.start) + MOST_ADDED, manner, text, edit)
    again = _redacted([one.text or "" for one in once], manner)
    _check([one.text for one in again] == [one.text for one in once], manner, texts, once, again)


def _redacted(texts: Sequence[str], manner: str) -> list[Redacted]:
    redactor = Redactor(standard(), Manners(manner), frozenset(KINDS))
    return redactor.redact(texts, ["a"] * len(texts), {"a": KEY})


def json_stays(data: bytes) -> None:
    """A text that is JSON stays JSON, with the same keys in the same places."""
    manner, parts = _MANNERS[(data[:1] or b"\0")[0] % len(_MANNERS)], _turns(data[1:])
    document = {"said": parts, "n": [len(data), 4111111111111111], "deep": {"password": parts[-1]}}
    text = json.dumps(document, ensure_ascii=bool(len(data) % 2), indent=len(data) % 3 or None)
    (one,) = _redacted([text], manner)
    try:
        kept = json.loads(one.text or "")
    except ValueError as problem:
        raise BrokenError(manner, text, one) from problem
    _check(list(kept) == list(document) and len(kept["said"]) == len(parts), manner, text, one)


@functools.cache
def _engines() -> tuple[Hyperscan, Re2]:
    anchors = (anchor for recogniser in (*PATTERNS, *SECRETS) for anchor in recogniser.anchors)
    anchors = tuple(dict.fromkeys(anchors))
    return Hyperscan(anchors), Re2(anchors)


def engines(data: bytes) -> None:
    """Both engines find the same places."""
    hyperscan, re2 = _engines()
    told = text_of(data).encode("utf-8", "surrogatepass")
    _check(hyperscan.hits(told).tolist() == re2.hits(told).tolist(), told)


def folded(data: bytes) -> None:
    """Characters that cannot be seen change nothing of what a token is, and offsets are still the text's own."""
    token, text = "ghp_x7QmZr2LpW9vTb4KsYd8NcFg3HjXaUe6RtVi", text_of(data)
    before = f"{text}\n\n"
    hidden = f"{token[:9]}\u200b{token[9:]}"
    row = standard().find([f"{before}{hidden}\n"])[0]
    _check(any(_covers(one, len(before), len(before) + len(hidden)) for one in row), text, row)


def _covers(one: Finding, start: int, end: int) -> bool:
    return one.start <= start and one.end >= end


LAWS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "detect": detect, "redact": redact, "json": json_stays, "engines": engines, "folded": folded,
}  # fmt: skip
"""Every law, by the name that the command takes."""
