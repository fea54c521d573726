"""Tells lines of prose from lines of code and data, by the characters they are made of and by their neighbours."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np

from troth.detect.text.line_scores import (
    FENCE,
    FENCE_REACH,
    GAP,
    LEAST,
    MAY_BE_CODE,
    MAY_BE_PROSE,
    REACH,
    SURE,
    UNSURE,
    Bytes,
    Ints,
    Small,
    mark_lines,
    score_lines,
)
from troth.detect.text.symbols import HIGH, OF_PROSE, PAIRS, TRUTHS, Symbols

_WEIGHTS: Final = {
    **dict.fromkeys("0123456789", -3),
    **{
        " ": -3,
        "\t": 40,
        "!": -15,
        '"': 5,
        "#": 16,
        "$": 4,
        "%": 8,
        "&": 10,
        "'": -4,
        "(": 9,
        ")": 9,
        "*": 8,
        "+": 4,
    },
    **{
        ",": 1,
        "-": 2,
        ".": -6,
        "/": 8,
        ":": 0,
        ";": 25,
        "<": 15,
        "=": 20,
        ">": 12,
        "?": -30,
        "@": 8,
        "[": 8,
        "\\": 8,
    },
    **{"]": 8, "^": 5, "_": 14, "`": 2, "{": 20, "|": 8, "}": 20, "~": 6},
}
"""How much each character speaks for code (above 0) or prose (below).

Rounded from a logistic regression on 12,000 lines of openly licensed prose and chat and 20,000 of code, which tells 96
of 100 lines apart with no neighbours; two of a pair, as ``(`` and ``)``, are given the same.
"""

_TABLE: Final = np.full(256, -3, np.int16)
_TABLE[ord("A") : ord("Z") + 1] = _TABLE[ord("a") : ord("z") + 1] = 0
_TABLE[10] = _TABLE[13] = _TABLE[0] = 0
for _character, _weight in _WEIGHTS.items():
    _TABLE[ord(_character)] = _weight
_TABLE[128:][(np.arange(128) & HIGH) != 0] = _WEIGHTS[
    "?"
]  # curly quotes, dashes, other scripts: people write

_FIRST_WORD: Final = re.compile(r"\s*(?:[+\-] ?)?([A-Za-z]+|\S?)")
_ALONE: Final = frozenset({"pass", "break", "continue", "end", "fi", "done", "then"})
"""Words of a program that fill a line."""
_DECLARE: Final = (
    "import var let const local val int char bool void float double auto static public private protected final struct"
    " enum interface namespace package using use mod fn func function impl pub extern typedef template require"
    " module export echo sudo apt pip npm git cd ls docker async await"
)
_STATEMENTS: Final = {
    **dict.fromkeys(
        ("def", "class", "from"), re.compile(r"def \w+\(|class \w+\s*[(:{]?$|from [\w.]+ import ")
    ),
    **dict.fromkeys(("return", "yield", "raise", "throw"), re.compile(r"\w+(?:;|$| [^,]*$)")),
    **dict.fromkeys(("if", "elif", "while", "with", "except"), re.compile(r"\w+\b.*[:{]$")),
    **dict.fromkeys(("else", "try", "finally"), re.compile(r"\w+\s*[:{]")),
    **dict.fromkeys(("for", "catch"), re.compile(r"\w+\s*\(|for .* in .*[:{]$")),
    **dict.fromkeys(
        ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP"), re.compile(r"[A-Z]+ [A-Z*`\"\w]")
    ),
    **dict.fromkeys(
        ("INFO", "DEBUG", "WARN", "WARNING", "ERROR", "TRACE", "FATAL"), re.compile(r"[A-Z]+[\]:| ]")
    ),
    **dict.fromkeys(("Traceback", "File", "at"), re.compile(r"Traceback \(most|File \"|at [\w.$<>]+\(")),
    **dict.fromkeys(
        _DECLARE.split(), re.compile(r"\w+ [\w<${(*&./\-]\S*(?:$|[ ]?[^a-z ]|[ ]\S+$|[ ]\S+[ ]?[^\w\s])")
    ),
}
"""How lines of a program, of SQL, of a log and of a trace begin, by their first word."""
_MARKS: Final = re.compile(
    r"@\w+|#include|#define|#!/|//|/\*|\*/|-- |--- |\+\+\+ |@@ |>>> |\$ \w"
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d[ ,.]|\[[A-Z]{4,7}\]"
)
"""How such lines begin with no word."""
_ERROR: Final = re.compile(r"\s*(?:\w+\.)*\w*(?:Error|Exception|Warning)\b(?::|$)")
_CODE: Final = 24
"""What such a beginning adds."""
_PROSE: Final = re.compile(
    r"\s*(?:[*\-•>]\s|\d{1,2}[.)]\s|#{1,6}\s|(?:To|From|Cc|CC|cc|Bcc|Subject|Date|Sent|Re): )"
)
"""How lines of prose may begin in Markdown and in mail: lists, quotations, headings, headers."""
_RULE: Final = re.compile(r"\s*(\S)\1{3,}\s*$")
"""A line drawn with characters."""
_FENCE: Final = re.compile(r"\s{0,8}(?:[>*\-]\s?)?(?:```|~~~)\s*([\w+#.\-]*)")
_NO_CODE: Final = frozenset({"text", "txt", "markdown", "md", "plaintext", "email", "quote"})


_FIRST_WORDS: Final = np.sort(
    np.array([sum((ord(c) - 64) << 6 * n for n, c in enumerate(w[::-1])) for w in (*_STATEMENTS, *_ALONE)])
)
"""The words that `_begins_code` asks for, as `line_scores` packs them."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of many texts."""

    of_text: Ints
    """Those of text ``n`` are ``of_text[n]`` to ``of_text[n + 1]``: none where it has no sign of code."""
    starts: Ints
    """Where each begins, counted from the beginning of the first text."""
    is_code: Bytes
    any_code: Bytes
    """For each text, whether any line of it is code or data."""


