"""A sealed release from the vault, built by a process of its own, so that nobody's answer waits for it.

It is `troth build` (`troth.operations.build`) into the folder ``releases`` of the workspace. Whoever stops it stops it
whole: the process clears away what it has opened, and the release appears complete or not at all.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from troth.build.scaffold import remove_leftovers
from troth.canon.canonical import digest_of_file
from troth.errors import ReleaseError, TrothError
from troth.operations.build import BuildRequest, Built, build_release
from troth.operations.decide import Progress
from troth.operations.whole_file import whole_file
from troth.operations.workspace.opened import Workspace, opened
from troth.operations.workspace.receipts.receipts import release_receipt_in
from troth.operations.workspace.sequencing import sequence_pending
from troth.release.envelope import open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import Release, read_statement
from troth.types.moment import Moment, format_moment

RELEASES = "releases"
LOOK = 0.2
"""Seconds between two looks at whether the build is to stop."""
PATIENCE = 20.0
"""Seconds that a build which is told to stop has to clear away what it has opened."""
_ENDED = "the build ended without a word"


class StoppedError(Exception):
    """The service ends, and the build with it: nothing of it is left, and it is made again from its checkpoint."""


@dataclass(frozen=True, slots=True)
class Building:
    """What is to be built. ``at`` is in microseconds (UTC)."""

    folder: Path
    terms: str
    options: Mapping[str, str]
    name: str
    """Of the folder under `RELEASES`."""
    purpose: str
    at: Moment
    seed: int
    sample: float
    checkpoint: int
    """The size of the checkpoint that names the history: begun again, it is the same build, byte for byte."""

    @property
    def out(self) -> Path:
        """Where the release appears."""
        return self.folder / RELEASES / self.name


@dataclass(frozen=True, slots=True)
class Made:
    """A release that was built: the digest of its manifest, and what went in and came out."""

    release: str
    name: str
    checkpoint: int
    input: int
    released: int
    excluded: dict[str, dict[str, int]]
    """Numbers of records by stage and reason."""
    warnings: tuple[str, ...] = ()


def newest_checkpoint(workspace: Workspace) -> int:
    """The size of the ledger with all that was accepted until now. Raises ``StoreError`` and ``LedgerError``."""
    return sequence_pending(workspace).size


def build_apart(building: Building, progress: Progress, stop: threading.Event) -> Made:
    """Build in another process, and wait for it. Begun again after it was done, it gives what was made.

    Raises what the build raises, as a `ReleaseError` with its words, and `StoppedError` where ``stop`` was set meanwhile.
    """
    made = _made_before(building)
    if made is not None:
        return made
    building.out.parent.mkdir(exist_ok=True)
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_build, args=(building, theirs), name="troth-build")
    process.start()
    theirs.close()
    patience = LOOK
    try:
        return _followed(ours, progress, stop)
    except StoppedError:
        patience = 0.0
        raise
    finally:
        _end(process, patience)
        ours.close()
        remove_leftovers(building.out)


def _followed(told: Connection, progress: Progress, stop: threading.Event) -> Made:
    """Pass on how far it comes, until it says what came of it."""
    while True:
        if stop.is_set():
            raise StoppedError
        if not told.poll(LOOK):
            continue
        try:
            what, *more = told.recv()
        except EOFError:
            if stop.wait(1.0):
                raise StoppedError from None
            raise ReleaseError(_ENDED, remedy="look at the log of the machine, and build again") from None
        if what == "made":
            return Made(*more)
        if what == "failed":
            raise ReleaseError(*more[:1], remedy=more[1])
        progress(*more)


def _end(process: BaseProcess, patience: float) -> None:
    """See to it that the process has ended: by itself within so many seconds, where it is told to, or by force."""
    process.join(patience)
    if process.exitcode is None and process.pid is not None:
        os.kill(process.pid, signal.SIGINT)
        process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
    process.close()


def _build(building: Building, tell: Connection) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            built = build_release(_request(building), lambda *told: tell.send(("progress", *told)))
            made = _made(building, built.release, built.manifest, _warnings(built))
            tell.send(("made", *astuple(made)))
        except TrothError as problem:
            where = f"{problem.place}: " if problem.place else ""
            tell.send(("failed", f"{where}{problem.what}", problem.remedy))


def _end_with_parent() -> None:
    """Interrupt this process when its parent is gone, however that went: what it has opened is cleared away."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGINT)


def _request(building: Building) -> BuildRequest:
    return BuildRequest(
        building.terms, building.options, (), (), building.purpose, building.at, building.seed, building.out,
        building.sample, max(1, (os.cpu_count() or 2) // 2), workspace=building.folder, checkpoint=building.checkpoint,
    )  # fmt: skip


def _warnings(built: Built) -> tuple[str, ...]:
    gone = f"{built.gone:,} records of the vault are erased and were left out"
    return (*([gone] if built.gone else ()), *built.warnings)


def _made_before(building: Building) -> Made | None:
    """What was made, where the same build came to its end before whoever asked for it was told; its receipt is mended."""
    if not (building.out / MANIFEST).is_file():
        return None
    manifest = digest_of_file(building.out / MANIFEST)
    release = read_statement(open_envelope((building.out / MANIFEST).read_bytes()).body()).predicate
    with opened(building.folder) as workspace:
        ours = manifest in dict(workspace.store.releases()) and _is_of(release, building)
        receipt = building.out.with_name(f"{building.name}.receipt")
        if ours and not receipt.exists():
            sequence_pending(workspace)
            with whole_file(receipt) as partial:
                partial.write_bytes(release_receipt_in(workspace, manifest))
    return _made(building, release, manifest) if ours else None


def _is_of(release: Release, building: Building) -> bool:
    """Whether a release is what was asked for."""
    asked = (
        building.purpose,
        format_moment(building.at),
        building.seed,
        building.sample,
        building.checkpoint,
    )
    size = None if release.ledger is None else release.ledger.size
    return (release.purpose, release.at, release.seed, release.sample, size) == asked


def _made(building: Building, release: Release, manifest: str, warnings: tuple[str, ...] = ()) -> Made:
    excluded: dict[str, dict[str, int]] = {}
    for row in release.counts.excluded:
        excluded.setdefault(row.stage, {})[row.reason] = row.records
    counts = release.counts
    return Made(
        manifest, building.name, building.checkpoint, counts.input, counts.released, excluded, warnings
    )
