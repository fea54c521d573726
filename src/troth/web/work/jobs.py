"""The table of jobs: what is to be done, who does it until when, and what came of it. Inputs and results lie sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select, update

from troth.errors import RefusedError
from troth.types.moment import Moment
from troth.web.access.secret import Secret
from troth.web.tables.open import Tables
from troth.web.tables.schema import jobs

LEASE = 60_000_000
"""Microseconds for which a job is one worker's; it is renewed while they work."""
MOST_ATTEMPTS = 5
"""How often a job that stopped its worker is taken up again."""
_PURPOSE = "job"


@dataclass(frozen=True, slots=True)
class Job:
    """A job. Its input is opened by who does it."""

    id: str
    kind: str
    who: str
    """A keyed hash of who asked for it."""
    whose: bytes | None
    """A keyed hash of the account that it is about."""
    state: str
    """``queued``, ``running``, ``done`` or ``failed``."""
    attempts: int
    made: Moment
    changed: Moment
    sealed_input: bytes | None
    sealed_result: bytes | None
    progress: str | None
    """How far it has come, in words, while somebody works on it."""


def job_id(who: str, key: str | None, fresh: str) -> str:
    """The number of a job: the same for the same sender and Idempotency-Key."""
    told = fresh if key is None else f"{who}\x00{key}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def add_job(
    tables: Tables,
    secret: Secret,
    number: str,
    kind: str,
    who: str,
    whose: bytes | None,
    given: Any,
    at: Moment,
) -> Job:
    """Add a job. The same number again is the same job, and left alone. Raises `RefusedError` where it was another one."""
    with tables.writing() as connection:
        found = connection.execute(select(jobs).where(jobs.c.id == number)).first()
        if found is None:
            row = {
                "id": number, "kind": kind, "who": who, "whose": whose, "state": "queued", "attempts": 0,
                "input": secret.seal(_PURPOSE, msgspec.json.encode(given)), "lease": 0, "made": at, "changed": at,
            }  # fmt: skip
            connection.execute(jobs.insert().values(**row))
            found = connection.execute(select(jobs).where(jobs.c.id == number)).one()
    if (found.kind, found.who) != (kind, who):
        raise RefusedError(
            "key-reused", "this Idempotency-Key was sent with another request", remedy="use a new key"
        )
    return _job(found)


def queue_again(tables: Tables, secret: Secret, number: str, given: Any, at: Moment, before: Moment) -> None:
    """Have a job done once more that ended before a moment; until it has, its last result stays. Else nothing happens."""
    old = (jobs.c.id == number) & jobs.c.state.in_(("done", "failed")) & (jobs.c.changed < before)
    sealed = secret.seal(_PURPOSE, msgspec.json.encode(given))
    with tables.writing() as connection:
        connection.execute(
            update(jobs).where(old).values(state="queued", input=sealed, attempts=0, made=at, lease=0)
        )


def find_job(tables: Tables, number: str) -> Job | None:
    """A job, by its number."""
    with tables.reading() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == number)).first()
    return None if row is None else _job(row)


def take_job(tables: Tables, holder: str, at: Moment, kinds: Collection[str]) -> Job | None:
    """Take the oldest job of some kinds that nobody works on; None where there is none.

    One whose worker died is taken up again.
    """
    free = (jobs.c.state == "queued") | ((jobs.c.state == "running") & (jobs.c.lease < at))
    query = (
        select(jobs)
        .where(free, jobs.c.kind.in_(kinds))
        .order_by(jobs.c.made, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with tables.writing() as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        changed = {"state": "running", "holder": holder, "lease": at + LEASE, "changed": at}
        mine = update(jobs).where(jobs.c.id == row.id).values(attempts=row.attempts + 1, **changed)
        connection.execute(mine)
        return _job(connection.execute(select(jobs).where(jobs.c.id == row.id)).one())


def renew_job(tables: Tables, number: str, holder: str, at: Moment) -> None:
    """Go on holding a job."""
    with tables.writing() as connection:
        mine = (jobs.c.id == number) & (jobs.c.holder == holder)
        connection.execute(update(jobs).where(mine).values(lease=at + LEASE))


def note_progress(tables: Tables, number: str, holder: str, progress: str) -> None:
    """Say how far a job has come, in words that tell of no person."""
    with tables.writing() as connection:
        mine = (jobs.c.id == number) & (jobs.c.holder == holder)
        connection.execute(update(jobs).where(mine).values(progress=progress))


def keep_input(tables: Tables, secret: Secret, number: str, holder: str, given: Any) -> None:
    """Keep what a job is to be taken up again with, in the place of what it was given."""
    with tables.writing() as connection:
        mine = (jobs.c.id == number) & (jobs.c.holder == holder)
        sealed = secret.seal(_PURPOSE, msgspec.json.encode(given))
        connection.execute(update(jobs).where(mine).values(input=sealed))


def put_back(tables: Tables, number: str, holder: str, at: Moment) -> None:
    """Let go of a job that was stopped in order: whoever comes next takes it up at once, and it counts as no attempt."""
    mine = (jobs.c.id == number) & (jobs.c.holder == holder) & (jobs.c.state == "running")
    with tables.writing() as connection:
        back = {
            "state": "queued",
            "attempts": jobs.c.attempts - 1,
            "lease": 0,
            "changed": at,
            "progress": None,
        }
        connection.execute(update(jobs).where(mine).values(**back))


def end_job(
    tables: Tables, secret: Secret, number: str, holder: str, at: Moment, result: bytes, *, done: bool
) -> None:
    """Say what came of a job: its result, or what went wrong; its input is forgotten.

    Nothing happens where another worker has taken it up meanwhile.
    """
    mine = (jobs.c.id == number) & (jobs.c.holder == holder) & (jobs.c.state == "running")
    state, sealed = "done" if done else "failed", secret.seal(_PURPOSE, result)
    with tables.writing() as connection:
        changed = (
            update(jobs).where(mine).values(state=state, result=sealed, input=None, changed=at, progress=None)
        )
        connection.execute(changed)


def forget_results(tables: Tables, before: Moment) -> None:
    """Forget the results of jobs that ended before a moment: they may hold what a person said."""
    old = (jobs.c.changed < before) & jobs.c.state.in_(("done", "failed")) & jobs.c.result.is_not(None)
    with tables.writing() as connection:
        connection.execute(update(jobs).where(old).values(result=None))


def input_of(secret: Secret, job: Job) -> Any:
    """What a job was given."""
    return msgspec.json.decode(secret.open(_PURPOSE, job.sealed_input or b""))


def result_of(secret: Secret, job: Job) -> bytes | None:
    """What came of a job, or what went wrong; None where there is nothing yet, or not any more."""
    return None if job.sealed_result is None else secret.open(_PURPOSE, job.sealed_result)


def _job(row: Any) -> Job:
    return Job(
        row.id, row.kind, row.who, row.whose, row.state, row.attempts, row.made, row.changed,
        row.input, row.result, row.progress,
    )  # fmt: skip
