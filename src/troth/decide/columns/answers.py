"""The reference table, asked once about each distinct number of packed facts."""

from __future__ import annotations

from collections.abc import Sequence

from troth.decide.columns.layout import Layout
from troth.decide.columns.lives import Bounds
from troth.decide.versions import Timetable
from troth.terms.facts import RETAINED, UNKNOWN
from troth.terms.model import Version
from troth.terms.table import Answer, Keep, Table

NOTHING = Keep((), ())
NOT_IN_FORCE = Answer(False, "terms_not_in_force", "", "")
NO_TIME = Answer(False, "time_unknown", "", "")


class Answers:
    """Answers by packed facts; every combination is decided by the table, and only once."""

    def __init__(self, layout: Layout, bounds: Bounds) -> None:
        self.layout, self.bounds = layout, bounds
        self.timetable: Timetable = layout.timetable
        self.answers: list[Answer] = []
        self._places: dict[Answer, int] = {}
        self._facts: dict[int, tuple[Version | None, tuple[str, ...]]] = {}
        self._known: dict[tuple[int, int, str], int] = {}
        self.keeps: list[Keep] = []
        self._keep_places: dict[tuple[object, ...], int] = {}
        self._kept: dict[int, int] = {}
        self._bounds: dict[int, int] = {}
        self._certain: dict[int, int] = {}

    def facts(self, code: int) -> tuple[Version | None, tuple[str, ...]]:
        """The version in force and the facts of a number."""
        found = self._facts.get(code)
        if found is None:
            place, values = self.layout.unpack(code)
            version = self.timetable.versions[place] if place >= 0 else None
            found = self._facts[code] = (version, self._as_known_to(version, values))
        return found

    def _as_known_to(self, version: Version | None, facts: tuple[str, ...]) -> tuple[str, ...]:
        """A plan that the version in force does not know is unknown, though another version knows it."""
        plans = version.plans if version else ()
        named = dict(zip(self.timetable.names, facts, strict=True))
        if named["plan"] not in plans:
            named["plan"] = UNKNOWN
        if named["moved_to"] not in (*plans, "none"):
            named["moved_to"] = UNKNOWN
        return tuple(named.values())

    def answer(self, code: int, retained: int, purpose: str) -> int:
        """The place of the answer in ``answers``, for a place in ``RETAINED`` and a purpose."""
        key = (code, retained, purpose)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = self._place(self._decide(code, RETAINED[retained], purpose))
        return place

    def place_of(self, answer: Answer) -> int:
        """The place of an answer that no table gave."""
        return self._place(answer)

    def keep(self, code: int) -> int:
        """The place in ``keeps`` of the retention rows that match."""
        place = self._kept.get(code)
        if place is None:
            version, facts = self.facts(code)
            rows = self.timetable.table(version).keep(facts) if version and self._timed(facts) else NOTHING
            place = self._kept[code] = self._keep_place(rows, "is")
        return place

    def bound(self, code: int) -> int:
        """The place in ``keeps`` of the retention rows that could ever have matched."""
        place = self._bounds.get(code)
        if place is None:
            _, facts = self.facts(code)
            rows = self.bounds.rows(facts) if self._timed(facts) else NOTHING
            place = self._bounds[code] = self._keep_place(rows, "could be")
        return place

    def certain(self, code: int) -> int:
        """The place in ``keeps`` of the retention rows that match at every moment."""
        place = self._certain.get(code)
        if place is None:
            _, facts = self.facts(code)
            rows = self.bounds.certain(facts) if self._timed(facts) else NOTHING
            place = self._certain[code] = self._keep_place(rows, "always")
        return place

    def _keep_place(self, keep: Keep, sense: str) -> int:
        """Few sets of rows serve many combinations of facts."""
        rows = (*keep.limits, *keep.extensions)
        key = (sense, *((row.place, row.id, row.clock) for row in rows))
        place = self._keep_places.get(key)
        if place is None:
            place = self._keep_places[key] = len(self.keeps)
            self.keeps.append(keep)
        return place

    def denied_by(self, code: int, rules: Sequence[str]) -> bool:
        """Whether one of some deny rules matches, or no terms are in force."""
        version, facts = self.facts(code)
        return version is None or any(self.table(version).rule_denies(rule, facts) for rule in rules)

    def table(self, version: Version) -> Table:
        """The table of a version."""
        return self.timetable.table(version)

    def _timed(self, facts: tuple[str, ...]) -> bool:
        return facts[self.timetable.names.index("time")] != UNKNOWN

    def _decide(self, code: int, retained: str, purpose: str) -> Answer:
        version, facts = self.facts(code)
        if not self._timed(facts):
            return NO_TIME
        if version is None:
            first = self.table(self.timetable.versions[0]).answer(facts, purpose)
            return first if first.reason == "account_unknown" else NOT_IN_FORCE
        index = self.timetable.names.index("retained")
        return self.table(version).answer((*facts[:index], retained, *facts[index + 1 :]), purpose)

    def _place(self, answer: Answer) -> int:
        place = self._places.get(answer)
        if place is None:
            place = self._places[answer] = len(self.answers)
            self.answers.append(answer)
        return place
