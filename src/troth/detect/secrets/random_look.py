"""Tells what was drawn at random from what was written by people: names, words, paths."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from typing import Final

_COMMON: Final = (
    "abacadafagaiakalamanaparasatauavaybabebiblbobrbubycacccechcickclcocrctcudadddedidodsdueaecedeeefegeielemeneoepeq"
    "eresetevewexeyfafefffiflfofrftfugageghgigngogrgsguhahehihohrhtiaibicidieifigiliminioipirisitivizkekilaldlelflilll"
    "olsltlulymambmemimmmompmsmunancndnenfngninknlnnnonsntnunvnyobocodofogoiokolomonoooporosotouovowpapepiplpoppprptpu"
    "qurarcrdrergrirkrmrnrorrrsrtrurysascseshsislsospssstsusytatethtitltotrtstttutyuaubucudueuguiulumunupurusutvaveviwa"
    "wewhwiwnwowrwsxcxpxtyeypysze"
)
_PAIRS: Final = frozenset(_COMMON[i : i + 2] for i in range(0, len(_COMMON), 2))
"""The 240 most common pairs of letters in English prose and names in programs: 96 of 100 there, 36 of 100 at random."""

_RUN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+", re.ASCII)
_APART: Final = re.compile(r"[\-._/: ]")
_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+", re.ASCII)
_ROWS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Final = frozenset(
    pair for row in _ROWS for one, other in itertools.pairwise(row) for pair in (one + other, other + one)
)
"""Letters and digits next to one another in the alphabet or on the keyboard."""
_MOST: Final = 512
"""Characters that are looked at: more tell nothing new."""


def entropy(text: str) -> float:
    """Shannon's entropy in bits for each character; 0 for an empty text.

    >>> entropy("aabb")
    1.0
    """
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if text else 0.0


def common_pairs(text: str) -> float:
    """The share of neighbouring letters that are a common pair; 1 where there are no neighbouring letters.

    >>> common_pairs("password"), common_pairs("xkqzvj")
    (1.0, 0.0)
    """
    letters = [run.lower() for run in _RUN.findall(text[:_MOST]) if run.isalpha()]
    pairs = [run[i : i + 2] for run in letters for i in range(len(run) - 1)]
    return sum(pair in _PAIRS for pair in pairs) / len(pairs) if pairs else 1.0


def in_steps(text: str) -> float:
    """The share of characters that belong to a run of four or more next to one another, or the same.

    >>> in_steps("1234567890"), in_steps("aaaa1b2c")
    (1.0, 0.5)
    """
    low = text[:_MOST].lower()
    if not low:
        return 0.0
    taken, run = 0, 1
    for one, other in zip(low, low[1:] + "\0", strict=True):
        if one == other or one + other in _NEIGHBOURS:
            run += 1
            continue
        taken += run if run >= 4 else 0
        run = 1
    return taken / len(low)


def looks_random(text: str) -> bool:
    """Whether a value of at least eight characters looks drawn at random, not written.

    What counts: how long the runs of letters of one case and of digits are, whether neighbouring letters are a
    common pair, the entropy, and that it is no row of the keyboard.
    """
    text = text[:_MOST]
    if len(text) < 8 or in_steps(text) > 0.4:
        return False
    if _HEX.fullmatch(text):
        return len(text) >= 16 and entropy(text) >= 2.8 and not text.isdigit() and not text.isalpha()
    runs = _RUN.findall(text)
    if not runs or entropy(text) < min(3.2, 0.72 * math.log2(len(text))):
        return False
    mean = sum(map(len, runs)) / len(runs)
    letters = [run for run in runs if run.isalpha()]
    pairs = common_pairs(text) if sum(map(len, letters)) - len(letters) >= 6 else 0.7
    if len(letters) == len(runs):
        return len(text) >= 16 and (mean < 2.4 or pairs < 0.55) and _cases(text) and pairs < 0.75
    if len(text) < 16:
        return _switches(runs) >= 2 and max(map(len, _APART.split(text))) >= 6 and (mean < 3.2 or pairs < 0.6)
    return mean < 2.8 or (mean < 4.5 and pairs < 0.65) or pairs < 0.5


def _cases(text: str) -> bool:
    return not (text.islower() or text.isupper()) or len(text) >= 20


def _switches(runs: list[str]) -> int:
    """How often letters follow digits, or digits letters."""
    return sum(one.isdigit() != other.isdigit() for one, other in itertools.pairwise(runs))
