"""A page of keys: what is cut out is gone for good, and nothing else changes."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.errors import VaultError
from troth.vault.keys.ggm import (
    LEAVES,
    leaf_key,
    leaf_keys,
    new_page,
    page_bytes,
    puncture,
    read_page,
)

seeds = st.binary(min_size=32, max_size=32)
leaves = st.integers(0, LEAVES - 1)


def by_hand(seed: bytes, leaf: int) -> bytes:
    """The eight hashes as docs/vault.md has them."""
    node = seed
    for bit in f"{leaf:08b}":
        node = sha256(b"troth:ggm:1" + b"\x00" + bytes([int(bit)]) + node).digest()
    return node


def descendants(value: bytes) -> set[bytes]:
    """A value and all that hashing it ever gives, as deep as a page goes, wherever it may have stood."""
    found, level = {value}, [value]
    for _ in range(8):
        level = [
            sha256(b"troth:ggm:1\x00" + bytes([side]) + node).digest() for node in level for side in (0, 1)
        ]
        found.update(level)
    return found


def leaves_below(position: int) -> range:
    height = 9 - position.bit_length()
    return range((position << height) - 256, ((position + 1) << height) - 256)


@settings(deadline=None, max_examples=50)
@given(seeds, leaves)
def test_a_key_is_eight_hashes_away_from_the_seed(seed: bytes, leaf: int) -> None:
    page = new_page(seed)
    assert leaf_key(page, leaf) == leaf_keys(page)[leaf] == by_hand(seed, leaf)


@settings(deadline=None, max_examples=60)
@given(seeds, st.lists(st.sets(leaves, max_size=60), min_size=1, max_size=4))
def test_cut_keys_follow_from_nothing_that_is_left_and_the_others_stay(
    seed: bytes, cuts: list[set[int]]
) -> None:
    page = new_page(seed)
    before = leaf_keys(page)
    for cut in cuts:
        page = puncture(page, cut)
    gone = set().union(*cuts)
    assert leaf_keys(page) == [None if leaf in gone else before[leaf] for leaf in range(LEAVES)]
    assert [leaf_key(page, leaf) for leaf in range(LEAVES)] == leaf_keys(page)
    assert set(page.cut) == gone
    within_reach = set().union(*map(descendants, page.nodes.values()))
    assert within_reach.isdisjoint(before[leaf] for leaf in gone)


@settings(deadline=None, max_examples=60)
@given(seeds, st.lists(leaves, max_size=40), st.lists(leaves, max_size=40))
def test_the_order_and_grouping_of_cuts_leave_no_trace(
    seed: bytes, first: list[int], second: list[int]
) -> None:
    apart = puncture(puncture(new_page(seed), first), second)
    assert apart == puncture(new_page(seed), second + first) == puncture(apart, first)
    if apart.nodes:
        assert read_page(page_bytes(apart)) == apart


def test_one_cut_leaves_the_eight_siblings_of_the_way() -> None:
    page = puncture(new_page(bytes(32)), [0])
    assert list(page.nodes) == [257, 129, 65, 33, 17, 9, 5, 3]
    assert len(page_bytes(page)) == 2 + 8 * 32


def test_a_page_with_everything_cut_holds_nothing() -> None:
    page = puncture(new_page(bytes(32)), range(LEAVES))
    assert page.nodes == {}
    assert leaf_keys(page) == [None] * LEAVES


@settings(deadline=None, max_examples=40)
@given(seeds, st.sets(leaves, min_size=1, max_size=20), st.data())
def test_bytes_that_are_not_a_page_are_refused(seed: bytes, cut: set[int], data: st.DataObject) -> None:
    written = page_bytes(puncture(new_page(seed), cut))
    for wrong in (b"", written[:-1], written + b"\x00", bytes(34), written + written, bytes(32)):
        with pytest.raises(VaultError, match="page"):
            read_page(wrong)
    at = data.draw(st.integers(0, len(cut)))
    changed = bytearray(written)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read_back = read_page(bytes(changed))
    except VaultError:
        return
    # Some other leaves may be cut in a page of that length, and then this is the one way to write it.
    assert page_bytes(read_back) == changed
    assert set(read_back.cut) != cut


@pytest.mark.parametrize("cut", [b"\x01\x00", b"\x05\x05", b"\x05\x06\x05", b"\xff\x00"], ids=bytes.hex)
def test_pages_have_one_form(cut: bytes) -> None:
    with pytest.raises(VaultError, match="in their order"):
        read_page(bytes([len(cut)]) + cut + bytes(32 * 20))


@settings(deadline=None, max_examples=60)
@given(seeds, st.sets(leaves, max_size=255))
def test_what_is_left_is_the_fewest_nodes_beside_the_cut(seed: bytes, cut: set[int]) -> None:
    page = puncture(new_page(seed), cut)
    whole = {p for p in range(1, 512) if cut.isdisjoint(leaves_below(p))}
    assert set(page.nodes) == {p for p in whole if p // 2 not in whole}
    assert list(page.nodes) == sorted(page.nodes, key=lambda p: leaves_below(p).start)
    assert read_page(page_bytes(page)) == page


@pytest.mark.parametrize("leaf", [-1, 256])
def test_there_are_256_leaves(leaf: int) -> None:
    page = new_page(bytes(32))
    with pytest.raises(ValueError, match="leaves 0 to 255"):
        leaf_key(page, leaf)
    with pytest.raises(ValueError, match="leaves 0 to 255"):
        puncture(page, [leaf])


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        new_page(bytes(31))
