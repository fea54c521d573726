"""Words, as duplicates and statistics count them: ``troth-words/1`` of ``docs/formats/manifest.md``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NAME = "troth-words/1"
_ALONE = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
"""Scripts that are written without spaces between words: each character is a word."""


def words_of(texts: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The words of all texts in a row, and how many of them each text has. Null is a text without words.

    >>> words, counts = words_of(pa.array(["Hello  again", None, "東京 Tower"]))
    >>> words.to_pylist(), counts.tolist()
    (['hello', 'again', '東', '京', 'tower'], [2, 0, 3])
    """
    plain = pc.utf8_trim_whitespace(_normal(pc.fill_null(texts, "")))
    split = pc.utf8_split_whitespace(plain)
    counts = pc.list_value_length(split).to_numpy(zero_copy_only=False).astype(np.int64)
    empty = pc.equal(pc.binary_length(plain), 0).to_numpy(zero_copy_only=False)
    words = pc.list_flatten(split)
    if empty.any():
        counts[empty] = 0
        words = words.filter(pc.not_equal(words, ""))
    return words, counts


def _normal(texts: pa.Array) -> pa.Array:
    """NFC and lower case, and a space around each character that is a word alone."""
    ascii_only = pc.string_is_ascii(texts)
    if pc.all(ascii_only).as_py():
        return pc.ascii_lower(texts)
    others = pc.invert(ascii_only)
    foreign = pc.utf8_lower(pc.utf8_normalize(texts.filter(others), "NFC"))
    foreign = pc.replace_substring_regex(foreign, _ALONE, r" \1 ")
    return pc.replace_with_mask(pc.ascii_lower(texts), others, foreign)
