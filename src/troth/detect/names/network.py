"""The network, in whole numbers: from words to how far each tag is ahead.

Every sum stays below 2^24, so that 32-bit floats hold it exactly, whatever the order in which a processor adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from troth.detect.names.forms import FAMILIES, features_of, folded, forms_of, hashes_of
from troth.detect.names.letters import EDGE, KINDS, LIMIT, Codes, Letters
from troth.detect.names.spans import TAGS
from troth.detect.names.weights import Weights
from troth.detect.names.words import Ints, Words
from troth.errors import InputError

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

REACH = 5
"""Words that the network looks to either side."""
_TOP = np.float32(127)
_ROWS = 2048
"""Rows that are worked on at once, so that they stay near the processor."""
_FORMS = 1 << 14
"""Forms whose part in the first layer is kept at once, so that memory stays bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A matrix, a bias, and what the sum is multiplied with."""

    matrix: Floats
    bias: Floats
    scale: np.float32

    def __call__(self, rows: Floats) -> Floats:
        """The layer's answer, 0 to 127."""
        return squeeze(rows @ self.matrix + self.bias, self.scale)


def squeeze(sums: Floats, scale: np.float32) -> Floats:
    """Whole numbers from 0 to 127: below 0 nothing counts."""
    sums *= scale
    np.floor(sums, out=sums)
    return np.clip(sums, 0, _TOP, out=sums)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The layers, ready to use."""

    letters: Letters
    known: npt.NDArray[np.uint32]
    known_rows: npt.NDArray[np.int16]
    feature_rows: npt.NDArray[np.int16]
    listed: npt.NDArray[np.uint32]
    listed_as: npt.NDArray[np.uint16]
    list_rows: npt.NDArray[np.int16]
    spelling: np.float32
    word: Layer
    gate: Floats
    gate_bias: np.float32
    near: Layer
    far: Layer
    out: Floats
    out_bias: Floats

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """The network of a file of weights."""
        w = weights
        _check(w)
        size, u, h, h2 = w.word.shape[0], w.word.shape[1], w.near.shape[2], w.far.shape[2]
        ends = np.cumsum([size, u, 1, h, h2, w.out.shape[1]])
        first, word, gate, near, far, out = (b.astype(np.float32) for b in np.split(w.bias, ends[:-1]))
        bits = (w.lists[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        lists = bits.astype(np.float32) @ w.list_rows.astype(np.float32) + first
        none = first[None].astype(np.int16)
        return cls(
            letters=Letters(w.kind, w.fold),
            known=w.known,
            known_rows=w.known_rows.astype(np.int16),
            feature_rows=w.feature_rows.astype(np.int16),
            listed=w.listed,
            listed_as=w.listed_as,
            list_rows=np.concatenate([none, lists.astype(np.int16)]),
            spelling=w.scale[0],
            word=Layer(w.word.astype(np.float32), word, w.scale[1]),
            gate=w.gate.astype(np.float32),
            gate_bias=np.float32(gate[0]),
            near=Layer(w.near.astype(np.float32).reshape(-1, h), near, w.scale[2]),
            far=Layer(w.far.astype(np.float32).reshape(-1, h2), far, w.scale[3]),
            out=w.out.astype(np.float32),
            out_bias=out,
        )

    def forms(self, codes: Codes, kinds: Bytes, words: Words, first: Ints) -> tuple[Bytes, Floats]:
        """What is known of single words, and the gate: above 0 where one may be part of a name.

        ``first`` says where one of each stands.
        """
        forms = forms_of(codes, kinds, words.starts[first], words.ends[first], words.glued[first])
        small = folded(forms, self.letters)
        keys = (hashes_of(small) >> np.uint64(32)).astype(np.uint32)
        sums = self.list_rows[_rows(self.listed, self.listed_as, keys)]
        sums += self.known_rows[_rows(self.known, None, keys)]
        for column in features_of(forms, small).T:
            sums += self.feature_rows[column]
        inner = self.word(squeeze(sums.astype(np.float32), self.spelling))
        gate = inner @ self.gate + self.gate_bias
        gate[forms.codes[:, 0] == EDGE] = -np.inf
        return inner.astype(np.uint8), gate

    def tags(self, forms: Bytes, at: Ints, wanted: Ints) -> Floats:
        """How far each tag is ahead, for the words at ``wanted``; ``at`` gives each word's row of ``forms``."""
        reach = self.far.matrix.shape[0] // self.near.matrix.shape[1] // 2
        around = np.zeros(len(at), bool)
        for shift in range(-reach, reach + 1):
            around[wanted + shift] = True
        near = self._near(forms, at, np.flatnonzero(around))
        rows = (np.cumsum(around) - 1)[wanted]
        ahead = np.empty((len(wanted), self.out.shape[1]), np.float32)
        size = near.shape[1]
        both = np.empty((_ROWS, (2 * reach + 1) * size), np.float32)
        for start in range(0, len(wanted), _ROWS):
            some = rows[start : start + _ROWS]
            window = both[: len(some)]
            for place in range(2 * reach + 1):
                window[:, place * size : (place + 1) * size] = near[some + (place - reach)]
            far = self.far(window)
            middle = window[:, reach * size : (reach + 1) * size]
            ahead[start : start + _ROWS] = middle @ self.out[:size] + far @ self.out[size:] + self.out_bias
        return ahead

    def _near(self, forms: Bytes, at: Ints, seen: Ints) -> Floats:
        """The first layer over neighbours: what each form adds to each neighbour is worked out once."""
        size, width = forms.shape[1], self.near.matrix.shape[1]
        places = self.near.matrix.shape[0] // size
        used = np.zeros(len(forms), bool)
        for place in range(places):
            used[at[seen + (place - places // 2)]] = True
        if np.count_nonzero(used) > _FORMS and len(seen) > _ROWS:
            middle = len(seen) // 2
            return np.concatenate(
                [self._near(forms, at, seen[:middle]), self._near(forms, at, seen[middle:])]
            )
        at = (np.cumsum(used) - 1)[at]
        rows = forms[used].astype(np.float32)
        adds = [rows @ self.near.matrix[place * size : (place + 1) * size] for place in range(places)]
        answer = np.empty((len(seen), width), np.float32)
        part = np.empty((_ROWS, width), np.float32)
        for start in range(0, len(seen), _ROWS):
            some = seen[start : start + _ROWS] - places // 2
            sums = answer[start : start + _ROWS]
            sums[:] = self.near.bias
            for place, add in enumerate(adds):
                sums += np.take(add, at[some + place], axis=0, out=part[: len(some)], mode="clip")
            squeeze(sums, self.near.scale)
        return answer


def _check(w: Weights) -> None:
    """Raise `InputError` unless the sizes fit one another and no sum can leave what a float holds exactly."""
    size, u, h, h2, tags = w.word.shape[0], w.word.shape[1], w.near.shape[2], w.far.shape[2], w.out.shape[1]
    fits = {
        "characters": w.kind.shape == w.fold.shape == (LIMIT + 1,) and int(w.kind.max()) < KINDS,
        "rows": w.known_rows.shape == (len(w.known) + 1, size)
        and w.feature_rows.shape == (sum(FAMILIES), size),
        "lists": w.list_rows.shape == (64, size) and w.listed.shape == w.listed_as.shape,
        "list numbers": int(w.listed_as.max()) < len(w.lists),
        "layers": w.near.shape[1] == u
        and w.far.shape[1] == h
        and w.out.shape == (h + h2, TAGS)
        and w.gate.shape == (u,),
        "windows": w.near.shape[0] % 2 == w.far.shape[0] % 2 == 1
        and w.near.shape[0] // 2 + w.far.shape[0] // 2 <= REACH,
        "biases": w.bias.shape == (size + u + 1 + h + h2 + tags,)
        and int(np.abs(w.bias.astype(np.int64)).max()) < 1 << 22,
        "factors": w.scale.shape == (5,) and bool(np.isfinite(w.scale).all()) and float(w.scale.min()) > 0,
        "confidences": w.confidence.shape == (128,) and int(w.confidence.max()) <= 100,
        "sums": max(size, u, w.near.shape[0] * u, w.far.shape[0] * h, h + h2) * 127 * 127
        < (1 << 24) - (1 << 22),
    }
    for what, fit in fits.items():
        if not fit:
            raise InputError(
                f"the weights of names do not fit one another: {what}", remedy="install the package again"
            )


def _rows(
    keys: npt.NDArray[np.uint32], values: npt.NDArray[np.uint16] | None, wanted: npt.NDArray[np.uint32]
) -> Ints:
    """1 + the value (or place) of each wanted key, or 0 where it is not among the keys."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[place] == wanted
    value = place if values is None else values[place].astype(np.int64)
    return np.where(found, value + 1, 0)
