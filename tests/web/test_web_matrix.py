"""Every endpoint, as every role, for one's own and for others: what the table of rights says is what happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from web_worlds import ROLES, World, acts_of

from troth.web.access.callers import OPERATORS
from troth.web.access.rights import RIGHTS
from troth.web.api.endpoint import Endpoint
from troth.web.api.interface import ENDPOINTS
from waiting import awaited

WHO = (*ROLES, "person", "nobody")
OWN, OTHER = "mat-own", "mat-other"
BODIES: dict[str, Any] = {
    "choices.make": {"choice": "improve_models", "value": "refused"},
    "terms.acknowledge": {"version": "2025-09-27"},
    "events.record": {
        "events": [
            {
                "event": "account.changed",
                "id": "mat-e",
                "at": "2025-02-01T00:00:00Z",
                "account": OWN,
                "plan": "pro",
            }
        ]
    },
    "decisions.one": {"purpose": "serve", "conversation": "mat-own-1", "record": "mat-own-1-0"},
    "decisions.many": {
        "purpose": "serve",
        "records": [{"conversation": "mat-own-1", "record": "mat-own-1-0"}],
    },
    "requests.make": {"kind": "access"},
    "requests.close": {"state": "answered"},
    "exports.make": {},
    "erasures.make": {"why": "a test", "conversation": "mat-nothing"},
    "holds.place": {"hold": "mat-hold", "accounts": ["nobody-at-all"]},
    "builds.make": {
        "name": "mat-build",
        "purpose": "train.general",
        "at": "2025-11-01T00:00:00Z",
        "seed": 7,
    },
    "simulations.make": {"terms": "nonsense", "purposes": ["serve"]},
    "verifications.make": {"release": f"sha256:{'0' * 64}"},
    "webhooks.make": {"url": "https://hooks.example.org/x", "events": ["choice.made"]},
}
PATHS = {
    "version": "2025-09-27", "digest": f"sha256:{'0' * 64}", "conversation": "mat-own-1", "request": "none", "job": "none",
    "hold": "none", "webhook": "none", "delivery": "none", "key": "none",
}  # fmt: skip


def fields_of(endpoint: Endpoint) -> set[str]:
    """What the parameters and the body of an endpoint may name."""
    return {*endpoint.query.__struct_fields__, *getattr(endpoint.body, "__struct_fields__", ())}


NAMES_AN_ACCOUNT = {
    one.act for one in ENDPOINTS if "account" in fields_of(one) and RIGHTS[one.act].own and one.act != "conversations.delete"
}  # fmt: skip
"""Endpoints that say whose they are; which these are follows from their types."""
OF_A_CONVERSATION: dict[str, Callable[[str], tuple[dict[str, str], dict[str, str] | None]]] = {
    "choices.make": lambda talk: ({}, {"choice": "improve_models", "value": "refused", "conversation": talk}),
    "conversations.delete": lambda _: ({}, None),
    "uses.show": lambda talk: ({"conversation": talk}, None),
    "receipts.show": lambda talk: ({"conversation": talk}, None),
    "erasures.make": lambda talk: ({}, {"why": "mine", "conversation": talk}),
}
"""Endpoints that a person may use for a conversation: its parameters and its body."""
OF_A_JOB = {"jobs.show", "jobs.result"}


@pytest.fixture(scope="module")
def people(world: World) -> World:
    for account in (OWN, OTHER):
        world.open_account(account)
        world.talk(account, f"{account}-1")
    return world


def send(world: World, endpoint: Endpoint, who: str, account: str | None) -> httpx.Response:
    client = world.person(OWN) if who == "person" else world.as_(who)
    path = endpoint.path
    for name, value in PATHS.items():
        path = path.replace("{" + name + "}", value)
    body = BODIES.get(endpoint.act)
    named = (
        {}
        if account is None or who == "admin" or endpoint.act not in NAMES_AN_ACCOUNT
        else {"account": account}
    )
    try:
        if body is not None:
            return client.request(endpoint.method, path, json={**body, **named})
        return client.request(endpoint.method, path, params=named)
    finally:
        if who == "person":
            client.close()


def cases() -> Iterator[Any]:
    for endpoint in ENDPOINTS:
        for who in WHO:
            yield pytest.param(endpoint, who, id=f"{endpoint.act}-{who}")


@pytest.mark.parametrize(("endpoint", "who"), [*cases()])
def test_who_may_is_let_in_and_nobody_else(people: World, endpoint: Endpoint, who: str) -> None:
    right = RIGHTS[endpoint.act]
    answer = send(people, endpoint, who, OWN)
    if who == "nobody":
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
    elif who in (*right.every, *right.own):
        assert answer.status_code not in (401, 403, 500, 503), answer.text
    else:
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if one.act in NAMES_AN_ACCOUNT], ids=lambda one: one.act
)
@pytest.mark.parametrize("account", [OTHER, "nobody-ever"])
def test_a_person_reaches_no_other_person_and_learns_nothing_of_them(
    people: World, endpoint: Endpoint, account: str
) -> None:
    answer = send(people, endpoint, "person", account)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "this is not your account"
    assert send(people, endpoint, "person", None).status_code not in (401, 403)


def test_every_endpoint_has_a_right_and_every_right_an_endpoint() -> None:
    assert [one.act for one in ENDPOINTS] == list(dict.fromkeys(one.act for one in ENDPOINTS))
    assert {one.act for one in ENDPOINTS} == set(RIGHTS)
    assert all(one.path.startswith("/v1/") for one in ENDPOINTS)


def test_every_endpoint_has_its_row_here() -> None:
    """What a new one takes, and that it reaches nobody else's data, has to be said above before this passes."""
    assert set(BODIES) == {one.act for one in ENDPOINTS if one.body is not None}
    assert set(PATHS) == {name for one in ENDPOINTS for name in re.findall(r"\{(\w+)\}", one.path)}
    own = [one for one in ENDPOINTS if RIGHTS[one.act].own]
    named = {one.act: {*fields_of(one), *re.findall(r"\{(\w+)\}", one.path)} for one in own}
    assert {act for act, names in named.items() if "conversation" in names} == set(OF_A_CONVERSATION)
    assert {act for act, names in named.items() if "job" in names} == OF_A_JOB
    public = {"terms.list", "terms.show", "notices.list", "notices.show"}
    assert set(named) == {*NAMES_AN_ACCOUNT, *OF_A_CONVERSATION, *OF_A_JOB, *public}


