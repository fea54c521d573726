"""The index of marks finds every row that was added, and none that was undone, however it was filed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.store import sqlite_marks
from troth.store.sqlite_marks import MarkIndex, marks_of, tables
from troth.store.sqlite_sieve import Marks

MARKS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=40)


@pytest.fixture(autouse=True, scope="module", params=[1, 5])
def _small(request: pytest.FixtureRequest) -> Iterator[None]:
    stride = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_marks, "TAIL", 64)
        patch.setattr(sqlite_marks, "STRIDE", stride)
        patch.setattr(sqlite_marks, "FULL_ROW", 4)
        patch.setattr(sqlite_marks, "FEW", 4)
        yield


def made() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in tables("key"):
        connection.execute(statement)
    return connection


def array(numbers: list[int]) -> Marks:
    return np.array(numbers, dtype=np.int64)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(MARKS, st.booleans(), st.booleans()), max_size=12))
def test_every_row_is_found_whoever_added_it_and_none_that_was_undone(
    steps: list[tuple[list[int], bool, bool]],
) -> None:
    connection = made()
    indexes = [MarkIndex(connection, "key"), MarkIndex(connection, "key")]
    known: dict[int, set[int]] = {}
    seq = 0
    for marks, second, undone in steps:
        index = indexes[second]
        connection.execute("BEGIN")
        index.add(array(marks), array(list(range(seq, seq + len(marks)))))
        if undone:
            connection.execute("ROLLBACK")
            index.forget()
            continue
        connection.execute("COMMIT")
        for mark in marks:
            known.setdefault(mark, set()).add(seq)
            seq += 1
        for one in (*indexes, MarkIndex(connection, "key")):
            for mark in [*known, 7]:
                assert known.get(mark, set()) <= set(one.find(array([mark])))
            assert set(one.find(array(list(known)))) == {row for rows in known.values() for row in rows}
    connection.close()


def test_the_tail_and_memory_stay_small_and_rows_are_filed_once() -> None:
    connection = made()
    index, reader = MarkIndex(connection, "key"), MarkIndex(connection, "key")
    rng = np.random.default_rng(1)
    given = rng.integers(-(2**63), 2**63 - 1, (500, 10), dtype=np.int64)
    for first, marks in zip(range(0, 5_000, 10), given, strict=True):
        index.add(marks, np.arange(first, first + 10))
        assert set(reader.find(marks)) >= set(range(first, first + 10))
        assert set(reader.find(given[first // 20])) >= set(range(first // 20 * 10, first // 20 * 10 + 10))

    (waiting,) = connection.execute("SELECT sum(length(pairs) / 16) FROM key_tail").fetchone()
    (filed,) = connection.execute("SELECT count(*) FROM key_filed").fetchone()
    assert waiting < 6 * sqlite_marks.TAIL
    assert filed > 5_000 - waiting
    for one in (index, reader):
        assert one._settled.shape[1] + sum(pairs.shape[1] for pairs in one._fresh) < 7 * sqlite_marks.TAIL
    connection.close()


def test_the_mark_of_a_hash_is_its_first_eight_bytes() -> None:
    assert marks_of([b"\x01" + bytes(31), b"\xff" * 32]).tolist() == [1, -1]
    assert marks_of([]).tolist() == []
