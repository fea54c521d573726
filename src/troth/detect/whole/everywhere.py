"""What was found once in a conversation is found everywhere in it, in other spellings too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from troth.detect.finding import Finding
from troth.detect.text.folding import fold
from troth.detect.text.view import View
from troth.detect.whole.settle import settle
from troth.detect.whole.spellings import NUMBERS, RUN, Spelling, runs_of, small, spellings_of

_FEW: Final = 40
"""First runs up to which each is looked for on its own; more are looked up for each run of the text."""
_MOST_AT_A_RUN: Final = 24
"""Spellings that begin with one run. More, which no conversation needs, are not looked for: time stays linear."""
_BETWEEN: Final = re.compile(r"\.|[ \t]{0,2}[,_\-'’]?[ \t\n]{0,2}")
_AFTER_LETTER: Final = re.compile(r"\.?[ \t\n]{0,2}")
_NUMBER: Final = re.compile(r"[+(]{0,2}(?:[A-Za-z]{2})?\d(?:[ ./()\-]{0,2}\d){6,33}", re.ASCII)
_DIGIT: Final = re.compile(r"\D", re.ASCII)
_INITIAL: Final = re.compile(r"(?<![^\W_])([^\W\d_])\.? ?\Z")
_MOST_LITERALS: Final = 200
_SENTENCE: Final = re.compile(r"(?:[.!?:;*#>|\-\"“(\[•]\s*|\n\s*|^\s*)\Z")
_NAMES: Final = ("PERSON", "LOCATION", "ORG")
_LEFT_AT_LEAST, _LEFT_FOR_EACH = 3, 2
"""A name of one word is doubtful if it was left at more places than the first, and than the second for each found."""
_LEAST_DIGITS: Final = 7
_TAIL: Final = 9
"""Digits of a telephone number that count: what stands before them is the country's, and is often left out."""

Found = Sequence[Sequence[Finding]]


def everywhere(views: Sequence[View], found: Found) -> list[list[Finding]]:
    """The findings of the texts of one conversation, with those that follow from them, settled.

    ``found`` has the settled findings of each view, in offsets of its original text, and so has the answer. A
    common word is found again only where it is written as a name, and in code only a name of several words is.
    Time is linear in the length of the texts.
    """
    spellings, numbers = _wanted(views, found)
    if not spellings and not numbers:
        return [list(findings) for findings in found]
    by_run = _by_run(one for one in spellings if one.runs)
    literals = [one for one in spellings if not one.runs][:_MOST_LITERALS]
    fresh = []
    for view, findings in zip(views, found, strict=True):
        more = [*_spelt(view, by_run), *_literally(view, literals), *_numbered(view, numbers)]
        fresh.append(_uncovered([_in_original(view, one) for one in more], findings))
    doubtful = _doubtful(views, found, fresh)
    answer = []
    for view, findings, more in zip(views, found, fresh, strict=True):
        kept = [one for one in more if (one.kind, _word(view, one)) not in doubtful]
        answer.append(settle([*findings, *kept], view.text) if kept else list(findings))
    return answer


def _doubtful(views: Sequence[View], found: Found, fresh: Found) -> set[tuple[str, str]]:
    """Names of one word, by kind, that were found in few places and left in many: then they are none, most likely."""
    left = Counter(
        (one.kind, _word(view, one)) for view, more in zip(views, fresh, strict=True) for one in more
    )
    many = {word for word in left.items() if word[0][0] in _NAMES and word[0][1] and word[1] > _LEFT_AT_LEAST}
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


