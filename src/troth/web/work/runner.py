"""The threads that do jobs: each takes one, holds it while it works, and says what came of it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from troth.errors import StoreError, TrothError
from troth.operations.live.building import StoppedError
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
    keep_input,
    note_progress,
    put_back,
    renew_job,
    take_job,
)
from troth.web.work.kinds import BUILD, KINDS, Working

LANES = (tuple(kind for kind in KINDS if kind != BUILD), (BUILD,))
"""What is done one after the other: nobody's erasure waits for a build."""
NOTED = 1.0
"""Seconds after which progress is noted again."""
LOOK = 0.5
"""Seconds between two looks for work."""
KEPT = DAY
"""For how long a result can be fetched."""
_TOO_OFTEN = "it stopped whoever worked on it again and again, and was given up"
_INSIDE = "something went wrong inside; nothing more is told here, and the log has where"


class Runner:
    """Does jobs, one at a time, and beside them builds. A job that stops its worker is taken up when its lease ends."""

    def __init__(self, live: Live, tables: Tables, secret: Secret) -> None:
        self._live, self._tables, self._secret = live, tables, secret
        self._holder = secrets.token_hex(8)
        self._stop = threading.Event()
        self._lanes = [(kinds, threading.Event()) for kinds in LANES]
        self._threads = [
            threading.Thread(target=self._serve, args=lane, name="troth-jobs", daemon=True)
            for lane in self._lanes
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that there is work."""
        for _, wake in self._lanes:
            wake.set()

    def close(self) -> None:
        """End after the job that is under way. A build is stopped, and begun again by who comes next."""
        self._stop.set()
        self.wake()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _serve(self, kinds: Sequence[str], wake: threading.Event) -> None:
        while not self._stop.is_set():
            try:
                job = take_job(self._tables, self._holder, self._live.stamps.now(), kinds)
                if job is not None:
                    self._do(job)
                    continue
                forget_results(self._tables, self._live.stamps.now() - KEPT)
            except Exception as problem:  # noqa: BLE001 - a job that cannot be taken now is taken later
                log_failure("jobs cannot be taken", problem)
            wake.wait(LOOK)
            wake.clear()

    def _do(self, job: Job) -> None:
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(job, done), daemon=True)
        renewing.start()
        try:
            result, sound = self._result(job)
        except StoppedError:
            put_back(self._tables, job.id, self._holder, self._live.stamps.now())
            log_event("job", kind=job.kind, job=job.id, state="queued")
            return
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
            return KINDS[job.kind](self._working(job), input_of(self._secret, job)), True
        except StoppedError:
            raise
        except TrothError as problem:
            log_failure("job", problem, kind=job.kind, job=job.id)
            return str(problem).encode(), False
        except Exception as problem:  # noqa: BLE001 - the job fails, and the next one is done
            log_failure("job", problem, kind=job.kind, job=job.id)
            return _INSIDE.encode(), False

    def _working(self, job: Job) -> Working:
        def keep(given: Mapping[str, Any]) -> None:
            keep_input(self._tables, self._secret, job.id, self._holder, given)

        def note(words: str) -> None:
            with suppress(StoreError):  # the next time is soon enough
                note_progress(self._tables, job.id, self._holder, words)

        return Working(self._live, self._live.stamps.now(), self._stop, Noted(note), keep)

    def _renew(self, job: Job, done: threading.Event) -> None:
        while not done.wait(LEASE / 4e6):
            with suppress(
                StoreError
            ):  # the next time is soon enough, and without it another worker takes over
                renew_job(self._tables, job.id, self._holder, self._live.stamps.now())


class Noted:
    """How far a job has come, noted at each new stage, and once a second."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._stage, self._at = "", 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note."""
        now = time.monotonic()
        if stage != self._stage or now - self._at >= NOTED:
            self._stage, self._at = stage, now
            self._note(f"{stage}: {done:,} of {total:,}" if total else f"{stage}: {done:,}")
