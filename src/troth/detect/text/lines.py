"""Tells lines of prose from lines of code and data, by the characters they are made of and by their neighbours."""

from __future__ import annotations

import itertools
import re
from typing import Final

import numpy as np

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
_DEEP: Final = 11
"""A second space in a row: indentation."""
_BIAS: Final = -9
_MOST: Final = 60
"""No single line says more than this."""
_SWITCH: Final = 48
"""What it takes to go from prose to code or back from one line to the next."""
_SWITCH_AT_GAP: Final = 28
"""The same after an empty line."""
_BLOCK: Final = 1 << 20

_FIRST = np.zeros(1, np.int64)
_TABLE = np.full(256, -3, np.int16)
_TABLE[ord("A") : ord("Z") + 1] = _TABLE[ord("a") : ord("z") + 1] = 0
_TABLE[10] = _TABLE[13] = _TABLE[0] = 0
for _character, _weight in _WEIGHTS.items():
    _TABLE[ord(_character)] = _weight

_RAISE: Final = 64
_RAISED: Final = bytes(int(weight) + _RAISE for weight in _TABLE)
"""The same as bytes."""
_SPACES: Final = re.compile(rb"  +")
_SHORT: Final = 3_000

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
_SURE: Final = 20
"""Above this a line needs no look at its beginning."""
_CODE: Final = 24
"""What such a beginning adds."""
_PROSE: Final = re.compile(
    r"\s*(?:[*\-•>]\s|\d{1,2}[.)]\s|#{1,6}\s|(?:To|From|Cc|CC|cc|Bcc|Subject|Date|Sent|Re): )"
)
"""How lines of prose may begin in Markdown and in mail: lists, quotations, headings, headers."""
_OF_PROSE: Final = frozenset(" *-•>0123456789#TFCcBSDR=_~+")
"""What the first character of those, and of a line that is drawn, may be."""
_RULE: Final = re.compile(r"\s*(\S)\1{3,}\s*$")
"""A line drawn with characters."""
_FENCE: Final = re.compile(r"\s{0,8}(?:[>*\-]\s?)?(?:```|~~~)\s*([\w+#.\-]*)")
_NO_CODE: Final = frozenset({"text", "txt", "markdown", "md", "plaintext", "email", "quote"})


def code_lines(text: str) -> tuple[list[int], list[bool]]:
    """Where each line begins, and whether it is code or data: its characters, its beginning, its neighbours, fences."""
    starts, scores = _scores(text)
    bounds = [*starts, len(text) + 1]
    if "```" in text or "~~~" in text:
        fences = _fenced(text, bounds)
        scores = [1_000 * inside or score for inside, score in zip(fences, scores, strict=True)]
    elif max(scores) < -_CODE:
        return starts, [False] * len(starts)
    gaps = []
    low = 0
    for number, high in enumerate(bounds[1:]):
        blank = high - low < 3 and not text[low:high].strip()
        gaps.append(blank)
        if blank:
            scores[number] = 0
        elif scores[number] >= -30:
            scores[number] = _judged(text, low, min(high - 1, low + 300), scores[number])
        low = high
    return starts, _smooth(scores, gaps)


def _scores(text: str) -> tuple[list[int], list[int]]:
    """Where each line begins, and what its characters say."""
    data = text.encode("latin-1", "replace")  # a byte for a character
    return _line_by_line(data) if len(data) < _SHORT else _all_lines(data)


def _line_by_line(data: bytes) -> tuple[list[int], list[int]]:
    """The same as `_all_lines`, which takes too long to start for a short text."""
    starts, scores, start = [], [], 0
    for line in data.split(b"\n"):
        score = _BIAS + sum(line.translate(_RAISED)) - _RAISE * len(line)
        if b"  " in line:
            score += _DEEP * sum(len(spaces) - 1 for spaces in _SPACES.findall(line))
        starts.append(start)
        scores.append(min(max(score, -_MOST), _MOST))
        start += len(line) + 1
    if starts[-1] == len(data) and len(starts) > 1:
        return starts[:-1], scores[:-1]
    return starts, scores


def _all_lines(data: bytes) -> tuple[list[int], list[int]]:
    """In blocks, so that memory stays bounded."""
    codes = np.frombuffer(data, np.uint8)
    starts = np.concatenate((_FIRST, np.flatnonzero(codes == 10) + 1))
    if starts[-1] == len(codes):
        starts = starts[:-1]
    score = np.full(len(starts), _BIAS, np.int64)
    for low in range(0, len(codes), _BLOCK):
        part = codes[low : low + _BLOCK]
        weights = _TABLE[part]
        spaces = part == 32
        weights[1:] += (spaces[1:] & spaces[:-1]) * np.int16(_DEEP)
        first = int(starts.searchsorted(low, "right")) - 1
        last = int(starts.searchsorted(low + len(part), "left"))
        cuts = np.maximum(starts[first:last] - low, 0)
        score[first:last] += np.add.reduceat(weights, cuts, dtype=np.int64)
    return starts.tolist(), np.minimum(np.maximum(score, -_MOST), _MOST).tolist()


def _judged(text: str, low: int, high: int, score: int) -> int:
    """The score of a line after a look at its beginning."""
    if score <= _SURE and _begins_code(text, low, high):
        return score + _CODE
    if score > 0 and text[low] in _OF_PROSE:
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


def _fenced(text: str, bounds: list[int]) -> list[int]:
    """For each line 1 in a fence of code, -1 in one of text, 0 outside."""
    inside, marks = 0, []
    for low, high in itertools.pairwise(bounds):
        fence = (
            _FENCE.match(text, low, min(high - 1, low + 80))
            if inside or text[low : low + 20].lstrip(" >*-")[:1] in "`~"
            else None
        )
        if fence:
            marks.append(0 if inside == 0 else inside)
            inside = 0 if inside else (-1 if fence[1].lower() in _NO_CODE else 1)
        else:
            marks.append(inside)
    return marks


def _smooth(scores: list[int], gaps: list[bool]) -> list[bool]:
    """The likeliest run of prose and code: a change costs something, less after an empty line (Viterbi)."""
    prose = code = 0
    back: list[tuple[bool, bool]] = []
    for score, gap in zip(scores, gaps, strict=True):
        cost = _SWITCH_AT_GAP if gap else _SWITCH
        stay_code, stay_prose = code >= prose - cost, prose >= code - cost
        back.append((stay_code, stay_prose))
        code, prose = (
            (code if stay_code else prose - cost) + score,
            (prose if stay_prose else code - cost) - score,
        )
    is_code = code > prose
    answer = [False] * len(scores)
    for number in range(len(scores) - 1, -1, -1):
        answer[number] = is_code
        stay_code, stay_prose = back[number]
        is_code = stay_code if is_code else not stay_prose
    return answer
