"""What takes the place of the findings of one conversation: the door of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.dates import Shift
from troth.detect.replace.draw import Draw
from troth.detect.replace.fit import DIGITS, IDENTIFIER, NUMBER, Fitting, Place
from troth.detect.replace.manner import Manners
from troth.detect.replace.people import Numbers, same
from troth.detect.replace.surrogate import DATES, Surrogates
from troth.detect.replace.taken import is_surrogate, pseudonym, tag, tags_of
from troth.detect.text.view import view_of
from troth.types.edit import Edit
from troth.types.manner import DROP, MASK, PSEUDONYM, SURROGATE

MOST_ADDED = 40
"""A replacement is at most this much longer than twice what it replaces."""
_LONGEST_MASK = 32
_MASK = "*"

Texts = Sequence[str | None]
Found = Sequence[Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One place of a text, and the finding that it is a part of."""

    text: int
    place: Place
    finding: Finding
    value: str
    fitting: Fitting


class Talk:
    """One conversation while it is redacted. What it gives is a pure function of key, texts and findings.

    It can be asked again with the texts that came of the first answer: the same things keep their numbers and
    surrogates, and what already stands in the place of something stays.
    """

    def __init__(self, manners: Manners, key: bytes, kinds: frozenset[str] = frozenset(KINDS)) -> None:
        """``key`` is the conversation's, 32 bytes. ``kinds`` are those whose tags are known at sight."""
        self._manners, self._draw, self._kinds = manners, Draw(key), kinds
        self._numbers = Numbers()
        self._shift = Shift(self._draw)
        self._surrogates = Surrogates(self._draw, self._shift)

    def edits(self, texts: Texts, found: Found) -> list[list[Edit]]:
        """What is to be put in the place of the findings of each text; where two overlap, the first counts.

        Kinds whose manner is ``drop`` are given an edit that puts nothing; its record is to be left out.
        """
        self._meet_tags(texts)
        pieces = [piece for number, text in enumerate(texts) if text and found[number]
                  for piece in self._pieces(number, text, found[number])]  # fmt: skip
        self._numbers.meet((piece.finding.kind, piece.value) for piece in pieces)
        self._shift.settle([p.value for p in pieces if p.finding.kind in DATES and self._is(p, SURROGATE)])
        made: list[list[Edit]] = [[] for _ in texts]
        for piece in pieces:
            put = self._put(piece)
            if put != piece.value:
                kept = piece.finding
                edit = Edit(piece.place.start, piece.place.end, kept.kind, kept.confidence, kept.why,
                            piece.place.written(put))  # fmt: skip
                made[piece.text].append(edit)
        return made

    def _is(self, piece: _Piece, manner: str) -> bool:
        return self._manners.of(piece.finding.kind) == manner

    def _meet_tags(self, texts: Texts) -> None:
        """No new number is one that a tag in the texts already has."""
        for text in texts:
            for _, _, written in tags_of(text or "", self._kinds):
                kind, _, number = written.strip("[]").rpartition("_")
                if number.isdecimal():
                    self._numbers.begin_after(kind, int(number))

    def _pieces(self, number: int, text: str, findings: Sequence[Finding]) -> Iterator[_Piece]:
        fitting = Fitting(view_of(text))
        tags = list(tags_of(text, self._kinds))
        reached = 0
        for finding in sorted(findings):
            begin, reached = max(finding.start, reached), max(finding.end, reached)
            for start, end in _outside(begin, finding.end, tags):
                for place in fitting.places(start, end):
                    value = place.value(text)
                    if not self._stays(finding.kind, value):
                        yield _Piece(number, place, finding, value, fitting)

    def _stays(self, kind: str, value: str) -> bool:
        """Whether a value already stands in the place of another."""
        manner = self._manners.of(kind)
        if manner == SURROGATE:
            return kind not in {*DATES, "AGE"} and is_surrogate(kind, value)
        return manner == MASK and not value.strip("xX_*")

    def _put(self, piece: _Piece) -> str:
        kind, form, value = piece.finding.kind, piece.place.form, piece.value
        manner = self._manners.of(kind)
        if manner == DROP:
            return ""
        if form == DIGITS:
            return "".join("9" if c.isdigit() else c for c in value)
        if manner == SURROGATE:
            put = _bounded(self._surrogates.of(kind, value), value)
            if put and _fits(put, piece.place):
                return put
        if manner == MASK:
            put = _mask(value, form)
        elif manner == PSEUDONYM:
            put = pseudonym(kind, same(kind, value), self._draw)
        else:
            put = tag(kind, self._numbers.of(kind, value))
        if form == IDENTIFIER:
            return put.strip("[]")
        return f'"{put}"' if form == NUMBER else put


def _fits(put: str, place: Place) -> bool:
    """Whether a surrogate may be written at a place. A backslash may begin an escape that is none."""
    form = place.form
    if form == IDENTIFIER:
        return put.replace("$", "_").isidentifier() or put.isalnum()
    if "\\" in put and not place.escaped:
        return False
    return form != NUMBER or (put.isascii() and put.isdecimal() and not (put[0] == "0" and len(put) > 1))


def _bounded(put: str, value: str) -> str:
    return put[: 2 * len(value) + MOST_ADDED]


def _mask(value: str, form: str) -> str:
    """Asterisks: 4, 8, 16 or 32 for up to as many characters, and 32 for more."""
    size = 4
    while size < len(value) and size < _LONGEST_MASK:
        size *= 2
    return ("x" if form == IDENTIFIER else _MASK) * size


def _outside(start: int, end: int, taken: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """What of a stretch is not taken already."""
    for low, high, _ in taken:
        if high > start and low < end:
            if low > start:
                yield start, low
            start = max(start, high)
    if start < end:
        yield start, end
