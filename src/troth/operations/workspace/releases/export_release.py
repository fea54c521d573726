"""``troth export --plain``: what may still be used of a sealed release, in plain, to a recipient whom the terms name.

The ledger says so first. Whoever gets the file has all of it in plain: it is outside of what Troth can withhold or
erase.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from troth.errors import ReleaseError, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.whole_file import whole_file
from troth.operations.workspace.acts import act
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases.grant import Grant, granted
from troth.operations.workspace.releases.read_release import ReadReport, ReadRequest, count
from troth.operations.workspace.releases.readable import in_force, readable
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.proof.payloads import Content, ExportPayload
from troth.release.rows import SHARD_SCHEMA
from troth.terms.model import Recipient, Terms
from troth.types.moment import Moment

EXPORT_SCHEMA = pa.schema(
    [field for field in SHARD_SCHEMA if field.name != "salt"], metadata={b"troth.format": b"export/1"}
)
"""A row of an export: that of a plain shard without its salt."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What left, for whom, and under which clause."""

    report: ReadReport
    recipient: str
    clause: str
    ledger: Sequenced


def export_release(asked: ReadRequest, recipient: str, out: Path, progress: Progress = silent) -> Exported:
    """Write what may be used of a release now to ``out``, as Parquet, after the ledger has the entry of it.

    The file appears whole or not at all. Raises `UsageError` where the terms do not name the recipient for the
    purpose, or ``out`` exists; `ReleaseError` where a record was erased between the entry and the file; and all
    that reading raises.
    """
    if out.exists():
        raise UsageError(f"{out} exists", remedy="choose another name")
    at = now()
    with (
        opened(asked.workspace) as workspace,
        readable(workspace, asked.release, asked.terms, asked.options) as release,
    ):
        named = require_recipient(release.terms, recipient, asked.purpose, at)
        with granted(workspace, release, asked.purpose, at) as grant:
            report = ReadReport(release.digest, asked.purpose, at)
            for one in grant.rows(opens=False):
                count(one, report)
                progress("decide", report.rows, None)
            told = ExportPayload(Content(release=release.digest), asked.purpose, recipient, report.opened)
            workspace.store.append([act("export", told, every_time=True)])
            ledger = sequence_pending(workspace, progress)
            _write(out, grant, report.opened, progress)
    return Exported(report, recipient, named.clause, ledger)


def require_recipient(terms: Terms, recipient: str, purpose: str, at: Moment) -> Recipient:
    """The recipient as the terms name it. Raises `UsageError` where a version that may be in force does not."""
    found = None
    for version in in_force(terms, at):
        named = [one for one in version.recipients if one.name == recipient and purpose in one.purposes]
        if not named:
            others = sorted({one.name for one in version.recipients if purpose in one.purposes})
            told = (
                f"for {purpose} it names {', '.join(others)}" if others else f"for {purpose} it names nobody"
            )
            raise UsageError(
                f"version {version.version!r} of {terms.name!r} does not allow {purpose} by {recipient!r}: {told}",
                remedy="nothing was opened; what is handed on, the terms must say first ([[recipients]])",
            )
        found = found or named[0]
    if found is None:
        raise UsageError(f"no version of {terms.name!r} is in force", remedy="nothing was opened")
    return found


def _write(out: Path, grant: Grant, promised: int, progress: Progress) -> None:
    with whole_file(out) as partial:
        written = 0
        with pq.ParquetWriter(partial, EXPORT_SCHEMA, compression="zstd") as writer:
            for rows in _opened(grant):
                writer.write_batch(rows.select(EXPORT_SCHEMA.names).cast(EXPORT_SCHEMA))
                written += rows.num_rows
                progress("export", written, promised)
        if written != promised:
            raise ReleaseError(
                f"{promised - written:,} records were erased while they were written",
                remedy="no file was left; export again, and the ledger will have both entries",
            )


def _opened(grant: Grant) -> Iterator[pa.RecordBatch]:
    for one in grant.rows(opens=True):
        if one.opened is not None and one.opened.num_rows:
            yield one.opened
