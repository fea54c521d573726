"""The membership tree as its specification says it, by recursion and without regard to speed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from hashlib import sha256

from troth.proof.membership import MembershipProof

EMPTY = bytes(32)


def bit(label: bytes, depth: int) -> int:
    return label[depth // 8] >> (7 - depth % 8) & 1


def split(labels: list[bytes], depth: int) -> tuple[list[bytes], list[bytes]]:
    return [x for x in labels if not bit(x, depth)], [x for x in labels if bit(x, depth)]


def root_of(labels: Iterable[bytes], depth: int = 0) -> bytes:
    labels = list(labels)
    if len(labels) < 2:
        return sha256(b"\x00" + labels[0]).digest() if labels else EMPTY
    left, right = split(labels, depth)
    return sha256(b"\x01" + root_of(left, depth + 1) + root_of(right, depth + 1)).digest()


def proof_of(labels: Iterable[bytes], label: bytes) -> MembershipProof:
    labels, siblings = list(labels), []
    while len(labels) > 1:
        depth = len(siblings)
        sides = split(labels, depth)
        siblings.append(root_of(sides[1 - bit(label, depth)], depth + 1))
        labels = sides[bit(label, depth)]
    return assembled(siblings, None if labels in ([], [label]) else labels[0])


def assembled(siblings: list[bytes], terminal: bytes | None) -> MembershipProof:
    """A proof with these siblings, empty ones left out."""
    present = bytearray((len(siblings) + 7) // 8)
    for depth, sibling in enumerate(siblings):
        present[depth // 8] |= (sibling != EMPTY) << (7 - depth % 8)
    return MembershipProof(
        len(siblings), bytes(present), tuple(one for one in siblings if one != EMPTY), terminal
    )


def all_siblings(proof: MembershipProof) -> list[bytes]:
    """Every sibling from the root down, the empty ones too."""
    there = iter(proof.siblings)
    return [next(there) if bit(proof.present, depth) else EMPTY for depth in range(proof.depth)]


def flipped(data: bytes, position: int) -> bytes:
    """The same with one bit the other way, counted from the most significant of the first byte."""
    changed = bytearray(data)
    changed[position // 8] ^= 0x80 >> position % 8
    return bytes(changed)


def some_labels(count: int, seed: int = 1) -> list[bytes]:
    """Labels as commitments are: all over the place."""
    draw = random.Random(seed)
    return [draw.randbytes(32) for _ in range(count)]


def close_labels(count: int, seed: int = 1) -> list[bytes]:
    """Labels that share long beginnings: each is another one with a single bit the other way, often the last."""
    draw = random.Random(seed)
    labels = {draw.randbytes(32)}
    while len(labels) < count:
        labels.add(
            flipped(draw.choice(sorted(labels)), draw.choice((0, 3, 200, 254, 255, draw.randrange(256))))
        )
    return sorted(labels)
