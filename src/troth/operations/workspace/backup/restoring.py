"""The mark of a workspace that is being restored, or was, and is closed until somebody answers for it: ``restoring.json``.

Whoever can remove it can open a workspace of which nobody knows what is missing; the ledger says that it was restored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from troth.disk.durable import replace_whole, sync_folder
from troth.errors import Place, StoreError
from troth.proof.payloads import CitedCheckpoint

MARK = "restoring.json"

FILES: Literal["files"] = "files"
"""Files are being written; nothing was opened."""
AGAIN: Literal["again"] = "again"
"""The files are there; what was erased is being erased again."""
CLOSED: Literal["closed"] = "closed"
"""It is restored, and what came after the backup is not known."""


class Restoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a restore has come, and what its entry in the ledger says.

    ``made`` is when the backup was begun (RFC 3339, UTC), ``entries`` how many its store knew, ``destroyed`` how many keys
    were destroyed by then. ``before`` is the log of before, as far as it was known to go, where this one has another
    name; ``lost`` how many entries it had more, where that is known.
    """

    state: Literal["files", "again", "closed"]
    backup: str
    made: str
    entries: int
    destroyed: int
    closed: bool
    """Whether it is to be closed at the end."""
    before: CitedCheckpoint | None = None
    lost: int | None = None
    outlived: tuple[str, ...] = ()
    """The beginnings of paths that were not written, because what they name outlived the disk."""
    entry: int | None = None
    """The number of its entry in the ledger, once there is one."""


def read_mark(folder: Path) -> Restoring | None:
    """The mark of a workspace; None where there is none. Raises `StoreError` where it cannot be read."""
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=Restoring)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.MsgspecError) as problem:
        raise StoreError(
            f"the mark of a restore cannot be read: {problem}",
            place=Place(str(folder / MARK)),
            remedy="restore again into an empty folder",
        ) from problem


def write_mark(folder: Path, mark: Restoring) -> None:
    """Put a mark in the place of the one that is there, durably. Raises ``OSError``."""
    replace_whole(folder / MARK, msgspec.json.encode(mark))


def unfinished_mark() -> str:
    """The name of the file that is left where the very first mark was not finished."""
    return f".{MARK}.partial"


def remove_mark(folder: Path) -> None:
    """Take the mark away, durably. Raises ``OSError``."""
    (folder / MARK).unlink(missing_ok=True)
    sync_folder(folder)


def check_open(folder: Path, *, closed: bool) -> None:
    """Raise `StoreError` where a restore is under way; where a workspace is closed, too, unless that may be."""
    mark = read_mark(folder)
    if mark is None or (closed and mark.state == CLOSED):
        return
    if mark.state != CLOSED:
        raise StoreError(
            "a restore of this workspace was interrupted, or is under way",
            place=Place(str(folder)),
            remedy="run the same troth restore again: it goes on where it was",
        )
    raise StoreError(
        "the workspace is closed: it was restored, and what people chose after the backup is not known",
        place=Place(str(folder)),
        remedy="ask them or other records, record what they say, then call troth restore --resume (docs/backup.md)",
    )
