"""What a witness last cosigned, one file for each log: the signed note, named by the SHA-256 of the origin.

Who can write these files can make the witness cosign a fork: an older note, or the mark that nothing was cosigned yet,
lets it forget. A file that is missing or does not carry the witness's own signature stops it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.disk.durable import locked, replace_whole
from troth.errors import LedgerError, Place

NOTHING_YET = b"nothing cosigned yet\n"
"""The content of the file of a log that is known and was never cosigned."""


def origin_hash(origin: str) -> str:
    """The hexadecimal SHA-256 of an origin: how its log is named in files and URLs (C2SP tlog-witness)."""
    return hashlib.sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """The file of one log, while no other thread or process may change it."""

    file: Path

    def newest(self) -> bytes | None:
        """The newest cosigned note; None where nothing was cosigned yet. Raises `LedgerError`."""
        return _read(self.file)

    def advance(self, note: bytes) -> None:
        """Replace the note durably, whole or not at all. Raises `LedgerError`."""
        _write(self.file, note)


@dataclass(frozen=True, slots=True)
class State:
    """The folder of a witness's notes."""

    folder: Path

    @contextmanager
    def hold(self, origin: str) -> Iterator[Held]:
        """Keep all others away from the file of a log, threads and processes alike. Raises `LedgerError`."""
        file = self.folder / origin_hash(origin)
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(file.with_suffix(".lock")))
            except OSError as problem:
                raise _failed("cannot be locked", file, problem) from problem
            yield Held(file)

    def begin(self, origin: str) -> None:
        """Note that a log is known and was never cosigned, unless it was. Raises `LedgerError`."""
        with self.hold(origin) as held:
            if not held.file.exists():
                held.advance(NOTHING_YET)

    def published(self, hashed: str) -> bytes | None:
        """The newest cosigned note of the log with an origin hash; None without one. Raises `LedgerError`."""
        file = self.folder / hashed
        return _read(file) if file.exists() else None


def _read(file: Path) -> bytes | None:
    try:
        note = file.read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            "what was last cosigned for this log is missing",
            place=Place(str(file)),
            remedy="put the newest file back; without it the witness could cosign a fork",
        ) from None
    except OSError as problem:
        raise _failed("cannot be read", file, problem) from problem
    return None if note == NOTHING_YET else note


def _write(file: Path, note: bytes) -> None:
    try:
        replace_whole(file, note)
    except OSError as problem:
        raise _failed("cannot be written", file, problem) from problem


def _failed(what: str, path: Path, problem: OSError) -> LedgerError:
    return LedgerError(
        f"{what}: {problem.strerror}",
        place=Place(str(path)),
        remedy="make room or mend the permissions; nothing was cosigned",
    )
