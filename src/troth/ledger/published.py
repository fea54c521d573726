"""What a ledger publishes of itself: its public keys, its newest checkpoint, and every checkpoint before.

Who can write these files can put an older checkpoint back: the writer notices, and so does who kept a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import LedgerError, VerificationError
from troth.ledger.storage import Storage
from troth.ledger.tile_files import missing
from troth.ledger.tiles import checkpoint_path, damaged
from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.note import Vkey
from troth.store.interface import Head, Store

VKEYS = "log.vkey"
CHECKPOINT = "checkpoint"

_FORK = (
    "keep both, the store and the ledger: one of them was rewritten. Compare with a checkpoint that a witness or "
    "a receipt holds, and restore the one that agrees with it"
)


def vkeys_text(vkeys: Sequence[Vkey]) -> bytes:
    """The content of ``log.vkey``: a vkey on each line."""
    return "".join(f"{vkey}\n" for vkey in vkeys).encode()


def check_vkeys(storage: Storage, vkeys: Sequence[Vkey]) -> None:
    """Raise `LedgerError` unless ``log.vkey`` holds exactly these keys."""
    text = storage.read(VKEYS)
    if text is None:
        raise missing(storage.place(VKEYS))
    if text != vkeys_text(vkeys):
        raise LedgerError(
            f"the ledger belongs to other keys than those of {vkeys[0].name!r}",
            place=storage.place(VKEYS),
            remedy="put the ledger, the store and the keys of one workspace together again",
        )


def read_published(storage: Storage, path: str, vkeys: Sequence[Vkey]) -> tuple[bytes, Checkpoint]:
    """A checkpoint file, whose signature by the log is checked. Raises `LedgerError`, naming the file."""
    data = storage.read(path)
    if data is None:
        raise missing(storage.place(path))
    try:
        return data, check_signed(data, vkeys).checkpoint
    except VerificationError as problem:
        raise damaged(storage.place(path), f"the checkpoint does not hold: {problem.what}") from problem


def check_head(head: Head, vkeys: Sequence[Vkey]) -> None:
    """Raise `LedgerError` unless the head of a store is signed by the log, and says what was signed."""
    try:
        signed = check_signed(head.checkpoint, vkeys).checkpoint
    except VerificationError as problem:
        raise LedgerError(
            f"the head in the store is not of this ledger: {problem.what}",
            remedy="put the ledger, the store and the keys of one workspace together again",
        ) from problem
    if (signed.size, signed.root) != (head.size, head.root):
        raise LedgerError(
            f"the head in the store says {head.size} entries, and its checkpoint {signed.size}, or another root",
            remedy="find out who wrote to the store past Troth, and restore it from a backup",
        )


def check_same_log(head: Head, published: Checkpoint, where: str, storage: Storage) -> None:
    """Raise `LedgerError` where a published checkpoint is ahead of the head, or another tree of its size."""
    if published.size > head.size:
        raise LedgerError(
            f"rollback: the store holds {head.size} entries and the ledger {published.size}",
            place=storage.place(where),
            remedy="restore the newest backup of the store: what it lacks was acknowledged and logged",
        )
    if published.size == head.size and published.root != head.root:
        raise fork(head.size, where, storage)


def fork(size: int, where: str, storage: Storage) -> LedgerError:
    """The error of a ledger that is not the beginning of what the store holds."""
    return LedgerError(
        f"fork: the {size} entries of the ledger are not those of the store",
        place=storage.place(where),
        remedy=_FORK,
    )


def publish(storage: Storage, vkeys: Sequence[Vkey], head: Head) -> None:
    """Put the checkpoint of the head under its size, and then in the place of the newest. All it needs is durable.

    Raises `LedgerError` where another writer has published a newer one, or another one of the size.
    """
    _, newest = read_published(storage, CHECKPOINT, vkeys)
    check_same_log(head, newest, CHECKPOINT, storage)
    _put_by_size(storage, vkeys, head)
    storage.replace(CHECKPOINT, head.checkpoint)


def publish_cosigned(store: Store, storage: Storage, vkeys: Sequence[Vkey], cosigned: Head) -> None:
    """Keep and publish a head to whose checkpoint witnesses have added lines. Raises `LedgerError`.

    The store keeps it first, so that a crash between cannot lose it. It replaces what was published of its size, and
    nothing else: what is not written yet is published from the store by who writes it, and so is the newest
    checkpoint where another process holds the writer's lock.
    """
    check_head(cosigned, vkeys)
    store.cosign(cosigned)
    with store.writer_lock() as held:
        if storage.read(checkpoint_path(cosigned.size)) is None:
            return
        _put_by_size(storage, vkeys, cosigned)
        newest = read_published(storage, CHECKPOINT, vkeys)[1]
        if held and newest.size == cosigned.size:
            publish(storage, vkeys, cosigned)


def _put_by_size(storage: Storage, vkeys: Sequence[Vkey], head: Head) -> None:
    path = checkpoint_path(head.size)
    if storage.read(path) is not None:
        check_same_log(head, read_published(storage, path, vkeys)[1], path, storage)
    storage.replace(path, head.checkpoint)
