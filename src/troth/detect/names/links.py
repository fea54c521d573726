"""E-mail and web addresses: what stands in them is theirs, and no name of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from troth.detect.names.letters import CASELESS, DIGIT, EDGE_KIND, LINE, LOWER, UPPER, Codes
from troth.detect.names.words import Words

_WORD = np.zeros(16, bool)
_WORD[[LOWER, UPPER, CASELESS, DIGIT]] = True
_FENCE = np.zeros(0x2101, bool)
_FENCE[[ord(sign) for sign in "<>\"'()[]{},;|#!*“”‘’«»…"]] = True
_AT, _COLON, _SLASH = map(ord, "@:/")


def in_links(codes: Codes, kinds: npt.NDArray[np.uint8], words: Words) -> npt.NDArray[np.bool_]:
    """Which words stand in an e-mail or web address: no space about ``a@b`` or ``://``."""
    starts = words.starts
    first = codes[starts]
    link = np.flatnonzero((first == _AT) | (first == _SLASH))
    inside = np.zeros(len(starts), bool)
    link = link[(link > 0) & (link < len(starts) - 1)]
    link = link[words.glued[link] & words.glued[link + 1]]
    before = starts[link - 1]
    mail = (first[link] == _AT) & _WORD[kinds[before]]
    web = (codes[before] == _COLON) & (words.ends[link] - starts[link] == 2)
    link = link[mail | web]
    if len(link):
        fence = ~words.glued | _FENCE[np.minimum(first, 0x2100)] | np.isin(kinds[starts], (LINE, EDGE_KIND))
        fence[1:] |= fence[:-1] & words.glued[1:] & ~_WORD[kinds[starts[:-1]]]
        chain = np.cumsum(fence)
        bad = np.zeros(chain[-1] + 1, bool)
        bad[chain[link]] = True
        inside = bad[chain]
    return inside
