"""Proofs that a label is in a release, or that it is not (``docs/formats/membership.md``).

The tree is a compact sparse Merkle tree: the bits of a label, most significant first, are its path. A leaf is
SHA-256(0x00 || label), a node SHA-256(0x01 || left || right), an empty subtree 32 zero bytes; a subtree with
exactly one leaf is that leaf, wherever it stands.

**Why no root has both proofs for one label.** Both walk from the root along the bits of the label. As long as
both walk on, the node they pass is the same, or two inputs with the same SHA-256 were found. Let the first of them
to stop do so at some depth. If the other walks on, the value there is a node for it, SHA-256 of 0x01 and more,
and for the one that stops a leaf, SHA-256 of 0x00 and more, or 32 zero bytes. If both stop there, the value is the
leaf of the label for one, and for the other the leaf of a different label, or 32 zero bytes. Each case needs two
inputs with the same SHA-256, or an input whose SHA-256 is zero. Nothing is assumed of the root: the argument holds
for one made by a cheat too.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from troth.errors import VerificationError

LABEL_BYTES = 32
HASH_BYTES = 32
EMPTY = bytes(HASH_BYTES)
"""The hash of a subtree without leaves, and so the root of a tree of none."""
DEEPEST = 8 * LABEL_BYTES
"""The greatest depth of a leaf: two labels that differ in their last bit only."""

_TEXT = re.compile(
    r"depth (0|[1-9][0-9]{0,2})\n(?:siblings ([A-Za-z0-9+/]+={0,2})\n)?(?:other ([A-Za-z0-9+/]{43}=)\n)?"
)
_LONGEST_TEXT = 12_000
_HEAD_BYTES = 3
_ASK = "get the receipt again; if it stays, this proof was not made from the tree of the release"


@dataclass(frozen=True, slots=True)
class MembershipProof:
    """The path of a label from the root to where it ends: at its own leaf, at another, or at an empty place."""

    depth: int
    """How many nodes the path goes through, 0 to 256."""
    present: bytes
    """One bit for each sibling on the way, root first, most significant bit first: 1 where it is not empty."""
    siblings: tuple[bytes, ...]
    """The hashes of the siblings that are not empty, from the root to the deepest."""
    terminal: bytes | None
    """The other label at whose leaf the path ends; ``None`` where it ends at the label's own, or at an empty place."""

    def text(self) -> str:
        """The lines of a receipt: ``depth``, ``siblings`` (not at depth 0), and ``other`` where there is one."""
        lines = [f"depth {self.depth}\n"]
        if self.depth:
            lines.append(f"siblings {_base64(self.present + b''.join(self.siblings))}\n")
        if self.terminal is not None:
            lines.append(f"other {_base64(self.terminal)}\n")
        return "".join(lines)

    def data(self) -> bytes:
        """The same in bytes: depth (2, big-endian), 1 or 0 for another label or none, bits, siblings, the label."""
        head = self.depth.to_bytes(2, "big") + bytes([self.terminal is not None])
        return head + self.present + b"".join(self.siblings) + (self.terminal or b"")


def read_membership_text(text: str) -> MembershipProof:
    """Read the lines of a receipt. Raises `VerificationError` unless they are in the one canonical form."""
    found = _TEXT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if found is None:
        raise _refused("it is not made of the lines `depth`, `siblings` and `other`")
    depth = int(found[1])
    terminal = None if found[3] is None else _from_base64(found[3])
    proof = _from_parts(depth, _from_base64(found[2] or ""), terminal)
    if proof.text() != text:
        raise _refused("its lines are not in canonical form")
    return proof


def read_membership_data(data: bytes) -> MembershipProof:
    """Read the bytes of a proof. Raises `VerificationError` unless they are in the one canonical form."""
    if len(data) < _HEAD_BYTES or data[2] > 1:
        raise _refused("its bytes do not begin with a depth and what stands at the end of the path")
    path, terminal = data[_HEAD_BYTES:], None
    if data[2]:
        path, terminal = path[:-LABEL_BYTES], path[-LABEL_BYTES:]
    return _from_parts(int.from_bytes(data[:2], "big"), path, terminal)


