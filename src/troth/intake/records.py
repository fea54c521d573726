"""Turns become records: ids derived, columns filled, batches of bounded size handed on.

Ids depend on what a conversation says and on nothing else: not on the path of the log, the order of its
files, or how it was split. ``docs/formats/records.md`` states the rule.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from troth.canon.canonical import digest_of_bytes
from troth.intake.json_text import without_surrogates
from troth.intake.turns import Conversation, Reader, Turn
from troth.types.moment import FIRST, LAST
from troth.types.record import RECORD_SCHEMA

BATCH_ROWS = 16_384
"""Records in one batch, at most."""
BATCH_BYTES = 32 << 20
"""Characters of text and bytes of media in one batch, at most; a single record may have more."""

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_is_uuid = UUID.fullmatch
_TOLD = ("record", "conversation", "account", "product", "channel", "plan", "position", "parent")
"""Columns that are the conversation's, or derived; all others are a turn's own."""
_encode = msgspec.json.Encoder().encode


class Batches:
    """Collects records in columns and hands them on as batches."""

    def __init__(self, rows: int = BATCH_ROWS, size: int = BATCH_BYTES) -> None:
        self._rows = rows
        self._size = size
        self._clear()

    def _clear(self) -> None:
        self._turns = list[Turn]()
        self._told: dict[str, list[Any]] = {name: [] for name in _TOLD}
        self._held = 0

    def add(self, conversation: Conversation, reader: Reader) -> Iterator[pa.RecordBatch]:
        """Take one conversation; yield the batches that it fills."""
        turns = conversation.turns
        name = conversation_id(conversation, reader)
        ids = record_ids(name, turns)
        parents = parent_ids(name, turns, ids)
        size = sum(map(_size, turns))
        # A conversation too large for one batch is taken turn by turn, every other one at once.
        step = 1 if size > self._size or len(turns) > self._rows else max(1, len(turns))
        for start in range(0, len(turns), step):
            part = slice(start, start + step)
            more = size if step == len(turns) else _size(turns[start])
            if self._held + more > self._size or len(self._turns) + step > self._rows:
                yield from self.flush()
            self._held += more
            self._take(conversation, name, part, (ids, parents))

    def _take(
        self, conversation: Conversation, name: str, part: slice, derived: tuple[list[str], list[str | None]]
    ) -> None:
        turns, (ids, parents), told = conversation.turns[part], derived, self._told
        count = len(turns)
        self._turns += turns
        told["record"] += ids[part]
        told["parent"] += parents[part]
        told["position"] += range(part.start, part.start + count)
        told["conversation"] += [name] * count
        told["account"] += [conversation.account] * count
        told["product"] += [conversation.product] * count
        told["channel"] += [conversation.channel] * count
        told["plan"] += [conversation.plan] * count

    def flush(self) -> Iterator[pa.RecordBatch]:
        """Yield what is held, if anything."""
        if not self._turns:
            return
        columns = self._columns()
        arrays = [_array(field, columns[field.name]) for field in RECORD_SCHEMA]
        self._clear()
        yield pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)

    def _columns(self) -> dict[str, list[Any]]:
        turns, told = self._turns, self._told
        pairs = zip(turns, told["account"], strict=True)
        places = zip(turns, told["position"], strict=True)
        return told | {
            "account": [turn.account or account or None for turn, account in pairs],
            "position": [index if turn.position is None else turn.position for turn, index in places],
            "at": [turn.at for turn in turns],
            "role": [turn.role for turn in turns],
            "kind": [turn.kind for turn in turns],
            "text": [turn.text for turn in turns],
            "media_type": [turn.media_type for turn in turns],
            "digest": [media_digest(turn) for turn in turns],
            "bytes": [turn.data for turn in turns],
            "path": [turn.path for turn in turns],
            "model": [turn.model for turn in turns],
            "tool": [turn.tool for turn in turns],
        }


def _size(turn: Turn) -> int:
    text, data = turn.text, turn.data
    return (len(text) if text else 0) + (len(data) if data else 0)


def media_digest(turn: Turn) -> str | None:
    """The digest of a turn's bytes, which its reader may have made already."""
    return turn.digest or (None if turn.data is None else digest_of_bytes(turn.data))