def code_lines(texts: Sequence[str], symbols: Symbols, begins: Ints) -> Lines:
    """Which lines are code or data: their characters, their beginning, their neighbours, fences.

    ``symbols`` are those of the texts, which begin at ``begins`` (the last of which is the end). Time is linear.
    """
    most_lines = int(np.count_nonzero(symbols == 10)) + len(texts)
    of_text, starts = np.empty(len(begins), np.int64), np.empty(most_lines, np.int64)
    scores, flags = np.empty(most_lines, np.int16), np.empty(most_lines, np.uint8)
    count = score_lines(symbols, TRUTHS, PAIRS, begins, _TABLE, _FIRST_WORDS, of_text, starts, scores, flags)
    starts, scores, flags = starts[:count], scores[:count], flags[:count]
    marks, any_code = np.zeros(count, np.uint8), np.zeros(len(texts), np.uint8)
    if not count:
        return Lines(of_text, starts, marks, any_code)
    _fence(texts, begins, of_text, starts, scores, flags)
    sure = (scores >= LEAST) & (scores <= SURE)
    most = np.where(sure & (flags & MAY_BE_CODE != 0), scores + np.int16(_CODE), scores)
    may_be_prose = (scores > 0) & (flags & MAY_BE_PROSE != 0)
    least = np.where(may_be_prose, np.minimum(scores, np.int16(_CODE)) - np.int16(_CODE), scores)
    ahead, other = np.empty(count, np.int64), np.zeros(count, np.uint8)
    wanted = np.diff(of_text) > 0
    for turn in itertools.count():
        mark_lines(least, most, flags, of_text, wanted.view(np.uint8), ahead, other, marks, any_code)
        wanted = any_code == UNSURE
        if not wanted.any():
            break
        asked = (least != most) & np.repeat(wanted, np.diff(of_text))
        if turn < _TURNS:
            asked &= marks != other
        for line, text, low, high in _found(np.flatnonzero(asked), texts, begins, of_text, starts):
            least[line] = most[line] = _judged(text, low, min(high, low + REACH), int(scores[line]))
    return Lines(of_text, starts, marks, any_code)


_TURNS: Final = 3
"""How often only the lines in question are looked at, before all lines of a text are."""


def _found(
    lines: Ints, texts: Sequence[str], begins: Ints, of_text: Ints, starts: Ints
) -> Iterator[tuple[int, str, int, int]]:
    """Lines with their text and where they begin and end in it."""
    owners = np.searchsorted(of_text, lines, "right") - 1
    lows = starts[lines] - begins[owners]
    last = lines + 1 == of_text[owners + 1]
    ends = np.where(last, begins[owners + 1], np.append(starts, 0)[lines + 1] - 1) - begins[owners]
    rows = zip(lines.tolist(), owners.tolist(), lows.tolist(), ends.tolist(), strict=True)
    for line, owner, low, end in rows:
        text = texts[owner]
        yield line, text, low, end - (end == len(text) and text.endswith("\n"))


def _judged(text: str, low: int, high: int, score: int) -> int:
    """The score of a line after a look at its beginning."""
    if score <= SURE and _begins_code(text, low, high):
        return score + _CODE
    if score > 0 and text[low] in OF_PROSE:
        if _RULE.match(text, low, high):
            return 0
        if _PROSE.match(text, low, high):
            return min(score, _CODE) - _CODE
    return score


def _begins_code(text: str, low: int, high: int) -> bool:
    first = _FIRST_WORD.match(text, low, high)
    word = first[1] if first else ""
    if not first or not word.isalpha():
        return bool(word) and _MARKS.match(text, first.start(1) if first else low, high) is not None
    if word in _ALONE and first.end() == high:
        return True
    form = _STATEMENTS.get(word)
    if form is None:
        return word[0].isupper() and _ERROR.match(text, low, high) is not None
    return form.match(text, first.start(1), high) is not None


def _fence(
    texts: Sequence[str], begins: Ints, of_text: Ints, starts: Ints, scores: Small, flags: Bytes
) -> None:
    """Let fences decide about the lines inside: those of code are, those of text are not."""
    fences = np.flatnonzero(flags & FENCE)
    if not len(fences):
        return
    owners = (np.searchsorted(of_text, fences, "right") - 1).tolist()
    found = zip(owners, _found(fences, texts, begins, of_text, starts), strict=True)
    for owner, own in itertools.groupby(found, key=itemgetter(0)):
        inside = since = 0
        for _, (line, text, low, high) in own:
            fence = _FENCE.match(text, low, min(high, low + FENCE_REACH))
            if fence is None or not (inside or text[low : low + 20].lstrip(" >*-")[:1] in ("`", "~")):
                continue
            _decide(scores[since : line + 1], flags[since : line + 1], inside)
            inside = 0 if inside else -_DECIDED if fence[1].lower() in _NO_CODE else _DECIDED
            since = line + 1
        last = int(of_text[owner + 1])
        _decide(scores[since:last], flags[since:last], inside)


_DECIDED: Final = 1_000


def _decide(scores: Small, flags: Bytes, inside: int) -> None:
    if inside:
        scores[flags & GAP == 0] = inside
