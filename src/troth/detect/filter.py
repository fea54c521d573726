"""The door through which a column of texts is filtered, conversation by conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from troth.canon.canonical import digest_of
from troth.detect.kinds import KINDS
from troth.detect.replace.manner import TAGS, Manners
from troth.detect.replace.redact import Finder, Redacted, Redactor
from troth.detect.second_look import left_in

EDITS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
        pa.field("put", pa.string(), nullable=False),
    ]
)
"""What was done to the texts of a column: the row of the text, and a `troth.types.edit.Edit`."""


@dataclass(frozen=True, slots=True)
class Talks:
    """A column of texts, the conversation of each, and the keys of the conversations."""

    texts: pa.Array
    conversations: pa.Array
    """The texts of one conversation stand in the order in which they were said."""
    keys: Mapping[str, bytes] = field(repr=False)
    """32 bytes for each conversation: what takes the place of its sensitive data is drawn with them."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """A column of texts after the filter."""

    texts: pa.Array
    """As many as came in, in their order; null where null came in, or where the record is to be left out."""
    dropped: pa.Array
    """Of each, whether its record is to be left out."""
    edits: pa.Table
    """Of `EDITS`, by row and place."""
    changed: int
    """How many texts are not what they were."""
    replaced: Mapping[str, int]
    """Number of replacements by kind of sensitive data; kinds without one are not in it."""


class Filter(Protocol):
    """Replaces sensitive data in texts.

    A filter is a pure function of each conversation and its key: the answer for one does not depend on the others
    in the column, on their order, or on anything outside. It never raises for a text, whatever the text is. It can
    be sent to another process, and means the same there. A filter that cannot do its work must not let a text pass.
    """

    @property
    def name(self) -> str:
        """What it is called in a manifest."""

    @property
    def digest(self) -> str:
        """``sha256:`` digest of its definition: another definition has another digest."""

    @property
    def manners(self) -> Mapping[str, str]:
        """How kinds are replaced; ``*`` stands for all that are not named."""

    def reads(self, media_type: str | None) -> bool:
        """Whether it can look into media of this type. What it cannot read stays out of a release."""

    def replace(self, talks: Talks) -> Filtered:
        """Every text with its sensitive data replaced."""

    def second_look(
        self, texts: Sequence[str], put: Sequence[Sequence[tuple[int, int]]]
    ) -> list[dict[str, int]]:
        """What stricter settings find in each text that was filtered, by kind, beside what was put.

        ``put`` are the places in each text where something stands in the place of something, in order.
        """


@dataclass(frozen=True, slots=True)
class SensitiveFilter:
    """The `Filter` of a finder and a manner of replacing. It reads no media."""

    finder: Finder
    ways: Manners = TAGS
    more_kinds: frozenset[str] = frozenset()
    """Kinds that the terms declare."""

    @property
    def name(self) -> str:
        """Its name in a manifest."""
        return "troth-detect/1"

    @property
    def digest(self) -> str:
        """The digest of what finds. How it is replaced is told by ``manners``."""
        return digest_of({"name": self.name, "finder": self.finder.digest})

    @property
    def manners(self) -> Mapping[str, str]:
        """How kinds are replaced."""
        return self.ways.told()

    def reads(self, media_type: str | None) -> bool:  # noqa: ARG002 — the door asks, and the answer is no
        """No media of any type."""
        return False

    def replace(self, talks: Talks) -> Filtered:
        """Every text with its sensitive data replaced."""
        redactor = Redactor(self.finder, self.ways, frozenset(KINDS) | self.more_kinds)
        texts = talks.texts.to_pylist()
        return filtered(talks.texts, redactor.redact(texts, talks.conversations.to_pylist(), talks.keys))

    def second_look(
        self, texts: Sequence[str], put: Sequence[Sequence[tuple[int, int]]]
    ) -> list[dict[str, int]]:
        """What stricter settings find in each text beside what was put, by kind."""
        left = left_in(texts, self.finder, frozenset(KINDS) | self.more_kinds, put)
        return [dict(Counter(one.kind for one in own)) for own in left]


def filtered(before: pa.Array, redacted: list[Redacted]) -> Filtered:
    """What came of a column."""
    dropped = [one.drop for one in redacted]
    replaced = Counter(edit.kind for one in redacted for edit in one.edits)
    rows = [
        (row, edit.start, edit.end, edit.kind, edit.confidence, edit.why, edit.put)
        for row, one in enumerate(redacted)
        for edit in one.edits
    ]
    columns = [pa.array([row[place] for row in rows], column.type) for place, column in enumerate(EDITS)]
    edits = pa.table(columns, schema=EDITS)
    changed = sum(bool(one.edits) and not one.drop for one in redacted)
    texts = before
    if changed or any(dropped):
        texts = pa.array([one.text for one in redacted], before.type)
    return Filtered(texts, pa.array(dropped, pa.bool_()), edits, changed, dict(replaced))
