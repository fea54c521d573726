"""A page of keys: what is cut out is gone for good, and nothing else changes."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.errors import VaultError
from troth.vault.keys.ggm import (
    LEAVES,
    Page,
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
    assert page.left == LEAVES - len(gone)
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
    assert len(page_bytes(page)) == 8 * 34


def test_a_page_with_everything_cut_holds_nothing() -> None:
    page = puncture(new_page(bytes(32)), range(LEAVES))
    assert page.nodes == {}
    assert leaf_keys(page) == [None] * LEAVES


@settings(deadline=None, max_examples=40)
@given(seeds, st.sets(leaves, min_size=1, max_size=20), st.data())
def test_bytes_that_are_not_a_page_are_refused(seed: bytes, cut: set[int], data: st.DataObject) -> None:
    written = page_bytes(puncture(new_page(seed), cut))
    for wrong in (b"", written[:-1], written + b"\x00", written[:33], bytes(34), written + written):
        with pytest.raises(VaultError, match="page"):
            read_page(wrong)
    end = 2 * (len(written) // 34)
    at = data.draw(st.integers(0, end - 1))
    changed = bytearray(written)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read_back = read_page(bytes(changed))
    except VaultError:
        return
    # Some other positions are a page, too, and then one that is written in this one way.
    assert page_bytes(read_back) == changed
    assert list(read_back.nodes) != list(read_page(written).nodes)


@pytest.mark.parametrize(
    "positions",
    [(0,), (512,), (2, 3), (3, 2), (5, 5), (1, 2), (4, 2), (256, 257), (17, 16)],
    ids=str,
)
def test_pages_have_one_form(positions: tuple[int, ...]) -> None:
    nodes = b"".join(position.to_bytes(2, "big") for position in positions) + bytes(32 * len(positions))
    with pytest.raises(VaultError, match="position"):
        read_page(nodes)


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


def test_a_page_is_what_is_left_of_it() -> None:
    assert Page({3: bytes(32)}).left == 128
