"""``troth history export``: the events of a workspace in the public format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from troth.history.event import event_bytes
from troth.operations.whole_file import whole_file
from troth.operations.workspace.history import event_of
from troth.operations.workspace.opened import opened
from troth.types.moment import Moment


def export_history(workspace: Path, as_of: Moment, out: Path) -> int:
    """Write what had happened and was known at a time as JSON Lines; give the number of events.

    The file appears whole or not at all. Raises ``StoreError`` and ``ReleaseError``.
    """
    count = 0
    with whole_file(out) as partial, partial.open("wb") as file:
        for line in exported(workspace, as_of):
            file.write(line)
            count += 1
    return count


def exported(workspace: Path, as_of: Moment) -> Iterator[bytes]:
    """The lines, in the order of the ledger."""
    with opened(workspace, closed=True) as found:
        for payloads in found.store.events(None):
            for event in map(event_of, payloads):
                if event.at <= as_of and event.recorded_at <= as_of:
                    yield event_bytes(event) + b"\n"
