"""Every endpoint, as every role, for one's own and for others: what the table of rights says is what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from web_worlds import ROLES, World

from troth.web.access.callers import OPERATORS
from troth.web.access.rights import RIGHTS
from troth.web.api.endpoint import Endpoint
from troth.web.api.interface import ENDPOINTS

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
    "simulations.make": {"terms": "nonsense", "purposes": ["serve"]},
    "verifications.make": {"release": f"sha256:{'0' * 64}"},
    "webhooks.make": {"url": "https://hooks.example.org/x", "events": ["choice.made"]},
}
PATHS = {
    "version": "2025-09-27", "digest": f"sha256:{'0' * 64}", "conversation": "mat-own-1", "request": "none", "job": "none",
    "hold": "none", "webhook": "none", "delivery": "none", "key": "none",
}  # fmt: skip
NAMES_AN_ACCOUNT = {
    "question.show", "continue.may", "choices.make", "choices.standing", "choices.history", "terms.acknowledge",
    "conversations.list", "requests.make", "exports.make", "receipts.show", "uses.show",
}  # fmt: skip


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
    assert send(people, endpoint, "person", None).status_code < 300


def test_every_endpoint_has_a_right_and_every_right_an_endpoint() -> None:
    assert [one.act for one in ENDPOINTS] == list(dict.fromkeys(one.act for one in ENDPOINTS))
    assert {one.act for one in ENDPOINTS} == set(RIGHTS)
    assert all(one.path.startswith("/v1/") for one in ENDPOINTS)


def test_what_operators_do_and_what_they_are_refused_is_in_the_ledger(people: World) -> None:
    people.as_("auditor").get("/v1/holds")
    people.as_("auditor").post("/v1/holds", json=BODIES["holds.place"])
    by = f"key:{people.keys['auditor'].key.id}"
    for _ in range(100):
        acts = people.as_("owner").get("/v1/acts", params={"limit": "100"}).json()["acts"]
        told = {(one["act"], one["allowed"]) for one in acts if one["by"] == by}
        if {("holds.list", True), ("holds.place", False)} <= told:
            break
    assert {("holds.list", True), ("holds.place", False)} <= told
    assert {one["role"] for one in acts} <= set(OPERATORS)


def test_an_administrator_chooses_for_their_organisation_and_no_other(people: World) -> None:
    admin = people.as_("admin")
    body = {"choice": "improve_models", "value": "refused"}
    made = admin.post("/v1/choices", json=body, headers={"Idempotency-Key": "adm"}).json()
    assert (made["organisation"], made["mechanism"]) == ("acme", "admin")
    assert admin.post("/v1/choices", json=body, headers={"Idempotency-Key": "adm"}).json() == made
    for more in ({"account": OWN}, {"project": "p"}, {"conversation": "mat-own-1"}):
        assert admin.post("/v1/choices", json={**body, **more}).status_code == 403
    assert admin.post("/v1/choices", json={**body, "organisation": "other"}).status_code == 422
