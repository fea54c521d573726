"""The thread that does jobs: it takes one, holds it while it works, and says what came of it."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress

from troth.errors import StoreError, TrothError
from troth.operations.live.running import Live
from troth.types.moment import DAY
from troth.web.access.secret import Secret
from troth.web.logs import log_event, log_failure
from troth.web.tables.open import Tables
from troth.web.work.jobs import (
    LEASE,
    MOST_ATTEMPTS,
    Job,
    end_job,
    forget_results,
    input_of,
    renew_job,
    take_job,
)
from troth.web.work.kinds import KINDS, Working

LOOK = 0.5
"""Seconds between two looks for work."""
KEPT = DAY
"""For how long a result can be fetched."""
_TOO_OFTEN = "it stopped whoever worked on it again and again, and was given up"
_INSIDE = "something went wrong inside; nothing more is told here, and the log has where"


class Runner:
    """Does jobs, one at a time. A job that stops its worker is taken up by another when its lease ends."""

    def __init__(self, live: Live, tables: Tables, secret: Secret) -> None:
        self._live, self._tables, self._secret = live, tables, secret
        self._holder = secrets.token_hex(8)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="troth-jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is work."""
        self._wake.set()

    def close(self) -> None:
        """End after the job that is under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                job = take_job(self._tables, self._holder, self._live.stamps.now())
                if job is not None:
                    self._do(job)
                    continue
                forget_results(self._tables, self._live.stamps.now() - KEPT)
            except Exception as problem:  # noqa: BLE001 - a job that cannot be taken now is taken later
                log_failure("jobs cannot be taken", problem)
            self._wake.wait(LOOK)
            self._wake.clear()

    def _do(self, job: Job) -> None:
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(job, done), daemon=True)
        renewing.start()
        try:
            result, sound = self._result(job)
        finally:
            done.set()
            renewing.join()
        at = self._live.stamps.now()
        end_job(self._tables, self._secret, job.id, self._holder, at, result, done=sound)
        log_event("job", kind=job.kind, job=job.id, state="done" if sound else "failed")

    def _result(self, job: Job) -> tuple[bytes, bool]:
        if job.attempts > MOST_ATTEMPTS:
            return _TOO_OFTEN.encode(), False
        try:
            working = Working(self._live, self._live.stamps.now())
            return KINDS[job.kind](working, input_of(self._secret, job)), True
        except TrothError as problem:
            log_failure("job", problem, kind=job.kind, job=job.id)
            return str(problem).encode(), False
        except Exception as problem:  # noqa: BLE001 - the job fails, and the next one is done
            log_failure("job", problem, kind=job.kind, job=job.id)
            return _INSIDE.encode(), False

    def _renew(self, job: Job, done: threading.Event) -> None:
        while not done.wait(LEASE / 4e6):
            with suppress(
                StoreError
            ):  # the next time is soon enough, and without it another worker takes over
                renew_job(self._tables, job.id, self._holder, self._live.stamps.now())
