"""``troth history check``: whether histories can be read, what is in them, and what of it has no effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.history.read import open_history
from troth.operations.connection import bounded_connection
from troth.operations.events import Events
from troth.operations.notices import Notices, notices
from troth.terms.archive import load
from troth.types.moment import Moment


@dataclass(frozen=True, slots=True)
class CheckedHistory:
    """What is in a history."""

    events: int
    """Events, each once."""
    repeated: int
    counts: Mapping[str, int]
    """By kind of event."""
    first: Moment | None
    last: Moment | None
    """When the earliest and the latest of them count."""
    accounts: int
    notices: Notices
    """What has no effect under the terms; nothing where no terms were given."""


def check_history(files: tuple[str, ...], terms: str | None, options: Mapping[str, str]) -> CheckedHistory:
    """Read every event, and hold it against the others. Raises ``HistoryError`` with file and line."""
    loaded = load(terms, options) if terms is not None else None
    with bounded_connection() as connection:
        source = open_history(list(files), connection)
        events = Events(source, connection)
        counts = events.rows("SELECT event, count(*) FROM {events} GROUP BY event ORDER BY event")
        ((first, last, accounts),) = events.rows(
            'SELECT min("at"), max("at"), count(DISTINCT account) FROM {events}'
        )
        noticed = notices(events, loaded) if loaded else Notices()
    by_kind = {str(name): int(str(count)) for name, count in counts}
    return CheckedHistory(
        sum(by_kind.values()),
        source.repeated,
        by_kind,
        _moment(first),
        _moment(last),
        int(str(accounts)),
        noticed,
    )


def _moment(value: object) -> Moment | None:
    return value if isinstance(value, int) else None
