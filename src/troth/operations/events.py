"""Events of a history by a condition, wherever they lie: in memory, or in large Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from troth.history.event import Event
from troth.history.read import EventSource
from troth.history.vocabulary import EVENT_SCHEMA, LIST_FIELDS

BATCH_ROWS = 65_536


class Events:
    """The events of a source, as a relation of one connection. One source at a time."""

    def __init__(self, source: EventSource, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        selects = list(source.queries)
        for number, table in enumerate(source.tables):
            name = f"events_looked_at_{number}"
            connection.register(name, table)
            selects.append(f"SELECT {_COLUMNS} FROM {name}")
        self.relation = "(" + " UNION ALL ".join(f"({select})" for select in selects) + ")"

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """A small answer to a query in which ``{events}`` stands for the events."""
        return self.connection.execute(query.format(events=self.relation), list(values)).fetchall()

    def chosen(self, condition: str, values: Sequence[object] = ()) -> Iterator[Event]:
        """The events for which a condition holds, each once, streamed: ask nothing else meanwhile."""
        query = f"SELECT DISTINCT {_COLUMNS} FROM {self.relation} WHERE {condition}"
        for batch in self.connection.sql(query, params=list(values)).to_arrow_reader(BATCH_ROWS):
            for row in batch.to_pylist():
                lists = {name: tuple(row[name]) for name in LIST_FIELDS if row[name] is not None}
                yield Event(**{**row, **lists})


_COLUMNS = ", ".join(f'"{name}"' for name in EVENT_SCHEMA.names)
