"""Which version of the terms is in force for whom, and when the time to choose is over."""

from __future__ import annotations

from collections.abc import Iterable

from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.laws import law_facts
from troth.terms.model import Choice, Terms, Version
from troth.terms.table import Table, fact_names
from troth.types.moment import Moment
from troth.types.vocabulary import PERSONAL_ACTS


class Timetable:
    """The versions of one profile with their tables, and the moments at which each begins to count."""

    def __init__(self, terms: Terms) -> None:
        self.versions = terms.versions
        choices = {choice.name: choice for version in terms.versions for choice in version.choices}
        self._choices = tuple(choices[name] for name in sorted(choices))
        self.names = (*fact_names(self._choices), *law_facts(choice.name for choice in self._choices))
        """The facts that terms speak of, then those of the laws."""
        self.tables = {version.version: Table(version, self.names) for version in terms.versions}
        self._by_version = {
            version.version: tuple(
                next((c for c in version.choices if c.name == choice.name), choice)
                for choice in self._choices
            )
            for version in terms.versions
        }
        self._regions = {version.version: regions_of(version) for version in terms.versions}

    def table(self, version: Version) -> Table:
        """The decision table of a version."""
        return self.tables[version.version]

    def choices(self, version: Version | None) -> tuple[Choice, ...]:
        """Every choice of the profile, in the order of the facts, as the version words it."""
        return self._choices if version is None else self._by_version[version.version]

    def regions(self, version: Version) -> frozenset[str]:
        """The regions that some rule of the version names."""
        return self._regions[version.version]

    def effective(self, moment: Moment) -> int:
        """The place of the newest version that is effective for everybody; -1 before the first."""
        return max((i for i, v in enumerate(self.versions) if v.effective <= moment), default=-1)

    def published(self, moment: Moment) -> int:
        """The place of the newest version whose text had been published; -1 before the first."""
        return max((i for i, v in enumerate(self.versions) if v.published <= moment), default=-1)

    def acknowledged(self, event: Event) -> int:
        """The place of the version that an event acknowledges; -1 for none.

        A choice made by an act of the person acknowledges the newest text published by then; one for a
        conversation or project alone acknowledges nothing. A text that had not been published cannot have
        been acknowledged.
        """
        if event.event == "terms.acknowledged":
            place = next((i for i, v in enumerate(self.versions) if v.version == event.version), -1)
            return place if place <= self.published(event.at) else -1
        decided = event.event == "choice.made" and event.value != "deferred" and not event.narrow
        if decided and (event.mechanism or "dialog") in PERSONAL_ACTS:
            return self.published(event.at)
        return -1

    def in_force(self, events: Iterable[Event], moment: Moment) -> Version | None:
        """The newest version that is effective, or that the person acknowledged earlier."""
        places = [self.acknowledged(event) for event in events if event.at <= moment]
        place = max([self.effective(moment), *places])
        return self.versions[place] if place >= 0 else None

    def last_moment(self, version: Version, choice: Choice, moment: Moment) -> Moment | None:
        """The first moment at which the time to choose is over, as it stood published at ``moment``."""
        deadline = choice.deadline
        for later in self.versions:
            if version.version in later.replaces_deadline_of and later.published <= moment:
                replacing = next((c for c in later.choices if c.name == choice.name), None)
                deadline = replacing.deadline if replacing else deadline
        return deadline

    def deadline(self, version: Version | None, choice: Choice, moment: Moment) -> str:
        """``none``, ``before`` or ``passed``."""
        last = None if version is None else self.last_moment(version, choice, moment)
        if last is None:
            return "none"
        return "passed" if moment >= last else "before"


def regions_of(version: Version) -> frozenset[str]:
    """Every region that a rule of the version names."""
    conditions = [row.when for row in version.rules] + [row.when for row in version.retention]
    named = {region for when in conditions for region in when.get("region", ())}
    return frozenset(named - {"other", "none", UNKNOWN})
