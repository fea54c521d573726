"""``troth verify-erasure``: show by looking that nothing here yields a conversation any more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.errors import Place, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.workspace.erasure.search import OPAQUE, Needles, needles_of, search
from troth.operations.workspace.opened import Workspace, opened

_BATCH = 65_536


@dataclass(frozen=True, slots=True)
class LookRequest:
    """What to look for, and where beside the workspace, its releases and what killed runs left."""

    workspace: Path
    conversation: str
    needles: tuple[Path, ...] = ()
    """Files with what was said, or ids of events: Troth does not have these any more."""
    also: tuple[Path, ...] = ()
    """Releases that lie elsewhere now, caches, copies: files and folders."""


@dataclass(slots=True)
class Looked:
    """What was looked at, and what was found."""

    slots: set[int] = field(default_factory=set)
    """The slots that sealed records of the conversation name: their keys are gone."""
    sealed: int = 0
    """Sealed records of the conversation that still lie there, and that no key of this workspace opens."""
    files: int = 0
    size: int = 0
    """Bytes of the files."""
    needles: int = 0
    findings: list[str] = field(default_factory=list)
    """What yields the conversation, in words that do not repeat it."""
    unseen: list[str] = field(default_factory=list)
    """Files that could not be looked into."""


def verify_erasure(request: LookRequest, progress: Progress = silent) -> Looked:
    """Look at the live key state, and at every file of the workspace, its releases, leftovers of runs, and ``also``.

    Nothing is taken from what the ledger or the store says was done. Raises `UsageError` where a path is not there or a
    file of needles cannot be used, and the errors of opening a workspace.
    """
    needles = needles_of(request.needles)
    done = Looked(needles=0 if needles is None else needles.count)
    with opened(request.workspace, closed=True) as found:
        _look_at_handle(found, request.conversation, done)
        files = list(_files(_places(found, request)))
        for number, file in enumerate(files, 1):
            _look_at(file, str(file), found, request.conversation, needles, done)
            progress("look", number, len(files))
        for place, copy in found.vault.elsewhere():
            _look_at(copy, place, found, request.conversation, needles, done)
            progress("look", done.files, None)
    return done


def _look_at_handle(workspace: Workspace, conversation: str, done: Looked) -> None:
    """The name leads to no key that lives."""
    if workspace.vault.living([conversation]):
        done.findings.append("the keyring has a living key under the name of the conversation")


def _places(workspace: Workspace, request: LookRequest) -> Iterator[Path]:
    yield workspace.settings.folder
    if isinstance(segments := workspace.settings.segments_place, Path):
        yield segments
    for _, folder in workspace.store.releases():
        if Path(folder).is_dir():
            yield Path(folder)
    yield from Path(tempfile.gettempdir()).glob("troth-*")
    for place in request.also:
        if not place.exists():
            raise UsageError("is not there", place=Place(str(place)), remedy="check the path")
        yield place


def _files(places: Iterator[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and (real := file.resolve()) not in seen:
                seen.add(real)
                yield file


def _look_at(
    file: Path, place: str, workspace: Workspace, conversation: str, needles: Needles | None, done: Looked
) -> None:
    """Look into a file, which may be a copy of what lies at ``place``."""
    try:
        size = file.stat().st_size
        if needles is not None and search(file, needles):
            done.findings.append(f"{place}: what was looked for stands in it")
        if file.suffix in OPAQUE:
            done.unseen.append(f"{place}: it is packed, and was only looked at as it stands")
        if file.suffix == ".parquet":
            _look_at_rows(file, place, workspace, conversation, done)
    except FileNotFoundError:
        return  # a file of SQLite or of a run that ended meanwhile
    except (OSError, ValueError, pa.ArrowException) as problem:
        done.unseen.append(f"{place}: {str(problem).splitlines()[0]}")
        return
    done.files += 1
    done.size += size


def _look_at_rows(file: Path, place: str, workspace: Workspace, conversation: str, done: Looked) -> None:
    """The rows of the conversation in a segment, a shard or any other table."""
    with pq.ParquetFile(file) as table:
        names = table.schema_arrow.names
        if "conversation" not in names:
            return
        sealed = "slot" in names and "sealed" in names
        wanted = [
            "conversation",
            *(["slot"] if sealed else [name for name in ("text", "bytes") if name in names]),
        ]
        for batch in table.iter_batches(_BATCH, columns=wanted):
            rows = batch.filter(pc.fill_null(pc.equal(batch.column("conversation"), conversation), False))
            if not rows.num_rows:
                continue
            if sealed:
                _look_at_slots(place, workspace, rows, done)
            elif _plain(rows):
                done.findings.append(f"{place}: rows of the conversation stand in it in plain")


def _look_at_slots(place: str, workspace: Workspace, rows: pa.RecordBatch, done: Looked) -> None:
    slots = sorted(set(rows.column("slot").to_pylist()))
    keys: Sequence[bytes | None] = workspace.keyring.keys(slots)
    living = {slot for slot, key in zip(slots, keys, strict=True) if key is not None}
    if living:
        done.findings.append(
            f"{place}: sealed rows of the conversation name slots whose keys live: {sorted(living)}"
        )
    done.slots |= set(slots) - living
    dead = pa.array(sorted(set(slots) - living), pa.int64())
    done.sealed += int(pc.sum(pc.is_in(rows.column("slot"), dead)).as_py() or 0)


def _plain(rows: pa.RecordBatch) -> bool:
    return any(
        column.null_count < len(column)
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
        if name != "conversation"
    )
