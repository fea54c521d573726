"""The second look of a build: a sample of what was filtered is looked at again, with stricter settings.

Each record is drawn or not by a hash of seed and id, so that the same build draws the same ones, whatever the number of
processes is. Only what is released counts in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from troth.build.engine import Engine, literal
from troth.build.replacing import Duty, Replaced
from troth.build.sampling import hash_of, limit
from troth.release.manifest import SecondLook
from troth.types.edit import Edit
from troth.types.interval import told

LOOKED_AT = 1000
"""About how many released texts are looked at, if there are so many."""
LOOKED = pa.schema(
    [
        pa.field("record", pa.string(), nullable=False),
        pa.field("conversation", pa.string(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("places", pa.int64(), nullable=False),
    ]
)
"""One row for each record that was looked at and each kind that was found; without a kind where nothing was."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which texts are looked at."""

    seed: int
    share: float
    """Of the conversations that the build takes."""
    rate: float
    """Of their records."""

    def draws(self, record: str, conversation: str) -> bool:
        """Whether a record is looked at: its conversation may be released, and its own hash is small."""
        inside = self.share >= 1 or hash_of(self.seed, "sample", conversation) < limit(self.share)
        return inside and (self.rate >= 1 or hash_of(self.seed, "second-look", record) < limit(self.rate))


def draw_of(engine: Engine, seed: int, share: float) -> Draw:
    """A draw of about `LOOKED_AT` of the records that are allowed."""
    ((allowed,),) = engine.rows("SELECT count(*) FROM decisions WHERE allow")
    expected = allowed * share
    return Draw(seed, share, 1.0 if expected <= LOOKED_AT else LOOKED_AT / expected)


def look_again(duty: Duty, draw: Draw, rows: pa.Table, found: Replaced, path: Path) -> None:
    """Look at the drawn texts of some filtered rows, and write what is still in them."""
    told_of = zip(*(rows.column(name).to_pylist() for name in ("record", "conversation")), strict=True)
    drawn = [
        (record, conversation, text)
        for (record, conversation), text in zip(told_of, found.texts.to_pylist(), strict=True)
        if text and draw.draws(record, conversation)
    ]
    put = [_places(found.kept.get(talk, {}).get(record, ())) for record, talk, _ in drawn]
    left = duty.filter.second_look([text for _, _, text in drawn], put)
    nothing: list[tuple[str | None, int]] = [(None, 0)]
    out = [
        (record, talk, kind, places)
        for (record, talk, _), kinds in zip(drawn, left, strict=True)
        for kind, places in (sorted(kinds.items()) or nothing)
    ]
    columns = [pa.array([row[place] for row in out], column.type) for place, column in enumerate(LOOKED)]
    pq.write_table(pa.table(columns, schema=LOOKED), path)


def _places(edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Where what was put stands in the text that came of the edits."""
    return list(_moved(edits))


def _moved(edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    moved = 0
    for edit in edits:
        start = edit.start + moved
        yield start, start + len(edit.put)
        moved += len(edit.put) - (edit.end - edit.start)


def second_look(engine: Engine, folder: Path, kinds: Sequence[str]) -> SecondLook:
    """What was found in the texts that are released; ``folder`` has what `look_again` wrote."""
    texts = looked_at = holding = 0
    found: dict[str, int] = {}
    if any(folder.iterdir()):
        looked = f"read_parquet({literal(str(folder / '*.parquet'))}) JOIN kept USING (conversation)"
        ((looked_at, holding),) = engine.rows(
            f"SELECT count(DISTINCT record), count(DISTINCT record) FILTER (kind IS NOT NULL) FROM {looked}"
        )
        found = dict(
            engine.rows(
                f"SELECT kind, sum(places)::BIGINT FROM {looked} WHERE kind IS NOT NULL GROUP BY 1 ORDER BY 1"
            )
        )
        prepared = f"read_parquet({literal(str(folder.parent / 'prepared' / '*.parquet'))})"
        ((texts,),) = engine.rows(
            f"SELECT count(*) FROM {prepared} p JOIN kept k ON k.number = p.conversation_number"
            " WHERE p.text <> '' AND p.kind IN (SELECT unnest(?))",
            [list(kinds)],
        )
    low, high = told(holding, looked_at)
    return SecondLook(texts, looked_at, holding, found, low, high)
