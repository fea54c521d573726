"""The file of weights: small, read in a moment, known by its digest, and refused when anything about it is wrong."""

from __future__ import annotations

import dataclasses
import json
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.names.network import Network
from troth.detect.names.tagger import Names as Tagger
from troth.detect.names.weights import FILE, Weights, load, pack, unpack
from troth.errors import InputError

DATA = FILE.read_bytes()
WEIGHTS, DIGEST = load()


def test_the_weights_in_the_package_are_those_whose_digest_stands_beside_them() -> None:
    assert FILE.with_suffix(".sha256").read_text().split() == [DIGEST]
    assert Tagger.load().digest == DIGEST


def test_they_are_small_and_soon_loaded() -> None:
    assert len(DATA) < 15_000_000
    began = time.process_time()
    Tagger.load()
    assert time.process_time() - began < 0.5


def test_what_is_packed_is_read_again() -> None:
    some = dataclasses.replace(WEIGHTS, listed=WEIGHTS.listed[:99], listed_as=WEIGHTS.listed_as[:99])
    again = unpack(pack(some), "here")
    for field in dataclasses.fields(Weights):
        assert np.array_equal(getattr(again, field.name), getattr(some, field.name))


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="install the package again"):
        Tagger.load(tmp_path / "none.bin")


NAMES = json.loads(DATA.partition(b"\n")[0])["arrays"]


def changed(**header: object) -> bytes:
    head, _, body = DATA.partition(b"\n")
    return json.dumps(json.loads(head) | header).encode() + b"\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n" + zlib.compress(b"x"),
        DATA[:-1],
        DATA[: len(DATA) // 2],
        DATA.replace(b"troth names 1", b"troth names 2", 1),
        changed(arrays={}),
        changed(arrays={name: [1 << 40] for name in NAMES}),
        changed(arrays={name: [] for name in NAMES}),
        changed(arrays={name: [-1] for name in NAMES}),
        DATA + b"x",
        b"[" * 100_000 + b"\n",
    ],
    ids=range(13),
)
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no file of weights"):
        unpack(data, "weights.bin")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        unpack(data, "weights.bin")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", np.full_like(WEIGHTS.kind, 200)),
        ("fold", WEIGHTS.fold[:-1]),
        ("known_rows", WEIGHTS.known_rows[:-1]),
        ("feature_rows", WEIGHTS.feature_rows[:, :-1]),
        ("listed_as", np.full_like(WEIGHTS.listed_as, len(WEIGHTS.lists))),
        ("near", WEIGHTS.near[:-1]),
        ("near", np.concatenate([WEIGHTS.near] * 3)),
        ("out", WEIGHTS.out[:, :-1]),
        ("bias", WEIGHTS.bias[:-1]),
        ("bias", np.full_like(WEIGHTS.bias, -(1 << 31))),
        ("scale", np.full_like(WEIGHTS.scale, np.nan)),
        ("confidence", np.full_like(WEIGHTS.confidence, 101)),
    ],
)
def test_arrays_that_do_not_fit_one_another_are_refused(name: str, value: np.ndarray) -> None:
    with pytest.raises(InputError, match="do not fit"):
        Network.of(dataclasses.replace(WEIGHTS, **{name: value}))
