"""Merkle trees as in RFC 6962, section 2.1: hashes, roots, and proofs made and checked.

Somebody who can write the hashes or a proof can make a check fail, and cannot make it pass for another entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from troth.errors import VerificationError

HASH_BYTES = 32
EMPTY_ROOT: bytes = sha256().digest()
"""The root of a tree without entries (RFC 6962, section 2.1)."""

_LEAF, _NODE = b"\x00", b"\x01"
_AGAIN = "get the proof again from the ledger; if it fails again, the ledger does not hold what is claimed"
_FORK = "keep both checkpoints: if the log can give no proof that holds, it has rewritten its history"


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry).

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(_NODE + left + right).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The leaf hash of each entry, in order."""
    digest = sha256
    return [digest(b"\x00" + entry).digest() for entry in entries]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; `EMPTY_ROOT` for none."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


class Range:
    """The compact range of a tree that grows: the roots of its perfect subtrees, largest and leftmost first.

    It holds all that is needed to go on adding entries and to name the root: at most 63 hashes.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Go on from a size and its peaks. Raises `VerificationError` where they do not fit together."""
        if size < 0 or len(peaks) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in peaks):
            raise VerificationError(
                f"these are not the hashes of the perfect subtrees of a tree of size {size}",
                remedy="compute them again from the entries of the log",
            )
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The hashes of the perfect subtrees, left to right."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        size = self._size
        while size & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            size >>= 1
        self._peaks.append(leaf)
        self._size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes, level by level: faster than one by one. Holds the batch in memory."""
        carried, level, finished = list(leaves), self._size, []
        self._size += len(carried)
        while carried:
            if level & 1:
                carried.insert(0, self._peaks.pop())
            if len(carried) & 1:
                finished.append(carried.pop())
            carried = _next_level(carried)
            level >>= 1
        self._peaks.extend(reversed(finished))

    def root(self) -> bytes:
        """The root of the tree."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> Range:
        """Another range that grows on its own."""
        return Range(self._size, self._peaks)


