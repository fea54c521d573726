"""A job and what came of it: the picture of a simulation, the steps of a verification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from troth.operations.impact import Kept, PurposeImpact
from troth.operations.impact_picture import SORT_WORDS, drawing
from troth.operations.live.building import Made
from troth.types.reasons import REASONS
from troth.types.vocabulary import PURPOSE_WORDS
from troth.web.pages.console.desk import Desk, placed
from troth.web.pages.page import Answering, Visit


@dataclass(frozen=True, slots=True)
class Simulated:
    """The result of a simulation."""

    records: int
    purposes: tuple[PurposeImpact, ...]
    kept: Kept


@dataclass(frozen=True, slots=True)
class VerifiedStep:
    """One step of a verification."""

    number: int
    title: str
    outcome: str
    findings: tuple[str, ...]
    not_checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification."""

    release: str
    sound: bool
    verdict: str
    steps: tuple[VerifiedStep, ...]


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        number = placed(visit, "job")
        job = await visit.ask("jobs.show", job=number)
        simulated = verified = built = None
        if job.result is not None and job.kind in ("build", "simulate", "verify"):
            data = await visit.ask("jobs.result", job=number)
            if job.kind == "simulate":
                simulated = msgspec.json.decode(data, type=Simulated)
            elif job.kind == "build":
                built = msgspec.json.decode(data, type=Made)
            else:
                verified = msgspec.json.decode(data, type=Verified)
        return desk.draw(
            visit, "work.html",
            job=job, built=built, simulated=simulated, verified=verified, purposes=PURPOSE_WORDS, sorts=SORT_WORDS,
            reasons=REASONS, drawn=_drawn(simulated),
        )  # fmt: skip

    yield "GET", "/console/work/{job}", show


def _drawn(found: Simulated | None) -> dict[str, Markup]:
    """The drawing of each purpose; what is put into it is escaped where it is made."""
    if found is None:
        return {}
    return {one.purpose: Markup(drawing(one.flows)) for one in found.purposes if one.flows}  # noqa: S704
