"""The network, in whole numbers: from words to how far each tag is ahead.

Every sum stays below 2^24, so that 32-bit floats hold it exactly, whatever the order in which a processor adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from troth.detect.compiled import compiled
from troth.detect.names.forms import FAMILIES, spelled
from troth.detect.names.letters import EDGE, KINDS, LIMIT, Letters
from troth.detect.names.looked_at import LookedAt
from troth.detect.names.spans import TAGS
from troth.detect.names.weights import Weights
from troth.detect.names.words import Bytes, Forms, Ints, Longs
from troth.errors import InputError

Floats = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]

REACH = 5
"""Words that the network looks to either side."""
_TOP = np.float32(127)
_ROWS = 256
"""Rows that are worked on at once, so that they stay near the processor."""
_FORMS = 1 << 13
"""Forms whose part in the first layer is kept at once, so that memory stays bounded."""
_NO_ROW, _COMING = -1, -2
SHUT = -(1 << 30)
"""The gate of what is no word."""


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


@dataclass(slots=True, eq=False)
class Added:
    """What forms add to their neighbours in the first layer, for as many forms as there are rows."""

    rows: Floats
    row_of: Ints
    """The row of each form, or `_NO_ROW`."""
    count: int = 0

    def clear(self) -> None:
        """Forget all."""
        self.row_of[:] = _NO_ROW
        self.count = 0

    def missing(self, at: Ints, around: Ints, reach: int) -> Ints:
        """Forms of words at ``around``, and as far about them, that have no row; each is to be `put` next."""
        missing = np.empty(len(self.row_of), np.int32)
        return missing[: _missing(at, around, reach, self.row_of, missing)]

    def put(self, forms: Ints, inner: Bytes, matrix: Floats) -> None:
        """Work out the rows of some forms, of which ``inner`` is known; there must be room."""
        until = self.count + len(forms)
        np.matmul(inner.astype(np.float32), matrix, out=self.rows[self.count : until])
        self.row_of[forms] = np.arange(self.count, until, dtype=np.int32)
        self.count = until


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """Words met before, and what is known of each, so that a frequent word costs one look. Not for two threads."""

    forms: Forms
    inner: Bytes
    """What the layers over neighbours see of each form."""
    gate: Ints
    """Above 0 where a form may be part of a name."""
    described: Longs
    """How many forms are worked out."""
    added: Added

    def clear(self) -> None:
        """Forget all."""
        self.forms.clear()
        self.described[:] = 0
        self.added.clear()


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
    near_wide: Floats
    """The matrix of ``near``, its parts for each neighbour side by side."""
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
            near_wide=np.concatenate(list(w.near.astype(np.float32)), axis=1),
            far=Layer(w.far.astype(np.float32).reshape(-1, h2), far, w.scale[3]),
            out=w.out.astype(np.float32),
            out_bias=out,
        )

    def met(self, room: int) -> Met:
        """No words met yet, with room for so many, and as many characters in them."""
        inner = np.empty((room, self.gate.shape[0]), np.uint8)
        added = Added(
            np.empty((_FORMS, self.near_wide.shape[1]), np.float32), np.full(room, _NO_ROW, np.int32)
        )
        return Met(Forms.with_room(room), inner, np.empty(room, np.int32), np.zeros(1, np.int64), added)

    def describe(self, met: Met) -> None:
        """Work out what is known of the forms that came to ``met`` since the last time."""
        done, count = int(met.described[0]), len(met.forms)
        for since in range(done, count, _ROWS):
            until = min(since + _ROWS, count)
            inner = self.word(squeeze(self._spelling(met.forms, since, until), self.spelling))
            met.inner[since:until] = inner
            met.gate[since:until] = inner @ self.gate + self.gate_bias
            begins = met.forms.begins[since:until]
            met.gate[since:until][met.forms.codes[begins] == EDGE] = SHUT
        met.described[0] = count

    def _spelling(self, forms: Forms, since: int, until: int) -> Floats:
        """The sums of what is known of some forms: each part is looked up and added."""
        known = spelled(forms, since, until, self.letters)
        lists = _rows(self.listed, self.listed_as, known.keys)
        words = _rows(self.known, None, known.keys)
        sums = np.empty((until - since, self.list_rows.shape[1]), np.float32)
        _add(known.features, self.feature_rows, lists, self.list_rows, words, self.known_rows, sums)
        return sums

    def tags(self, met: Met, at: Ints, look: LookedAt) -> Floats:
        """How far each tag is ahead, for the words at ``look.places``; ``at`` gives each word's form."""
        near = self._near(met, at, look.around)
        size, reach = near.shape[1], self.far_reach
        ahead = np.empty((len(look.places), self.out.shape[1]), np.float32)
        both = np.empty((min(_ROWS, len(ahead)), self.far.matrix.shape[0]), np.float32)
        for start in range(0, len(ahead), _ROWS):
            rows = look.rows[start : start + _ROWS]
            window = both[: len(rows)]
            _lay(near, rows, reach, window)
            middle = window[:, reach * size : (reach + 1) * size]
            far = self.far(window)
            ahead[start : start + _ROWS] = middle @ self.out[:size] + far @ self.out[size:] + self.out_bias
        return ahead

    @property
    def far_reach(self) -> int:
        """Words to either side that the second layer over neighbours looks at."""
        reach: int = self.far.matrix.shape[0] // self.near.matrix.shape[1] // 2
        return reach

    def _near(self, met: Met, at: Ints, around: Ints) -> Floats:
        """The first layer over neighbours."""
        answer = np.empty((len(around), self.near.matrix.shape[1]), np.float32)
        self._near_into(answer, met, at, around)
        return answer

    def _near_into(self, answer: Floats, met: Met, at: Ints, around: Ints) -> None:
        """Work out what each form adds to each neighbour, unless it is known, and add it up for each word."""
        reach = self.near.matrix.shape[0] // met.inner.shape[1] // 2
        added = met.added
        missing = added.missing(at, around, reach)
        if added.count + len(missing) > len(added.rows):
            added.clear()
            missing = added.missing(at, around, reach)
        if len(missing) > len(added.rows):
            added.clear()
            middle = len(around) // 2
            self._near_into(answer[:middle], met, at, around[:middle])
            self._near_into(answer[middle:], met, at, around[middle:])
            return
        added.put(missing, met.inner[missing], self.near_wide)
        _gather(added.rows, added.row_of, at, around, self.near.bias, self.near.scale, answer)


