"""``troth record``: events into the store of a workspace, and from there into its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from troth.history.event import Event
from troth.history.read import events_in, find_files
from troth.operations.decide import Progress, silent
from troth.operations.workspace.opened import opened
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.store.event_items import event_items
from troth.store.salts import fresh_salts

AT_ONCE = 5_000
"""Events that are made durable together."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the events."""

    new: int
    repeated: int
    """Events that the store had before, with the same content."""
    gone: int
    """Events that were not kept: what they are about was erased."""
    ledger: Sequenced


def record(workspace: Path, patterns: Sequence[str], progress: Progress = silent) -> Recorded:
    """Record the events of some files. When this returns, all of them are durable.

    Every file is read and checked before anything is recorded. Raises ``HistoryError`` with file and line,
    and ``StoreError``; what was recorded before an error stays, and recording the files again adds the rest.
    """
    files = find_files(patterns)
    total = sum(1 for _ in _events(files))
    new = repeated = gone = 0
    with opened(workspace, closed=True) as found:
        events = _events(files)
        while batch := list(islice(events, AT_ONCE)):
            appended = found.store.append(event_items(batch, fresh_salts))
            new, repeated, gone = new + appended.new, repeated + appended.repeated, gone + appended.gone
            progress("record", new + repeated + gone, total)
        return Recorded(new, repeated, gone, sequence_pending(found, progress))


def _events(files: Sequence[Path]) -> Iterator[Event]:
    return (event for file in files for event, _ in events_in(file))
