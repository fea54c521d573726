"""The history of a workspace as files, for everything that reads histories from files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from troth.history.event import Event
from troth.history.vocabulary import EVENT_SCHEMA, TIME_FIELDS
from troth.operations.workspace.opened import opened
from troth.store.interface import Store
from troth.types.moment import parse_moment


@contextmanager
def history_files(history: tuple[str, ...], workspace: Path | None) -> Iterator[tuple[str, ...]]:
    """The files given, or one with every event of the workspace, which is removed at the end."""
    if workspace is None:
        yield history
        return
    with tempfile.TemporaryDirectory(prefix="troth-history-") as folder:
        path = Path(folder) / "history.parquet"
        with opened(workspace) as found:
            write_history(found.store, None, path)
        yield (str(path),)


def write_history(store: Store, below: int | None, path: Path) -> None:
    """Write the events whose index in the ledger is below a size (None: all) as a history in Parquet."""
    with pq.ParquetWriter(path, EVENT_SCHEMA, compression="zstd") as writer:
        for payloads in store.events(below):
            events = [event_of(payload) for payload in payloads]
            columns = {name: [getattr(event, name) for event in events] for name in EVENT_SCHEMA.names}
            writer.write_table(pa.table(columns, schema=EVENT_SCHEMA))


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: dict[str, object]


_DECODER = msgspec.json.Decoder(_Payload)


def event_of(payload: bytes) -> Event:
    """The event in the payload of an entry; it was checked when it was recorded."""
    fields = _DECODER.decode(payload).event
    for name in TIME_FIELDS:
        value = fields.get(name)
        if isinstance(value, str):
            fields[name] = parse_moment(value)
    fields.setdefault("recorded_at", fields["at"])
    return msgspec.convert(fields, Event)
