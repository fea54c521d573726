"""Work that takes its time: exports, erasures, builds, simulations and verifications, each a job."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from troth.errors import RefusedError
from troth.types.moment import format_moment
from troth.web.access.rights import reaches_everybody
from troth.web.api.endpoint import Answer, Asked, Endpoint
from troth.web.api.fields import Account, Conversation, Digest, Purpose, Text, Time
from troth.web.work.jobs import Job, add_job, find_job, job_id, result_of


class JobTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job: what it is, and how far it has come. When it is done its result can be fetched for a day."""

    id: str
    kind: Literal["build", "chosen", "erase", "export", "reach", "retain", "simulate", "verify"]
    state: Literal["queued", "running", "done", "failed"]
    made: str
    changed: str
    progress: str | None = None
    problem: str | None = None
    result: str | None = None


class BuildBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A release of what may be used for a purpose at a time, under a name; `seed` says which `sample` is kept."""

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9]([a-z0-9_-]|\.[a-z0-9_-])*$")]
    purpose: Purpose
    at: Time
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    sample: Annotated[float, Meta(gt=0, le=1)] = 1.0


class ExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data. Who asks by a person's token leaves `account` out."""

    account: Account | None = None


class ErasureBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to go: one conversation, or everything that an account said; and why."""

    why: Text
    account: Account | None = None
    conversation: Conversation | None = None


class SimulationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms that are not published yet, as the text of a terms file, and for which purposes to decide."""

    terms: Annotated[str, Meta(min_length=1, max_length=500_000)]
    purposes: Annotated[list[Purpose], Meta(min_length=1, max_length=6)]


class VerificationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which release: the digest of its manifest."""

    release: Digest


async def export(asked: Asked) -> Answer:
    """Make an export."""
    account = asked.account(asked.body.account)
    return await _add(asked, "export", account, {"account": account})


async def erasure(asked: Asked) -> Answer:
    """Erase."""
    body: ErasureBody = asked.body
    talk, account = body.conversation, body.account
    if talk is None:
        account = asked.account(account)
    elif account is not None or not reaches_everybody(asked.caller, asked.endpoint.act):
        account = await asked.own_talk(account, talk)
    given = {"account": account} if talk is None else {"conversation": talk}
    return await _add(asked, "erase", account, {**given, "why": body.why})


async def build(asked: Asked) -> Answer:
    """Build a release."""
    body: BuildBody = asked.body
    given = {
        "name": body.name,
        "purpose": body.purpose,
        "at": asked.past(body.at),
        "seed": body.seed,
        "sample": body.sample,
    }
    return await _add(asked, "build", None, given)


async def simulation(asked: Asked) -> Answer:
    """Simulate a change of the terms."""
    body: SimulationBody = asked.body
    return await _add(
        asked, "simulate", None, {"terms": body.terms, "purposes": list(dict.fromkeys(body.purposes))}
    )


async def verification(asked: Asked) -> Answer:
    """Verify a release."""
    return await _add(asked, "verify", None, {"release": asked.body.release})


async def _add(asked: Asked, kind: str, account: str | None, given: dict[str, Any]) -> Answer:
    service = asked.service
    who = service.secret.mac("job", asked.caller.counted_as.encode()).hex()
    whose = None if account is None else service.secret.mac("account", account.encode())
    number = job_id(who, asked.key, secrets.token_hex(16))
    job = await service.table(add_job, service.secret, number, kind, who, whose, given, asked.at)
    service.runner.wake()
    return Answer(_told(asked, job), headers={"Location": f"/v1/jobs/{job.id}"})


async def show(asked: Asked) -> Answer:
    """A job."""
    return Answer(_told(asked, await _mine(asked)))


async def result(asked: Asked) -> Answer:
    """Its result."""
    job = await _mine(asked)
    found = result_of(asked.service.secret, job) if job.state == "done" else None
    if found is None:
        raise RefusedError(
            "not-found",
            "there is no result yet, or not any more",
            remedy="look at the job; results stay for a day",
        )
    return Answer(found)


async def _mine(asked: Asked) -> Job:
    """The job of the address, where it is the caller's to see; else it is as if there were none."""
    service = asked.service
    job: Job | None = await service.table(find_job, asked.path["job"])
    who = service.secret.mac("job", asked.caller.counted_as.encode()).hex()
    if job is None or not (job.who == who or reaches_everybody(asked.caller, asked.endpoint.act)):
        raise RefusedError("not-found", "there is no such job", remedy="check the address")
    return job


def _told(asked: Asked, job: Job) -> JobTold:
    problem = result_of(asked.service.secret, job) if job.state == "failed" else None
    return JobTold(
        id=job.id,
        kind=job.kind,  # type: ignore[arg-type]
        state=job.state,  # type: ignore[arg-type]
        made=format_moment(job.made),
        changed=format_moment(job.changed),
        progress=job.progress if job.state == "running" else None,
        problem=None if problem is None else problem.decode(),
        result=f"/v1/jobs/{job.id}/result" if job.state == "done" and job.sealed_result is not None else None,
    )


_LONG = " It answers 202 with a job; ask for the job until it is done."

ENDPOINTS = (
    Endpoint(
        "exports.make", "POST", "/v1/exports", "Export what is held of a person",
        "Everything recorded of a person and all that they said, machine-readable. That it is opened is in the ledger."
        + _LONG,
        export, JobTold, body=ExportBody, status=202, others=("key-reused",), example={"account": "ada"},
    ),
    Endpoint(
        "erasures.make", "POST", "/v1/erasures", "Erase",
        "Destroys the keys of what is asked to go, at once and in releases and backups too, unless a hold or a duty of the"
        " terms keeps it; what stays, and why, is told in the result." + _LONG,
        erasure, JobTold, body=ErasureBody, status=202, others=("key-reused", "not-found"),
        example={"account": "ada", "why": "asked for by the person"},
    ),
    Endpoint(
        "builds.make", "POST", "/v1/builds", "Build a release",
        "A sealed release from the vault into the workspace's folder of releases, as `troth build` makes it; the ledger has"
        " it before it appears, whole or not at all. When the service ends meanwhile, it is begun again from the same"
        " checkpoint." + _LONG,
        build, JobTold, body=BuildBody, status=202, others=("key-reused",),
        example={"name": "november", "purpose": "train.general", "at": "2025-11-01T00:00:00Z", "seed": 7},
    ),
    Endpoint(
        "simulations.make", "POST", "/v1/simulations", "Simulate a change of the terms",
        "Whose records other terms would decide otherwise, counted over the history and the vault." + _LONG,
        simulation, JobTold, body=SimulationBody, status=202, others=("key-reused",),
    ),
    Endpoint(
        "verifications.make", "POST", "/v1/verifications", "Verify a release",
        "Whether a release of this workspace is what it says it is, step by step." + _LONG,
        verification, JobTold, body=VerificationBody, status=202, others=("key-reused",),
    ),
    Endpoint(
        "jobs.show", "GET", "/v1/jobs/{job}", "A job",
        "How far a job has come. Jobs of others are as if they were not there.",
        show, JobTold, others=("not-found",),
    ),
    Endpoint(
        "jobs.result", "GET", "/v1/jobs/{job}/result", "The result of a job", "What came of a job that is done.",
        result, None, others=("not-found",),
    ),
)  # fmt: skip
