"""What is held of a person, machine-readable: their events, and what they said. The ledger records that it was opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from troth.errors import UsageError
from troth.history.event import public_form
from troth.operations.live.people import read_person
from troth.operations.live.talks import talks_of
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import Content, ExportPayload
from troth.types.moment import Moment, format_moment
from troth.types.record import MOMENT_TYPE, RECORD_SCHEMA

FORMAT = "troth.export/1"
RECIPIENT = "the person"
PURPOSE = "what is held of a person, at their request"
LARGEST = 64 * 1024 * 1024
"""Bytes of an export that is made in one piece."""
_ENCODER = msgspec.json.Encoder()


def export_of(workspace: Workspace, account: str, at: Moment) -> bytes:
    """Everything that is held of a person, as JSON. What is opened for it is in the ledger before it is opened.

    Raises `UsageError` where it is more than `LARGEST` bytes, and ``StoreError``, ``VaultError``, ``LedgerError`` and
    ``VerificationError`` where it cannot be opened.
    """
    person = read_person(workspace.store, account)
    talks = workspace.vault.living(talks_of(workspace, account))
    _announce(workspace, talks)
    events = [public_form(event) for event in (*person.events, *person.talks)]
    pieces = [_ENCODER.encode({"format": FORMAT, "account": account, "at": format_moment(at)})[:-1]]
    pieces.append(b',"events":' + _ENCODER.encode(events) + b',"records":[')
    size = sum(map(len, pieces))
    for number, row in enumerate(_records(workspace, talks, account)):
        piece = (b"," if number else b"") + _ENCODER.encode(row)
        size += len(piece)
        if size > LARGEST:
            raise UsageError(
                f"there is more than {LARGEST:,} bytes of this person",
                remedy="export one conversation after the other: troth show",
            )
        pieces.append(piece)
    return b"".join((*pieces, b"]}"))


def _announce(workspace: Workspace, talks: list[str]) -> None:
    """Log what is going to be opened."""
    acts = []
    for talk in talks:
        known = workspace.store.conversation(talk)
        if known is not None:
            content = Content(conversation=known.commitment.hex())
            told = ExportPayload(content, PURPOSE, RECIPIENT, workspace.vault.stored(talk))
            acts.append(act("export", told, every_time=True))
    if acts:
        workspace.store.append(acts)
        sequence_pending(workspace)


def _records(workspace: Workspace, talks: list[str], account: str) -> Iterator[dict[str, Any]]:
    """What the person said, and what was said to them by no other person."""
    place = RECORD_SCHEMA.get_field_index("at")
    for batch in workspace.vault.records(talks) if talks else ():
        moments = batch.column(place).cast(MOMENT_TYPE).cast(pa.int64()).to_pylist()
        for row, moment in zip(batch.drop_columns(["at"]).to_pylist(), moments, strict=True):
            if row["account"] in (None, account):
                known = {name: _plain(value) for name, value in row.items() if value is not None}
                yield known if moment is None else {**known, "at": format_moment(moment)}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
