"""Two receipts of the demonstration: a conversation that is in the release and one that is not, checked offline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from troth.operations.decide import Progress
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.whole_file import whole_file
from troth.operations.workspace.receipts.receipts import receipt_of_conversation
from troth.release.layout import EXCLUDED, SHARDS
from troth.verify.receipts.report import ReceiptReport


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt that a person would hold, and what checking it found."""

    conversation: str
    included: bool
    file: Path
    report: ReceiptReport


def two_receipts(folder: Path, workspace: Path, release: Path, progress: Progress) -> tuple[Held, ...]:
    """Write the receipt of one released and of one excluded conversation, and check both with the public key alone."""
    held = []
    for name, included in (("included", True), ("excluded", False)):
        conversation = _first(release, included=included)
        if conversation is None:
            continue
        file = folder / f"{name}.receipt"
        with whole_file(file) as partial:
            made = receipt_of_conversation(workspace, conversation, (str(release),), progress)
            partial.write_bytes(made.data)
        asked = VerifyRequest(None, receipts=(file,), log_key=str(folder / "log.vkey"))
        held.append(Held(conversation, included, file, verify_all(asked).receipts[0]))
    return tuple(held)


def _first(release: Path, *, included: bool) -> str | None:
    """The first conversation, by id, that is in the release; or the first of those that are not at all."""
    shards = f"{release}/{SHARDS}/*.parquet"
    released = "SELECT conversation FROM read_parquet(?)"
    query, values = f"SELECT min(conversation) FROM ({released})", [shards]
    if not included:
        query = f"SELECT min(conversation) FROM read_parquet(?) WHERE conversation NOT IN ({released})"
        values = [str(release / EXCLUDED), shards]
    with duckdb.connect() as connection:
        ((found,),) = connection.execute(query, values).fetchall()
    return None if found is None else str(found)
