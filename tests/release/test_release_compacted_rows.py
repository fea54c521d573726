"""Rows of a compacted shard: what is removed leaves its leaf, what stays is untouched, and the root is the same."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.errors import VerificationError
from troth.proof.merkle import root_of
from troth.release.compacted_rows import COMPACTED_SCHEMA, LEAF, ShardRows, parted, removing, untouched
from troth.release.sealed_rows import SEALED_SCHEMA
from troth.types.moment import parse_moment

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "sealed-shards.md").read_text(encoding="utf-8")


def rows_of(slots: list[int]) -> pa.RecordBatch:
    """A row for each slot, in order."""
    rows = [
        {"record": f"c-{slot}/{place}", "conversation": f"c-{slot}", "account": None if slot % 2 else f"a-{slot}",
         "at": parse_moment("2025-10-01T09:30:00Z") + place, "role": "user", "kind": "text", "product": "chat",
         "channel": "first_party", "plan": None, "position": place, "reason": "choice_granted", "rule": "r",
         "clause": "c", "keep_until": None, "slot": slot, "sealed": hashlib.sha256(b"%d" % place).digest(),
         "salt": hashlib.sha256(b"salt %d" % place).digest()}
        for place, slot in enumerate(slots)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, SEALED_SCHEMA)


def without(rows: ShardRows, *slots: int) -> ShardRows:
    return parted(removing(rows, rows.hashes(), pa.array(slots, pa.int64())))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 6), max_size=12).map(sorted), st.lists(st.sets(st.integers(1, 7)), max_size=3))
def test_whatever_is_removed_in_whatever_order_the_leaves_and_the_rest_stay(
    slots: list[int], rounds: list[set[int]]
) -> None:
    whole = untouched(rows_of(slots))
    hashes, rows = whole.hashes(), whole
    for dead in rounds:
        rows = without(rows, *dead)
        assert rows.hashes() == hashes
    gone = set().union(*rounds)
    assert rows.removed.tolist() == [slot in gone for slot in slots]
    assert rows.living.to_pylist() == [row for row in whole.living.to_pylist() if row["slot"] not in gone]
    assert rows.living.schema.equals(SEALED_SCHEMA, check_metadata=True)
    assert root_of(rows.hashes()) == root_of(hashes)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=8).map(sorted), st.sets(st.integers(1, 4)))
def test_removing_twice_is_removing_once(slots: list[int], dead: set[int]) -> None:
    rows = untouched(rows_of(slots))
    once = removing(rows, rows.hashes(), pa.array(sorted(dead), pa.int64()))
    again = removing(parted(once), rows.hashes(), pa.array(sorted(dead), pa.int64()))
    assert again.equals(once)


def test_a_removed_row_has_its_leaf_and_nothing_else() -> None:
    rows = untouched(rows_of([1, 2, 2, 3]))
    batch = removing(rows, rows.hashes(), pa.array([2], pa.int64()))
    assert batch.schema.equals(COMPACTED_SCHEMA, check_metadata=True)
    for place, row in enumerate(batch.to_pylist()):
        if place in (1, 2):
            assert row.pop(LEAF) == rows.hashes()[place]
            assert set(row.values()) == {None}
        else:
            assert row[LEAF] is None


@pytest.mark.parametrize("column", SEALED_SCHEMA.names)
def test_nothing_between_a_row_and_a_leaf_is_read(column: str) -> None:
    whole = rows_of([2, 2])
    rows = untouched(whole).hashes()
    batch = removing(untouched(whole), rows, pa.array([2], pa.int64()))
    value = whole.to_pylist()[0][column]
    listed = batch.to_pylist()
    if value is not None:
        listed[1][column] = value
        with pytest.raises(VerificationError, match="more than its leaf"):
            parted(pa.RecordBatch.from_pylist(listed, COMPACTED_SCHEMA))
    there = [{**row, LEAF: None} for row in whole.to_pylist()]
    there[0][column] = None
    batch = pa.RecordBatch.from_pylist(there, COMPACTED_SCHEMA)
    if SEALED_SCHEMA.field(column).nullable:
        assert parted(batch).living.num_rows == 2
    else:
        with pytest.raises(VerificationError, match="not whole"):
            parted(batch)


@pytest.mark.parametrize("leaf", [b"", bytes(31), bytes(33)])
def test_a_leaf_of_another_size_is_refused(leaf: bytes) -> None:
    row = dict.fromkeys(SEALED_SCHEMA.names) | {LEAF: leaf}
    with pytest.raises(VerificationError, match="32 bytes"):
        parted(pa.RecordBatch.from_pylist([row], COMPACTED_SCHEMA))


# --- docs/formats/sealed-shards.md --------------------------------------------------------------------


def example(name: str) -> dict[str, Any]:
    found = re.search(rf"<!-- example: {name} -->\n```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_the_example_without_troth() -> None:
    shown, before = example("compacted"), example("sealed")
    leaves = []
    for one in shown["rows"]:
        if one["leaf"] is not None:
            assert set(one) == {"leaf"}
            leaves.append(bytes.fromhex(one["leaf"]))
            continue
        assert one["row"]["sealed"] == f"sha256:{hashlib.sha256(bytes.fromhex(one['sealed'])).hexdigest()}"
        leaf = hashlib.sha256(b"\0" + bytes.fromhex(one["salt"]) + rfc8785.dumps(one["row"])).digest()
        assert leaf.hex() == one["computed"]
        leaves.append(leaf)
    assert [leaf.hex() for leaf in leaves[:2]] == [one["leaf"] for one in before["rows"]]
    node = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert hashlib.sha256(b"\x01" + node + leaves[2]).hexdigest() == shown["root"]


def test_the_example_with_troth() -> None:
    shown = example("compacted")
    rows: list[dict[str, Any]] = []
    for one in shown["rows"]:
        row = dict.fromkeys(COMPACTED_SCHEMA.names)
        if one["leaf"] is not None:
            row[LEAF] = bytes.fromhex(one["leaf"])
        else:
            row |= one["row"] | {name: bytes.fromhex(one[name]) for name in ("sealed", "salt")}
            row |= {name: parse_moment(row[name]) for name in ("at", "keep_until")}
        rows.append(row)
    found = parted(pa.RecordBatch.from_pylist(rows, COMPACTED_SCHEMA))
    assert found.removed.tolist() == [True, True, False]
    assert root_of(found.hashes()).hex() == shown["root"]


def test_the_page_names_the_format_and_the_column() -> None:
    assert COMPACTED_SCHEMA.metadata[b"troth.format"].decode() in PAGE
    assert f"`{LEAF}`" in PAGE
    assert COMPACTED_SCHEMA.names == [*SEALED_SCHEMA.names, LEAF]
