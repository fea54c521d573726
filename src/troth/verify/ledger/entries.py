"""The entries of a ledger read one by one: their form, kind and time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from troth.errors import VerificationError
from troth.proof.entry import KINDS, read_entry
from troth.types.moment import Moment, format_moment
from troth.verify.ledger.times import TimeReader
from troth.verify.report import Notes

ASK = "ask the log's operator how it came there"

_FORM = re.compile(
    rb'\{"at":"([^"\\]*)","commitment":"[0-9a-f]{64}","kind":"(%b)","v":1\}' % "|".join(KINDS).encode()
)
"""An entry in its one form, but for the text of its time."""


class EntryCheck:
    """Counts entries, and writes down what is wrong with them. Times may stand still and never go back."""

    def __init__(self, notes: Notes, latest: Moment) -> None:
        """``latest`` is the moment (UTC) after which nothing can have been logged yet."""
        self.first: Moment | None = None
        self.last: Moment | None = None
        self._counts = {kind.encode(): 0 for kind in KINDS}
        self._notes = notes
        self._latest = latest
        self._times = TimeReader()

    @property
    def kinds(self) -> dict[str, int]:
        """How many entries of each kind there were, in the order of `KINDS`."""
        return {kind.decode(): count for kind, count in self._counts.items() if count}

    def run(self, entries: Sequence[bytes], start: int, file: str) -> list[Moment | None]:
        """Look at the entries of a file, the first of which has the index ``start``.

        Give for each the time of the last readable entry up to it; None where there is none yet.
        """
        match, counts = _FORM.fullmatch, self._counts
        known: bytes | None = None
        last, times = self.last, []
        for place, entry in enumerate(entries, start):
            found = match(entry)
            text, kind = found.groups() if found else (None, b"")
            # Entries that were logged together carry the same time, which is read once.
            if text is None or text != known:
                at = self._time(entry, text, place, file)
                if at is None:
                    times.append(last)
                    continue
                known, last = text, at
            counts[kind] += 1
            times.append(last)
        return times

    def _time(self, entry: bytes, text: bytes | None, place: int, file: str) -> Moment | None:
        """The time of an entry, held against the one before; None where it is not an entry, which is a finding."""
        at = None if text is None else self._times.read(text)
        if at is None:
            try:
                at = read_entry(entry).at
            except VerificationError as problem:
                what = f"entry {place}: {problem.what}"
                self._notes.found(file, what, ASK, kind="a piece of it that is no entry")
                return None
        if self.last is not None and at < self.last:
            before = format_moment(self.last)
            what = f"entry {place} was logged at {format_moment(at)}, before the one before it ({before})"
            self._notes.found(file, what, ASK, kind="a time that goes back")
        if at > self._latest:
            what = f"entry {place} is said to be logged at {format_moment(at)}, which has not come yet"
            self._notes.found(file, what, f"{ASK}; check the clock of this machine", kind="a time to come")
        self.first = at if self.first is None else self.first
        self.last = at
        return at
