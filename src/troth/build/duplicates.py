"""Stage 5. Exact and near duplicates among allowed conversations; copies among denied ones are only counted.

Everything is done in the order of conversation ids, so the answer depends on the set of conversations alone.
In memory is one entry for each near duplicate, about 200 bytes, and nothing for other conversations: their
signatures (0.5 KiB each) stay on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from troth.build.engine import Engine, literal
from troth.build.sketch import BANDS, PERMUTATIONS, THRESHOLD, Signatures
from troth.release.manifest import DeniedCopies
from troth.release.stages import EXACT_DUPLICATE, NEAR_DUPLICATE

_SLICE = 4096
"""A bucket with more conversations is worked off in slices, each with the smallest of the bucket."""


class Clusters:
    """Sets of conversations, by number; each is named by its smallest."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def smallest(self, number: int) -> int:
        """The smallest number of the cluster of a number."""
        path = []
        while (above := self._above.get(number, number)) != number:
            path.append(number)
            number = above
        for one in path:
            self._above[one] = number
        return number

    def join(self, one: int, other: int) -> None:
        """Make one cluster of two."""
        one, other = sorted((self.smallest(one), self.smallest(other)))
        if one != other:
            self._above[other] = one

    def others(self) -> list[int]:
        """Every number that is not the smallest of its cluster, in order."""
        return sorted(self._above)


def find_duplicates(engine: Engine, sketches: Path) -> dict[str, int]:
    """Make the view ``sketches`` and the table ``duplicates`` (number and reason); count by reason."""
    found = any(sketches.iterdir())
    source = f"read_parquet({literal(str(sketches / '*.parquet'))})" if found else _NO_SKETCHES
    engine.run(f"CREATE VIEW sketches AS SELECT * FROM {source}")
    engine.run(
        "CREATE TABLE duplicates AS SELECT s.number, ? AS reason FROM sketches s JOIN"
        " (SELECT exact, min(number) AS first FROM sketches WHERE exact IS NOT NULL"
        "  GROUP BY exact HAVING count(*) > 1) f USING (exact) WHERE s.number <> f.first",
        [EXACT_DUPLICATE],
    )
    near = pa.table({"number": pa.array(_near(engine), pa.int64())})
    engine.load("near", near)
    engine.run("INSERT INTO duplicates SELECT number, ? FROM near", [NEAR_DUPLICATE])
    return dict(engine.rows("SELECT reason, count(*) FROM duplicates GROUP BY reason"))


_NO_SKETCHES = (
    "(SELECT '' AS conversation, 0::BIGINT AS number, 0::BIGINT AS rows, 0::BIGINT AS size,"
    " 0::BIGINT AS words, ''::BLOB AS exact, ''::BLOB AS signature, "
    + ", ".join(f"0::UBIGINT AS band_{band}" for band in range(BANDS))
    + " WHERE false)"
)


def _near(engine: Engine) -> list[int]:
    """The conversations that are not the smallest of their cluster of near duplicates."""
    engine.run(
        "CREATE TABLE candidates AS SELECT s.* FROM sketches s LEFT JOIN duplicates d USING (number)"
        " WHERE d.number IS NULL AND s.exact IS NOT NULL"
    )
    clusters = Clusters()
    for band in range(BANDS):
        for numbers, signatures in _buckets(engine, f"band_{band}"):
            _join_similar(clusters, numbers, signatures)
    engine.run("DROP TABLE candidates")
    return clusters.others()


def _buckets(engine: Engine, band: str) -> Iterator[tuple[list[int], Signatures]]:
    """The conversations that share a value of a band, ordered by number, in slices of `_SLICE`."""
    query = (
        f"SELECT {band}, number, signature FROM candidates WHERE {band} IN"
        f" (SELECT {band} FROM candidates GROUP BY {band} HAVING count(*) > 1) ORDER BY {band}, number"
    )
    rows = (
        row
        for batch in engine.stream(query)
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for _, bucket in groupby(rows, key=itemgetter(0)):
        held: list[tuple[int, int, bytes]] = []
        for row in bucket:
            held.append(row)
            if len(held) == _SLICE:
                yield _slice(held)
                held = held[:1]
        if len(held) > 1:
            yield _slice(held)


def _slice(rows: list[tuple[int, int, bytes]]) -> tuple[list[int], Signatures]:
    joined = b"".join(signature for _, _, signature in rows)
    return [number for _, number, _ in rows], np.frombuffer(joined, np.uint32).reshape(-1, PERMUTATIONS)


def _join_similar(clusters: Clusters, numbers: list[int], signatures: Signatures) -> None:
    """Join every two conversations of a bucket whose signatures agree in at least the threshold."""
    if len({clusters.smallest(number) for number in numbers}) == 1:
        return
    waiting: npt.NDArray[np.int64] = np.arange(len(numbers))
    while len(waiting):
        frontier, waiting = [int(waiting[0])], waiting[1:]
        while frontier and len(waiting):
            one = frontier.pop()
            similar = (signatures[waiting] == signatures[one]).mean(axis=1) >= THRESHOLD
            for other in waiting[similar].tolist():
                clusters.join(numbers[one], numbers[other])
                frontier.append(other)
            waiting = waiting[~similar]


def denied_copies(engine: Engine) -> DeniedCopies:
    """Denied conversations that say the same, turn by turn, as an allowed or an earlier denied one."""
    ((of_allowed, among_denied),) = engine.rows(
        "WITH said AS ("
        "  SELECT conversation, count(*) AS turns, bit_xor(md5_number(hex(said) || ' ' || position)) AS same"
        "  FROM came_in GROUP BY conversation HAVING count(said) > 0),"
        " standing AS (SELECT conversation, bool_or(allow) AS allowed FROM decisions GROUP BY conversation),"
        " groups AS (SELECT bool_or(allowed) AS allowed, count(*) FILTER (NOT allowed) AS denied"
        "  FROM said JOIN standing USING (conversation) GROUP BY same, turns)"
        " SELECT coalesce(sum(denied) FILTER (allowed), 0)::BIGINT,"
        " coalesce(sum(denied - 1) FILTER (NOT allowed), 0)::BIGINT FROM groups"
    )
    return DeniedCopies(of_allowed=of_allowed, among_denied=among_denied)