@pytest.mark.parametrize("act", OF_A_CONVERSATION)
def test_somebody_else_s_conversation_is_as_if_it_were_not_there(people: World, act: str) -> None:
    endpoint = next(one for one in ENDPOINTS if one.act == act)
    told = []
    with people.person(OWN) as person:
        for talk in (f"{OTHER}-1", "no-such-talk"):
            query, body = OF_A_CONVERSATION[act](talk)
            path = endpoint.path.replace("{conversation}", talk)
            answer = person.request(endpoint.method, path, params=query, json=body)
            told.append((answer.status_code, {k: v for k, v in answer.json().items() if k != "request"}))
    assert told[0] == told[1]
    assert told[0][0] == 404


@pytest.mark.parametrize("act", sorted(OF_A_JOB))
def test_somebody_else_s_job_is_as_if_it_were_not_there(people: World, act: str) -> None:
    with people.person(OTHER) as other:
        job = other.post("/v1/exports", json={}).json()["id"]
        endpoint = next(one for one in ENDPOINTS if one.act == act)
        assert other.get(endpoint.path.replace("{job}", job)).status_code != 403
        own = [role for role in RIGHTS[act].own if role != "person"]
        with people.person(OWN) as person:
            for client in (person, *map(people.as_, own)):
                answers = [client.get(endpoint.path.replace("{job}", one)) for one in (job, "0" * 32)]
                assert [one.status_code for one in answers] == [404, 404]
                assert answers[0].json()["detail"] == answers[1].json()["detail"]


def test_whatever_an_operator_does_or_is_refused_is_in_the_ledger(people: World) -> None:
    wanted = set()
    for role in OPERATORS:
        for endpoint in ENDPOINTS:
            send(people, endpoint, role, OWN)
            allowed = role in (*RIGHTS[endpoint.act].every, *RIGHTS[endpoint.act].own)
            wanted.add((f"key:{people.keys[role].key.id}", endpoint.act, role, allowed))
    awaited(
        lambda: wanted - {(one["by"], one["act"], one["role"], one["allowed"]) for one in acts_of(people)},
        lambda missing: not missing,
    )


def test_an_administrator_chooses_for_their_organisation_and_no_other(people: World) -> None:
    admin = people.as_("admin")
    body = {"choice": "improve_models", "value": "refused"}
    made = admin.post("/v1/choices", json=body, headers={"Idempotency-Key": "adm"}).json()
    assert (made["organisation"], made["mechanism"]) == ("acme", "admin")
    assert admin.post("/v1/choices", json=body, headers={"Idempotency-Key": "adm"}).json() == made
    for more in ({"account": OWN}, {"project": "p"}, {"conversation": "mat-own-1"}):
        assert admin.post("/v1/choices", json={**body, **more}).status_code == 403
    assert admin.post("/v1/choices", json={**body, "organisation": "other"}).status_code == 422