@compiled
def _add(
    features: Ints,
    feature_rows: Shorts,
    lists: Longs,
    list_rows: Shorts,
    words: Longs,
    word_rows: Shorts,
    sums: Floats,
) -> None:
    """Add up whole numbers, which the floats hold exactly."""
    for form in range(len(sums)):
        for at in range(sums.shape[1]):
            sums[form, at] = list_rows[lists[form], at] + word_rows[words[form], at]
        for family in range(features.shape[1]):
            row = features[form, family]
            for at in range(sums.shape[1]):
                sums[form, at] += feature_rows[row, at]


@compiled
def _gather(
    adds: Floats, row_of: Ints, at: Ints, around: Ints, bias: Floats, scale: np.float32, answer: Floats
) -> None:
    """The layer's answer for each word: `squeeze` of the bias and what its neighbours add."""
    width = answer.shape[1]
    places = adds.shape[1] // width
    sums, zero, top = np.empty(width, np.float32), np.float32(0), np.float32(_TOP)
    for number in range(len(around)):
        first = around[number] - places // 2
        row = adds[row_of[at[first]]]
        for column in range(width):
            sums[column] = bias[column] + row[column]
        for place in range(1, places, 2):  # an odd number; two at once are faster
            row = adds[row_of[at[first + place]], place * width : (place + 1) * width]
            other = adds[row_of[at[first + place + 1]], (place + 1) * width : (place + 2) * width]
            for column in range(width):
                sums[column] += row[column] + other[column]
        for column in range(width):
            answer[number, column] = min(max(np.floor(sums[column] * scale), zero), top)


@compiled
def _missing(at: Ints, around: Ints, reach: int, row_of: Ints, missing: Ints) -> int:
    count = 0
    for number in range(len(around)):
        for word in range(around[number] - reach, around[number] + reach + 1):
            form = at[word]
            if row_of[form] == _NO_ROW:
                row_of[form] = _COMING
                missing[count] = form
                count += 1
    return count


@compiled
def _lay(near: Floats, rows: Ints, reach: int, window: Floats) -> None:
    """The rows about each of ``rows``, side by side."""
    width = near.shape[1]
    for number in range(len(rows)):
        for place in range(2 * reach + 1):
            row = rows[number] + place - reach
            for column in range(width):
                window[number, place * width + column] = near[row, column]


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
) -> Longs:
    """1 + the value (or place) of each wanted key, or 0 where it is not among the keys."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[place] == wanted
    value = place if values is None else values[place].astype(np.int64)
    return np.where(found, value + 1, 0)
