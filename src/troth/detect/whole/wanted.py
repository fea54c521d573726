"""What is to be looked for in the texts of a conversation, given what was found in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from troth.detect.finding import Finding
from troth.detect.text.folding import fold
from troth.detect.text.view import View
from troth.detect.whole.spellings import NUMBERS, Spelling, runs_of, small, spellings_of

MOST_AT_A_RUN: Final = 24
"""Spellings that begin with one run. More, which no conversation needs, are not looked for: time stays linear."""
MOST_INITIALS: Final = 40
_COUNTED: Final = 64
"""Runs for which it is counted whether they stand elsewhere at all. Those that come later are taken to do."""
LEAST_DIGITS: Final = 7
TAIL: Final = 9
"""Digits of a telephone number that count: what stands before them is the country's, and is often left out."""
_IN_PARTS: Final = frozenset(("PERSON", "EMAIL", "LOCATION", "ORG"))
"""Kinds of which a part is looked for too."""
DOTTED: Final = re.compile(r"\. ?[^\W\d_]\.")
"""What initials have in them: a letter between full stops."""
_NO_DIGIT: Final = re.compile(r"\D", re.ASCII)


Thing = tuple[str, float, str]
"""Kind, confidence and value of what was found."""
Number = tuple[str, float]
"""Kind and confidence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; of equal things the surest."""

    by_run: Mapping[str, Sequence[Spelling]]
    """Spellings by their first run."""
    initials: Sequence[Spelling]
    numbers: Mapping[str, Number]
    """By the digits that count."""

    def __bool__(self) -> bool:
        return bool(self.by_run or self.initials or self.numbers)


def wanted(views: Sequence[View], lowers: Sequence[str], found: Sequence[Sequence[Finding]]) -> Wanted:
    """What to look for in some texts (``lowers``: in small letters), of which ``found`` is known."""
    things = list(_things(views, found))
    elsewhere = _Elsewhere("\n".join(lowers), small("\n".join(value for _, _, value in things)))
    dotted = any(DOTTED.search(lower) for lower in lowers)
    spellings: dict[tuple[object, ...], Spelling] = {}
    numbers: dict[str, Number] = {}
    for kind, confidence, value in dict.fromkeys(things):
        _note_number(numbers, kind, confidence, value)
        initials = kind == "PERSON" and dotted
        if not (initials or elsewhere.any_of(runs_of(value), whole=kind not in _IN_PARTS)):
            continue
        for one in spellings_of(kind, confidence, value):
            key = (one.runs, one.kind, one.case, one.literal, one.initial)
            if key not in spellings or _sureness(one) < _sureness(spellings[key]):
                spellings[key] = one
    order = sorted(spellings.values(), key=_order)
    letters = [one for one in order if not one.runs][:MOST_INITIALS]
    return Wanted(_by_run(one for one in order if one.runs), letters, numbers)


def _things(views: Sequence[View], found: Sequence[Sequence[Finding]]) -> Iterator[Thing]:
    """What was found, wherever it stands, with its value as it is searched."""
    for view, findings in zip(views, found, strict=True):
        text = view.text
        for one in findings:
            yield one.kind, one.confidence, fold(text[one.start : one.end])[0]


class _Elsewhere:
    """Whether a run stands anywhere but in what was found already: mostly it does not, and nothing is to be done."""

    def __init__(self, texts: str, values: str) -> None:
        self._texts, self._values = texts, values
        self._known: dict[str, bool] = {}

    def any_of(self, runs: Sequence[str], whole: bool) -> bool:
        """Whether any of some runs does, or, for a ``whole`` value, the longest of them."""
        if whole:
            return bool(runs) and self._stands(max(runs, key=len))
        return any(self._stands(run) for run in runs if len(run) > 1)

    def _stands(self, run: str) -> bool:
        known = self._known.get(run)
        if known is None:
            if len(self._known) >= _COUNTED:
                return True
            known = self._known[run] = self._texts.count(run) > self._values.count(run)
        return known


def _note_number(numbers: dict[str, Number], kind: str, confidence: float, value: str) -> None:
    if kind not in NUMBERS:
        return
    digits = _NO_DIGIT.sub("", value)
    if len(digits) < LEAST_DIGITS:
        return
    same = digits[-TAIL:] if kind == "PHONE" and len(digits) > TAIL else digits
    kept = numbers.get(same)
    if kept is None or (-confidence, kind) < (-kept[1], kept[0]):
        numbers[same] = kind, confidence


def _sureness(one: Spelling) -> tuple[float, str]:
    return -one.confidence, one.why


def _order(one: Spelling) -> tuple[object, ...]:
    return -one.confidence, one.runs, one.kind, one.case, one.literal, one.initial, one.why


def _by_run(spellings: Iterable[Spelling]) -> dict[str, list[Spelling]]:
    by_run: dict[str, list[Spelling]] = {}
    for one in spellings:
        same = by_run.setdefault(one.runs[0], [])
        if len(same) < MOST_AT_A_RUN:
            same.append(one)
    return by_run
