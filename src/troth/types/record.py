"""Records: the smallest unit kept, decided on and erased. One turn of a conversation, or one file in it.

The Arrow schema is the format of Troth's own record Parquet; ``docs/formats/records.md`` specifies it.
"""

from __future__ import annotations

import pyarrow as pa

MOMENT_TYPE = pa.timestamp("us", tz="UTC")

RECORD_FORMAT = {b"troth.format": b"records/1"}

RECORD_SCHEMA = pa.schema(
    [
        pa.field("record", pa.string(), nullable=False),
        pa.field("conversation", pa.string(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("at", MOMENT_TYPE),
        pa.field("role", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("product", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("plan", pa.string()),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("text", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("digest", pa.string()),
        pa.field("bytes", pa.binary()),
        pa.field("path", pa.string()),
        pa.field("model", pa.string()),
        pa.field("tool", pa.string()),
    ],
    metadata=RECORD_FORMAT,
)
"""One row a record.

``at`` is when it was said (UTC) or null where the log does not tell; ``account`` is null where the log does
not tell; ``plan`` is set only where the log itself says under which plan the record was said; ``position``
orders the records of one conversation from 0; ``parent`` is the record answered, in logs that are trees;
``digest`` is ``sha256:`` and the hexadecimal digest of the media bytes.
"""

DECIDING_COLUMNS = (
    "record",
    "conversation",
    "account",
    "at",
    "role",
    "kind",
    "product",
    "channel",
    "plan",
)
"""What deciding reads of a record. No text."""
