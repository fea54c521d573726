"""Receipts of an erasure, written into a folder: made of what was read before the keys went, and of what the ledger says.

What is read before lies in the folder, durably, from before the intent until the receipts are written: names and salts, as
they will stand in the receipts. So a crash in between takes no receipt away. Whoever can write the folder can leave
receipts out; a receipt that was changed is refused by everyone who checks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from troth.disk.durable import sync_folder, write_new
from troth.errors import Place, StoreError, UsageError
from troth.operations.decide import Progress
from troth.operations.whole_file import whole_file
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.receipts.lineage import artefacts
from troth.operations.workspace.receipts.prover import Prover
from troth.operations.workspace.receipts.receipts import answers_about, committed_in, each_once
from troth.operations.workspace.releases.released import folder_of
from troth.operations.workspace.sequencing import sequence_pending
from troth.proof.payloads import ErasureDone, ErasureIntended, read_payload
from troth.receipt.compose import conversation_receipt, write_receipt
from troth.release.layout import MEMBERSHIP
from troth.release.membership import contains
from troth.store.interface import Conversation, Opened

SUFFIX = ".receipt"
BEGUN = ".begun"
"""A file of `Begun`, for the receipts of one act."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the receipts of one act need, and nobody has after the erasure; ``origin`` names the log."""

    origin: str
    conversations: tuple[Conversation, ...]


class ErasureReceipts:
    """The receipts of an erasure, and of those before it whose receipts were not written yet, in one folder."""

    def __init__(self, workspace: Workspace, folder: Path, progress: Progress) -> None:
        """Make the folder. Raises `StoreError` where that is not possible; nothing was destroyed then."""
        self._workspace, self._folder, self._progress = workspace, folder, progress
        with _written(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def begin(self, conversations: Iterable[str]) -> Path | None:
        """Keep what receipts will need, durably; None for conversations of which none was ever committed to.

        Raises `StoreError` where it cannot be written: then nothing may be destroyed.
        """
        found = (self._workspace.store.conversation(name) for name in conversations)
        known = tuple(one for one in found if one is not None)
        if not known:
            return None
        path = self._folder / f"{self._next(BEGUN):06d}{BEGUN}"
        partial = path.with_name(f".{path.name}.partial")
        with _written(path):
            partial.unlink(missing_ok=True)
            write_new(partial, msgspec.json.encode(Begun(self._workspace.settings.origin, known)), 0o600)
            partial.replace(path)
            sync_folder(self._folder)
        return path

    def write(self) -> tuple[list[Path], list[str]]:
        """Write the receipts of all that was begun and is done, one for each conversation; give the files, and warnings.

        Each says what was destroyed and when, what of the whole demand stays and why, the releases that contain the
        conversation, and what was made from them. Files have numbers, for a name would stay behind. What was begun and
        not done, because nothing was destroyed, is let go of. Raises ``ReleaseError`` where a receipt cannot be written.
        """
        begun = [(path, one) for path in sorted(self._folder.glob(f"*{BEGUN}")) if (one := self._read(path))]
        if not begun:
            return [], []
        sequence_pending(self._workspace, self._progress)  # the end that a recovery wrote, too
        prover, done = Prover(self._workspace), _done(self._workspace)
        releases, warnings = _releases(self._workspace)
        written: list[Path] = []
        for path, one in begun:
            for known in one.conversations:
                if rows := done.get(known.commitment.hex()):
                    data = _receipt(self._workspace, prover, known, rows, releases)
                    written.append(self._write(data))
                    self._progress("receipt", len(written), None)
            with _written(path):
                path.unlink()
                sync_folder(self._folder)
        return written, warnings

    def let_go(self, begun: Path | None) -> None:
        """Nothing was destroyed of what was begun."""
        if begun is not None:
            with _written(begun):
                begun.unlink()
                sync_folder(self._folder)

    def _read(self, path: Path) -> Begun | None:
        """What was begun; None where it is of another workspace. Raises `UsageError` for a file that is none."""
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Begun)
        except (OSError, msgspec.MsgspecError) as problem:
            remedy = "it was to become receipts: put it back, or move it away and do without them"
            raise UsageError(f"cannot be read: {problem}", place=Place(str(path)), remedy=remedy) from None
        return found if found.origin == self._workspace.settings.origin else None

    def _write(self, data: bytes) -> Path:
        path = self._folder / f"{self._next(SUFFIX):06d}{SUFFIX}"
        with whole_file(path) as partial:
            partial.write_bytes(data)
        return path

    def _next(self, suffix: str) -> int:
        names = (file.stem for file in self._folder.glob(f"*{suffix}"))
        return 1 + max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)


def _done(workspace: Workspace) -> Mapping[str, Sequence[Opened]]:
    """The intent and the end of the newest erasure that is done, by the commitments of the conversations that went."""
    intents: dict[int | None, tuple[Opened, tuple[str, ...]]] = {}
    found: dict[str, Sequence[Opened]] = {}
    for row in workspace.store.opened(kinds=("erasure",)):
        told = read_payload(row.kind, row.payload)
        if isinstance(told, ErasureIntended):
            intents[row.index] = (row, told.subjects)
        elif isinstance(told, ErasureDone) and row.index is not None:
            intended, subjects = intents.pop(told.intent)
            found.update(dict.fromkeys(subjects, (intended, row)))
    return found


def _receipt(
    workspace: Workspace,
    prover: Prover,
    known: Conversation,
    erasure: Sequence[Opened],
    releases: Sequence[tuple[str, Path]],
) -> bytes:
    committed, entries = committed_in(prover, known)
    label = known.commitment
    holding = [manifest for manifest, folder in releases if contains(folder / MEMBERSHIP, label)]
    answers, about = answers_about(workspace, prover, label, holding)
    reached = {child for child, _ in workspace.store.descendants(holding)} if holding else set()
    made = prover.entries(row for one, row in artefacts(workspace.store) if one.digest in reached)
    told = each_once(entries, prover.entries(erasure), about, made)
    return write_receipt(conversation_receipt(committed, told, answers))


def _releases(workspace: Workspace) -> tuple[list[tuple[str, Path]], list[str]]:
    found: list[tuple[str, Path]] = []
    warnings: list[str] = []
    for manifest, _ in workspace.store.releases():
        try:
            found.append((manifest, folder_of(workspace.store, manifest)))
        except UsageError as problem:
            warnings.append(f"the receipts do not say whether it is in a release: {problem.what}")
    return found, warnings


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Whatever the system says against it, as a `StoreError`."""
    try:
        yield
    except OSError as problem:
        raise StoreError(
            f"what the receipts need cannot be written: {problem.strerror or problem}",
            place=Place(str(path)),
            remedy="make room or choose another folder; by this nothing was destroyed",
        ) from problem
