"""The terms in force, how two versions differ, and what a change would do before it is published."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from starlette.responses import Response

from troth.errors import RefusedError
from troth.terms.diff import TermsDiff, diff
from troth.terms.model import Terms, Version
from troth.types.moment import parse_moment
from troth.types.vocabulary import PURPOSE_WORDS, PURPOSES
from troth.web.api.work import SimulationBody
from troth.web.pages.console.desk import Desk, param, placed
from troth.web.pages.page import Answering, Visit, sent_to


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""
    compared: dict[tuple[str, str], TermsDiff] = {}

    async def show(visit: Visit) -> Response:
        listed = await visit.ask("terms.list")
        terms = visit.service.live.terms
        versions = [
            (one, parse_moment(one.published), parse_moment(one.effective)) for one in listed.versions
        ]
        old, new = _pair(visit, terms)
        found = None
        if old is not None and new is not None:
            key = old.digest, new.digest
            if key not in compared:
                compared[key] = await visit.service.apart(lambda: diff(old, new))
            found = compared[key]
        return desk.draw(
            visit, "terms.html",
            name=listed.terms, digest=listed.digest, versions=versions[::-1], found=found, at=visit.at,
            old=old.version if old else "", new=new.version if new else "", purposes=PURPOSE_WORDS,
        )  # fmt: skip

    async def one(visit: Visit) -> Response:
        return desk.draw(
            visit, "version.html", shown=await visit.ask("terms.show", version=placed(visit, "version"))
        )

    async def simulate(visit: Visit) -> Response:
        job = await visit.ask("simulations.make", body=_simulation(visit))
        return sent_to(f"/console/work/{job.id}")

    yield "GET", "/console/terms", show
    yield "GET", "/console/terms/{version}", one
    yield "POST", "/console/simulate", simulate


def _pair(visit: Visit, terms: Terms) -> tuple[Version | None, Version | None]:
    """The versions that are compared: those that are named, else the two newest."""
    named = {version.version: version for version in terms.versions}
    names = list(named)
    chosen = []
    for param_name, place in (("old", -2), ("new", -1)):
        name = param(visit, param_name)
        if name is not None and name not in named:
            raise RefusedError("not-found", "there is no such version", remedy="choose one of the list")
        ordinary = names[place] if len(names) >= -place else None
        chosen.append(named.get(name or ordinary or ""))
    return chosen[0], chosen[1]


def _simulation(visit: Visit) -> SimulationBody:
    purposes = [name for name in PURPOSES if visit.form.get(f"purpose-{name}")]
    text = visit.form.get("file") or visit.form.get("terms", "")
    try:
        return msgspec.convert({"terms": text, "purposes": purposes}, SimulationBody)
    except msgspec.ValidationError:
        raise RefusedError(
            "invalid",
            "a simulation takes the text of a terms file, at most 500,000 signs, and a purpose",
            remedy="paste the file or choose it, and tick at least one purpose",
        ) from None
