"""From Arrow columns to arrays: distinct values, flags, moments."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.columns.lives import NO_CLOCK, Moments

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


def distinct(values: Codes) -> tuple[Codes, Indices]:
    """The distinct values, and for each value the place of its distinct one."""
    encoded = pa.array(values).dictionary_encode()
    places = encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp)
    return encoded.dictionary.to_numpy(zero_copy_only=False), places


def flags(batch: pa.Table, column: str) -> Flags:
    """A column of booleans without nulls."""
    found: Flags = batch[column].to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def moments(batch: pa.Table, column: str) -> Moments:
    """A column of moments; `NO_CLOCK` for null."""
    filled: Moments = pc.fill_null(batch[column].cast(pa.int64()), NO_CLOCK).to_numpy(zero_copy_only=False)
    return filled
