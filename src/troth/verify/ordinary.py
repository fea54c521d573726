"""Reading a small file of a release whole: an ordinary one, and not larger than its kind can be."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from troth.verify.report import Notes


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file is to be."""

    kind: str
    largest: int
    """Bytes."""
    remedy: str
    missing: str = "is missing"


def read_ordinary(path: Path, expected: Expected, notes: Notes) -> bytes | None:
    """The bytes of a file; None where it cannot be read, which is a finding. No link is followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        notes.found(path.name, expected.missing, expected.remedy)
        return None
    except OSError as problem:
        notes.found(path.name, f"cannot be opened as a file: {problem.strerror}", expected.remedy)
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            notes.found(path.name, "is not an ordinary file", expected.remedy)
            return None
        if found.st_size > expected.largest:
            what = f"has {found.st_size:,} bytes; no {expected.kind} is that large"
            notes.found(path.name, what, expected.remedy)
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(expected.largest)
    finally:
        os.close(descriptor)
