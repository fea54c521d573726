"""What was found once in a conversation is found everywhere in it, in other spellings too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from troth.detect.finding import Finding
from troth.detect.text.view import View
from troth.detect.whole.settle import settle
from troth.detect.whole.spellings import FADE, RUN, Spelling, runs_of, small
from troth.detect.whole.wanted import DOTTED, TAIL, Number, wanted

_FEW: Final = 40
"""First runs up to which each is looked for on its own; more are looked up for each run of the text."""
_BETWEEN: Final = re.compile(r"\.|[ \t]{0,2}[,_\-'’]?[ \t\n]{0,2}")
_AFTER_LETTER: Final = re.compile(r"\.?[ \t\n]{0,2}")
_NUMBER: Final = re.compile(r"\d[\d ./()\-]{4,48}\d", re.ASCII)
_NO_DIGIT: Final = re.compile(r"\D", re.ASCII)
_INITIAL: Final = re.compile(r"(?<![^\W_])([^\W\d_])\.? ?\Z")
_SENTENCE: Final = re.compile(r"(?:[.!?:;*#>|\-\"“(\[•]\s*|\n\s*|^\s*)\Z")
_BEFORE_ALONE: Final = re.compile(r"(?:\A|[\s\"'`“”‘’«»(\[{<=:,;|>&*])\Z")
_AFTER_ALONE: Final = re.compile(r"\Z|[\s\"'`“”‘’«»)\]}<,;|>&*]|[.:!?](?!\w)")
_BEFORE_VALUE: Final = re.compile(r"[=:>][ \t]{0,2}\Z|[\"'`]\Z")
_NAMES: Final = ("PERSON", "LOCATION", "ORG")
_LEFT_AT_LEAST, _LEFT_FOR_EACH = 3, 2
"""A name of one word is doubtful if it was left at more places than the first, and than the second for each found."""

Found = Sequence[Sequence[Finding]]


def everywhere(views: Sequence[View], found: Found) -> list[list[Finding]]:
    """The findings of the texts of one conversation, with those that follow from them, settled.

    ``found`` has the settled findings of each view, in offsets of its original text, and so has the answer. A
    common word is found again only where it is written as a name, and in code only a name of several words is.
    Time is linear in the length of the texts.
    """
    lowers = [small(view.folded) for view in views]
    sought = wanted(views, lowers, found)
    if not sought:
        return [list(findings) for findings in found]
    fresh = []
    for view, lower, findings in zip(views, lowers, found, strict=True):
        covered = _Covered(view, findings)
        more = [*_spelt(view, lower, sought.by_run, covered), *_initials(view, sought.initials, covered)]
        more += _numbered(view, sought.numbers, covered)
        fresh.append([_in_original(view, one) for one in more])
    doubtful = _doubtful(views, found, fresh)
    answer = []
    for view, findings, more in zip(views, found, fresh, strict=True):
        kept = [one for one in more if one.kind not in _NAMES or (one.kind, _word(view, one)) not in doubtful]
        answer.append(settle([*findings, *kept], view.text) if kept else list(findings))
    return answer


class _Covered:
    """Whether a place was found already."""

    def __init__(self, view: View, findings: Sequence[Finding]) -> None:
        """``findings`` are settled."""
        self._view = view
        self._findings = findings
        self._starts = [finding.start for finding in findings]

    def whole(self, start: int, end: int) -> bool:
        """Whether all of a place of the folded text is within one that was found."""
        if self._view.edits is not None:
            start, end = self._view.original(start, end)
        number = bisect_right(self._starts, start) - 1
        return number >= 0 and self._findings[number].end >= end


def _doubtful(views: Sequence[View], found: Found, fresh: Found) -> set[tuple[str, str]]:
    """Names of one word, by kind, that were found in few places and left in many: then they are none, most likely."""
    left = Counter(
        (one.kind, _word(view, one))
        for view, more in zip(views, fresh, strict=True)
        for one in more
        if one.kind in _NAMES
    )
    many = {word for word in left.items() if word[0][1] and word[1] > _LEFT_AT_LEAST}
    if not many:
        return set()
    seen: Counter[tuple[str, str]] = Counter()
    for view, findings in zip(views, found, strict=True):
        for one in findings:
            if one.kind in _NAMES:
                seen.update((one.kind, run) for run in set(runs_of(view.text[one.start : one.end])))
    return {word for word, count in many if count > _LEFT_FOR_EACH * seen[word]}


def _word(view: View, finding: Finding) -> str:
    """What was found, in small letters, if it is one word."""
    runs = runs_of(view.text[finding.start : finding.end])
    return runs[0] if len(runs) == 1 else ""


# --- runs of letters and digits ---------------------------------------------------------------------------


def _spelt(
    view: View, lower: str, by_run: Mapping[str, Sequence[Spelling]], covered: _Covered
) -> Iterator[Finding]:
    text = view.folded
    for start, run in _places(lower, by_run):
        for one in by_run[run]:
            span = _span_of(text, lower, start, one)
            if span and not covered.whole(*span) and _is_written(view, *span, one):
                yield Finding(*span, one.kind, one.confidence, one.why)


def _initials(view: View, initials: Sequence[Spelling], covered: _Covered) -> Iterator[Finding]:
    """Initials with full stops, each looked for on its own: two letters of an alphabet give only so many."""
    text = view.folded
    if not initials or not DOTTED.search(text):
        return
    for one in initials:
        place = text.find(one.literal)
        while place >= 0:
            end = place + len(one.literal)
            within = place and (text[place - 1].isalnum() or text[place - 1] == ".")
            if not within and not text[end : end + 2].isalnum() and not covered.whole(place, end):
                yield Finding(place, end, one.kind, one.confidence, one.why)
            place = text.find(one.literal, end)


def _places(lower: str, by_run: Mapping[str, Sequence[Spelling]]) -> Iterator[tuple[int, str]]:
    """Where whole runs stand that spellings begin with."""
    if len(by_run) > _FEW:
        for match in RUN.finditer(lower):
            if match.group() in by_run:
                yield match.start(), match.group()
        return
    for run in by_run:
        place = lower.find(run)
        while place >= 0:
            end = place + len(run)
            if not (place and lower[place - 1].isalnum()) and not lower[end : end + 1].isalnum():
                yield place, run
            place = lower.find(run, end)


def _span_of(text: str, lower: str, start: int, one: Spelling) -> tuple[int, int] | None:
    """Where a spelling stands whose first run begins at a place; None if it does not stand there."""
    if one.literal:
        return _span_of_literal(text, lower, start, one)
    at = start + len(one.runs[0])
    for last, run in pairwise(one.runs):
        between = (_AFTER_LETTER if len(last) == 1 else _BETWEEN).match(text, at)
        at = between.end() if between else at
        if not lower.startswith(run, at):
            return None
        at += len(run)
    if lower[at : at + 1].isalnum():
        return None
    if not one.initial:
        return start, at
    before = _INITIAL.search(lower, max(0, start - 4), start)
    return (before.start(1), at) if before and before[1] == one.initial else None


def _span_of_literal(text: str, lower: str, start: int, one: Spelling) -> tuple[int, int] | None:
    wanted, given = (one.literal, text) if one.case == "same" else (small(one.literal), lower)
    first = RUN.search(wanted)
    begin = start - first.start() if first else -1
    end = begin + len(wanted)
    if begin < 0 or not given.startswith(wanted, begin):
        return None
    return None if wanted[-1].isalnum() and given[end : end + 1].isalnum() else (begin, end)


def _is_written(view: View, start: int, end: int, one: Spelling) -> bool:
    """Whether the letters at a place are written as the spelling asks for."""
    text = view.folded
    if (
        one.kind in ("PERSON", "LOCATION", "ORG")
        and len(one.runs) == 1
        and view.zone_at(start) in ("code", "path")
    ):
        return False
    if one.alone and not _is_alone(view, start, end):
        return False
    if one.case in ("any", "same"):
        return True
    heads = [match.group()[0] for match in RUN.finditer(text, start, end)]
    if any(head.islower() for head in heads):
        return False
    if one.case == "capital":
        return True
    value = text[start:end]
    return (
        not value.isupper()
        and not _SENTENCE.search(text, max(0, start - 12), start)
        and _around_small(text, start)
    )


def _is_alone(view: View, start: int, end: int) -> bool:
    """Whether nothing stands against a place but space, marks and brackets; in code, whether it is a value there."""
    before, after = view.folded[max(0, start - 3) : start], view.folded[end : end + 2]
    if not _BEFORE_ALONE.search(before) or not _AFTER_ALONE.match(after):
        return False
    return _BEFORE_VALUE.search(before) is not None or view.zone_at(start) not in ("code", "path")


def _around_small(text: str, start: int) -> bool:
    """Whether the word before a place is in small letters: this is no headline."""
    before = RUN.findall(text, max(0, start - 24), start)
    return bool(before) and before[-1][0].islower()


# --- numbers -----------------------------------------------------------------------------------------------


def _numbered(view: View, numbers: Mapping[str, Number], covered: _Covered) -> Iterator[Finding]:
    """The same numbers with other spaces, hyphens, or without what stands for the country."""
    if not numbers:
        return
    text = view.folded
    for match in _NUMBER.finditer(text):
        digits = _NO_DIGIT.sub("", match.group())
        one = numbers.get(digits) or numbers.get(digits[-TAIL:])
        if one is None or (one[0] != "PHONE" and digits not in numbers):
            continue
        kind, confidence = one
        start, end = match.span()
        while start and text[start - 1] in "+(":
            start -= 1
        if kind == "IBAN" and text[max(0, start - 2) : start].isalpha():
            start -= 2
        within = text[end : end + 1].isalnum() or (start and text[start - 1].isalnum())
        if not within and not covered.whole(start, end):
            yield Finding(start, end, kind, FADE * confidence, "whole/same-number")


# --- offsets -----------------------------------------------------------------------------------------------


def _in_original(view: View, finding: Finding) -> Finding:
    if view.edits is None:
        return finding
    start, end = view.original(finding.start, finding.end)
    return Finding(start, end, finding.kind, finding.confidence, finding.why)
