"""Tiles and bundles: their bytes as C2SP has them, and the roots and proofs that are read out of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import writer_worlds as made
from hypothesis import example, given, settings
from hypothesis import strategies as st

from troth.errors import LedgerError
from troth.ledger.edge import Edge, grow
from troth.ledger.reader import TileReader
from troth.ledger.storage import Storage, open_storage
from troth.ledger.tiles import bundle_path, checkpoint_path, read_bundle, tile_path
from troth.ledger.write_tiles import write_edge, write_full
from troth.proof import merkle
from troth.proof.checkpoint import check_signed
from troth.proof.note import read_vkey

TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def entries(count: int, first: int = 0) -> list[bytes]:
    return [b"entry %d" % n * (n % 3 + 1) for n in range(first, first + count)]


def written(storage: Storage, batches: list[int]) -> tuple[Edge, list[bytes]]:
    """Write batches of entries as the log does; the edge at the end, and the leaf hashes."""
    edge, size = Edge(), 0
    for count in batches:
        growth = grow(edge, entries(count, size))
        write_full(storage, growth)
        write_edge(storage, growth.edge)
        edge, size = growth.edge, size + count
    return edge, merkle.leaf_hashes(entries(size))


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_paths_have_elements_of_three_digits(number: int, path: str) -> None:
    assert tile_path(3, number) == f"tile/3/{path}"
    assert bundle_path(number, 8) == f"tile/entries/{path}.p/8"
    assert checkpoint_path(number) == f"checkpoints/{path}"


def test_the_example_of_the_specification_has_its_tiles(tmp_path: Path) -> None:
    """C2SP tlog-tiles, "Partial Tiles": a tree of size 70,000, and one of 256."""
    storage = open_storage(tmp_path / "a")
    written(storage, [70_000])
    files = list(storage.list("tile"))
    assert len([file for file in files if file.startswith("tile/0/")]) == 274
    assert [file for file in files if not file.startswith(("tile/0", "tile/e"))] == [
        "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
    ]  # fmt: skip
    assert "tile/0/273.p/112" in files
    assert "tile/entries/273.p/112" in files
    small = open_storage(tmp_path / "b")
    written(small, [256])
    assert list(small.list("tile")) == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]


@settings(max_examples=15, deadline=None)
@given(batches=st.lists(st.one_of(st.integers(0, 6), st.integers(200, 800)), max_size=5), data=st.randoms())
@example(batches=[255, 1, 1], data=random.Random(1))
@example(batches=[256], data=random.Random(1))
@example(batches=[257, 255], data=random.Random(1))
def test_whatever_the_batches_are_the_tree_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int], data: random.Random
) -> None:
    storage = open_storage(tmp_path_factory.mktemp("log"))
    edge, hashes = written(storage, batches)
    size = len(hashes)
    assert edge.root() == merkle.root_of(hashes)
    assert edge.peaks() == _range(hashes).peaks
    made.check_tiles(storage, hashes)
    reader = TileReader(storage, size, edge.root())
    assert reader.edge() == edge
    assert list(reader.entries(0, size)) == entries(size)
    for _ in range(12):
        new = data.randint(0, size)
        old = data.randint(0, new)
        assert reader.root_at(new) == merkle.root_of(hashes[:new])
        assert reader.consistency_proof(old, new) == merkle.consistency_proof(hashes[:new], old)
        if old < new:
            assert reader.inclusion_proof(old, new) == merkle.inclusion_proof(hashes[:new], old)
            assert reader.entry(old) == entries(1, old)[0]


def _range(hashes: list[bytes]) -> merkle.Range:
    tree = merkle.Range()
    tree.extend(hashes)
    return tree


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537])
def test_a_tree_at_the_next_level_of_tiles(tmp_path: Path, size: int) -> None:
    storage = open_storage(tmp_path)
    edge, hashes = written(storage, [size - 3, 1, 2])
    assert edge.root() == merkle.root_of(hashes)
    reader = TileReader(storage, size, edge.root())
    for index in (0, 255, 256, 65_279, 65_280, size - 1):
        proof = reader.inclusion_proof(index, size)
        merkle.check_inclusion(hashes[index], index, size, proof, edge.root())
    for old in (1, 255, 256, 257, 32_768, 65_280, size - 1):
        proof = reader.consistency_proof(old, size)
        merkle.check_consistency(old, size, merkle.root_of(hashes[:old]), edge.root(), proof)


@given(width=st.integers(0, 255), levels=st.integers(1, 4), chosen=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_an_edge_grows_as_the_compact_range_does_far_beyond_what_could_be_written(
    width: int, levels: int, chosen: int
) -> None:
    """Trees of up to four thousand million entries, whose edges are made up."""
    seed = random.Random(chosen)
    widths = [seed.choice([0, 255, seed.randint(0, 255)]) for _ in range(levels)] + [width or 1]
    size = sum(count << 8 * level for level, count in enumerate(widths))
    # All hashes are made up, and so is the bundle: nothing of it is read.
    edge = Edge(size, b"x", tuple(seed.randbytes(32 * count) for count in widths))
    tree = merkle.Range(size, edge.peaks())
    added = entries(seed.choice([1, 255, 256, 300]))
    growth = grow(edge, added)
    tree.extend(merkle.leaf_hashes(added))
    assert growth.edge.root() == tree.root()
    assert growth.edge.size == size + len(added)
    named = [path for path, _ in growth.full]
    assert len(set(named)) == len(named)


def test_a_proof_reads_few_files_of_a_large_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage(tmp_path)
    edge, _ = written(storage, [131_500])
    read = []
    whole = storage.read
    monkeypatch.setattr(storage, "read", lambda path: read.append(path) or whole(path))
    reader = TileReader(storage, edge.size, edge.root())
    reader.inclusion_proof(77_777, edge.size)
    # The edge: a partial tile of each of three levels. The path: one full tile of each of two.
    assert sorted(read) == [
        "tile/0/303", "tile/0/513.p/172", "tile/1/001", "tile/1/002.p/1", "tile/2/000.p/2",
    ]  # fmt: skip


def test_beyond_the_tree_there_is_nothing_to_prove(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    edge, _ = written(storage, [10])
    reader = TileReader(storage, 10, edge.root())
    for wrong in (
        lambda: reader.entry(10),
        lambda: reader.entry(-1),
        lambda: reader.inclusion_proof(5, 5),
        lambda: reader.inclusion_proof(5, 11),
        lambda: reader.consistency_proof(5, 11),
        lambda: reader.consistency_proof(7, 5),
        lambda: reader.root_at(11),
        lambda: list(reader.entries(3, 11)),
    ):
        with pytest.raises(ValueError, match=r"there (is|are) no"):
            wrong()


def test_an_entry_may_have_as_many_bytes_as_its_length_can_say(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    growth = grow(Edge(), [b"", b"x" * 65_535])
    write_edge(storage, growth.edge)
    reader = TileReader(storage, 2, growth.edge.root())
    assert list(reader.entries(0, 2)) == [b"", b"x" * 65_535]
    with pytest.raises(LedgerError, match="longer than 65535 bytes — log a commitment"):
        grow(Edge(), [b"x" * 65_536])


def test_the_full_tile_serves_an_older_checkpoint_whose_partial_one_is_gone(tmp_path: Path) -> None:
    storage = open_storage(tmp_path)
    _, hashes = written(storage, [100, 200])
    assert storage.read("tile/0/000.p/100") is None
    old = TileReader(storage, 100, merkle.root_of(hashes[:100]))
    assert list(old.entries(0, 100)) == entries(100)
    merkle.check_inclusion(hashes[7], 7, 100, old.inclusion_proof(7, 100), merkle.root_of(hashes[:100]))


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x05abc", b"\x00\x01a\x00\x01b", b"", b"\x00\x01a\x00\x02b"])
def test_a_bundle_that_is_cut_or_holds_another_number_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(
        LedgerError, match=r"tile/entries/000: the bundle (ends|holds) .* — put the file back"
    ):
        read_bundle(data, 1, open_storage(tmp_path).place("tile/entries/000"))


class TestTessera:
    """The log that Tessera, a writer in Go, has in its test data."""

    def test_our_files_for_its_entries_are_its_files(self, shared: Path, tmp_path: Path) -> None:
        log = shared / "data" / "vectors" / "tessera" / "testdata" / "log"
        newest = open_storage(log).read("tile/entries/000.p/15")
        assert newest is not None
        all_entries = read_bundle(newest, 15, open_storage(log).place("tile/entries/000.p/15"))
        ours = open_storage(tmp_path)
        edge = Edge()
        for entry in all_entries:
            growth = grow(edge, [entry])
            write_full(ours, growth)
            write_edge(ours, growth.edge)
            edge = growth.edge
        theirs = list(open_storage(log).list("tile"))
        assert len(theirs) == 30
        assert list(ours.list("tile")) == theirs
        for path in theirs:
            assert ours.read(path) == open_storage(log).read(path), path

    def test_its_checkpoints_lead_to_proofs_out_of_its_tiles(self, shared: Path) -> None:
        log = open_storage(shared / "data" / "vectors" / "tessera" / "testdata" / "log")
        vkey = read_vkey(TESSERA_KEY)
        seen = []
        for path in log.list(""):
            if path.startswith("checkpoint."):
                data = log.read(path)
                assert data is not None
                checkpoint = check_signed(data, [vkey]).checkpoint
                reader = TileReader(log, checkpoint.size, checkpoint.root)
                reader.check_edge()
                for index in range(checkpoint.size):
                    leaf = merkle.leaf_hash(reader.entry(index))
                    proof = reader.inclusion_proof(index, checkpoint.size)
                    merkle.check_inclusion(leaf, index, checkpoint.size, proof, checkpoint.root)
                for old_size, old_root in seen:
                    if old_size <= checkpoint.size:
                        proof = reader.consistency_proof(old_size, checkpoint.size)
                        merkle.check_consistency(old_size, checkpoint.size, old_root, checkpoint.root, proof)
                seen.append((checkpoint.size, checkpoint.root))
        assert len(seen) >= 14


DAMAGED = 256 * 258 + 7


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Storage, Path, bytes]:
    folder = tmp_path_factory.mktemp("damaged")
    storage = open_storage(folder)
    edge, _ = written(storage, [DAMAGED])
    return storage, folder, edge.root()


class TestDamage:
    """Whatever is changed or missing, the reader stops and names the file."""

    def everything(self, storage: Storage, root: bytes, wanted: str) -> None:
        """Read what leads to the file: the edge, and an entry under it with its proof."""
        reader = TileReader(storage, DAMAGED, root)
        parts = wanted.removeprefix("tile/").replace("x", "").split("/")
        level = 0 if parts[0] == "entries" else int(parts[0])
        partial = parts[-2].endswith(".p")
        first = int("".join(parts[1:-1] if partial else parts[1:]).removesuffix(".p")) * 256 << 8 * level
        reader.edge()
        reader.inclusion_proof(first, DAMAGED)
        reader.entry(first)

    @pytest.mark.parametrize(
        "path",
        [
            "tile/entries/000", "tile/entries/257", "tile/entries/258.p/7", "tile/0/000", "tile/0/100", "tile/0/258.p/7",
            "tile/1/000", "tile/1/001.p/2", "tile/2/000.p/1",
        ],
    )  # fmt: skip
    def test_a_changed_file_is_named(self, log: tuple[Storage, Path, bytes], path: str) -> None:
        storage, folder, root = log
        whole = (folder / path).read_bytes()
        self.everything(storage, root, path)
        damaged = [whole[:-1], whole + b"\0", b"", None]
        damaged += [
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            for at in {0, 1, 40 % len(whole), len(whole) - 1}
        ]
        try:
            for data in damaged:
                if data is None:
                    (folder / path).unlink()
                else:
                    (folder / path).write_bytes(data)
                with pytest.raises(LedgerError) as refused:
                    self.everything(storage, root, path)
                assert str(refused.value.place) == str(folder / path), (data and len(data), refused.value)
                assert refused.value.remedy
        finally:
            (folder / path).write_bytes(whole)

    def test_two_changed_files_are_at_least_refused(self, log: tuple[Storage, Path, bytes]) -> None:
        storage, folder, root = log
        kept = {path: (folder / path).read_bytes() for path in ("tile/0/258.p/7", "tile/1/001.p/2")}
        try:
            for path, data in kept.items():
                (folder / path).write_bytes(bytes([data[0] ^ 1]) + data[1:])
            with pytest.raises(LedgerError, match="do not hash to the root"):
                TileReader(storage, DAMAGED, root).check_edge()
        finally:
            for path, data in kept.items():
                (folder / path).write_bytes(data)

    def test_the_tiles_of_another_tree_do_not_hash_to_the_root(
        self, log: tuple[Storage, Path, bytes]
    ) -> None:
        storage, _, root = log
        with pytest.raises(LedgerError, match="do not hash to the root of the checkpoint of that size"):
            TileReader(storage, DAMAGED, bytes([root[0] ^ 1]) + root[1:]).check_edge()
