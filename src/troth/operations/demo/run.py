"""One run of the demonstration: a made-up organisation, its vault, a release, receipts, a withdrawal and an erasure."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, TrothError, UsageError
from troth.operations.build import BuildRequest, Built, build_release
from troth.operations.connection import bounded_connection
from troth.operations.decide import Progress, silent
from troth.operations.demo.organisation import Organisation, Talk, organisation
from troth.operations.demo.receipts import Held, two_receipts
from troth.operations.demo.taken_back import TakenBack, taken_back
from troth.operations.demo.talk import write_talk
from troth.operations.demo.world import talks, write_world
from troth.operations.records import Staged, staged_records
from troth.operations.verify import VerifyRequest, verify_release
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.record import record
from troth.release.keys import new_key
from troth.verify.report import Report

TERMS = "anthropic-consumer"
PURPOSE = "train.general"
SEED = 7
ORIGIN = "example.org/demo"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run made, and what is to be said of it."""

    folder: Path
    made_up: tuple[str, ...]
    """In sentences: what the seed gave, because the logs do not tell it."""
    conversations: int
    """How many went in."""
    built: Built
    report: Report
    receipts: tuple[Held, ...]
    """One of a conversation in the release and one of a conversation that is not, where there are such."""
    taken_back: TakenBack | None
    """What a withdrawal and an erasure then did to the release; None where nobody is in it."""


def run_demo(runs: Path, data: tuple[str, ...], progress: Progress = silent) -> Shown:
    """Run the main job in a new folder below ``runs``: on the logs at ``data``, else on invented ones.

    Damaged pieces of logs are left out and counted. Raises the errors of logs and of builds.
    """
    folder = _next_folder(runs)
    try:
        return _run(folder, data, progress)
    except TrothError:
        shutil.rmtree(folder)
        raise


def _run(folder: Path, data: tuple[str, ...], progress: Progress) -> Shown:
    logs = data or (str(write_talk(folder / "talk.jsonl", SEED)),)
    records, history, made, sentences = _world(folder, logs, invented=not data, progress=progress)
    secret, public = new_key(folder / "demo")
    workspace = init_workspace(folder / "workspace", ORIGIN)
    (folder / "log.vkey").write_text("".join(f"{vkey}\n" for vkey in workspace.vkeys), encoding="utf-8")
    record(workspace.folder, (str(history),), progress)
    ingest(workspace.folder, (str(records),), progress=progress)
    asked = BuildRequest(
        terms=TERMS, options={}, history=(), records=(), purpose=PURPOSE, at=made.asked,
        seed=SEED, out=folder / "release", jobs=2, sign_key=secret, workspace=workspace.folder,
    )  # fmt: skip
    built = build_release(asked, progress)
    report, _ = verify_release(
        VerifyRequest(
            asked.out, public, TERMS, {}, (str(history),), (str(records),), log_key=str(folder / "log.vkey"),
            ledger=str(workspace.folder / "ledger"), receipts=(folder / "release.receipt",),
        ),
        progress,
    )  # fmt: skip
    receipts = two_receipts(folder, workspace.folder, asked.out, progress)
    gone = taken_back(folder, workspace.folder, asked.out, TERMS, PURPOSE, progress)
    return Shown(folder, sentences, len(made.began), built, report, receipts, gone)


def _next_folder(runs: Path) -> Path:
    """A folder that no earlier run has: ``run-001``, then ``run-002``, and so on."""
    runs.mkdir(parents=True, exist_ok=True)
    for number in range(1, 100_000):
        folder = runs / f"run-{number:03}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise UsageError("there are too many runs", place=Place(str(runs)), remedy="remove some of them")


def _world(
    folder: Path, logs: tuple[str, ...], *, invented: bool, progress: Progress
) -> tuple[Path, Path, Organisation, tuple[str, ...]]:
    with bounded_connection() as connection, staged_records(logs, None, True, connection, progress) as staged:
        found = talks(connection, staged.files)
        made = organisation(found, SEED)
        records, history = write_world(folder, staged.files, made)
        return records, history, made, _sentences(staged, found, made, invented=invented)


def _sentences(staged: Staged, found: list[Talk], made: Organisation, *, invented: bool) -> tuple[str, ...]:
    untimed = sum(talk.began is None for talk in found)
    nobody = sum(talk.account is None for talk in found)
    people = len({event["account"] for event in made.events if event["event"] == "account.opened"})
    report = staged.report
    files = len(report.files) if report else len(staged.files)
    skipped = len(report.skipped) if report else 0
    told = [
        f"{_many(len(found), 'conversation')}, {_many(staged.count, 'record')}, from {_many(files, 'file')}"
    ]
    if skipped:
        told.append(
            f"{_many(skipped, 'file')} held no conversations and {'was' if skipped == 1 else 'were'} passed over"
        )
    if staged.damaged:
        told.append(f"{_many(staged.damaged, 'damaged piece')} left out")
    if invented:
        told.append("all of it invented")
    sentences = [
        "; ".join(told) + ".",
        f"Made up from seed {SEED}: {_many(people, 'account')} with plans and choices, {_many(len(made.events), 'event')}.",
    ]
    if untimed or nobody:
        sentences.append(
            f"Made up too, where the logs do not tell: times for {untimed:,} conversations, accounts for {nobody:,}."
        )
    return tuple(sentences)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
