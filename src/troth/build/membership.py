"""Stage 10. The membership tree over the commitments of the released conversations."""

from __future__ import annotations

from pathlib import Path

from troth.build.crew import Crew
from troth.build.engine import Engine, literal
from troth.errors import ReleaseError
from troth.release.layout import MEMBERSHIP
from troth.release.manifest import MembershipPart
from troth.release.membership import build


def write_membership(
    engine: Engine, crew: Crew, commitments: Path, work: Path, release: Path
) -> MembershipPart:
    """Write the tree over the ``kept`` conversations. Raises `ReleaseError` where one has no commitment."""
    labels = work / "labels"
    query = (
        "SELECT c.commitment FROM kept k LEFT JOIN"
        f" read_parquet({literal(str(commitments))}) c ON c.conversation = k.conversation"
    )
    count = 0
    with labels.open("wb") as file:
        for batch in engine.stream(query):
            found = batch.column(0)
            if found.null_count:
                raise ReleaseError(
                    "a released conversation has no commitment",
                    remedy="report this: it is a bug of the intake",
                )
            file.write(b"".join(found.to_pylist()))
            count += len(found)
    root = build(labels, release / MEMBERSHIP, crew.each)
    labels.unlink()
    return MembershipPart(leaves=count, root=root.hex())
