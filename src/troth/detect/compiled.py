"""Loops over whole texts, compiled to machine code when they are first used; nobody needs a compiler for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The same function as machine code.

    What was compiled is kept beside the source where that folder can be written, as Python keeps its bytecode; who can
    write there could change the source as well. Elsewhere each process compiles for itself, which takes seconds.
    Functions given here work on numpy arrays of whole numbers, or of floats that hold whole numbers exactly, so that
    every processor gives the same answer.
    """
    kept = os.access(Path(function.__code__.co_filename).parent, os.W_OK)
    make: Callable[[Callable[P, R]], Callable[P, R]] = numba.njit(cache=kept, nogil=True)
    return make(function)
