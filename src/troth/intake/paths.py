"""From what a person names — files, folders, globs — to the files to read, each once and in a fixed order."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.errors import LogError, Place

_NOT_REGULAR = "is not a regular file"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read."""

    path: Path
    folder: str | None
    """The folder in which it was found, as named; None for a file that was named itself."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a folder that is not read as a log, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """What the paths that a person named stand for."""

    files: tuple[Found, ...]
    skipped: tuple[Skipped, ...]
    folders: dict[str, bool]
    """The folders read, and whether they hold a file that was reached before in another way."""


def expand(paths: Sequence[str]) -> Expansion:
    """The files to read and what is skipped on the way.

    Folders are read down to the last file, in the order of names. A file that is reached twice is read once.
    Raises `LogError` for a path that does not exist, a glob without a match, and what is no file.
    """
    found, skipped = list[Found](), list[Skipped]()
    seen, folders = dict[str, str](), dict[str, bool]()
    for path in paths:
        for each in _named(path):
            if isinstance(each, Skipped):
                skipped.append(each)
            elif isinstance(each, str):
                folders.setdefault(each, False)
            elif (real := os.path.realpath(each.path)) in seen:
                skipped.append(Skipped(str(each.path), f"is the same file as {seen[real]}"))
                folders |= {each.folder: True} if each.folder else {}
            else:
                seen[real] = str(each.path)
                found.append(each)
    return Expansion(tuple(found), tuple(skipped), folders)


def _named(path: str) -> Iterator[str | Found | Skipped]:
    """Files, things skipped, and the names of the folders in which they lie."""
    if "\x00" in path:
        raise LogError("a path cannot hold a NUL character", remedy="check the paths that were given")
    if Path(path).is_dir():
        yield from _in_folder(path)
    elif os.path.lexists(path):
        yield _file(path)
    else:
        yield from _matching(path)


def _matching(pattern: str) -> Iterator[str | Found | Skipped]:
    if not glob.has_magic(pattern):
        raise LogError("there is no such file or folder", place=Place(pattern), remedy="check the path")
    matches = sorted(glob.iglob(pattern, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    if not matches:
        raise LogError("no file matches the pattern", place=Place(pattern), remedy="check the pattern")
    for match in matches:
        if Path(match).is_dir():
            # ** matches the files within, too; a folder matched by a plain * is read like a named one.
            if "**" not in pattern:
                yield from _in_folder(match)
        else:
            yield _file(match)


def _file(path: str) -> Found:
    try:
        mode = Path(path).stat().st_mode
    except OSError as problem:
        what = f"cannot be read: {problem.strerror or problem}"
        raise LogError(what, place=Place(path), remedy="check the file and its permissions") from None
    if not stat.S_ISREG(mode):
        raise LogError(_NOT_REGULAR, place=Place(path), remedy="save its content to a file and name that")
    return Found(Path(path), None)


def _in_folder(folder: str) -> Iterator[str | Found | Skipped]:
    yield folder
    unreadable = list[OSError]()
    for base, folders, files in os.walk(folder, onerror=unreadable.append):
        yield from _kept_out(base, folders)
        for name in sorted(files):
            yield _entry(Path(base) / name, folder)
    for problem in unreadable:
        what = f"the folder cannot be read: {problem.strerror}"
        raise LogError(what, place=Place(str(problem.filename)), remedy="check its permissions")


def _kept_out(base: str, folders: list[str]) -> Iterator[Skipped]:
    """Folders that are not entered; what is left of ``folders`` is."""
    folders.sort()
    for name in list(folders):
        path = Path(base) / name
        if path.is_symlink():
            yield Skipped(str(path), "is a link to a folder; name it to read it")
        elif name.startswith("."):
            yield Skipped(str(path), "is a hidden folder; name it to read it")
        else:
            continue
        folders.remove(name)


def _entry(path: Path, folder: str) -> Found | Skipped:
    try:
        mode = path.stat().st_mode
    except OSError as problem:
        return Skipped(str(path), f"is a link that leads nowhere: {problem.strerror}")
    if not stat.S_ISREG(mode):
        return Skipped(str(path), _NOT_REGULAR)
    return Found(path, folder)