def _wanted(views: Sequence[View], found: Found) -> tuple[list[Spelling], dict[str, Finding]]:
    """What to look for: spellings, the surest first, and numbers by their digits; of equal ones the surest."""
    spellings: dict[tuple[object, ...], Spelling] = {}
    numbers: dict[str, Finding] = {}
    seen: set[tuple[str, str, float]] = set()
    for view, findings in zip(views, found, strict=True):
        for finding in findings:
            value = fold(view.text[finding.start : finding.end])[0]
            if (finding.kind, value, finding.confidence) in seen:
                continue
            seen.add((finding.kind, value, finding.confidence))
            for one in spellings_of(finding, value):
                key = (one.runs, one.kind, one.case, one.literal, one.initial)
                if key not in spellings or _sureness(one) < _sureness(spellings[key]):
                    spellings[key] = one
            digits = _DIGIT.sub("", value)
            if finding.kind in NUMBERS and len(digits) >= _LEAST_DIGITS:
                same = _same_number(finding.kind, digits)
                kept = numbers.get(same)
                if kept is None or (-finding.confidence, finding.kind) < (-kept.confidence, kept.kind):
                    numbers[same] = finding
    order = sorted(
        spellings.values(), key=lambda s: (-s.confidence, s.runs, s.kind, s.case, s.literal, s.initial, s.why)
    )
    return order, numbers


def _sureness(one: Spelling) -> tuple[float, str]:
    return -one.confidence, one.why


def _by_run(spellings: Iterable[Spelling]) -> dict[str, list[Spelling]]:
    by_run: dict[str, list[Spelling]] = {}
    for one in spellings:
        same = by_run.setdefault(one.runs[0], [])
        if len(same) < _MOST_AT_A_RUN:
            same.append(one)
    return by_run


# --- runs of letters and digits ---------------------------------------------------------------------------


def _spelt(view: View, by_run: dict[str, list[Spelling]]) -> Iterator[Finding]:
    text = view.folded
    lower = small(text)
    for start, run in _places(lower, by_run):
        for one in by_run[run]:
            span = _span_of(text, lower, start, one)
            if span and _is_written(view, *span, one):
                yield Finding(*span, one.kind, one.confidence, one.why)


def _literally(view: View, literals: Sequence[Spelling]) -> Iterator[Finding]:
    """Initials, each looked for on its own: two letters of an alphabet give only so many."""
    text = view.folded
    for one in literals:
        place = text.find(one.literal)
        while place >= 0:
            end = place + len(one.literal)
            if (
                not (place and (text[place - 1].isalnum() or text[place - 1] == "."))
                and not text[end : end + 2].isalnum()
            ):
                yield Finding(place, end, one.kind, one.confidence, one.why)
            place = text.find(one.literal, end)


def _places(lower: str, by_run: dict[str, list[Spelling]]) -> Iterator[tuple[int, str]]:
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


def _around_small(text: str, start: int) -> bool:
    """Whether the word before a place is in small letters: this is no headline."""
    before = RUN.findall(text, max(0, start - 24), start)
    return bool(before) and before[-1][0].islower()


# --- numbers -----------------------------------------------------------------------------------------------


def _same_number(kind: str, digits: str) -> str:
    return digits[-_TAIL:] if kind == "PHONE" and len(digits) > _TAIL else digits


def _numbered(view: View, numbers: dict[str, Finding]) -> Iterator[Finding]:
    """The same numbers with other spaces, hyphens, or without what stands for the country."""
    if not numbers:
        return
    for match in _NUMBER.finditer(view.folded):
        digits = _DIGIT.sub("", match.group())
        one = numbers.get(digits) or numbers.get(digits[-_TAIL:])
        if one is None or (one.kind != "PHONE" and digits not in numbers):
            continue
        after = view.folded[match.end() : match.end() + 1]
        before = view.folded[match.start() - 1 : match.start()] if match.start() else ""
        if not after.isalnum() and not before.isalnum():
            yield Finding(*match.span(), one.kind, 0.9 * one.confidence, "whole/same-number")


# --- offsets -----------------------------------------------------------------------------------------------


def _in_original(view: View, finding: Finding) -> Finding:
    if view.edits is None:
        return finding
    start, end = view.original(finding.start, finding.end)
    return Finding(start, end, finding.kind, finding.confidence, finding.why)


def _uncovered(more: Iterable[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """Those that are not whole within one that was found already; ``findings`` are settled."""
    starts = [finding.start for finding in findings]
    fresh = []
    for one in more:
        number = bisect_right(starts, one.start) - 1
        if number < 0 or findings[number].end < one.end:
            fresh.append(one)
    return fresh
