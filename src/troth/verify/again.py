"""Step 8, second half. The point decision falls on every record as the release says it fell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from troth.decide.point.reference import Explained
from troth.errors import HistoryError
from troth.history.history import History
from troth.release.layout import EXCLUDED, MANIFEST
from troth.release.manifest import Release
from troth.release.stages import DECIDE
from troth.terms.model import Terms
from troth.types.decision import Decision
from troth.types.moment import FIRST, Moment, format_moment, parse_moment
from troth.types.said import Said
from troth.verify.excluded import Excluded, Left
from troth.verify.judge import Judge
from troth.verify.kept import explained
from troth.verify.logs import NOWHERE, LogCheck
from troth.verify.marks import Numbers
from troth.verify.released import Released, Verdict
from troth.verify.report import Notes, Progress, plural, shown
from troth.verify.sealed import Unlocking
from troth.verify.tally import different_counts

HISTORY = "history"
NOT_ALLOWED = "do not use this record; ask the publisher why it was released"
NOT_AS_TOLD = "ask the publisher for a release that was decided under these terms and this history"
_SLICE = 16_384


@dataclass(frozen=True, slots=True)
class VerifyInputs:
    """What an outsider needs to decide again."""

    terms: Terms
    history: History
    records: Iterable[pa.RecordBatch]
    """Of ``RECORD_SCHEMA``; read once, in any order."""
    findings: Path | None = None
    """The findings that the build kept, where there are any."""


def check_decisions(
    manifest: Release,
    inputs: VerifyInputs,
    sides: tuple[Released, Excluded],
    unlocking: Unlocking | None,
    notes: Notes,
    progress: Progress,
) -> None:
    """Step 8. Hold the release against history and logs, record by record."""
    released, excluded = sides
    history = inputs.history.known_at(parse_moment(manifest.history.as_of))
    if history.digest() != manifest.history.digest:
        what = f"the history given, as of {manifest.history.as_of}, is not the one of the manifest"
        notes.found(HISTORY, what, "give the history of the release; decisions below rest on the one given")
    logs = LogCheck(manifest, sides, explained(manifest, inputs.findings, unlocking, notes), notes)
    logs.run(inputs.records, progress)
    judge = Judge(inputs.terms, history, manifest.purpose, parse_moment(manifest.at))
    Again(manifest, released, excluded, notes).run(judge, logs, progress)


class Again:
    """Compares what the release says of each record with the decision."""

    def __init__(self, manifest: Release, released: Released, excluded: Excluded, notes: Notes) -> None:
        self._manifest, self._notes = manifest, notes
        self._released, self._excluded = released, excluded
        self._plans: Counter[str] = Counter()
        self._asked: set[tuple[str, str]] = set()

    def run(self, judge: Judge, logs: LogCheck, progress: Progress) -> None:
        """Decide each distinct record of the logs."""
        table, places = logs.deciding()
        done = 0
        for conversation, said, theirs in _conversations(table, places):
            try:
                explained = list(judge.explain(conversation, said))
            except HistoryError as problem:
                self._notes.found(HISTORY, problem.what, problem.remedy, kind="a record told in two ways")
                continue
            for one, found, place in zip(said, explained, theirs, strict=True):
                self._record(one, found, place, logs, judge)
            before, done = done, done + len(said)
            if done // 1000 > before // 1000:
                progress("decide", done, len(places))
        if not self._notes.failed:
            for fault in different_counts("statistics.plans", self._manifest.statistics.plans, self._plans):
                self._notes.found(MANIFEST, fault, NOT_AS_TOLD, kind="plans that are not those decided on")
        self._notes.checked(f"{plural(done, 'record')} decided again, one by one, with the point decision")
        if self._released.removed:
            told = plural(self._released.removed, "row")
            self._notes.not_checked(f"reason, clause and end of keeping of {told} removed since")
        self._notes.not_checked("which sensitive data the filter found: the filter is not run")
        self._notes.not_checked("which of two duplicates is one: words are not compared again")

    def _record(self, said: Said, found: Explained, place: int, logs: LogCheck, judge: Judge) -> None:
        if judge.elsewhere(said):
            what = (
                f"the record {shown(said.record)} has one conversation in the history and another in the log"
            )
            self._notes.found(HISTORY, what, "mend the one that is wrong", kind="a record told in two ways")
        if place == NOWHERE:
            self._of_removed(found)
            return
        here, number = logs.where(place)
        if here:
            self._plans[found.facts.get("plan", "unknown")] += 1
            self._of_released(
                found.decision, self._released.verdict(number), self._released.keep_until(number)
            )
            self._require_filter(found, said.kind)
        else:
            self._of_excluded(found.decision, self._excluded.left(number))

    def _of_released(self, decision: Decision, verdict: Verdict, keep: Moment | None) -> None:
        record = shown(decision.record)
        if not decision.allow:
            told = f"the record {record} is released as {shown(verdict[0])}"
            what = f"not permitted: {told}, and {_told(decision)}"
            self._notes.found("shards", what, NOT_ALLOWED, kind="a record that is not permitted")
        elif (decision.reason, decision.rule, decision.clause) != verdict:
            what = f"the record {record} is released as {_words(*verdict)}, and {_told(decision)}"
            self._notes.found("shards", what, NOT_AS_TOLD, kind="a record allowed for another reason")
        elif decision.keep_until != keep:
            told = f"the record {record} is kept until {_end(keep)}"
            what = f"{told}, and the terms say {_end(decision.keep_until)}"
            self._notes.found("shards", what, NOT_AS_TOLD, kind="a record kept too long or too short")

    def _of_removed(self, found: Explained) -> None:
        """A record in no row: where rows were removed, it was released, and so it must be allowed."""
        if not self._released.removed:
            return
        self._plans[found.facts.get("plan", "unknown")] += 1
        if not found.decision.allow:
            record = shown(found.decision.record)
            what = f"not permitted: the record {record} was released and removed since, and {_told(found.decision)}"
            self._notes.found("shards", what, NOT_ALLOWED, kind="a record that is not permitted")

    def _of_excluded(self, decision: Decision, left: Left) -> None:
        record = shown(decision.record)
        if left.stage != DECIDE:
            if not decision.allow:
                what = f"the record {record} left as {shown(left.reason)}, and {_told(decision)}"
                self._notes.found(EXCLUDED, what, NOT_AS_TOLD, kind="a record that left too late")
        elif decision.allow or (decision.reason, decision.rule, decision.clause) != (
            left.reason,
            left.rule,
            left.clause,
        ):
            told = _words(left.reason, left.rule, left.clause)
            what = f"the record {record} is excluded as {told}, and {_told(decision)}"
            self._notes.found(EXCLUDED, what, NOT_AS_TOLD, kind="a record excluded for another reason")

    def _require_filter(self, found: Explained, kind: str) -> None:
        """Where the version of the terms in force asks for a filter, the release must have applied one."""
        version = found.version
        if version is None or (version.version, kind) in self._asked:
            return
        self._asked.add((version.version, kind))
        purpose, told = self._manifest.purpose, self._manifest.filter
        for one in version.filters:
            if purpose in one.purposes and kind in one.kinds and kind not in told.kinds:
                what = f"{shown(one.clause)} asks to filter records of kind {kind}, and the release did not"
                self._notes.found(MANIFEST, what, NOT_AS_TOLD)


def _conversations(table: pa.Table, places: Numbers) -> Iterator[tuple[str, list[Said], list[int]]]:
    """The records of each conversation, with their places."""
    order = pc.sort_indices(table.column("conversation"))
    rows = _rows(table, places, order)
    for conversation, group in groupby(rows, key=lambda row: row[0].conversation):
        together = list(group)
        yield conversation, [said for said, _ in together], [place for _, place in together]


def _rows(table: pa.Table, places: Numbers, order: pa.Array) -> Iterator[tuple[Said, int]]:
    for start in range(0, len(order), _SLICE):
        rows = order.slice(start, _SLICE)
        part = table.take(rows)
        moments = part.column("at").cast(pa.int64()).to_pylist()
        names = ("record", "conversation", "account", "role", "kind", "product", "channel", "plan")
        columns = [part.column(name).cast(pa.string()).to_pylist() for name in names]
        theirs = places[np.asarray(rows)].tolist()
        for (record, conversation, account, *rest), at, place in zip(
            zip(*columns, strict=True), moments, theirs, strict=True
        ):
            learned = FIRST if at is None else at
            yield Said(record, conversation, account, at, learned, *rest), place


def _told(decision: Decision) -> str:
    verb = "allow" if decision.allow else "deny"
    return f"the terms {verb} it: {_words(decision.reason, decision.rule, decision.clause)}"


def _words(reason: str, rule: str, clause: str) -> str:
    where = ", ".join(
        part for part in (rule and f"rule {shown(rule)}", clause and f"clause {shown(clause)}") if part
    )
    return f"{shown(reason)} ({where})" if where else shown(reason)


def _end(keep: Moment | None) -> str:
    return "no end" if keep is None else format_moment(keep)
