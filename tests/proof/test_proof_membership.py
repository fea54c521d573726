"""Proofs of membership: what is true is accepted, and no forgery is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_reference import (
    EMPTY,
    all_siblings,
    assembled,
    close_labels,
    flipped,
    proof_of,
    root_of,
    some_labels,
)
from troth.errors import VerificationError
from troth.proof.membership import (
    MembershipProof,
    check_excluded,
    check_included,
    read_membership_data,
    read_membership_text,
)

SETS: dict[str, Callable[[], list[bytes]]] = {
    **{f"{count} labels": lambda count=count: some_labels(count) for count in (0, 1, 2, 3, 4, 9, 100, 600)},
    **{f"{count} close labels": lambda count=count: close_labels(count) for count in (2, 3, 7, 60)},
    "two that differ in the last bit": lambda: [bytes(32), bytes(31) + b"\x01"],
    "two that differ in the first bit": lambda: [bytes(32), b"\x80" + bytes(31)],
}
Check = Callable[[bytes, MembershipProof, bytes], None]


def outsiders(labels: list[bytes], count: int) -> list[bytes]:
    """Labels that are not there: some anywhere, some next to one that is."""
    near = [flipped(label, place) for label in labels[:count] for place in (0, 17, 255)]
    return [label for label in some_labels(count, seed=2) + near if label not in labels]


@pytest.mark.parametrize("name", SETS)
def test_every_member_is_included_and_every_other_is_not(name: str) -> None:
    labels = SETS[name]()
    root = root_of(labels)
    for label in labels[:100]:
        proof = proof_of(labels, label)
        check_included(label, proof, root)
        with pytest.raises(VerificationError):
            check_excluded(label, proof, root)
    for label in outsiders(labels, 40):
        proof = proof_of(labels, label)
        check_excluded(label, proof, root)
        with pytest.raises(VerificationError):
            check_included(label, proof, root)


@pytest.mark.parametrize("name", SETS)
def test_both_forms_are_read_back_as_they_were_written(name: str) -> None:
    labels = SETS[name]()
    for label in labels[:20] + outsiders(labels, 20):
        proof = proof_of(labels, label)
        assert read_membership_text(proof.text()) == proof
        assert read_membership_data(proof.data()) == proof


def test_the_empty_release_excludes_everything() -> None:
    nothing = MembershipProof(0, b"", (), None)
    assert nothing.text() == "depth 0\n"
    check_excluded(some_labels(1)[0], nothing, EMPTY)
    with pytest.raises(VerificationError, match="empty place does not lead to the root"):
        check_excluded(some_labels(1)[0], nothing, root_of(some_labels(2)))


def false_exclusions(labels: list[bytes], label: bytes, draw: random.Random) -> Iterator[MembershipProof]:
    """Proofs that a cheat may hand out to say that a member is not there."""
    own = proof_of(labels, label)
    other = draw.choice([one for one in labels if one != label])
    stranger = draw.randbytes(32)
    path = all_siblings(own)
    yield own
    yield replace(own, terminal=label)
    yield replace(own, terminal=other)
    yield proof_of(labels, stranger)
    yield proof_of(labels, flipped(label, draw.randrange(256)))
    yield proof_of([one for one in labels if one != label], label)
    yield assembled([], None)
    yield assembled([], other)
    for terminal in (None, other, flipped(label, 255)):
        cut = draw.randrange(len(path))
        yield assembled(path[:cut], terminal)
        yield assembled(path[cut:], terminal)
        yield assembled([*path, sha256(b"\x00" + label).digest()], terminal)
        yield assembled([*path, draw.randbytes(32)], terminal)
        yield assembled([draw.randbytes(32), *path], terminal)
        yield assembled(path[::-1], terminal)
        yield assembled([*path, *([EMPTY] * (255 - len(path)))], terminal)


def false_inclusions(labels: list[bytes], label: bytes, draw: random.Random) -> Iterator[MembershipProof]:
    """Proofs that a cheat may hand out to say that an outsider is there."""
    own = proof_of(labels, label)
    path = all_siblings(own)
    yield own
    yield replace(own, terminal=None)
    yield replace(own, terminal=label)
    yield proof_of(labels, draw.choice(labels))
    yield proof_of([*labels, label], label)
    yield assembled([], None)
    cut = draw.randrange(len(path) + 1)
    yield assembled(path[:cut], None)
    yield assembled(path[cut:], None)
    yield assembled([*path, draw.randbytes(32)], None)
    yield assembled([draw.randbytes(32), *path], None)
    yield assembled(path[::-1], None)
    if own.terminal is not None:
        yield assembled([*path, sha256(b"\x00" + own.terminal).digest()], None)


@pytest.mark.parametrize(
    "name", ["9 labels", "100 labels", "600 labels", "7 close labels", "60 close labels"]
)
def test_no_forgery_is_accepted(name: str) -> None:
    draw = random.Random(name)
    labels = SETS[name]()
    root, refused = root_of(labels), 0
    for label in draw.sample(labels, min(len(labels), 30)):
        for forged in false_exclusions(labels, label, draw):
            refused += is_refused(check_excluded, label, forged, root)
    for label in outsiders(labels, 20):
        for forged in false_inclusions(labels, label, draw):
            refused += is_refused(check_included, label, forged, root)
    assert refused > 400


def is_refused(check: Check, label: bytes, proof: MembershipProof, root: bytes) -> bool:
    with pytest.raises(VerificationError, match="membership proof is refused"):
        check(label, proof, root)
    return True


@st.composite
def question(draw: st.DrawFn) -> tuple[list[bytes], bytes, Check]:
    """A small tree, crowded or not, a label, and the check that must accept its proof."""
    count, seed = draw(st.integers(1, 12)), draw(st.integers(0, 10**6))
    labels = draw(st.sampled_from([some_labels, close_labels]))(count, seed)
    if draw(st.booleans()):
        return labels, draw(st.sampled_from(labels)), check_included
    return labels, draw(st.sampled_from(outsiders(labels, 12))), check_excluded


@settings(deadline=None, max_examples=150)
@given(question(), st.randoms(use_true_random=False))
def test_any_flipped_bit_is_refused(asked: tuple[list[bytes], bytes, Check], draw: random.Random) -> None:
    labels, label, check = asked
    proof, root = proof_of(labels, label), root_of(labels)
    check(label, proof, root)
    data = proof.data()
    for place in [*range(24), *(draw.randrange(8 * len(data)) for _ in range(40))]:
        for either in (check_included, check_excluded):
            with pytest.raises(VerificationError):
                either(label, read_membership_data(flipped(data, place)), root)
    for place in range(0, 256, 5):
        with pytest.raises(VerificationError):
            check(label, proof, flipped(root, place))
        with pytest.raises(VerificationError):
            check_included(flipped(label, place), proof, root)


@settings(deadline=None, max_examples=100)
@given(question(), st.data())
def test_any_changed_character_is_refused(
    asked: tuple[list[bytes], bytes, Check], data: st.DataObject
) -> None:
    labels, label, check = asked
    root, text = root_of(labels), proof_of(labels, label).text()
    place = data.draw(st.integers(0, len(text)))
    changed = data.draw(
        st.one_of(
            st.characters(codec="utf-8").map(lambda one: text[:place] + one + text[place + 1 :]),
            st.characters(codec="utf-8").map(lambda one: text[:place] + one + text[place:]),
            st.just(text[:place] + text[place + 1 :]),
            st.just(text[:place]),
        ).filter(lambda other: other != text)
    )
    with pytest.raises(VerificationError):
        check(label, read_membership_text(changed), root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "depth 0",
        "depth 00\n",
        "depth 0\nsiblings \n",
        "depth 0\nsiblings AAAA\n",
        "depth 0\r\n",
        "depth 0\n\n",
        " depth 0\n",
        "depth +1\n",
        "depth ٣\n",
        "depth 1\n",
        "depth 257\n",
        "depth 999\n",
        "depth 0\nother AAAA\n",
        "depth 0\nother " + "A" * 42 + "B=\n",
        "other " + "A" * 43 + "=\ndepth 0\n",
        "depth 1\nsiblings " + "A" * 50_000 + "\n",
        "depth 1\nsiblings A\n",
    ],
)
def test_text_that_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(VerificationError, match="membership proof is refused"):
        read_membership_text(text)


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x00", b"\x00\x00\x02", b"\x00\x01\x00", b"\xff\xff\x01", bytes(40)]
)
def test_bytes_that_are_no_proof_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError, match="membership proof is refused"):
        read_membership_data(data)


HASH = b"\x07" * 32


@pytest.mark.parametrize(
    ("proof", "step"),
    [
        (MembershipProof(257, bytes(33), (), None), "its depth is 257"),
        (MembershipProof(-1, b"", (), None), "its depth is -1"),
        (MembershipProof(1, b"\x80\x00", (HASH,), None), "its bits are not exactly 1"),
        (MembershipProof(1, b"\xc0", (HASH, HASH), None), "its bits are not exactly 1"),
        (MembershipProof(1, b"\x80", (), None), "1 siblings are announced and 0 are there"),
        (MembershipProof(2, b"\x40", (HASH, HASH), None), "1 siblings are announced and 2 are there"),
        (MembershipProof(1, b"\x80", (HASH[:31],), None), "not a hash of 32 bytes"),
        (MembershipProof(1, b"\x80", (EMPTY,), None), "an empty one written out"),
        (MembershipProof(2, b"\x80", (HASH,), None), "the deepest sibling is empty"),
        (MembershipProof(1, b"\x00", (), None), "the deepest sibling is empty"),
        (MembershipProof(0, b"", (), HASH[:31]), "the other label has 31 bytes"),
        (
            MembershipProof(0, b"", (), bytes(32)),
            "the other label at the end of the path is the label itself",
        ),
        (MembershipProof(1, b"\x80", (HASH,), b"\x80" + bytes(31)), "does not share the first 1 bits"),
        (assembled([HASH] * 256, None), "only the label itself can stand there"),
        (MembershipProof(1, b"\x80", (HASH,), None), "the empty place does not lead to the root"),
        (MembershipProof(1, b"\x80", (HASH,), HASH), "the leaf of the other label does not lead to the root"),
    ],
)
def test_the_step_that_failed_is_named(proof: MembershipProof, step: str) -> None:
    with pytest.raises(VerificationError, match=step):
        check_excluded(bytes(32), proof, HASH)


def test_a_root_or_a_label_of_another_size_is_refused() -> None:
    for label, root in ((bytes(31), HASH), (bytes(32), HASH + HASH), (b"", b"")):
        for check in (check_included, check_excluded):
            with pytest.raises(VerificationError, match="have 32 bytes"):
                check(label, MembershipProof(0, b"", (), None), root)


def test_a_tree_that_hides_a_leaf_away_from_its_path_cannot_show_it_as_included() -> None:
    hidden, other = bytes(32), b"\x80" + bytes(31)
    leaves = [sha256(b"\x00" + one).digest() for one in (other, hidden)]
    root = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    for sibling in leaves:
        with pytest.raises(VerificationError):
            check_included(hidden, assembled([sibling], None), root)
