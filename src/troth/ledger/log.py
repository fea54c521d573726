"""The one writer of a ledger: it plans what entries make of the tree, and writes that down.

Planning touches no file. Between planning and writing, the store decides whether it happens (``docs/ledger.md``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from troth.errors import LedgerError
from troth.ledger.edge import Edge, Growth, grow
from troth.ledger.mend import LoggedRows, mend
from troth.ledger.published import CHECKPOINT, VKEYS, check_vkeys, publish, read_published, vkeys_text
from troth.ledger.signers import Signer, sign_checkpoint
from troth.ledger.storage import Storage
from troth.ledger.tiles import checkpoint_path
from troth.ledger.write_tiles import write_edge, write_full
from troth.proof.checkpoint import Checkpoint
from troth.proof.merkle import EMPTY_ROOT
from troth.proof.note import Vkey
from troth.store.interface import Head
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class Planned:
    """What a batch would make of the log: the head before and after, and the files that are to be written."""

    old: Head
    new: Head
    growth: Growth


class Log:
    """A ledger that is open for writing, and stands at a head. One thread may use it, under the writer's lock."""

    def __init__(self, storage: Storage, signers: Sequence[Signer], head: Head, edge: Edge) -> None:
        """For `open_log`: the edge is that of the head."""
        self._storage = storage
        self._signers = signers
        self._head = head
        self._edge = edge

    @property
    def head(self) -> Head:
        """The newest head that was written."""
        return self._head

    def plan(self, entries: Sequence[bytes], at: Moment) -> Planned:
        """What the log becomes with these entries, which are logged at ``at`` (UTC). Changes and writes nothing.

        Raises `LedgerError` for an entry that is too long.
        """
        growth = grow(self._edge, entries)
        size, root = growth.edge.size, growth.edge.root()
        checkpoint = _signed(self._signers, size, root, at)
        return Planned(self._head, Head(size, root, checkpoint, at), growth)

    def write(self, planned: Planned) -> None:
        """Write what was planned and the store has committed: bundles and tiles, then the checkpoint.

        Raises `LedgerError`; what is then missing is written at the next opening.
        """
        if planned.old != self._head:
            raise LedgerError(
                f"the plan was made at {planned.old.size} entries, and the log has {self._head.size}",
                remedy="plan again",
            )
        write_full(self._storage, planned.growth)
        write_edge(self._storage, planned.growth.edge)
        publish(self._storage, vkeys_of(self._signers), planned.new)
        self._head, self._edge = planned.new, planned.growth.edge


def vkeys_of(signers: Iterable[Signer]) -> tuple[Vkey, ...]:
    """The public keys of signers, in their order."""
    return tuple(signer.vkey for signer in signers)


def create_log(storage: Storage, signers: Sequence[Signer], at: Moment) -> Head:
    """Begin a ledger: its keys and its empty checkpoint. The head returned is for `Store.start`.

    ``at`` is now, in UTC. It may be called again until entries were logged, after a crash. Raises `LedgerError` where
    a ledger with entries, or of other keys, lies there.
    """
    vkeys = vkeys_of(signers)
    storage.write(VKEYS, vkeys_text(vkeys))
    if storage.read(CHECKPOINT) is not None and read_published(storage, CHECKPOINT, vkeys)[1].size:
        raise LedgerError(
            "there is a ledger with entries already",
            place=storage.place(CHECKPOINT),
            remedy="choose another folder, or restore the store that belongs to this ledger",
        )
    head = Head(0, EMPTY_ROOT, _signed(signers, 0, EMPTY_ROOT, at), at)
    storage.replace(checkpoint_path(0), head.checkpoint)
    storage.replace(CHECKPOINT, head.checkpoint)
    return head


def open_log(storage: Storage, signers: Sequence[Signer], head: Head, logged: LoggedRows) -> tuple[Log, int]:
    """Open a ledger for writing at the head of its store; the number is of the entries that had to be written again.

    Raises `LedgerError`, naming the file, for a fork, a rollback, and a missing or changed file.
    """
    vkeys = vkeys_of(signers)
    check_vkeys(storage, vkeys)
    edge, again = mend(storage, vkeys, head, logged)
    return Log(storage, signers, head, edge), again


def _signed(signers: Sequence[Signer], size: int, root: bytes, at: Moment) -> bytes:
    checkpoint = Checkpoint(signers[0].vkey.name, size, root)
    return sign_checkpoint(checkpoint, signers, at // 1_000_000)
