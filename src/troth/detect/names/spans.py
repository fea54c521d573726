"""From tags of words to spans: the best sequence of tags in which every name begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from troth.detect.names.words import Ints

KINDS = ("PERSON", "LOCATION", "ORG", "ADDRESS")
TAGS = 1 + 4 * len(KINDS)
"""None; then for each kind: it begins here, goes on, ends, is this one word."""
LONGEST = 128
"""Words. A longer run of words that may all be names is cut."""

_BEGIN = 1 + 4 * np.arange(len(KINDS))
_FREE = np.concatenate([[0], _BEGIN + 2, _BEGIN + 3])

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spans:
    """Names: first and last word, kind, and how far the least sure word is ahead of no name."""

    first: Ints
    last: Ints
    kind: Ints
    ahead: Ints


def spans_of(ahead: Floats, places: Ints) -> Spans:
    """The names in words at ``places`` (in order); words that are not neighbours share no name."""
    new = np.ones(len(places), bool)
    new[1:] = np.diff(places) != 1
    begins = np.flatnonzero(new)
    run = np.cumsum(new) - 1
    step = np.arange(len(places)) - begins[run] if len(places) else places
    new |= step % LONGEST == 0
    begins = np.flatnonzero(new)
    tags = _best(ahead, begins, np.diff(begins, append=len(places)))
    return _cut(tags, ahead, places)


def _best(ahead: Floats, begins: Ints, lengths: Ints) -> Ints:
    """The best tags of each run (Viterbi), all runs at once, step by step."""
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    count = len(ahead)
    tags = np.zeros(count, np.int64)
    if not count:
        return tags
    free_from = np.zeros(count, np.int8)
    open_from = np.zeros((count, len(KINDS)), bool)
    score = np.full((len(begins), TAGS), -np.inf, np.float32)
    score[:, [0, *_BEGIN, *(_BEGIN + 3)]] = ahead[begins][:, [0, *_BEGIN, *(_BEGIN + 3)]]
    final = np.zeros((len(begins), TAGS), np.float32)
    final[:] = score
    longest = int(lengths[0])
    for step in range(1, longest):
        alive = int(np.searchsorted(-lengths, -step, side="left"))
        at = begins[:alive] + step
        score = _forward(score[:alive], ahead[at], at, free_from, open_from)
        final[:alive] = score
    return _back(final, begins, lengths, free_from, open_from, tags)


def _forward(
    score: Floats, ahead: Floats, at: Ints, free_from: npt.NDArray[np.int8], open_from: npt.NDArray[np.bool_]
) -> Floats:
    free = score[:, _FREE]
    best = free.argmax(axis=1)
    free_from[at] = _FREE[best]
    before = free[np.arange(len(at)), best][:, None]
    begun, going = score[:, _BEGIN], score[:, _BEGIN + 1]
    open_from[at] = going > begun
    inside = np.maximum(begun, going)
    now = np.empty_like(score)
    now[:, 0:1] = before
    now[:, _BEGIN] = before
    now[:, _BEGIN + 3] = before
    now[:, _BEGIN + 1] = inside
    now[:, _BEGIN + 2] = inside
    now += ahead
    return now


def _back(
    final: Floats,
    begins: Ints,
    lengths: Ints,
    free_from: npt.NDArray[np.int8],
    open_from: npt.NDArray[np.bool_],
    tags: Ints,
) -> Ints:
    tag = _FREE[final[:, _FREE].argmax(axis=1)]
    for step in range(int(lengths[0]) - 1, -1, -1):
        alive = int(np.searchsorted(-lengths, -step, side="left"))
        at = begins[:alive] + step
        now = tag[:alive]
        tags[at] = now
        inside = (now > 0) & ((now - 1) % 4 % 3 != 0)
        kind = np.maximum(now - 1, 0) // 4
        opened = _BEGIN[kind] + open_from[at, kind]
        tag[:alive] = np.where(inside, opened, free_from[at])
    return tags


def _cut(tags: Ints, ahead: Floats, places: Ints) -> Spans:
    part = (tags - 1) % 4
    firsts = np.flatnonzero((tags > 0) & ((part == 0) | (part == 3)))
    lasts = np.flatnonzero((tags > 0) & (part >= 2))
    margin = np.append(ahead[np.arange(len(tags)), tags] - ahead[:, 0], np.float32(np.inf))
    if not len(firsts):
        return Spans(firsts, lasts, firsts, firsts)
    least = np.minimum.reduceat(margin, np.stack([firsts, lasts + 1], axis=1).ravel())[::2]
    return Spans(places[firsts], places[lasts], (tags[firsts] - 1) // 4, least.astype(np.int64))
