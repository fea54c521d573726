"""The statistics of a release, counted again from its rows, and compared with those of the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from troth.release.manifest import Statistics
from troth.types.record import MOMENT_TYPE
from troth.verify.released import Content
from troth.verify.report import shown

_ALONE = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
"""Scripts in which each character counts as a word (``troth-words/1``)."""

_OF_CONTENT = ("words", "text_bytes", "media_records", "media_bytes")


class Tally:
    """Counts what was released, batch by batch. Memory grows with the number of accounts alone."""

    def __init__(self) -> None:
        self.conversations = self.records = self.words = self.text_bytes = 0
        self.media_records = self.media_bytes = 0
        self.closed = 0
        """Rows whose texts and media were not to be had."""
        self.removed = self._runs = 0
        self.by: Mapping[str, Counter[str]] = {
            name: Counter() for name in ("product", "kind", "role", "month")
        }
        self._accounts: Counter[str] = Counter()
        self._last: str | None = None

    def add(self, rows: pa.RecordBatch, content: Content | None) -> None:
        """Count some rows, which follow those before in the order of the release.

        ``content`` is what is known of their texts and media.
        """
        ids = rows.column("conversation").to_pylist()
        self.conversations += sum(
            one != before for one, before in zip(ids, [self._last, *ids[:-1]], strict=True)
        )
        self._last = ids[-1] if ids else self._last
        self.records += rows.num_rows
        self.closed += rows.num_rows - (0 if content is None else len(content.places))
        if content is not None:
            self._content(content.rows)
        for name in ("product", "kind", "role"):
            _count(self.by[name], rows.column(name))
        _count(self.by["month"], _months(rows.column("at")))
        _count(self._accounts, rows.column("account").drop_null())

    def remove(self, rows: int, runs: int) -> None:
        """Count rows that have left only their leaf, in so many runs: each run is of one conversation at least."""
        self.removed += rows
        self._runs += runs

    def _content(self, rows: pa.RecordBatch) -> None:
        self.words += count_words(rows.column("text")) + _sum(rows.column("digest").is_valid())
        self.text_bytes += _sum(pc.binary_length(rows.column("text")))
        self.media_bytes += _sum(pc.binary_length(rows.column("bytes")))
        self.media_records += _sum(pc.or_(rows.column("bytes").is_valid(), rows.column("path").is_valid()))

    def differences(self, told: Statistics) -> Iterator[str]:
        """Everything in which the manifest's statistics are others, each in a sentence.

        Of removed rows nothing is known but their number: then it is what they cannot make up for.
        """
        if self.removed:
            yield from self._beyond_removed(told)
            return
        for name in ("conversations", "records", *(() if self.closed else _OF_CONTENT)):
            said, held = getattr(told, name), getattr(self, name)
            if said != held:
                yield f"statistics.{name} is {said:,}, and the shards hold {held:,}"
        for name, counted in self.by.items():
            yield from different_counts(f"statistics.{name}s", getattr(told, f"{name}s"), counted)
        found = (len(self._accounts), *(self._share(most) for most in (1, 10, 100)))
        given = told.contributors
        if found != (given.accounts, given.largest_1, given.largest_10, given.largest_100):
            yield "statistics.contributors is not what the accounts in the shards come to"

    def _beyond_removed(self, told: Statistics) -> Iterator[str]:
        removed = self.removed
        bounds = {
            "records": (told.records, self.records + removed, 0),
            "conversations": (told.conversations, self.conversations + self._runs, removed - self._runs),
            "contributors.accounts": (told.contributors.accounts, len(self._accounts), removed),
        }
        for name, (said, least, more) in bounds.items():
            if not least <= said <= least + more:
                yield f"statistics.{name} is {said:,}, which is not what the shards and {removed:,} removed rows can hold"
        for name in () if self.closed else _OF_CONTENT:
            if getattr(told, name) < getattr(self, name):
                yield f"statistics.{name} is {getattr(told, name):,}, and the shards hold {getattr(self, name):,}"
        for name, counted in self.by.items():
            yield from more_than_told(f"statistics.{name}s", getattr(told, f"{name}s"), counted, removed)

    def _share(self, most: int) -> float:
        if not self.records:
            return 0.0
        return round(sum(count for _, count in self._accounts.most_common(most)) / self.records, 6)


def different_counts(name: str, told: Mapping[str, int], counted: Mapping[str, int]) -> Iterator[str]:
    """Every key whose number is another, in a sentence."""
    for key in sorted({*told, *counted}):
        if told.get(key, 0) != counted.get(key, 0):
            yield f"{name}: {shown(key)} is {told.get(key, 0):,}, and {counted.get(key, 0):,} were counted"


def more_than_told(
    name: str, told: Mapping[str, int], counted: Mapping[str, int], removed: int
) -> Iterator[str]:
    """Every key of which more were counted than told, in a sentence; and where removed rows do not make up for the rest."""
    for key in sorted({*told, *counted}):
        if told.get(key, 0) < counted.get(key, 0):
            yield f"{name}: {shown(key)} is {told.get(key, 0):,}, and {counted.get(key, 0):,} were counted"
    if sum(told.values()) != sum(counted.values()) + removed:
        yield f"{name} add up to {sum(told.values()):,}, and not to what was counted and {removed:,} removed rows"


def count_words(texts: pa.Array) -> int:
    """The number of words of all texts: ``troth-words/1`` of ``docs/formats/manifest.md``.

    >>> count_words(pa.array(["Hello  again", None, "東京 Tower", " "]))
    5
    """
    plain = pc.fill_null(texts, "")
    ascii_only = pc.string_is_ascii(plain)
    foreign = pc.utf8_normalize(plain.filter(pc.invert(ascii_only)), "NFC")
    return _split(plain.filter(ascii_only)) + _split(pc.replace_substring_regex(foreign, _ALONE, r" \1 "))


def _split(texts: pa.Array) -> int:
    """The number of parts between white space; none in a text of nothing else."""
    trimmed = pc.utf8_trim_whitespace(texts)
    trimmed = trimmed.filter(pc.greater(pc.binary_length(trimmed), 0))
    return _sum(pc.list_value_length(pc.utf8_split_whitespace(trimmed)))


def _sum(values: pa.Array) -> int:
    return int(pc.sum(values).as_py() or 0)


def _months(moments: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(pc.cast(moments.cast(MOMENT_TYPE), pa.string()), 0, 7)


def _count(counter: Counter[str], column: pa.Array) -> None:
    for entry in pc.value_counts(pc.fill_null(column, "unknown")).to_pylist():
        counter[entry["values"]] += entry["counts"]
