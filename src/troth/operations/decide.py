"""``troth decide``: one decision for each record of some logs, written as Parquet or JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import open_history
from troth.intake.read import IntakeReport
from troth.operations.connection import bounded_connection
from troth.operations.events import Events
from troth.operations.notices import Notices, notices
from troth.operations.records import staged_records
from troth.operations.whole_file import whole_file
from troth.terms.archive import load
from troth.types.decision import DECISION_COLUMNS
from troth.types.moment import Moment, as_datetime

NO_NOTICES = Notices()

Progress = Callable[[str, int, int | None], None]


def silent(stage: str, done: int, total: int | None) -> None:
    """No progress."""


@dataclass(frozen=True, slots=True)
class DecideInputs:
    """What is asked: terms by name, file or folder; histories and logs by path; one purpose at one time."""

    terms: str
    options: Mapping[str, str]
    history: tuple[str, ...]
    records: tuple[str, ...]
    purpose: str
    at: Moment
    mapping: Path | None = None
    keep_going: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What came out: records by answer and reason, and what was noticed on the way."""

    records: int
    allowed: int
    reasons: Mapping[str, int]
    repeated_events: int
    repeated_records: int
    damaged: int
    notices: Notices = NO_NOTICES
    report: IntakeReport | None = None
    """What became of every log; None where the records were record Parquet and used in place."""


def decide_to_file(inputs: DecideInputs, out: Path, progress: Progress = silent) -> Decided:
    """Decide every record and write the decisions to ``out``: ``.jsonl``, else Parquet; whole or not at all.

    Raises the errors of terms, histories and logs, and `ReleaseError` where ``out`` cannot be written.
    """
    reasons: Counter[str] = Counter()
    allowed = 0
    with decisions(inputs, progress) as run, whole_file(out) as partial:
        write = _json_lines if out.suffix in (".jsonl", ".ndjson", ".json") else _parquet
        for table in write(partial, run.tables):
            allowed += table["allow"].to_pylist().count(True) if table.num_rows < 1000 else _count_true(table)
            for pair in table["reason"].value_counts().to_pylist():
                reasons[pair["values"]] += pair["counts"]
            progress("decide", sum(reasons.values()), run.expected)
        return Decided(
            sum(reasons.values()), allowed, dict(reasons.most_common()), run.repeated_events, run.repeated_records,
            run.damaged, run.notices, run.report,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way."""

    tables: Iterator[pa.Table]
    expected: int | None
    repeated_events: int
    repeated_records: int
    damaged: int
    notices: Notices = NO_NOTICES
    report: IntakeReport | None = None


@contextmanager
def decisions(inputs: DecideInputs, progress: Progress = silent) -> Iterator[Run]:
    """Decisions as tables of ``DECIDED_SCHEMA``, streamed, while the context is open."""
    terms = load(inputs.terms, inputs.options)
    with bounded_connection() as connection:
        events = open_history(list(inputs.history), connection)
        noticed = notices(Events(events, connection), terms)
        with staged_records(
            inputs.records, inputs.mapping, inputs.keep_going, connection, progress
        ) as staged:
            columns = Columns(terms, connection)
            tables = columns.decide(events, staged.files, [AskedAt(0, inputs.at)], inputs.purpose)
            yield Run(
                tables, staged.count, events.repeated, staged.repeated, staged.damaged, noticed, staged.report
            )


def _count_true(table: pa.Table) -> int:
    return int(pc.sum(table["allow"]).as_py() or 0)


def _parquet(path: Path, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    schema = pa.schema([_field(name) for name in DECISION_COLUMNS])
    words = ["reason", "rule", "clause"]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=words) as writer:
        for table in tables:
            writer.write_table(table.select(list(DECISION_COLUMNS)))
            yield table


def _field(name: str) -> pa.Field:
    return DECIDED_SCHEMA.field(name)


def _json_lines(path: Path, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for table in tables:
            chosen = table.select(list(DECISION_COLUMNS))
            place = chosen.schema.get_field_index("keep_until")
            moments = chosen["keep_until"].cast(pa.int64()).to_pylist()
            texts = [None if m is None else _text(m) for m in moments]
            chosen = chosen.set_column(place, "keep_until", pa.array(texts, pa.string()))
            file.write(b"".join(encoder.encode(row) + b"\n" for row in chosen.to_pylist()))
            yield table


def _text(moment: Moment) -> str:
    return as_datetime(moment).isoformat().replace("+00:00", "Z")