def _next_level(level: list[bytes]) -> list[bytes]:
    """The level above; a last hash without a partner moves up as it is."""
    digest, pairs = sha256, iter(level)
    above = [digest(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
    if len(level) & 1:
        above.append(level[-1])
    return above


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `VerificationError` unless the leaf hash is at the index (from 0) of the tree with this size and root.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise VerificationError(f"there is no entry {index} in a tree of size {size}", remedy=_AGAIN)
    _check_hashes((leaf, root, *proof), "inclusion")
    # Below `turn` levels the paths to this leaf and to the last one differ, and each level has a sibling; above
    # them, the leaf is on the right edge, where only a left sibling exists.
    turn = (index ^ (size - 1)).bit_length()
    expected = turn + (index >> turn).bit_count()
    if len(proof) != expected:
        raise VerificationError(
            f"an inclusion proof of entry {index} in a tree of size {size} has {expected} hashes, not {len(proof)}",
            remedy=_AGAIN,
        )
    hashed = leaf
    for level, sibling in enumerate(proof):
        left = level >= turn or index >> level & 1
        hashed = node_hash(sibling, hashed) if left else node_hash(hashed, sibling)
    if hashed != root:
        raise VerificationError(
            f"the inclusion proof of entry {index} does not lead to the root of the tree of size {size}",
            remedy=_AGAIN,
        )


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `VerificationError` unless the new tree begins with all entries of the old one, in their order.

    RFC 9162, section 2.1.4.2, with the rules of C2SP tlog-witness: from size 0 and between equal sizes the proof
    is empty, a tree of size 0 has `EMPTY_ROOT`, and trees of equal size have equal roots.
    """
    if not 0 <= old_size <= new_size:
        raise VerificationError(f"a tree of size {old_size} cannot grow to size {new_size}", remedy=_FORK)
    _check_hashes(proof, "consistency")
    for size, root in ((old_size, old_root), (new_size, new_root)):
        if size == 0 and root != EMPTY_ROOT:
            raise VerificationError("a tree of size 0 does not have the root of the empty tree", remedy=_FORK)
    if old_size in (0, new_size):
        if proof:
            raise VerificationError(
                f"a consistency proof from size {old_size} to {new_size} is empty; this has {len(proof)} hashes",
                remedy=_AGAIN,
            )
        if old_size == new_size and old_root != new_root:
            raise VerificationError(f"there are two roots for size {old_size}", remedy=_FORK)
        return
    _check_growth(old_size, new_size, old_root, new_root, proof)


def _check_growth(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    _check_hashes((old_root, new_root), "consistency")
    steps = f"from size {old_size} to {new_size}"
    # A perfect old tree is itself the subtree from which the proof starts.
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not proof:
        raise VerificationError(f"the consistency proof {steps} is missing", remedy=_AGAIN)
    whole = ((old_size & -old_size).bit_length()) - 1
    old_last, new_last = (old_size - 1) >> whole, (new_size - 1) >> whole
    old_hash = new_hash = path[0]
    for sibling in path[1:]:
        if new_last == 0:
            raise VerificationError(f"the consistency proof {steps} is too long", remedy=_AGAIN)
        if old_last & 1 or old_last == new_last:
            old_hash, new_hash = node_hash(sibling, old_hash), node_hash(sibling, new_hash)
            while old_last and not old_last & 1:
                old_last, new_last = old_last >> 1, new_last >> 1
        else:
            new_hash = node_hash(new_hash, sibling)
        old_last, new_last = old_last >> 1, new_last >> 1
    if new_last:
        raise VerificationError(f"the consistency proof {steps} is too short", remedy=_AGAIN)
    if old_hash != old_root:
        raise VerificationError(f"the consistency proof {steps} does not lead to the old root", remedy=_FORK)
    if new_hash != new_root:
        raise VerificationError(f"the consistency proof {steps} does not lead to the new root", remedy=_FORK)


def _check_hashes(hashes: Iterable[bytes], what: str) -> None:
    if any(len(hashed) != HASH_BYTES for hashed in hashes):
        raise VerificationError(f"a hash of the {what} proof does not have 32 bytes", remedy=_AGAIN)


class Levels:
    """A tree over leaf hashes with all its levels in memory: many proofs for the price of one."""

    __slots__ = ("_levels",)

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._levels = [list(hashes)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_next_level(self._levels[-1]))

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """The siblings of a leaf, from its own to the child of the root.

        Raises ``ValueError`` where there is no such index. RFC 6962, section 2.1.1.
        """
        if not 0 <= index < len(self._levels[0]):
            raise ValueError(f"there is no leaf {index} among {len(self._levels[0])}")
        proof = []
        for level in self._levels[:-1]:
            if (sibling := index ^ 1) < len(level):
                proof.append(level[sibling])
            index >>= 1
        return tuple(proof)


def inclusion_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """One proof over the leaf hashes of a tree in memory (`Levels.inclusion_proof`)."""
    return Levels(hashes).inclusion_proof(index)


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The proof that the tree over these leaf hashes begins with its first ``old_size`` leaves.

    Raises ``ValueError`` where it has fewer. RFC 6962, section 2.1.2; from size 0 it is empty (C2SP tlog-witness).
    """
    if not 0 <= old_size <= len(hashes):
        raise ValueError(f"there is no tree of size {old_size} in one of {len(hashes)}")
    if old_size in (0, len(hashes)):
        return ()
    proof = []
    first, after, whole = (
        0,
        len(hashes),
        True,
    )  # `whole`: the old tree is the subtree looked at, and needs no hash
    while old_size < after:
        middle = first + (1 << (after - first - 1).bit_length() - 1)
        if old_size <= middle:
            proof.append(root_of(hashes[middle:after]))
            after = middle
        else:
            proof.append(root_of(hashes[first:middle]))
            first, whole = middle, False
    if not whole:
        proof.append(root_of(hashes[first:after]))
    return tuple(reversed(proof))


BLOCK = 256
"""Leaves of a block: a perfect subtree, but for the last one of a tree."""


def block_roots(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the blocks of a tree over leaf hashes, in order: with them one block is enough for a proof in it."""
    return [root_of(hashes[at : at + BLOCK]) for at in range(0, len(hashes), BLOCK)]


def proof_in_block(block: Sequence[bytes], roots: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The siblings of a leaf, as `inclusion_proof`, from the leaf hashes of its block and the roots of all blocks.

    A tree splits at powers of two (RFC 6962, section 2.1), and so between blocks before it splits one.
    """
    return (*inclusion_proof(block, index % BLOCK), *inclusion_proof(roots, index // BLOCK))
