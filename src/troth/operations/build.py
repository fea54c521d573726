"""``troth build``: logs and a history in, a release out, decided in columns."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from troth.build.inputs import BuildInputs, LogSource
from troth.build.pipeline import Announce, build, unannounced
from troth.build.scaffold import require_new
from troth.canon.canonical import digest_of_file
from troth.decide.columns.engine import DECIDED_SCHEMA, Columns
from troth.decide.columns.tables import AskedAt
from troth.detect.custom import declared_in, manners_in
from troth.detect.filter import Filter, SensitiveFilter
from troth.history.history import digest_of_events
from troth.history.read import EventSource, open_history
from troth.operations.connection import bounded_connection
from troth.operations.decide import Progress, silent
from troth.operations.events import Events
from troth.operations.finder import finder_with
from troth.operations.notices import Noticed, notices
from troth.operations.records import Staged, record_files, staged_records
from troth.operations.whole_file import whole_file
from troth.operations.workspace.receipts.receipts import release_receipt_in
from troth.operations.workspace.releases.books import Books, books
from troth.operations.write_records import files_read
from troth.release.keys import load_private_key
from troth.release.layout import EXCLUDED, FINDINGS, MANIFEST
from troth.release.manifest import Release
from troth.release.report import SummaryRow, Where, read_left_out, report_html, report_text, summary_rows
from troth.terms.archive import load
from troth.types.decision import DECISION_COLUMNS
from troth.types.moment import Moment
from troth.types.record import RECORD_SCHEMA


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What a person asks for."""

    terms: str
    options: Mapping[str, str]
    history: tuple[str, ...]
    records: tuple[str, ...]
    """Logs; none of them: the vault of the workspace."""
    purpose: str
    at: Moment
    seed: int
    out: Path
    sample: float = 1.0
    jobs: int = 1
    sign_key: Path | None = None
    mapping: Path | None = None
    keep_going: bool = False
    workspace: Path | None = None
    """The workspace whose events are the history, and in whose ledger the build is recorded; None: no ledger."""
    checkpoint: int | None = None
    """In a workspace: the size of the checkpoint that names the history; None: the newest."""
    findings: Path | None = None
    """The findings of an earlier build from the same inputs; None: they are found anew."""


@dataclass(frozen=True, slots=True)
class Built:
    """A release, and what was noticed on the way to it."""

    release: Release
    manifest: str
    """The digest of the manifest, which names the release."""
    text: str
    """The summary for a terminal."""
    rows: tuple[SummaryRow, ...]
    page: Path
    """The report for people. It is no part of the release, and lies beside it."""
    noticed: Noticed
    receipt: Path | None
    """Proof that the ledger has the build and the release, beside it; None without a workspace."""
    warnings: tuple[str, ...]
    """What went wrong around the ledger without stopping it."""
    findings: Path | None = None
    """What the filter found, beside the release; None where none was used."""
    gone: int = 0
    """Records of the vault that were left out: they are erased."""


def build_release(asked: BuildRequest, progress: Progress = silent) -> Built:
    """Read, decide, build and report. Raises what goes wrong; then there is no release."""
    draft = _draft(asked, progress)
    sensitive = _filter(draft)
    with ExitStack() as stack:
        connection = stack.enter_context(bounded_connection())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="troth-build-")))
        opened = None
        if asked.workspace is not None:
            opened = stack.enter_context(books(asked.workspace, asked.checkpoint, folder, progress))
        records = stack.enter_context(record_files(asked.records, asked.workspace, progress))
        staging = staged_records(records.files, asked.mapping, asked.keep_going, connection, progress)
        staged = stack.enter_context(staging)
        if opened is not None:
            draft = replace(draft, recorded=opened.take_in(staged.files, connection))
            opened.start(draft)
        source = open_history(list(asked.history if opened is None else opened.history()), connection)
        events = Events(source, connection)
        told = notices(events, draft.terms)
        known = events.chosen('"at" <= ? AND recorded_at <= ?', [asked.at, asked.at])
        digest = digest_of_events(known)
        decisions = folder / "decisions.parquet"
        conversations = _decide(draft, source, staged, decisions, connection)
        inputs = replace(
            draft,
            records=tuple(_exact(file, folder) for file in staged.as_read),
            decisions=decisions,
            history_digest=digest,
            sources=_sources(staged),
        )
        release = build(inputs, sensitive, _announce(opened, asked.out))
        noticed = Noticed(told, source.repeated, staged.repeated, staged.report)
        built = _reported(inputs, release, conversations, noticed)
        built = replace(built, gone=records.gone)
        return built if opened is None else _recorded(built, opened, asked.out)


