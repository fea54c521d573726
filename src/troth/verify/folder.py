"""Step 3. The folder holds the files that the manifest names, each with its digest, and nothing else."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from troth.release.layout import MANIFEST, SHARDS
from troth.release.manifest import Statement
from troth.verify.removed import Removals
from troth.verify.report import Notes, Progress, file_name, plural
from troth.verify.statement import GET_AGAIN

REMOVE = "a release holds nothing else: find out who put it there, and get the release again"


@dataclass(frozen=True, slots=True)
class Intact:
    """The files that may be opened: no other is opened again."""

    names: frozenset[str] = frozenset()
    """Files whose bytes are those of the manifest, and ``compacted``."""
    compacted: Mapping[str, int] = field(default_factory=dict)
    """Shards that are another file since, which their receipt names, and how many of their rows are said to be removed."""


def check_folder(
    release: Path, statement: Statement, removals: Removals, notes: Notes, progress: Progress
) -> Intact:
    """Step 3. The files whose bytes are those of the manifest, or of a compaction that the release's receipt tells of.

    Whoever can write to the folder while it is verified can still change a file after it was read here.
    """
    wanted = {subject.name: subject.digest.get("sha256", "") for subject in statement.subject}
    present = _present(release, {*wanted, *removals.files}, notes)
    intact = set()
    compacted: dict[str, int] = {}
    total = 0
    for number, (name, digest) in enumerate(wanted.items()):
        progress("digests", number, len(wanted))
        if name not in present:
            notes.found(file_name(name), "is missing", GET_AGAIN, kind="a missing file")
            continue
        try:
            found, size = _digest(release / name)
        except OSError as problem:
            notes.found(
                file_name(name), f"cannot be read: {problem.strerror}", "mend the permissions or the disk"
            )
            continue
        total += size
        since = removals.shards.get(name, {}).get(f"sha256:{found}")
        if found == digest:
            intact.add(name)
        elif since is not None:
            compacted[name] = since
        else:
            what = "a changed file: its bytes are not those that the manifest names"
            notes.found(file_name(name), what, GET_AGAIN, kind="a changed file")
    others = f", {len(compacted):,} with that of a compaction" if compacted else ""
    notes.checked(
        f"{plural(len(intact), 'file')} of {len(wanted):,} with the digest of the manifest{others}, {total:,} bytes"
    )
    return Intact(frozenset({*intact, *compacted}), compacted)


def _present(release: Path, wanted: Collection[str], notes: Notes) -> set[str]:
    """The files of the folder. Whatever else is there is a finding."""
    present = set()
    for name, kind in _entries(release):
        if kind == "file":
            present.add(name)
        if name in wanted or name == MANIFEST:
            if kind != "file":
                notes.found(file_name(name), f"is a {kind}, and not a file", GET_AGAIN, kind=f"a {kind}")
        elif not (kind == "folder" and name == SHARDS):
            what = f"an extra {kind}, which the manifest does not name"
            notes.found(file_name(name), what, REMOVE, kind=f"an extra {kind}")
    return present


def _entries(release: Path) -> Iterator[tuple[str, str]]:
    """Everything below a folder, by name and kind; no link is followed."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(release / prefix) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            name = f"{prefix}{entry.name}"
            kind = _kind(entry.stat(follow_symlinks=False).st_mode)
            if kind == "folder":
                waiting.append(f"{name}/")
            yield name, kind


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "special file"


def _digest(path: Path) -> tuple[str, int]:
    """The hexadecimal SHA-256 of a file, and its size."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(descriptor).st_size
