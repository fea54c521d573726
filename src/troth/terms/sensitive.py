"""Reading what terms say of sensitive data: how kinds are replaced, recognisers of their own, and what is allowed.

These are data, never code. What a pattern means, and whether the cases come out, is looked at where sensitive
data is found (`troth.detect.custom`), which stands above the terms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from troth.terms.fields import Shape, a_word, some_words
from troth.terms.model import Allowed, Recogniser
from troth.terms.reader import Reader
from troth.types.manner import MANNERS, OTHERS

RECOGNISER: Shape = {
    "kind": (a_word, True),
    "pattern": (a_word, True),
    "check": (a_word, False),
    "context": (some_words, False),
    "finds": (some_words, True),
    "passes": (some_words, True),
    "text": (a_word, True),
}

ALLOWED: Shape = {
    "values": (some_words, False),
    "patterns": (some_words, False),
    "kinds": (some_words, False),
    "text": (a_word, True),
}

CHECKS = (
    "luhn", "verhoeff", "damm", "mod-97-10", "mod-11-2", "mod-11-10", "mod-37-2", "mod-37-36", "mod-11", "mod-10",
)  # fmt: skip
"""Check digits by name: Luhn, Verhoeff, Damm, those of ISO 7064, of ISBN-10 (mod-11) and of EAN (mod-10)."""

KIND = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z", re.ASCII)
LONGEST_KIND = 24
"""Characters of the name of a kind."""
LONGEST_PATTERN = 1000
_NAME_IT = "write it like TICKET or CASE_NUMBER: capital letters, digits and single _, at most 24 characters"


def read_replace(reader: Reader, got: Mapping[str, Any], index: int, what: str) -> Mapping[str, str]:
    """Read how a filter replaces each kind of sensitive data."""
    table = reader.fields(got.get("replace", {}), ("filters", index, "replace"), what)
    line = reader.line("filters", index, "replace")
    kinds = got.get("replace", {})
    found = table.take(dict.fromkeys(kinds, (a_word, True)))
    for kind, manner in found.items():
        if kind != OTHERS:
            _kind(reader, kind, line, what)
        reader.known(manner, MANNERS, line, f"{what}: unknown manner {manner!r} of replacing {kind}")
    return found


def read_recognisers(reader: Reader) -> tuple[Recogniser, ...]:
    """Read the recognisers that the terms declare."""
    found = []
    for got, index, _ in reader.tables("recognisers", RECOGNISER, "recogniser"):
        what = f"recogniser {got.get('kind', index + 1)!r}"
        if "kind" in got:
            _kind(reader, got["kind"], reader.line("recognisers", index, "kind"), what)
        if "check" in got:
            line = reader.line("recognisers", index, "check")
            reader.known(got["check"], CHECKS, line, f"{what}: unknown check {got['check']!r}")
        _pattern(reader, got.get("pattern", ""), reader.line("recognisers", index, "pattern"), what)
        found.append(
            Recogniser(
                got.get("kind", ""),
                got.get("pattern", ""),
                got.get("check", ""),
                got.get("context", ()),
                got.get("finds", ()),
                got.get("passes", ()),
                got.get("text", ""),
                reader.place(reader.line("recognisers", index)),
                tuple(
                    reader.lines.saying(case, "recognisers", index, key)
                    for key in ("finds", "passes")
                    for case in got.get(key, ())
                ),
            )
        )
    return tuple(found)


def read_allowed(reader: Reader) -> tuple[Allowed, ...]:
    """Read what is not replaced, though it looks like sensitive data."""
    found = []
    for got, index, what in reader.tables("allowed", ALLOWED, "allowed"):
        line = reader.line("allowed", index)
        if not got.get("values") and not got.get("patterns"):
            reader.problems.add(line, f"{what} allows nothing", "add values = [\"…\"] or patterns = ['…']")
        for pattern in got.get("patterns", ()):
            _pattern(reader, pattern, reader.line("allowed", index, "patterns"), what)
        for kind in got.get("kinds", ()):
            _kind(reader, kind, reader.line("allowed", index, "kinds"), what)
        found.append(
            Allowed(
                got.get("values", ()),
                got.get("patterns", ()),
                got.get("kinds", ()),
                got.get("text", ""),
                reader.place(line),
            )
        )
    return tuple(found)


def _kind(reader: Reader, kind: str, line: int, what: str) -> None:
    if not KIND.match(kind) or len(kind) > LONGEST_KIND:
        reader.problems.add(
            line, f"{what}: {kind!r} cannot be the name of a kind of sensitive data", _NAME_IT
        )


def _pattern(reader: Reader, pattern: str, line: int, what: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        reader.problems.add(
            line, f"{what}: the pattern has {len(pattern):,} characters", f"write at most {LONGEST_PATTERN:,}"
        )