def _announce(opened: Books | None, out: Path) -> Announce:
    if opened is None:
        return unannounced
    return lambda release, manifest: opened.announce(release, manifest, out)


def _recorded(built: Built, opened: Books, out: Path) -> Built:
    """The same, once the ledger has the release and its receipt lies beside it."""
    opened.close()
    receipt = out.with_name(f"{out.name}.receipt")
    with whole_file(receipt) as partial:
        partial.write_bytes(release_receipt_in(opened.workspace, built.manifest))
    return replace(built, receipt=receipt, warnings=tuple(opened.warnings))


def _draft(asked: BuildRequest, progress: Progress) -> BuildInputs:
    """The inputs as far as they are known before anything is read: what cannot be is found out here."""
    terms = load(asked.terms, asked.options)
    draft = BuildInputs(
        records=(), decisions=Path(), terms=terms, purpose=asked.purpose, at=asked.at, seed=asked.seed,
        sample=asked.sample, history_digest="", as_of=asked.at, sources=(), jobs=asked.jobs,
        sign_key=asked.sign_key, out=asked.out, progress=progress,
        kept=asked.findings,
    )  # fmt: skip
    draft.check()
    require_new(asked.out)
    if asked.sign_key is not None:
        load_private_key(asked.sign_key)
    return draft


def _filter(draft: BuildInputs) -> Filter | None:
    """The filter under the version in force; None where it requires none.

    Raises ``TermsError`` where what it declares of sensitive data is wrong.
    """
    declared = declared_in(draft.version)
    if not draft.filters:
        return None
    manners = manners_in(draft.version, draft.purpose)
    return SensitiveFilter(finder_with(declared), manners, declared.kinds)


def _decide(
    draft: BuildInputs, source: EventSource, staged: Staged, out: Path, connection: duckdb.DuckDBPyConnection
) -> int:
    """Write the decision on every distinct record, and count the conversations."""
    columns = [*DECISION_COLUMNS, "plan"]
    done = 0
    tables = Columns(draft.terms, connection).decide(
        source, list(staged.files), [AskedAt(0, draft.at)], draft.purpose
    )
    with pq.ParquetWriter(
        out, DECIDED_SCHEMA.empty_table().select(columns).schema, compression="zstd"
    ) as writer:
        for table in tables:
            writer.write_table(table.select(columns))
            done += table.num_rows
            draft.progress("decide", done, staged.count)
    query = "SELECT count(DISTINCT conversation) FROM read_parquet(?)"
    return int(connection.execute(query, [str(out)]).fetchall()[0][0])


def _sources(staged: Staged) -> tuple[LogSource, ...]:
    counts: Counter[str] = Counter()
    for file in files_read(staged):
        counts[file.format] += file.records
    return tuple(LogSource(name, counts[name]) for name in sorted(counts))


def _exact(file: Path, folder: Path) -> Path:
    """The file, or a copy of it where only what its columns say of nulls or themselves differs."""
    if pq.read_schema(file).equals(RECORD_SCHEMA):
        return file
    copy = folder / f"exact-{len(list(folder.iterdir()))}.parquet"
    with pq.ParquetFile(file) as read, pq.ParquetWriter(copy, RECORD_SCHEMA, compression="zstd") as writer:
        for group in range(read.num_row_groups):
            writer.write_table(read.read_row_group(group).select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA))
    return copy


def _reported(inputs: BuildInputs, release: Release, conversations: int, noticed: Noticed) -> Built:
    where = Where(str(inputs.out), digest_of_file(inputs.out / MANIFEST), conversations)
    left = read_left_out(inputs.out / EXCLUDED)
    page = inputs.out.with_name(f"{inputs.out.name}.report.html")
    with whole_file(page) as partial:
        partial.write_text(report_html(release, where, terms=inputs.terms, left=left), encoding="utf-8")
    text = report_text(release, where, terms=inputs.terms, left=left)
    rows = summary_rows(release, inputs.terms, left)
    kept = inputs.out.with_name(inputs.out.name + FINDINGS) if release.filter.required else None
    return Built(release, where.manifest, text, rows, page, noticed, None, (), kept)
