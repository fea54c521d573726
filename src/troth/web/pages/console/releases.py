"""Builds and releases: what went in, what left and why, whether it stands, and verifying it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from starlette.responses import Response

from troth.errors import RefusedError
from troth.operations.live.releases import known_release, known_releases, started_builds
from troth.release.flow import NARROW, WIDE, lay_out
from troth.release.report import STAGE_WORDS, flow_of, summary_rows
from troth.types.moment import format_moment
from troth.types.vocabulary import PURPOSE_WORDS
from troth.web.api.work import BuildBody, VerificationBody
from troth.web.pages.console.desk import Desk, placed
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Answering, Visit, sent_to

MOST = 50
"""Releases and builds that are listed."""


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        await visit.require("console.releases", CONSOLE)
        releases, builds = await visit.service.read(
            lambda workspace: (known_releases(workspace, MOST), started_builds(workspace, MOST))
        )
        return desk.draw(
            visit, "releases.html", releases=releases, builds=builds, purposes=PURPOSE_WORDS, most=MOST
        )

    async def one(visit: Visit) -> Response:
        await visit.require("console.releases", CONSOLE)
        digest = placed(visit, "release")
        found = await visit.service.read(lambda workspace: known_release(workspace, digest))
        told = () if found.manifest is None else summary_rows(found.manifest, visit.service.live.terms)
        flow = None if found.manifest is None else flow_of(found.manifest, told)
        pictures = () if flow is None else (("wide", lay_out(flow, WIDE)), ("narrow", lay_out(flow, NARROW)))
        return desk.draw(
            visit, "release.html",
            found=found, rows=told, flow=flow, pictures=pictures, stages=STAGE_WORDS, purposes=PURPOSE_WORDS,
        )  # fmt: skip

    async def verify(visit: Visit) -> Response:
        await visit.require("verifications.make")
        digest = placed(visit, "release")
        await visit.service.read(lambda workspace: known_release(workspace, digest))
        job = await visit.ask("verifications.make", body=VerificationBody(digest))
        return sent_to(f"/console/work/{job.id}")

    async def build(visit: Visit) -> Response:
        await visit.require("builds.make")
        job = await visit.ask("builds.make", body=_build(visit))
        return sent_to(f"/console/work/{job.id}")

    yield "GET", "/console/releases", show
    yield "POST", "/console/releases", build
    yield "GET", "/console/releases/{release}", one
    yield "POST", "/console/releases/{release}/verify", verify


class _Form(msgspec.Struct, frozen=True):
    """What the form sends, as text."""

    name: str
    purpose: str
    seed: int
    share: float
    """Of what is allowed, in percent."""


def _build(visit: Visit) -> BuildBody:
    """What is to be built: of what may be used at this moment."""
    try:
        form = msgspec.convert(dict(visit.form), _Form, strict=False)
        told = {
            "name": form.name.strip(),
            "purpose": form.purpose,
            "at": format_moment(visit.at),
            "seed": form.seed,
        }
        return msgspec.convert({**told, "sample": form.share / 100}, BuildBody)
    except msgspec.ValidationError as problem:
        raise RefusedError("invalid", f"this cannot be built: {problem}", remedy="mend the form") from None
