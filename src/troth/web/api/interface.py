"""Every endpoint. One that has no row in the table of rights, or a right that has no endpoint, stops the start."""

from __future__ import annotations

from troth.web.access.rights import RIGHTS
from troth.web.api import (
    administration,
    choices,
    decisions,
    events,
    holds,
    hooks,
    question,
    requests,
    talks,
    terms,
    work,
)
from troth.web.api.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *question.ENDPOINTS,
    *choices.ENDPOINTS,
    *terms.ENDPOINTS,
    *events.ENDPOINTS,
    *decisions.ENDPOINTS,
    *talks.ENDPOINTS,
    *requests.ENDPOINTS,
    *work.ENDPOINTS,
    *holds.ENDPOINTS,
    *hooks.ENDPOINTS,
    *administration.ENDPOINTS,
)

if {one.act for one in ENDPOINTS} != set(RIGHTS) or len(ENDPOINTS) != len(RIGHTS):
    raise RuntimeError("the endpoints and the table of rights are not the same")
