"""``troth terms impact``: whose records other terms would decide otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.history.read import open_history
from troth.operations.connection import bounded_connection
from troth.operations.decide import Progress, silent
from troth.operations.impact import SORTS, Count, Flow, Impact, Kept, PurposeImpact
from troth.operations.impact_picture import picture
from troth.operations.notices import Noticed, Notices
from troth.operations.records import staged_records
from troth.operations.terms_named import in_force, shared
from troth.operations.whole_file import whole_file
from troth.terms.model import Terms
from troth.types.moment import Moment

COMPARED = ("record", "conversation", "account", "allow", "reason", "keep_until")


@dataclass(frozen=True, slots=True)
class ImpactInputs:
    """What is compared, over which histories and logs, for which purposes and at what time."""

    old: str
    new: str
    options: Mapping[str, str]
    history: tuple[str, ...]
    records: tuple[str, ...]
    purposes: tuple[str, ...]
    at: Moment
    mapping: Path | None = None
    keep_going: bool = False


def terms_impact(inputs: ImpactInputs, out: Path | None = None, progress: Progress = silent) -> Impact:
    """Decide every record under both terms, and draw what changes in ``out``, if there is one.

    Raises the errors of terms, histories and logs, and ``ReleaseError`` where ``out`` cannot be written.

    Terms of several versions are decided with as they are, by what is in force for each person at the time;
    a version that is given alone is taken as in force (`troth.operations.terms_named.in_force`).
    """
    impact = _impact(inputs, progress)
    if out is not None:
        with whole_file(out) as partial:
            partial.write_text(picture(impact), encoding="utf-8")
    return impact


def _impact(inputs: ImpactInputs, progress: Progress) -> Impact:
    names = (inputs.old, inputs.new)
    sides = [in_force(name, own) for name, own in zip(names, shared(names, inputs.options), strict=True)]
    with bounded_connection() as connection, tempfile.TemporaryDirectory(prefix="troth-impact-") as folder:
        events = open_history(list(inputs.history), connection)
        staging = staged_records(inputs.records, inputs.mapping, inputs.keep_going, connection, progress)
        with staging as staged:
            found = []
            for purpose in inputs.purposes:
                files = [Path(folder) / f"side-{place}.parquet" for place in range(len(sides))]
                for terms, file in zip(sides, files, strict=True):
                    with bounded_connection() as own:
                        tables = Columns(terms, own).decide(
                            events, list(staged.files), [AskedAt(0, inputs.at)], purpose
                        )
                        _write(tables, file, f"decide {purpose} under {named(terms)}", progress)
                found.append(_compare(purpose, _joined(files)))
                kept = _kept(_joined(files))
            noticed = Noticed(Notices(), events.repeated, staged.repeated, staged.report)
        return Impact(named(sides[0]), named(sides[1]), inputs.at, staged.count, tuple(found), kept, noticed)


def named(terms: Terms) -> str:
    """Terms by name, and by version where there is one."""
    return f"{terms.name}@{terms.newest.version}" if len(terms.versions) == 1 else terms.name


def _write(tables: Iterator[pa.Table], file: Path, stage: str, progress: Progress) -> None:
    done = 0
    with pq.ParquetWriter(file, DECIDED_SCHEMA, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
            done += table.num_rows
            progress(stage, done, None)


def _joined(files: Sequence[Path]) -> str:
    """Both decisions on each record."""
    old, new = (f"(SELECT {', '.join(COMPARED)} FROM read_parquet('{_quoted(file)}'))" for file in files)
    return f"FROM {old} o JOIN {new} n ON n.record = o.record"


def _compare(purpose: str, joined: str) -> PurposeImpact:
    """Count what becomes of what."""
    counts = "count(*), count(DISTINCT o.conversation), count(DISTINCT o.account)"
    flows = [
        Flow(old_allow, old_reason, new_allow, new_reason, Count(*count))
        for old_allow, old_reason, new_allow, new_reason, *count in _rows(
            f"SELECT o.allow, o.reason, n.allow, n.reason, {counts} {joined} GROUP BY ALL"
        )
    ]
    (opens,) = _rows(f"SELECT {counts} {joined} WHERE n.allow AND NOT o.allow")
    (closes,) = _rows(f"SELECT {counts} {joined} WHERE o.allow AND NOT n.allow")
    return PurposeImpact(purpose, tuple(sorted(flows, key=_order)), Count(*opens), Count(*closes))


def _kept(joined: str) -> Kept:
    """Count whose end has moved. No end is later than any."""
    ((shorter, longer),) = _rows(
        "SELECT count(*) FILTER (WHERE n.keep_until < coalesce(o.keep_until, 'infinity')), "
        f"count(*) FILTER (WHERE coalesce(n.keep_until, 'infinity') > o.keep_until) {joined}"
    )
    return Kept(shorter, longer)


def _rows(query: str) -> list[tuple[Any, ...]]:
    with bounded_connection() as connection:
        return connection.execute(query).fetchall()


def _order(flow: Flow) -> tuple[int, int, str, str]:
    return SORTS.index(flow.sort), -flow.count.records, flow.old_reason, flow.new_reason


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")
