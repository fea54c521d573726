"""The file of weights: one line of JSON that lists arrays of integers, then their bytes, packed with zlib.

Whoever can write it decides what counts as a name; it holds no code. Its digest is part of the detector's.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from troth.errors import InputError, Place

FORMAT = "troth names 1"
FILE = Path(__file__).with_name("weights.bin")
_TYPES = {"kind": "u1", "fold": "<u4", "known": "<u4", "listed": "<u4", "listed_as": "<u2", "lists": "<u8",
          "bias": "<i4", "scale": "<f4", "confidence": "u1"}  # fmt: skip
_LARGEST = 64 << 20

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The arrays of the tagger. Those not spoken of are matrices of a layer, 8 bits a weight."""

    kind: npt.NDArray[np.uint8]
    """Kind of each character (`Letters`)."""
    fold: npt.NDArray[np.uint32]
    known: npt.NDArray[np.uint32]
    """Hashes of the words that have a row of their own, in order."""
    listed: npt.NDArray[np.uint32]
    """Hashes of the words that stand in lists, in order."""
    listed_as: npt.NDArray[np.uint16]
    """For each, its row of `lists`."""
    lists: npt.NDArray[np.uint64]
    """Sets of lists, a bit for each list."""
    known_rows: npt.NDArray[np.int8]
    """Row 0 is for words that are not known."""
    feature_rows: npt.NDArray[np.int8]
    list_rows: npt.NDArray[np.int8]
    word: npt.NDArray[np.int8]
    gate: npt.NDArray[np.int8]
    near: npt.NDArray[np.int8]
    """First layer over neighbours: (words in the window, size of a word, size of the layer)."""
    far: npt.NDArray[np.int8]
    """Second layer over neighbours."""
    out: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32]
    """The biases of all layers, one after the other."""
    scale: npt.NDArray[np.float32]
    """What the sums of each layer are multiplied with before they are cut to 0 to 127."""
    confidence: npt.NDArray[np.uint8]
    """Per cent, by how far a tag is ahead of none."""


def pack(weights: Weights) -> bytes:
    """The bytes of a file of weights."""
    arrays = {f.name: np.ascontiguousarray(getattr(weights, f.name), _type(f.name)) for f in fields(Weights)}
    header = {"format": FORMAT, "arrays": {name: array.shape for name, array in arrays.items()}}
    body = zlib.compress(b"".join(array.tobytes() for array in arrays.values()), 9)
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + body


def unpack(data: bytes, file: str) -> Weights:
    """Read a file of weights. Raises `InputError` unless it is one, whole."""
    head, _, body = data.partition(b"\n")
    try:
        header = json.loads(head)
        shapes = {f.name: tuple(map(int, header["arrays"][f.name])) for f in fields(Weights)}
        _check(header["format"], shapes)
        sizes = {name: int(np.prod(shape)) * np.dtype(_type(name)).itemsize for name, shape in shapes.items()}
        raw = _inflate(body, sum(sizes.values()))
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, RecursionError) as problem:
        raise InputError(
            f"this is no file of weights: {problem}", place=Place(file), remedy=_REMEDY
        ) from None
    arrays, at = {}, 0
    for name, shape in shapes.items():
        array = np.frombuffer(raw, _type(name), int(np.prod(shape)), at).reshape(shape)
        arrays[name] = array.copy()  # on an even place: numpy would copy it each time it is searched
        at += sizes[name]
    return Weights(**arrays)


def _check(form: str, shapes: dict[str, tuple[int, ...]]) -> None:
    if form != FORMAT:
        raise ValueError(f"its format is {form!r}, not {FORMAT!r}")
    if any(len(shape) not in (1, 2, 3) or min(shape) < 1 for shape in shapes.values()):
        raise ValueError("an array has no size")


def _type(name: str) -> str:
    return _TYPES.get(name, "i1")


def _inflate(body: bytes, size: int) -> bytes:
    if size > _LARGEST:
        raise ValueError("too large")
    stream = zlib.decompressobj()
    raw = stream.decompress(body, size + 1)
    if len(raw) != size or not stream.eof or stream.unused_data:
        raise ValueError("its length is wrong")
    return raw


def load(file: Path = FILE) -> tuple[Weights, str]:
    """The weights of a file and its ``sha256:`` digest. Raises `InputError`."""
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise InputError(
            f"the weights cannot be read: {problem}", place=Place(str(file)), remedy=_REMEDY
        ) from None
    return unpack(data, str(file)), f"sha256:{hashlib.sha256(data).hexdigest()}"


_REMEDY = "install the package again"
