"""The file of the membership tree: built, asked, checked whole, damaged and forged."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_reference import close_labels, flipped, proof_of, root_of, some_labels
from troth.build.crew import Crew
from troth.errors import ReleaseError, TrothError, VerificationError
from troth.proof.membership import check_excluded, check_included
from troth.release.membership import build, check_file, contains, prove
from troth.release.membership.layout import LARGEST_BUCKET, Layout, offset_bytes
from troth.release.membership.levels import Rows


def rows(labels: list[bytes]) -> Rows:
    return np.frombuffer(b"".join(labels), np.uint8).reshape(-1, 32)


def crowd_and_one() -> list[bytes]:
    """Labels crowded in the last of four buckets, and one in the first: alone in its half of the tree."""
    return [b"\xff" * 8 + label[:24] for label in some_labels(1_100)] + [b"\x10" * 32]


def halves() -> list[bytes]:
    """Two crowds of long common beginnings, each in one bucket of four."""
    return [start * 9 + label[:23] for start in (b"\x3c", b"\xbd") for label in some_labels(520)]


SETS: dict[str, Callable[[], list[bytes]]] = {
    **{f"{n} labels": lambda n=n: some_labels(n) for n in (0, 1, 2, 3, 4, 5, 17, 512, 513, 1_025, 5_000)},
    **{f"{n} close labels": lambda n=n: close_labels(n) for n in (2, 3, 5, 40)},
    "a crowd and one": crowd_and_one,
    "two crowds": halves,
    "the least and the greatest": lambda: [bytes(32), b"\xff" * 32],
}


@pytest.mark.parametrize("name", SETS)
def test_a_file_answers_as_the_specification_does(tmp_path: Path, name: str) -> None:
    labels, path = SETS[name](), tmp_path / "membership.bin"
    root = build(rows(labels), path)
    assert root == root_of(labels)
    assert check_file(path) == root
    for label in labels[:20] + labels[-20:]:
        proof = prove(path, label).proof
        assert contains(path, label)
        assert proof == proof_of(labels, label)
        check_included(label, proof, root)
    for label in [*some_labels(20, seed=2), *(flipped(one, 255) for one in labels[:20])]:
        if label not in labels:
            proof = prove(path, label).proof
            assert not contains(path, label)
            assert proof == proof_of(labels, label)
            check_excluded(label, proof, root)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.integers(0, 10**6), st.sampled_from([some_labels, close_labels]))
def test_any_small_set_answers_as_the_specification_does(
    tmp_path_factory: pytest.TempPathFactory, count: int, seed: int, make: Callable[[int, int], list[bytes]]
) -> None:
    labels = make(count, seed)
    path = tmp_path_factory.mktemp("tree") / "membership.bin"
    assert build(rows(labels), path) == root_of(labels) == check_file(path)
    for label in labels + some_labels(3, seed=2):
        assert prove(path, label).proof == proof_of(labels, label)


def test_labels_come_in_any_order_from_memory_or_a_file(tmp_path: Path) -> None:
    labels = some_labels(3_000)
    build(rows(labels), tmp_path / "first.bin")
    random.Random(3).shuffle(labels)
    (tmp_path / "labels").write_bytes(b"".join(labels))
    build(tmp_path / "labels", tmp_path / "second.bin")
    build(rows(sorted(labels)), tmp_path / "third.bin")
    first = (tmp_path / "first.bin").read_bytes()
    assert first == (tmp_path / "second.bin").read_bytes() == (tmp_path / "third.bin").read_bytes()


def test_one_label_more_or_less_is_another_root(tmp_path: Path) -> None:
    labels = some_labels(600)
    sets = [labels, labels[1:], [*labels, bytes(32)], [flipped(labels[0], 255), *labels[1:]]]
    assert len({build(rows(one), tmp_path / str(at)) for at, one in enumerate(sets)}) == len(sets)


def test_several_parts_in_several_processes_give_the_same_bytes(tmp_path: Path) -> None:
    labels = np.random.default_rng(5).integers(0, 256, (263_000, 32), np.uint8)
    alone, together = tmp_path / "alone.bin", tmp_path / "together.bin"
    root = build(labels, alone)
    assert Layout(len(labels)).part_bits == 1
    with Crew(2) as crew:
        assert build(labels, together, crew.each) == root == check_file(together, crew.each)
    assert alone.read_bytes() == together.read_bytes()
    assert root == root_of(label.tobytes() for label in labels)
    assert check_file(alone) == root
    for label in labels[:50]:
        check_included(label.tobytes(), prove(alone, label.tobytes()).proof, root)


@pytest.mark.parametrize("alike", [1, 600])
def test_a_label_that_is_there_twice_is_refused(tmp_path: Path, alike: int) -> None:
    labels = some_labels(alike)
    with pytest.raises(ReleaseError, match=f"{labels[0].hex()} is there twice"):
        build(rows([*labels, labels[0]]), tmp_path / "membership.bin")
    assert not (tmp_path / "membership.bin").exists()


def test_labels_that_are_no_commitments_are_refused(tmp_path: Path) -> None:
    crowd = np.zeros((LARGEST_BUCKET + 1, 32), np.uint8)
    crowd[:, 28:] = np.arange(len(crowd), dtype=">u4").view(np.uint8).reshape(-1, 4)
    with pytest.raises(ReleaseError, match="they are not commitments"):
        build(crowd, tmp_path / "membership.bin")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_labels_with_half_a_label_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels").write_bytes(bytes(33))
    with pytest.raises(ReleaseError, match="has 33 bytes"):
        build(tmp_path / "labels", tmp_path / "membership.bin")
    with pytest.raises(ReleaseError, match="cannot be read"):
        build(tmp_path / "missing", tmp_path / "membership.bin")
    with pytest.raises(ValueError, match="rows of 32 bytes"):
        build(np.zeros((2, 31), np.uint8), tmp_path / "membership.bin")


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "membership.bin"
    path.write_bytes(b"mine")
    with pytest.raises(ReleaseError, match="File exists"):
        build(rows(some_labels(3)), path)
    assert path.read_bytes() == b"mine"


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(ReleaseError, match="cannot be written"):
            build(rows(some_labels(1_000)), tmp_path / "membership.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def answer_is_true_or_refused(path: Path, label: bytes, root: bytes, included: bool) -> None:
    """Whatever stands in the file, no false answer comes out of it."""
    try:
        proof = prove(path, label).proof
    except TrothError:
        return
    (check_included if included else check_excluded)(label, proof, root)


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    labels, path = some_labels(530), tmp_path / "membership.bin"
    root, draw = build(rows(labels), path), random.Random(7)
    data = path.read_bytes()
    before = 8 * Layout(len(labels)).label_at(0)
    for place in [*range(0, before, 3), *(draw.randrange(8 * len(data)) for _ in range(300))]:
        path.write_bytes(flipped(data, place))
        with pytest.raises(VerificationError, match="membership file is damaged"):
            check_file(path)
        answer_is_true_or_refused(path, draw.choice(labels), root, True)
        answer_is_true_or_refused(path, draw.randbytes(32), root, False)
    path.write_bytes(data)
    assert check_file(path) == root


@pytest.mark.parametrize("size", [0, 10, 31, 32, 100, 3_000, -32, -1])
def test_a_file_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "membership.bin"
    build(rows(some_labels(100)), path)
    path.write_bytes(path.read_bytes()[:size])
    for use in (lambda: check_file(path), lambda: prove(path, bytes(32)), lambda: contains(path, bytes(32))):
        with pytest.raises(VerificationError, match="membership file is damaged"):
            use()


def test_a_byte_too_many_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "membership.bin"
    build(rows(some_labels(100)), path)
    path.write_bytes(path.read_bytes() + b"\x00")
    with pytest.raises(VerificationError, match="100 labels need"):
        check_file(path)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ReleaseError, match="cannot be read"):
            check_file(path)
        with pytest.raises(ReleaseError, match="cannot be read"):
            prove(path, bytes(32))
    with pytest.raises(ValueError, match="a label has 32 bytes"):
        prove(tmp_path, b"")


def crafted(labels: list[bytes], offsets: list[int]) -> bytes:
    """A file with these labels in this order and these offsets, and hashes of nothing."""
    layout = Layout(len(labels))
    hashes = bytes(layout.offset_at(0) - layout.node_at(0, 0))
    return layout.head() + hashes + offset_bytes(np.array(offsets)) + b"".join(labels)


def test_the_step_that_failed_is_named(tmp_path: Path) -> None:
    path, labels = tmp_path / "membership.bin", sorted(some_labels(520))
    half = sum(label < b"\x80" for label in labels)
    files = {
        "label 1 is not greater": crafted([labels[1], labels[0], *labels[2:]], [0, half, 520]),
        "label 5 is not greater": crafted([*labels[:5], labels[4], *labels[6:]], [0, half, 520]),
        "give bucket 0 other labels": crafted(labels, [0, half + 1, 520]),
        "do not run from zero": crafted(labels, [0, 521, 520]),
        "subtree 0 at depth 1 is not that of its labels": crafted(labels, [0, half, 520]),
        "more labels than commitments fill": crafted([bytes(32)] * 70_000, [0] * 256 + [70_000]),
    }
    for step, data in files.items():
        path.write_bytes(data)
        with pytest.raises(VerificationError, match=step):
            check_file(path)
        for label in (labels[0], labels[-1]):
            with pytest.raises(VerificationError, match="membership file is damaged"):
                prove(path, label)


def test_a_bucket_that_no_commitments_fill_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "membership.bin"
    path.write_bytes(crafted([bytes(32)] * 70_000, [0] + [70_000] * 256))
    with pytest.raises(VerificationError, match="a bucket holds 70,000 labels, more than commitments fill"):
        prove(path, bytes(32))


def test_another_file_does_not_answer_for_the_signed_root(tmp_path: Path) -> None:
    labels, path = some_labels(600), tmp_path / "membership.bin"
    signed = build(rows(labels), tmp_path / "true.bin")
    forged = build(rows(labels[1:]), path)
    assert check_file(path) == forged != signed
    with pytest.raises(VerificationError, match="does not lead to the root of the release"):
        check_excluded(labels[0], prove(path, labels[0]).proof, signed)
