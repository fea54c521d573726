"""The difference of two versions of terms: what changed in the text, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.terms.facets import Fields, facets
from troth.terms.meaning import EFFORT, Meaning, compare
from troth.terms.model import Version


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was added, removed or changed in the text."""

    topic: str
    """``version``, ``options``, ``choices``, ``signals``, ``parties``, ``rules``, ``retention``,
    ``recipients``, ``opt-outs``, ``filters``, ``recognisers``, ``allowed``, ``findings`` or
    ``sources``."""
    name: str
    """The id or name of the thing; empty for the version itself and for parties."""
    kind: str
    """``added``, ``removed`` or ``changed``."""
    field: str
    """Which part of it changed; empty for what was added or removed."""
    old: str
    new: str

    def __str__(self) -> str:
        name = " ".join(part for part in (self.topic, self.name) if part)
        if self.kind == "changed":
            return f"{name}, {self.field}: {self.old or '(nothing)'} → {self.new or '(nothing)'}"
        return f"{name} {self.kind}: {self.new or self.old}"


@dataclass(frozen=True, slots=True)
class TermsDiff:
    """How two versions differ."""

    old: str
    """Name and version, as ``NAME@VERSION``."""
    new: str
    changes: tuple[Change, ...]
    meaning: Meaning

    @property
    def same(self) -> bool:
        """Whether nothing differs at all."""
        return not self.changes and not self.meaning.shifts and not self.meaning.keeping


def diff(old: Version, new: Version, steps: int = EFFORT) -> TermsDiff:
    """Compare two versions: every difference of the text, and what changes for which facts.

    The versions are compared as they are written, each under its own settled options. ``steps`` bounds the
    comparison of meanings; ``meaning.cut`` says where that was not enough.
    """
    return TermsDiff(
        f"{old.name}@{old.version}",
        f"{new.name}@{new.version}",
        tuple(changes(old, new)),
        compare(old, new, steps),
    )


def changes(old: Version, new: Version) -> Iterator[Change]:
    """Find what was added, removed or changed in the text, topic by topic."""
    before, after = facets(old), facets(new)
    for topic, those in before.items():
        these = after[topic]
        for name, fields in those.items():
            if name in these:
                yield from _changed(topic, name, fields, these[name])
            else:
                yield Change(topic, name, "removed", "", _said(fields), "")
        for name, fields in these.items():
            if name not in those:
                yield Change(topic, name, "added", "", "", _said(fields))
        if topic in ("rules", "retention"):
            yield from _order(topic, list(those), list(these))


def _changed(topic: str, name: str, old: Fields, new: Fields) -> Iterator[Change]:
    for field, text in old.items():
        if text != new[field]:
            yield Change(topic, name, "changed", field, text, new[field])


def _order(topic: str, old: list[str], new: list[str]) -> Iterator[Change]:
    """Say where rows that stand in both versions stand in another order: the first that fits is cited."""
    those, these = [n for n in old if n in new], [n for n in new if n in old]
    if those != these:
        yield Change(topic, "", "changed", "order", ", ".join(those), ", ".join(these))


def _said(fields: Fields) -> str:
    return "; ".join(f"{field}: {text}" for field, text in fields.items() if text)
