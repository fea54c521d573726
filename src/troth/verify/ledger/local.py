"""A ledger in a folder of this machine. Links are not followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from troth.errors import LedgerError, Place, VerificationError
from troth.verify.ledger.source import too_large
from troth.verify.report import file_name

_MEND = "mend the permissions or the disk, and audit again"


class LocalSource:
    """The files below a folder."""

    at_once = 1

    def __init__(self, folder: Path, place: str) -> None:
        """Raises `LedgerError` where there is no such folder."""
        if not folder.is_dir():
            raise LedgerError(
                "there is no such folder", place=Place(place), remedy="give the folder or address of a ledger"
            )
        self.place = place
        self._folder = folder

    def read(self, path: str, limit: int) -> bytes | None:
        """See `Source.read`. A link, pipe or folder in the place of a file is a finding."""
        try:
            # Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
            descriptor = os.open(self._folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            if problem.errno in (errno.ELOOP, errno.ENXIO):
                raise _no_file(path) from problem
            raise _unreadable(path, problem) from problem
        try:
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise _no_file(path)
                data = file.read(limit + 1) or b""
        except OSError as problem:
            raise _no_file(path) if problem.errno == errno.EISDIR else _unreadable(path, problem) from problem
        if len(data) > limit:
            raise too_large(path, limit)
        return data

    def names(self, under: str) -> Iterator[str] | None:
        """See `Source.names`."""
        return self._names(under.rstrip("/"))

    def _names(self, under: str) -> Iterator[str]:
        waiting = [under]
        while waiting:
            prefix = waiting.pop()
            try:
                with os.scandir(self._folder / prefix) as entries:
                    for entry in entries:
                        name = f"{prefix}/{entry.name}"
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(name)
                        else:
                            yield name
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as problem:
                raise _unreadable(prefix, problem) from problem


def _no_file(path: str) -> VerificationError:
    return VerificationError(
        "is a link, a folder or something else, and not a file",
        place=Place(file_name(path)),
        remedy="audit a copy of your own, made from the log's address",
    )


def _unreadable(path: str, problem: OSError) -> LedgerError:
    return LedgerError(f"cannot be read: {problem.strerror}", place=Place(file_name(path)), remedy=_MEND)