def check_included(label: bytes, proof: MembershipProof, root: bytes) -> None:
    """Raise `VerificationError` unless the proof shows that the label is in the tree of this root."""
    _check_sizes(label, root)
    _check_form(proof)
    if proof.terminal is not None:
        raise _refused("it ends at another label: it can only show that this one is not in the release")
    if _climb(sha256(b"\x00" + label).digest(), label, proof) != root:
        raise _refused("the path from the leaf of this label does not lead to the root of the release")


def check_excluded(label: bytes, proof: MembershipProof, root: bytes) -> None:
    """Raise `VerificationError` unless the proof shows that the label is not in the tree of this root."""
    _check_sizes(label, root)
    _check_form(proof)
    if proof.depth == DEEPEST:
        raise _refused("the path goes through every bit of the label: only the label itself can stand there")
    if proof.terminal is None:
        here = EMPTY
    else:
        _check_other(label, proof.terminal, proof.depth)
        here = sha256(b"\x00" + proof.terminal).digest()
    if _climb(here, label, proof) != root:
        where = "the empty place" if proof.terminal is None else "the leaf of the other label"
        raise _refused(f"the path from {where} does not lead to the root of the release")


def _check_sizes(label: bytes, root: bytes) -> None:
    if len(label) != LABEL_BYTES or len(root) != HASH_BYTES:
        raise _refused(f"a label and a root have 32 bytes, not {len(label)} and {len(root)}")


def _check_other(label: bytes, other: bytes, depth: int) -> None:
    """The other leaf must stand where the label would: same first bits, and yet not the label."""
    if other == label:
        raise _refused("the other label at the end of the path is the label itself")
    differing = int.from_bytes(label, "big") ^ int.from_bytes(other, "big")
    if differing >> (DEEPEST - depth):
        raise _refused(f"the other label does not share the first {depth} bits of the label")


def _check_form(proof: MembershipProof) -> None:
    """Only what a compact tree can have, written in the only way."""
    if not 0 <= proof.depth <= DEEPEST:
        raise _refused(f"its depth is {proof.depth}, and no path is longer than {DEEPEST}")
    bits = int.from_bytes(proof.present, "big")
    spare = -proof.depth % 8
    if len(proof.present) != (proof.depth + 7) // 8 or bits & ((1 << spare) - 1):
        raise _refused(f"its bits are not exactly {proof.depth}")
    if bits.bit_count() != len(proof.siblings):
        raise _refused(f"{bits.bit_count()} siblings are announced and {len(proof.siblings)} are there")
    if any(len(sibling) != HASH_BYTES or sibling == EMPTY for sibling in proof.siblings):
        raise _refused("a sibling is not a hash of 32 bytes, or is an empty one written out")
    if proof.depth and not bits >> spare & 1:
        raise _refused("the deepest sibling is empty, and a subtree of at most one leaf has no nodes")
    if proof.terminal is not None and len(proof.terminal) != LABEL_BYTES:
        raise _refused(f"the other label has {len(proof.terminal)} bytes, not 32")


def _climb(here: bytes, label: bytes, proof: MembershipProof) -> bytes:
    """The root to which a path leads."""
    path = int.from_bytes(label, "big") >> (DEEPEST - proof.depth)
    present = int.from_bytes(proof.present, "big") >> (-proof.depth % 8)
    above = reversed(proof.siblings)
    for _ in range(proof.depth):
        sibling = next(above) if present & 1 else EMPTY
        here = sha256(b"\x01" + (sibling + here if path & 1 else here + sibling)).digest()
        path, present = path >> 1, present >> 1
    return here


def _from_parts(depth: int, path: bytes, terminal: bytes | None) -> MembershipProof:
    bitmap = (depth + 7) // 8
    hashes = path[bitmap:]
    siblings = tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))
    proof = MembershipProof(depth, path[:bitmap], siblings, terminal)
    _check_form(proof)
    return proof


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise _refused(f"a line is not base64: {problem}") from None


def _refused(why: str) -> VerificationError:
    return VerificationError(f"the membership proof is refused: {why}", remedy=_ASK)
