"""Tells, for any place of a text, whether people talk there, a program stands there, or records do."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from troth.detect.text.view import View
    from troth.detect.text.zones import Zone

Place = Literal["talk", "program", "records"]
Run = tuple[int, int, Place]

_COMMENT: Final = re.compile(r"[ \t]*(?:#|//|/\*|\*|--[ \t]|;|%|<!--|\"\"\"|'''|REM |dnl |=\w)")
"""How a line begins that is a comment."""
_SET_IN: Final = re.compile(r"    |[ ]{0,3}\t")
_SET_IN_LITTLE: Final = re.compile(r"  ")
_QUOTED: Final = re.compile(
    r"[ \t]*[\[({]{0,2}[\"'][^\n]{0,400}[\"'][\])}]{0,2}[,:{\[(]?[ \t]*(?:[#/][^\n]*)?$", re.MULTILINE
)
"""A line of values in quotation marks."""
_MARKS: Final = re.compile(r"\"\"\"|'''|/\*|\*/|<!--|-->|^=(?:pod|head|over|item|begin|cut)\b", re.MULTILINE)
_ENDS: Final = {"/*": "*/", "<!--": "-->", '"""': '"""', "'''": "'''"}
_CLOSES: Final = frozenset(("*/", "-->"))
_BEFORE_OPENING: Final = re.compile(r"(?:^|[=(,\[:{+%>]|\breturn|\\)[ \t]*[rRbBfFuU]{0,2}\Z")
_LAST: Final = re.compile(r"(\S)\s*\Z")
_ROWS: Final = re.compile(r"\b(?:INSERT INTO|VALUES|UPDATE \S+ SET|WHERE|insert into|values|where)\b")
"""What rows of a database are written or asked for with."""
_NEAR: Final = 400
"""Characters that are looked at before a place for the beginning of its line."""
_LEAST: Final = 8
"""Where less than one in so many characters is a program or records, a line is no comment for how it begins."""
_HEADED: Final = re.compile(
    r"^[ \t]*(?P<mark>//|#)(?![^\s!]).*\n(?:[ \t]*(?P=mark)(?![^\s!]).*\n){2}", re.MULTILINE
)
"""Three lines of comment in a row, as files of programs and settings begin."""
_LINED: Final = re.compile(r"[ \t]*(?://|#)(?![^\s!])")
_FEW_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Program:
    """Where in a text there is a program, and where records. All offsets are those of the folded text."""

    text: str
    starts: Sequence[int]
    places: Sequence[Place]
    """What begins at each of ``starts``; talk may be a comment still."""
    mostly: Place
    """What there is most of."""
    enclosed: Sequence[int]
    """Where block comments, and strings over several lines, begin and end, in turns."""
    commented: Sequence[re.Pattern[str]]
    """How lines begin that are no talk."""

    @classmethod
    def none(cls, text: str) -> Self:
        """Of a text that is taken for talk."""
        return cls(text, (), (), "talk", (), ())

    @classmethod
    def of(cls, view: View) -> Self:
        """What stands where in a text. Time is linear."""
        text = view.folded
        runs = [_run(list(zones)) for _, zones in groupby(view.zones, key=lambda zone: zone.kind == "prose")]
        program, records = (
            sum(run[1] - run[0] for run in runs if run[2] == kind) for kind in ("program", "records")
        )
        mostly: Place = "program" if program >= records and program else "records"
        if mostly == "program":
            runs = [(start, end, "talk" if place == "talk" else mostly) for start, end, place in runs]
        fenced = "```" in text or "~~~" in text
        return cls(
            text,
            [run[0] for run in runs],
            [run[2] for run in runs],
            mostly,
            [] if fenced or not program else _enclosed(text),
            [] if fenced else _commented(text, (program + records) / max(1, len(text)), bool(program)),
        )

    @property
    def mixed(self) -> bool:
        """Whether so much of the text is a program, records or comments that the rest of it may be too."""
        return bool(self.commented)

    def at(self, offset: int) -> Place:
        """What stands at a place."""
        number = bisect_right(self.starts, offset) - 1
        place = self.places[number] if number >= 0 else "talk"
        if place == "program":
            line = self.text.rfind("\n", max(0, offset - _NEAR), offset) + 1 or max(0, offset - _NEAR)
            return "records" if _ROWS.search(self.text, line, offset) else place
        if place == "records":
            return place
        if bisect_right(self.enclosed, offset) % 2:
            return "program"
        if not self.commented:
            return "talk"
        start = self.text.rfind("\n", max(0, offset - _NEAR), offset) + 1
        if any(beginning.match(self.text, start) for beginning in self.commented):
            return "program" if _COMMENT.match(self.text, start) else self.mostly
        return "talk"


def _run(zones: list[Zone]) -> Run:
    """Of zones that are all prose, or all not."""
    sizes = dict.fromkeys(("prose", "code", "data", "comment", "string", "path"), 0)
    for zone in zones:
        sizes[zone.kind] += zone.end - zone.start
    start, end = zones[0].start, zones[-1].end
    if sizes["prose"] or sizes["path"] == end - start:
        return start, end, "talk"
    return start, end, "records" if sizes["data"] > sizes["code"] else "program"


def _commented(text: str, share: float, program: bool) -> list[re.Pattern[str]]:
    """How lines of this text begin that are part of a program or of records, though they read like talk."""
    if share * _LEAST >= 1:
        some = [_COMMENT, _QUOTED]
        if program:
            some.append(_SET_IN_LITTLE if share * 2 >= 1 else _SET_IN)
        return some
    lines = [line for line in text.split("\n", _FEW_LINES)[:_FEW_LINES] if line.strip()]
    like = sum(_COMMENT.match(line) is not None or _QUOTED.match(line) is not None for line in lines)
    if like >= 3 and like * 3 >= len(lines) * 2:
        return [_COMMENT, _QUOTED]
    return [_LINED] if _HEADED.search(text) else []


def _enclosed(text: str) -> list[int]:
    """Where block comments and long strings begin and end; one that begins before the text, or ends after it, counts."""
    bounds: list[int] = []
    awaited = ""
    for match in _MARKS.finditer(text):
        mark = match.group()
        if awaited:
            if mark == awaited:
                bounds.append(match.end())
                awaited = ""
        elif mark == "=cut" or (mark[0] in "\"'" and not bounds and _closes(text, match.start())):
            if not bounds:
                bounds += (0, match.end())
        elif mark in _CLOSES:
            continue
        else:
            bounds.append(match.start())
            awaited = "=cut" if mark[0] == "=" else _ENDS[mark]
    return bounds


def _closes(text: str, place: int) -> bool:
    """Whether the first quotation mark of three of a text ends what began before the text did."""
    line = text.rfind("\n", max(0, place - _NEAR), place) + 1
    before = text[line:place]
    if before.strip():
        return _BEFORE_OPENING.search(before) is None
    above = _LAST.search(text, max(0, place - _NEAR), place)
    if above is None or above[1] in ":=([,{":
        return False
    line = text.rfind("\n", max(0, place - _NEAR), above.start()) + 1
    return not text[line : above.start() + 1].lstrip().startswith("#")
