"""Turns documents into long rows of words with what is known of each, as the tagger itself will see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.names.corpora import TYPES, UNSURE, Document
from troth.detect.names.forms import keys_of, spelled
from troth.detect.names.letters import EDGE, Codes, Letters, codes_of
from troth.detect.names.links import in_links
from troth.detect.names.network import REACH
from troth.detect.names.words import LONGEST, Forms, Words, words_of

IGNORED = -100
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_GLUED = np.uint64(0xD6E8FEB86659FD93)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Sets of lists by hash of a word, hashes in order."""

    keys: npt.NDArray[np.uint32]
    masks: npt.NDArray[np.uint64]


def lexicon(marks: dict[str, int], letters: Letters) -> Lexicon:
    """The lists, by hash; words that share one share their lists."""
    words = sorted(word for word in marks if len(word) <= LONGEST)
    keys = keys_of(words, letters)
    masks = np.array([marks[word] for word in words], np.uint64)
    order = np.argsort(keys, kind="stable")
    unique, first = np.unique(keys[order], return_index=True)
    return Lexicon(unique, np.bitwise_or.reduceat(masks[order], first))


@dataclass(frozen=True, slots=True)
class Stream:
    """Documents in a row."""

    codes: Codes
    words: Words
    offsets: Ints
    """Where each document begins, in characters of the row."""
    at: Ints
    """For each word, the row of its form in what follows."""
    keys: npt.NDArray[np.uint32]
    features: npt.NDArray[np.int32]
    bits: npt.NDArray[np.float32]
    linked: npt.NDArray[np.bool_]


def stream(documents: Sequence[Document], letters: Letters, lists: Lexicon) -> Stream:
    """The documents in a row, with as much room between them as the network looks over."""
    edges = np.full(REACH, EDGE, np.uint32)
    parts, offsets, size = [edges], [], REACH
    for document in documents:
        codes = codes_of(document.text)
        parts += [codes, edges]
        offsets.append(size)
        size += len(codes) + REACH
    codes = np.concatenate(parts)
    forms = Forms.with_room(len(codes))
    words = words_of(codes, letters, forms)
    known = spelled(forms, 0, len(forms), letters)
    order = _order(forms)
    keys = known.keys[order]
    place = np.minimum(np.searchsorted(lists.keys, keys), len(lists.keys) - 1)
    masks = np.where(lists.keys[place] == keys, lists.masks[place], np.uint64(0))
    bits = ((masks[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).astype(np.float32)
    return Stream(
        codes,
        words,
        np.array(offsets),
        np.argsort(order)[words.at],
        keys,
        known.features[order],
        bits,
        in_links(codes, words),
    )


def _order(forms: Forms) -> Ints:
    """The forms by a hash of their own: what is learned does not depend on how the tagger numbers them."""
    begins, sizes = forms.begins[: len(forms)], forms.sizes[: len(forms)]
    places = begins[:, None] + np.arange(LONGEST)
    inside = np.arange(LONGEST) < (sizes >> 1)[:, None]
    codes = np.where(inside, forms.codes[np.minimum(places, len(forms.codes) - 1)], 0)
    hashes = (codes.astype(np.uint64) * np.cumprod(np.full(LONGEST, _PRIME))).sum(axis=1, dtype=np.uint64)
    return np.argsort(hashes ^ np.where(sizes & 1, _GLUED, np.uint64(0)))


def labels(row: Stream, documents: Sequence[Document], numbers: dict[str, int]) -> tuple[Ints, Ints]:
    """The tag of each word and the number of its corpus. What stands in links teaches nothing."""
    tags, corpus = np.zeros(len(row.at), np.int64), np.zeros(len(row.at), np.int64)
    starts, ends = row.words.starts, row.words.ends
    for offset, document in zip(row.offsets.tolist(), documents, strict=True):
        low, high = np.searchsorted(starts, (offset, offset + len(document.text)))
        corpus[low:high] = numbers[document.corpus]
        for start, end, kind in document.spans:
            first = int(np.searchsorted(ends, offset + start, side="right"))
            last = int(np.searchsorted(starts, offset + end))
            if kind == UNSURE:
                tags[first:last] = IGNORED
            if kind not in TYPES or last <= first or tags[first:last].any():
                continue
            base = 1 + 4 * TYPES.index(kind)
            tags[first:last] = base + 1
            tags[first], tags[last - 1] = base, base + 2
            if last - first == 1:
                tags[first] = base + 3
    tags[row.linked] = IGNORED
    return tags, corpus
