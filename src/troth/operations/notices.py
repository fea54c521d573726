"""What is worth knowing of a history before one relies on what was decided from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.intake.read import IntakeReport
from troth.operations.events import Events
from troth.terms.model import Terms
from troth.terms.problems import did_you_mean
from troth.terms.words import period_in_words
from troth.types.moment import Moment, format_moment, parse_period


@dataclass(frozen=True, slots=True)
class Forbidden:
    """An event whose value the terms forbid. It is history, and has no effect in any of its fields."""

    organisation: str
    at: Moment
    retention: str


@dataclass(frozen=True, slots=True)
class Notices:
    """Events that have no effect under some terms, and why."""

    forbidden: tuple[Forbidden, ...] = ()
    minimum: str = ""
    """The shortest retention that an organisation may set, in words."""
    unknown_choices: tuple[tuple[str, int, str], ...] = ()
    """Choices that the terms do not have: name, number of events, remedy."""
    unknown_versions: tuple[tuple[str, int, str], ...] = ()
    """Versions that were acknowledged and that the terms do not have."""

    def lines(self) -> Iterator[str]:
        """Each in a line."""
        for each in self.forbidden:
            yield (
                f"without effect: the retention {each.retention} of organisation {each.organisation!r}, set "
                f"at {format_moment(each.at)}, is below {self.minimum}, the least that the terms allow"
            )
        for what, found in (("choice", self.unknown_choices), ("version", self.unknown_versions)):
            for name, count, remedy in found:
                events = "1 event names" if count == 1 else f"{count:,} events name"
                yield f"without effect: {events} the {what} {name!r}, which the terms do not have — {remedy}"


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was noticed while histories and logs were read."""

    notices: Notices
    repeated_events: int
    """Events that were given again with the same content."""
    repeated_records: int
    """Records that stood again with the same content."""
    report: IntakeReport | None
    """What became of every log; None where the records were record Parquet and used in place."""


def notices(events: Events, terms: Terms) -> Notices:
    """Look for events that have no effect under some terms."""
    choices = {choice.name for version in terms.versions for choice in version.choices}
    versions = {version.version for version in terms.versions}
    minimum = terms.newest.retention_minimum
    return Notices(
        tuple(_forbidden(events, minimum.shortest)) if minimum else (),
        period_in_words(minimum) if minimum else "",
        tuple(_unknown(events, "choice.made", "choice", choices)),
        tuple(_unknown(events, "terms.acknowledged", "version", versions)),
    )


def _forbidden(events: Events, minimum: int) -> Iterator[Forbidden]:
    found = events.rows(
        'SELECT DISTINCT retention, organisation, "at" FROM {events} WHERE retention IS NOT NULL '
        "ORDER BY 3, 2, 1"
    )
    for retention, organisation, at in found:
        if parse_period(str(retention)).shortest < minimum:
            yield Forbidden(str(organisation), int(str(at)), str(retention))


def _unknown(events: Events, event: str, field: str, known: set[str]) -> Iterator[tuple[str, int, str]]:
    found = events.rows(
        f"SELECT {field}, count(*) FROM {{events}} WHERE event = '{event}' GROUP BY {field} ORDER BY {field}"
    )
    for name, count in found:
        if name not in known:
            remedy = did_you_mean(str(name), known) if known else "these terms have none"
            yield str(name), int(str(count)), remedy
