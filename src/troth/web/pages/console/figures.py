"""Figures that take a while: each is a job of its own, whose last result is shown until there is a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from troth.types.moment import Moment
from troth.web.pages.page import Visit
from troth.web.work.jobs import Job, add_job, find_job, job_id, queue_again, result_of

T = TypeVar("T")
WHO = "console"
LEAST = 60_000_000
"""Microseconds for which a figure is fresh at least."""
TIMES = 30
"""A figure is fresh for so many times the time that it took: counting takes a thirtieth of a processor at most."""
_ENDED = ("done", "failed")


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """What is known of a figure."""

    value: T | None
    at: Moment | None
    """When it was counted (UTC)."""
    under_way: bool
    problem: str
    """Why it could not be counted; empty where nothing is wrong."""


async def figure(visit: Visit, kind: str, about: str, form: type[T], given: Any) -> Figure[T]:
    """A figure by its kind and what it is about; it is counted again where it is not fresh any more."""
    job = await _job(visit, kind, about)
    if job is None or (job.state in _ENDED and _stale(job, visit.at)):
        job = await count(visit, kind, about, given)
    return _figure(visit, job, form)


async def known_figure(visit: Visit, kind: str, about: str, form: type[T]) -> Figure[T]:
    """The same, but nothing is counted."""
    job = await _job(visit, kind, about)
    return Figure(None, None, False, "") if job is None else _figure(visit, job, form)


async def count(visit: Visit, kind: str, about: str, given: Any) -> Job:
    """Have a figure counted, unless that is under way."""
    service, number = visit.service, _number(kind, about)
    job = await service.table(add_job, service.secret, number, kind, WHO, None, given, visit.at)
    if job.state in _ENDED:
        await service.table(queue_again, service.secret, number, given, visit.at, visit.at + 1)
    service.runner.wake()
    return await service.table(find_job, number) or job


async def _job(visit: Visit, kind: str, about: str) -> Job | None:
    return await visit.service.table(find_job, _number(kind, about))


def _number(kind: str, about: str) -> str:
    return job_id(WHO, f"{kind}\x00{about}", "")


def _stale(job: Job, at: Moment) -> bool:
    return job.sealed_result is None or at - job.changed > max(LEAST, TIMES * (job.changed - job.made))


def _figure(visit: Visit, job: Job, form: type[T]) -> Figure[T]:
    data = result_of(visit.service.secret, job)
    under_way = job.state not in _ENDED
    if job.state == "failed":
        return Figure(None, job.changed, False, (data or b"").decode())
    try:
        value = None if data is None else msgspec.json.decode(data, type=form)
    except msgspec.MsgspecError:  # the last attempt failed, and said why in its place
        value = None
    return Figure(value, None if value is None else job.changed, under_way, "")