def to_batches(
    conversations: Iterator[Conversation], reader: Reader, rows: int = BATCH_ROWS, size: int = BATCH_BYTES
) -> Iterator[pa.RecordBatch]:
    """Records of ``RECORD_SCHEMA``, at most ``rows`` rows and about ``size`` bytes of content in a batch."""
    batches = Batches(rows, size)
    for conversation in conversations:
        yield from batches.add(conversation, reader)
    yield from batches.flush()


def conversation_id(conversation: Conversation, reader: Reader) -> str:
    """The log's own id behind the format's prefix; else the format's name and a digest of the content."""
    if conversation.id:
        return reader.prefix + conversation.id
    return f"{reader.name}:{content_digest(conversation)}"


def content_digest(conversation: Conversation) -> str:
    """The first 40 hexadecimal digits of the SHA-256 of what a conversation says, when, and by whom."""
    whole = [conversation.product, conversation.channel, conversation.account, conversation.plan]
    turns = [turn_content(turn) for turn in conversation.turns]
    return _digest([*whole, turns])[:40]


def turn_content(turn: Turn) -> list[Any]:
    """All that a turn says, in the fixed order that ids are derived from."""
    said = [turn.role, turn.kind, turn.text, turn.at, turn.account, turn.id, turn.parent]
    return [*said, turn.media_type, media_digest(turn), turn.path, turn.model, turn.tool]


def turn_digest(turn: Turn) -> str:
    """The first 20 hexadecimal digits of the SHA-256 of a turn: an id for turns whose place is not known."""
    return _digest(turn_content(turn))[:20]


def _digest(content: list[Any]) -> str:
    try:
        encoded = _encode(content)
    except UnicodeEncodeError:
        encoded = _encode(without_surrogates(content))
    return hashlib.sha256(encoded).hexdigest()


def record_ids(conversation: str, turns: tuple[Turn, ...]) -> list[str]:
    """The ids of the records of one conversation, no two alike."""
    if not any(turn.id for turn in turns):
        return [f"{conversation}/{index}" for index in range(len(turns))]
    seen = dict[str, int]()
    ids = list[str]()
    for index, turn in enumerate(turns):
        record = record_id(conversation, turn.id) if turn.id else f"{conversation}/{index}"
        times = seen[record] = seen.get(record, 0) + 1
        ids.append(record if times == 1 else f"{record}/{times}")
    return ids


def record_id(conversation: str, own: str) -> str:
    """The id of a record that the log itself names: a UUID as it is, else behind the conversation's."""
    return own if _is_uuid(own) else f"{conversation}/{own}"


def parent_ids(conversation: str, turns: tuple[Turn, ...], ids: list[str]) -> list[str | None]:
    """The ids of the records answered, which may lie in another part of the conversation."""
    if not any(turn.parent for turn in turns):
        return [None] * len(turns)
    first = {turn.id: record for turn, record in zip(reversed(turns), reversed(ids), strict=True) if turn.id}
    return [
        (first.get(turn.parent) or record_id(conversation, turn.parent)) if turn.parent else None
        for turn in turns
    ]


def _array(field: Any, values: list[Any]) -> Any:
    try:
        return pa.array(values, field.type)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError):
        return pa.array([_plain(field.type, value) for value in values], field.type)


def _plain(wanted: Any, value: Any) -> Any:
    """What a log wrote with another type than it should: a number as text, no time for an unwritable one."""
    if value is None:
        return None
    if pa.types.is_string(wanted):
        return without_surrogates(value if isinstance(value, str) else str(value))
    if pa.types.is_timestamp(wanted):
        return value if isinstance(value, int) and FIRST <= value <= LAST else None
    return value
