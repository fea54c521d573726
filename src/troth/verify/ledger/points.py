"""Steps 4 to 6: where the tree has the size of a checkpoint, its root is held against what the checkpoint says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint, Signed
from troth.proof.note import LARGEST_NOTE
from troth.types.moment import LAST, Moment, format_moment
from troth.verify.ledger.paths import CHECKPOINT, checkpoint_path
from troth.verify.ledger.source import Found, Source, look_ahead
from troth.verify.ledger.trust import CLOCKS_APART, Trust
from troth.verify.report import NAMED, Notes, file_name, shown

FORK = (
    "if step 4 passed, keep the file: it shows that the log signed two histories; else the files are damaged"
)
CLOCK = "check the clock of this machine, and ask the witness"
AGAIN = "get the file again from the log's address; if it stays, ask its operator"


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that the auditor kept from earlier: the name of its file, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint; without its signatures where they do not hold."""

    checkpoint: Checkpoint
    signed: Signed | None


@dataclass(frozen=True, slots=True)
class PointNotes:
    """What is written down about times, the root, published and kept checkpoints."""

    times: Notes
    root: Notes
    published: Notes
    kept: Notes


class Points:
    """The checkpoints in order of their size, each held against the tree when it has that size."""

    def __init__(self, source: Source, trust: Trust, head: Head, notes: PointNotes, now: Moment) -> None:
        self.published = self.kept = 0
        """How many checkpoints were held against the tree, and agree with it."""
        self.unchecked: set[str] = set()
        """Names on the signature lines of published checkpoints for which there was no key; the first few."""
        self._source, self._trust, self._head, self._notes, self._now = source, trust, head, notes, now
        self._kept: dict[int, list[tuple[str, Signed]]] = defaultdict(list)
        self._sizes: Sequence[int] = ()
        self._place = 0
        self._reading: Iterator[Found] = iter(())

    def keep(self, kept: Iterable[Kept]) -> None:
        """Check the checkpoints that the auditor kept, and remember at which sizes to look at them."""
        newest = self._head.checkpoint
        for one in kept:
            signed = self._check(
                one.name, one.data, self._notes.kept, "get it from where you keep the others"
            )
            if signed is None:
                continue
            size = signed.checkpoint.size
            if size > newest.size:
                what = f"rollback: it has {size:,} entries, and the log's newest checkpoint {newest.size:,}"
                keep = "keep this file: it shows that entries were taken back; ask the log's operator"
                self._notes.kept.found(file_name(one.name), what, keep)
            else:
                self._kept[size].append((one.name, signed))

    def publish(self, published: Sequence[int]) -> None:
        """Look for checkpoints under these sizes, the newest size and the sizes of those that were kept."""
        wanted = {size for size in published if size <= self._head.checkpoint.size}
        self._sizes = sorted(wanted | self._kept.keys() | {self._head.checkpoint.size})
        self._reading = look_ahead(
            self._source, ((checkpoint_path(size), LARGEST_NOTE) for size in self._sizes)
        )

    def next_size(self) -> int | None:
        """The size of the next checkpoint; None after the last."""
        return self._sizes[self._place] if self._place < len(self._sizes) else None

    def reach(self, root: bytes, newest: Moment | None) -> None:
        """Hold the tree of the next size against its checkpoints: its root, and the time of its newest entry."""
        size, found = self._sizes[self._place], next(self._reading)
        self._place += 1
        self._published(size, root, newest, found)
        for name, signed in self._kept.get(size, ()):
            self._times(name, signed, newest, self._notes.kept)
            if signed.checkpoint.root != root:
                what = f"rewritten: its root is not that of the first {size:,} entries of the log"
                self._notes.kept.found(file_name(name), what, FORK)
            else:
                self.kept += 1
        head = self._head
        if size == head.checkpoint.size:
            self._root(root)
            if head.signed is not None:
                self._not_before(CHECKPOINT, head.signed, newest)

    def _root(self, root: bytes) -> None:
        size = self._head.checkpoint.size
        if root == self._head.checkpoint.root:
            self._notes.root.checked(f"the root over {size:,} entries, computed from their hashes")
        else:
            what = f"its root is not what the {size:,} entries hash to"
            self._notes.root.found(
                CHECKPOINT, what, "see the findings of steps 2 and 3; without any, ask the operator"
            )

    def _published(self, size: int, root: bytes, newest: Moment | None, found: Found) -> None:
        notes, path = self._notes.published, file_name(found.path)
        if found.data is None:
            notes.found(path, found.fault, AGAIN, kind="a checkpoint that is missing")
            return
        signed = self._check(found.path, found.data, notes, AGAIN)
        if signed is None:
            return
        if len(self.unchecked) < NAMED:
            self.unchecked.update(signed.unchecked)
        self._times(found.path, signed, newest, notes)
        if signed.checkpoint.size != size:
            what = f"is the checkpoint of {signed.checkpoint.size:,} entries"
            notes.found(path, what, AGAIN, kind="a checkpoint under the name of another size")
        elif signed.checkpoint.root != root:
            what = f"its root is not that of the first {size:,} entries"
            notes.found(path, what, FORK, kind="a checkpoint of another tree")
        else:
            self.published += 1

    def _check(self, name: str, data: bytes, notes: Notes, remedy: str) -> Signed | None:
        """A checkpoint signed by this log; None where it is not, which is a finding."""
        try:
            signed = self._trust.check_without_quorum(data)
        except VerificationError as problem:
            notes.found(file_name(name), problem.what, remedy, kind="a checkpoint not signed by the log")
            return None
        if signed.checkpoint.origin != self._head.checkpoint.origin:
            what = f"is of another log, {shown(signed.checkpoint.origin)}"
            notes.found(file_name(name), what, remedy, kind="a checkpoint of another log")
            return None
        return signed

    def _times(self, name: str, signed: Signed, newest: Moment | None, notes: Notes) -> None:
        """A witness cannot have cosigned in the future, nor an entry before it was logged."""
        for key, seconds in signed.cosigned:
            if seconds * 1_000_000 > self._now + CLOCKS_APART:
                what = f"cosigned by {shown(key.name)} at {when(seconds)}, which has not come yet"
                notes.found(file_name(name), what, CLOCK, kind="a cosignature from the future")
        self._not_before(name, signed, newest)

    def _not_before(self, name: str, signed: Signed, newest: Moment | None) -> None:
        """The newest entry of a cosigned tree was logged before each witness cosigned it."""
        for key, seconds in signed.cosigned:
            if newest is not None and newest > seconds * 1_000_000 + CLOCKS_APART:
                entry = f"entry {signed.checkpoint.size - 1} is said to be logged at {format_moment(newest)}"
                what = f"{entry}, after {shown(key.name)} cosigned the tree with it at {when(seconds)}"
                ask = "ask the log's operator and the witness which clock was wrong"
                self._notes.times.found(file_name(name), what, ask, kind="a time after the cosignature")


def when(seconds: int) -> str:
    """A time in POSIX seconds as RFC 3339, or as the number where no calendar has it."""
    moment = seconds * 1_000_000
    return format_moment(moment) if moment <= LAST else f"{seconds} s"
