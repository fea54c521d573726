"""RFC 6962 trees: published vectors, and trees at random."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.errors import VerificationError
from troth.proof.merkle import (
    BLOCK,
    EMPTY_ROOT,
    Range,
    block_roots,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    node_hash,
    proof_in_block,
    root_of,
)

LEAVES = leaf_hashes(b"entry %d" % number for number in range(300))


def vectors(shared: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    folder = shared / "data/vectors/transparency-dev-merkle/testdata" / kind
    return [
        (path.relative_to(folder).as_posix(), json.loads(path.read_text()))
        for path in sorted(folder.rglob("*.json"))
    ]


def octets(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def inclusion_holds(case: dict[str, Any]) -> bool:
    proof = [octets(one) for one in case["proof"] or ()]
    try:
        check_inclusion(
            octets(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, octets(case["root"])
        )
    except VerificationError:
        return False
    return True


def consistency_holds(case: dict[str, Any]) -> bool:
    proof = [octets(one) for one in case["proof"] or ()]
    try:
        check_consistency(case["size1"], case["size2"], octets(case["root1"]), octets(case["root2"]), proof)
    except VerificationError:
        return False
    return True


def test_the_published_inclusion_proofs(shared: Path) -> None:
    cases = vectors(shared, "inclusion")
    assert len(cases) == 79
    assert [name for name, case in cases if inclusion_holds(case) == case["wantErr"]] == []


def test_the_published_consistency_proofs_but_for_old_size_0_where_c2sp_rules(shared: Path) -> None:
    """The Go library refuses every proof from size 0; C2SP tlog-witness accepts the empty one. Here C2SP rules."""
    cases = vectors(shared, "consistency")
    assert len(cases) == 83
    different = [name for name, case in cases if consistency_holds(case) == case["wantErr"]]
    assert different == ["additional/size1-is-zero-and-size2-is-not-zero.json"]


@pytest.mark.parametrize(
    "name",
    [
        "size1-is-zero-and-does-not-equal-size2.json",
        "sizes-are-equal-zero-and-proof-is-empty.json",
    ],
)
def test_a_tree_of_size_0_has_the_root_of_the_empty_tree(shared: Path, name: str) -> None:
    """C2SP tlog-witness too refuses these two, though the proof from size 0 is empty, for their roots."""
    case = dict(vectors(shared, "consistency"))["additional/" + name]
    assert not consistency_holds(case)
    assert consistency_holds(case | {"root1": base64.b64encode(EMPTY_ROOT).decode()} | _same_at_zero(case))


def _same_at_zero(case: dict[str, Any]) -> dict[str, str]:
    return {"root2": base64.b64encode(EMPTY_ROOT).decode()} if case["size2"] == 0 else {}


def test_a_proof_from_size_0_with_a_hash_is_refused() -> None:
    with pytest.raises(VerificationError, match="is empty; this has 1"):
        check_consistency(0, 1, EMPTY_ROOT, LEAVES[0], [LEAVES[1]])


def test_the_published_hashes(shared: Path) -> None:
    known = json.loads((shared / "data/vectors/golang-mod/vectors.json").read_text())
    hashes = known["rfc6962_hash"]
    assert EMPTY_ROOT.hex() == hashes["empty_root"] == root_of([]).hex() == Range().root().hex()
    assert leaf_hash(b"").hex() == hashes["empty_leaf"]
    assert leaf_hash(b"L123456").hex() == hashes["leaf_L123456"]
    assert node_hash(b"N123", b"N456").hex() == hashes["node_N123_N456"]
    assert leaf_hashes([b"hello world"]) == [base64.b64decode(known["tree_note"].split("\n")[2])]


def definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:half]) + definition(leaves[half:])).digest()


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
@settings(deadline=None, max_examples=60)
def test_a_range_that_grows_in_any_steps_has_the_root_of_its_leaves(steps: list[int]) -> None:
    grown, one_by_one = Range(), Range()
    for step in steps:
        new = LEAVES[grown.size : grown.size + step]
        grown.extend(new)
        for leaf in new:
            one_by_one.append(leaf)
        again = Range(grown.size, grown.peaks)
        expected = definition(LEAVES[: grown.size])
        assert expected == root_of(LEAVES[: grown.size]) == grown.root() == one_by_one.root() == again.root()
        assert grown.peaks == one_by_one.peaks


def test_a_copy_grows_on_its_own() -> None:
    first = Range()
    first.extend(LEAVES[:5])
    second = first.copy()
    second.append(LEAVES[5])
    assert (first.size, second.size) == (5, 6)
    assert first.root() == root_of(LEAVES[:5])


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, ()), (3, LEAVES[:1]), (2, LEAVES[:2]), (1, [b"short"]), (-1, LEAVES[:1])]
)
def test_peaks_that_do_not_fit_the_size_are_refused(size: int, peaks: list[bytes]) -> None:
    with pytest.raises(VerificationError, match="perfect subtrees"):
        Range(size, peaks)


sizes = st.integers(1, 300)


@given(sizes, st.data())
@settings(deadline=None, max_examples=80)
def test_an_inclusion_proof_holds_for_its_leaf_and_any_changed_bit_breaks_it(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves, root = LEAVES[:size], root_of(LEAVES[:size])
    proof = inclusion_proof(leaves, index)
    check_inclusion(leaves[index], index, size, proof, root)
    whole = b"".join((leaves[index], root, *proof))
    bits = data.draw(st.lists(st.integers(0, 8 * len(whole) - 1), min_size=1, max_size=20))
    for bit in bits:
        leaf, changed_root, *changed = pieces(flipped(whole, bit))
        with pytest.raises(VerificationError):
            check_inclusion(leaf, index, size, changed, changed_root)
    for other in {index ^ (1 << bit) for bit in range(9)} | {index + 1, index - 1, -1}:
        with pytest.raises(VerificationError):
            check_inclusion(leaves[index], other, size, proof, root)
    for wrong in (proof[:-1], (*proof, root), (root, *proof)):
        if wrong != proof:
            with pytest.raises(VerificationError, match="hashes, not"):
                check_inclusion(leaves[index], index, size, wrong, root)


@given(sizes, st.data())
@settings(deadline=None, max_examples=80)
def test_another_size_is_refused_unless_it_gives_the_same_path(size: int, data: Any) -> None:
    """A proof does not bind the size where the path to the leaf is the same: the checkpoint binds it to the root."""
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(LEAVES[:size], index), root_of(LEAVES[:size])
    for other in {size ^ (1 << bit) for bit in range(9)} - {0}:
        if index < other and shape(index, other) == shape(index, size):
            check_inclusion(LEAVES[index], index, other, proof, root)
        else:
            with pytest.raises(VerificationError):
                check_inclusion(LEAVES[index], index, other, proof, root)


def shape(index: int, size: int) -> list[bool]:
    """From the leaf up: whether each sibling stands at the left."""
    sides, last = [], size - 1
    while last:
        if index & 1 or index < last:
            sides.append(bool(index & 1))
        index, last = index >> 1, last >> 1
    return sides


@given(sizes, st.data())
@settings(deadline=None, max_examples=80)
def test_a_consistency_proof_holds_for_its_trees_and_any_changed_bit_breaks_it(size: int, data: Any) -> None:
    old_size = data.draw(st.integers(0, size))
    old, new = root_of(LEAVES[:old_size]), root_of(LEAVES[:size])
    proof = consistency_proof(LEAVES[:size], old_size)
    check_consistency(old_size, size, old, new, proof)
    if old_size == 0:
        return
    whole = b"".join((old, new, *proof))
    for bit in data.draw(st.lists(st.integers(0, 8 * len(whole) - 1), min_size=1, max_size=20)):
        changed_old, changed_new, *changed = pieces(flipped(whole, bit))
        with pytest.raises(VerificationError):
            check_consistency(old_size, size, changed_old, changed_new, changed)
    for wrong in (proof[:-1], (*proof, new), (new, *proof), (old, *proof)):
        if wrong != proof:
            with pytest.raises(VerificationError):
                check_consistency(old_size, size, old, new, wrong)
    with pytest.raises(VerificationError):
        check_consistency(size, old_size - 1, new, old, proof)


@given(sizes, st.data())
@settings(deadline=None, max_examples=60)
def test_the_proof_of_a_rewritten_tree_does_not_lead_from_the_old_one(size: int, data: Any) -> None:
    old_size = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old_size - 1))
    rewritten = [*LEAVES[:changed], leaf_hash(b"rewritten"), *LEAVES[changed + 1 : size]]
    with pytest.raises(VerificationError):
        check_consistency(
            old_size,
            size,
            root_of(LEAVES[:old_size]),
            root_of(rewritten),
            consistency_proof(rewritten, old_size),
        )


def test_one_proof_does_not_serve_two_old_sizes() -> None:
    for size in range(2, 40):
        for old in range(1, size):
            proof = consistency_proof(LEAVES[:size], old)
            for other in range(1, size):
                if other != old:
                    with pytest.raises(VerificationError):
                        check_consistency(other, size, root_of(LEAVES[:old]), root_of(LEAVES[:size]), proof)


def test_a_proof_with_a_hash_of_another_length_is_refused() -> None:
    root = root_of(LEAVES[:2])
    with pytest.raises(VerificationError, match="32 bytes"):
        check_inclusion(LEAVES[0], 0, 2, [LEAVES[1] + b"x"], root)
    with pytest.raises(VerificationError, match="32 bytes"):
        check_consistency(1, 2, LEAVES[0], root, [LEAVES[1] + b"x"])
    with pytest.raises(VerificationError, match="32 bytes"):
        check_consistency(1, 2, LEAVES[0] + b"x", root, [LEAVES[1]])


def test_no_proof_is_made_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(ValueError, match="no tree of size 4"):
        consistency_proof(LEAVES[:3], 4)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 700, 1_024, 1_300])
def test_a_block_and_the_roots_of_all_blocks_are_enough_for_a_proof(size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    roots = block_roots(leaves)
    assert root_of(roots) == root_of(leaves)
    for index in {0, 1, 254, 255, 256, 511, 512, size // 2, size - 1} & set(range(size)):
        first = index // BLOCK * BLOCK
        proof = proof_in_block(leaves[first : first + BLOCK], roots, index)
        assert proof == inclusion_proof(leaves, index)
        check_inclusion(leaves[index], index, size, proof, root_of(leaves))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def pieces(data: bytes) -> list[bytes]:
    return [data[start : start + 32] for start in range(0, len(data), 32)]
