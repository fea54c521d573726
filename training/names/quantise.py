"""Turns the trained layers into whole numbers of 8 bits, with the biases and factors that belong to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TOP = 127


def eight_bits(matrix: Floats, scale: float) -> npt.NDArray[np.int8]:
    """The nearest multiples of the scale."""
    return np.clip(np.rint(matrix / scale), -TOP, TOP).astype(np.int8)


def reach(matrix: Floats) -> float:
    """The scale that leaves a handful of outliers to be cut."""
    return float(np.quantile(np.abs(matrix), 0.9999) / TOP)


def layer(
    matrix: Floats, bias: Floats, unit: float, top: float
) -> tuple[npt.NDArray[np.int8], Floats, float]:
    """A layer whose input counts in ``unit`` and whose output is to reach ``top`` at 127: matrix, bias, factor.

    Half a step is added to the bias, because the factor is followed by rounding down.
    """
    scale = reach(matrix)
    factor = unit * scale * TOP / top
    return eight_bits(matrix, scale), np.rint(bias / (unit * scale) + 0.5 / factor), factor
