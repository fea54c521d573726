"""Stage 8. The list of every record that went in and did not come out, with stage and reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from troth.build.engine import Engine, literal
from troth.build.parquet import write_release
from troth.errors import ReleaseError
from troth.release.manifest import Excluded
from troth.release.rows import EXCLUDED_SCHEMA
from troth.release.stages import (
    DECIDE,
    DEDUPLICATE,
    FILTER,
    INTAKE,
    NOT_SAMPLED,
    REPEATED,
    SAMPLE,
    SENSITIVE_RECORD,
    STAGES,
    UNFILTERED_MEDIA,
)

_REPEATING = ["conversation", "stage", "reason", "rule", "clause"]


def _list_excluded(engine: Engine, folder: Path) -> None:
    """Make the view ``excluded``."""
    _view(engine, "unfiltered", folder / "unfiltered", "record VARCHAR, conversation VARCHAR")
    _view(engine, "sensitive", folder / "sensitive", "record VARCHAR, conversation VARCHAR")
    columns = "record VARCHAR, conversation VARCHAR, conversation_number BIGINT"
    _view(engine, "prepared", folder / "prepared", columns)
    engine.run(
        "CREATE VIEW excluded AS"
        f" SELECT record, conversation, '{INTAKE}' AS stage, '{REPEATED}' AS reason, '' AS rule, '' AS clause"
        "  FROM repeated, range(1, times)"
        f" UNION ALL SELECT record, conversation, '{DECIDE}', reason, rule, clause"
        "  FROM decisions WHERE NOT allow"
        f" UNION ALL SELECT record, conversation, '{FILTER}', '{UNFILTERED_MEDIA}', '', '' FROM unfiltered"
        f" UNION ALL SELECT record, conversation, '{FILTER}', '{SENSITIVE_RECORD}', '', '' FROM sensitive"
        f" UNION ALL SELECT p.record, p.conversation, '{DEDUPLICATE}', d.reason, '', '' FROM prepared p"
        "  JOIN duplicates d ON d.number = p.conversation_number"
        f" UNION ALL SELECT p.record, p.conversation, '{SAMPLE}', '{NOT_SAMPLED}', '', '' FROM prepared p"
        "  ANTI JOIN duplicates d ON d.number = p.conversation_number"
        "  ANTI JOIN kept k ON k.number = p.conversation_number"
    )


def write_excluded(engine: Engine, work: Path, path: Path) -> tuple[Excluded, ...]:
    """Write ``excluded.parquet``, by record, stage and reason, and count by stage and reason.

    ``work`` has the folders that the stages before passed on.
    """
    _list_excluded(engine, work)
    query = f"SELECT {', '.join(EXCLUDED_SCHEMA.names)} FROM excluded ORDER BY record, stage, reason"
    write_release(path, EXCLUDED_SCHEMA, _REPEATING, _tables(engine, query))
    return _count_excluded(engine)


def _count_excluded(engine: Engine) -> tuple[Excluded, ...]:
    """How many records left, by stage in its order, then by reason."""
    found = engine.rows("SELECT stage, reason, count(*) FROM excluded GROUP BY ALL")
    found.sort(key=lambda row: (STAGES.index(row[0]), row[1]))
    return tuple(Excluded(stage=stage, reason=reason, records=count) for stage, reason, count in found)


def require_sum(came_in: int, released: int, excluded: tuple[Excluded, ...]) -> None:
    """Raise `ReleaseError` unless what came in is what came out and what left on the way."""
    left = sum(entry.records for entry in excluded)
    if came_in != released + left:
        raise ReleaseError(
            f"{came_in} records came in, {released} are released and {left} excluded: not the same"
        )


def _view(engine: Engine, name: str, folder: Path, columns: str) -> None:
    """A view of all chunks in a folder, or an empty table where there are none."""
    if any(folder.iterdir()):
        engine.run(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({literal(str(folder / '*.parquet'))})")
    else:
        engine.run(f"CREATE TABLE {name} ({columns})")


def _tables(engine: Engine, query: str) -> Iterator[pa.Table]:
    for batch in engine.stream(query):
        yield pa.Table.from_batches([batch]).cast(EXCLUDED_SCHEMA)
