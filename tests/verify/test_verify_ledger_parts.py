"""The pieces of the audit against plain models: names of files, times, entries, bundles, the growing tree, memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_ledger import START, SmallLedger, entry, spread

from troth.errors import VerificationError
from troth.proof.entry import KINDS, Entry, entry_bytes, read_entry
from troth.proof.merkle import Range, root_of
from troth.types.moment import FIRST, LAST, format_moment
from troth.verify.ledger.bundles import split_bundle
from troth.verify.ledger.entries import EntryCheck
from troth.verify.ledger.paths import (
    ENTRIES,
    Tile,
    checkpoint_path,
    read_checkpoint_path,
    read_tile_path,
    width_in,
)
from troth.verify.ledger.source import look_ahead
from troth.verify.ledger.times import TimeReader
from troth.verify.ledger.tree import Frontier
from troth.verify.report import Notes

moments = st.integers(FIRST, LAST) | st.integers(FIRST // 1_000_000, LAST // 1_000_000).map(
    lambda s: s * 1_000_000
)


@given(st.integers(-1, 63), st.integers(0, 2**70), st.integers(1, 256))
def test_the_name_of_a_tile_is_read_back(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert read_tile_path(tile.path()) == tile
    assert spread(index) in tile.path()


@given(st.integers(0, 2**70))
def test_the_name_of_a_checkpoint_is_read_back(size: int) -> None:
    assert checkpoint_path(size) == f"checkpoints/{spread(size)}"
    assert read_checkpoint_path(checkpoint_path(size)) == size


@given(st.text("tile/entrsx0123456789.p", max_size=30).map("tile/".__add__))
def test_a_tile_has_one_name(path: str) -> None:
    tile = read_tile_path(path)
    assert tile is None or tile.path() == path


def test_the_tiles_of_the_specification() -> None:
    """C2SP tlog-tiles, "Partial Tiles": the tree of size 70,000."""
    assert [width_in(70_000, 0, index) for index in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_in(70_000, 1, index) for index in (0, 1, 2)] == [256, 17, 0]
    assert [width_in(70_000, level, 0) for level in (2, 3)] == [1, 0]
    assert [width_in(256, level, 0) for level in (ENTRIES, 0, 1)] == [256, 256, 1]


@given(st.lists(moments, max_size=8))
def test_a_time_in_its_one_form_is_read(times: list[int]) -> None:
    reader = TimeReader()
    assert [reader.read(format_moment(at).encode()) for at in times] == times


@given(
    st.lists(st.text("0123456789TZ:-.", min_size=18, max_size=28) | moments.map(format_moment), max_size=6),
    st.data(),
)
def test_a_time_in_another_form_is_not(texts: list[str], data: st.DataObject) -> None:
    reader = TimeReader()
    for text in texts:
        place = data.draw(st.integers(0, len(text) - 1))
        changed = text[:place] + data.draw(st.sampled_from("0123456789TtZz:-. ")) + text[place + 1 :]
        at = reader.read(changed.encode())
        assert at is None or format_moment(at) == changed


@pytest.mark.parametrize(
    "text", ["2025-09-01t08:00:00Z", "2025-09-01 08:00:00Z", "2025-09-01T08:00:00z", "2025-09-01T08:00:00"]
)
def test_a_time_has_one_form(text: str) -> None:
    assert TimeReader().read(text.encode()) is None


@st.composite
def nearly_entries(draw: st.DrawFn) -> bytes:
    data = bytearray(
        entry_bytes(
            Entry(draw(moments), draw(st.sampled_from(KINDS)), draw(st.binary(min_size=32, max_size=32)))
        )
    )
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(data) - 1))
        data[place : place + draw(st.integers(0, 1))] = draw(
            st.sampled_from([b"", b" ", b"0", b"a", b"A", b'"', b"\\", b"\xff"])
        )
    return bytes(data)


@given(st.lists(nearly_entries(), max_size=5))
def test_an_entry_passes_exactly_where_it_is_one(entries: list[bytes]) -> None:
    notes = Notes(2, "")
    check = EntryCheck(notes, LAST)
    check.run(entries, 0, "bundle")
    good = [one for one in entries if is_entry(one)]
    assert sum(check.kinds.values()) == len(good)
    bad = [finding for finding in notes.step().findings if "before the one before" not in finding.what]
    assert len(bad) == len(entries) - len(good)
    if good:
        assert (check.first, check.last) == (read_entry(good[0]).at, read_entry(good[-1]).at)


def is_entry(data: bytes) -> bool:
    try:
        read_entry(data)
    except VerificationError:
        return False
    return True


@given(st.lists(st.binary(max_size=400), max_size=300))
def test_a_bundle_is_taken_apart(entries: list[bytes]) -> None:
    data = b"".join(len(one).to_bytes(2, "big") + one for one in entries)
    assert split_bundle(data, len(entries)) == entries
    for width in {len(entries) + 1, abs(len(entries) - 1)}:
        with pytest.raises(VerificationError, match="holds"):
            split_bundle(data, width)
    for changed in (data[:-1], data + b"\0"):
        if changed != data:
            with pytest.raises(VerificationError):
                split_bundle(changed, len(entries))


@given(st.integers(0, 900), st.data())
def test_the_tree_has_the_root_of_all_leaves_at_every_size(size: int, data: st.DataObject) -> None:
    leaves = [bytes([index % 256, index // 256]) * 16 for index in range(size)]
    frontier, stop = Frontier(), data.draw(st.integers(0, size))
    for start in range(0, size, 256):
        if start <= stop <= start + 256:
            grown = Range()
            grown.extend(leaves[start:stop])
            assert frontier.root(grown) == root_of(leaves[:stop])
        if start + 256 <= size:
            assert list(frontier.carry(root_of(leaves[start : start + 256]))) == []
    above = [root_of(leaves[start : start + 256]) for start in range(0, size - 255, 256)]
    assert list(frontier.partial()) == ([(Tile(1, 0, len(above)), above)] if above else [])


class Counting:
    """A place far away, that counts how many reads are under way or wait to be looked at."""

    place, at_once = "far", 4

    def __init__(self) -> None:
        self.started = 0

    def read(self, path: str, limit: int) -> bytes | None:  # noqa: ARG002
        self.started += 1
        return None if path == "7" else path.encode()

    def names(self, under: str) -> None:  # noqa: ARG002
        return None


def test_reading_ahead_keeps_the_order_and_is_bounded() -> None:
    far = Counting()
    for number, found in enumerate(look_ahead(far, ((str(index), 1) for index in range(500)))):
        assert (found.path, found.data) == (str(number), None if number == 7 else str(number).encode())
        assert far.started <= number + 1 + 16
    assert far.started == 500


MEASURE = """
import re, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from ledger_audits import audited
from small_ledger import LOG
from troth.proof.policy import policy_of
from troth.verify.ledger.trust import Trust
for place in sys.argv[1:]:
    report = audited(None, place=place, trust=Trust(policy_of([LOG.vkey]), established=True))
    assert report.exit_code == 0, report.findings
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by /proc only")
def test_memory_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    for size in (3_000, 300_000):
        content = [entry(index, at=START) for index in range(256)] * (size // 256 + 1)
        SmallLedger(tmp_path / str(size), content[:size], published=(0, 1, size // 2)).write()
    script = MEASURE.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", script, str(tmp_path / "3000"), str(tmp_path / "300000")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    small, large = map(int, done.stdout.split())
    assert large - small < 4096  # KiB
