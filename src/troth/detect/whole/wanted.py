"""What is to be looked for in the texts of a conversation, given what was found in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from troth.detect.finding import Finding
from troth.detect.text.folding import fold
from troth.detect.text.view import View
from troth.detect.whole.spellings import NUMBERS, RUN, SURE, Spelling, small, spellings_of

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
    things = [thing for pair in zip(views, found, strict=True) for thing in _things(*pair)]
    elsewhere = _Elsewhere("\n".join(lowers), small("\n".join(value for _, _, value in things)))
    dotted = any(kind == "PERSON" for kind, _, _ in things) and any(map(DOTTED.search, lowers))
    spellings: dict[tuple[object, ...], Spelling] = {}
    numbers: dict[str, Number] = {}
    for kind, confidence, value in dict.fromkeys(things):
        if kind in NUMBERS:
            _note_number(numbers, kind, confidence, value)
        if confidence < SURE.get(kind, 0.0):
            continue
        initials = dotted and kind == "PERSON"
        if not initials and not elsewhere.stands(value, kind in _IN_PARTS):
            continue
        for one in spellings_of(kind, confidence, value, elsewhere.texts, dotted):
            key = (one.runs, one.kind, one.case, one.literal, one.initial)
            if key not in spellings or _sureness(one) < _sureness(spellings[key]):
                spellings[key] = one
    letters = [one for one in spellings.values() if not one.runs]
    by_run = _by_run(one for one in spellings.values() if one.runs)
    return Wanted(by_run, _surest(letters, MOST_INITIALS), numbers)


def _things(view: View, findings: Sequence[Finding]) -> list[Thing]:
    """What was found in a text, wherever it stands, with its value as it is searched."""
    text = view.text
    if text.isascii():
        return [(one.kind, one.confidence, text[one.start : one.end]) for one in findings]
    return [(one.kind, one.confidence, fold(text[one.start : one.end])[0]) for one in findings]


class _Elsewhere:
    """Whether a run stands anywhere but in what was found already: mostly it does not, and nothing is to be done."""

    def __init__(self, texts: str, values: str) -> None:
        self.texts = texts
        self._values = values
        self._known: dict[str, bool] = {}

    def stands(self, value: str, in_parts: bool) -> bool:
        """Whether any run of a value does, or, unless it counts ``in_parts``, the longest of them."""
        runs = RUN.findall(small(value))
        if not in_parts:
            return bool(runs) and self._stands(max(runs, key=len))
        return any(len(run) > 1 and self._stands(run) for run in runs)

    def _stands(self, run: str) -> bool:
        if run in self._known:
            return self._known[run]
        if len(self._known) >= _COUNTED:
            return True
        count = self.texts.count(run)
        once = count == 1 and run.isascii()  # where it was found: its value has it too
        self._known[run] = stands = not once and count > self._values.count(run)
        return stands


def _note_number(numbers: dict[str, Number], kind: str, confidence: float, value: str) -> None:
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
        by_run.setdefault(one.runs[0], []).append(one)
    for run, some in by_run.items():
        by_run[run] = _surest(some, MOST_AT_A_RUN)
    return by_run


def _surest(some: list[Spelling], most: int) -> list[Spelling]:
    """No more than so many, in any order."""
    return sorted(some, key=_order)[:most] if len(some) > most else some
