"""Problem details (RFC 9457): every error of the service has a type with an address that stays, a title and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from troth.errors import (
    HistoryError,
    InputError,
    LedgerError,
    RefusedError,
    ReleaseError,
    StoreError,
    TermsError,
    TrothError,
    UsageError,
    VaultError,
    VerificationError,
)
from troth.web.logs import log_failure

PREFIX = "/problems/"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "unauthenticated": Kind(401, "Who are you?", "The request shows no credentials, or none that are valid now."),
    "forbidden": Kind(403, "Not allowed", "Who asks may not do this, or not to whom it is asked for."),
    "csrf": Kind(403, "Not from our own page", "A request with a session does not come from a page of the service."),
    "not-found": Kind(404, "Not found", "It is not there, or not yours: which of the two is not told."),
    "method": Kind(405, "Method not allowed", "The address does not have this method; Allow says which it has."),
    "slow": Kind(408, "Too slow", "The body of the request did not arrive in time."),
    "conflict": Kind(409, "Conflict", "It contradicts what was recorded before, or is under way already."),
    "too-large": Kind(413, "Too large", "The body of the request is longer than the service takes."),
    "media-type": Kind(415, "Not JSON", "The body is not JSON, or is compressed, which the service does not take."),
    "invalid": Kind(422, "Not as it should be", "A value is missing, of the wrong sort, or not known."),
    "key-reused": Kind(422, "Key used for something else", "The Idempotency-Key was sent before with another request."),
    "rate-limited": Kind(429, "Too many requests", "More requests than allowed; Retry-After says when to come again."),
    "headers": Kind(431, "Header too large", "A field of the header is longer than the service takes."),
    "broken": Kind(500, "Our mistake", "Something went wrong inside. Nothing was acknowledged."),
    "closed": Kind(503, "Closed", "This part of the service is not set up."),
    "unavailable": Kind(503, "Not available now", "Store, vault or ledger cannot be used now. Nothing was acknowledged."),
}  # fmt: skip
"""Every type of problem, by the last part of its address."""

_OF_ERRORS: tuple[tuple[type[TrothError], str], ...] = (
    (TermsError, "broken"),
    (HistoryError, "invalid"),
    (InputError, "invalid"),
    (UsageError, "invalid"),
    (StoreError, "unavailable"),
    (VaultError, "unavailable"),
    (LedgerError, "unavailable"),
    (ReleaseError, "broken"),
    (VerificationError, "broken"),
)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that is an error."""

    type: str
    title: str
    status: int
    detail: str = ""
    remedy: str = ""
    """What to do next."""
    request: str = ""
    """The number of the request, as the service's log has it."""


def problem_of(error: TrothError, request: str) -> Problem:
    """The problem that an error is. What went wrong inside is not told to whoever asks; the log has it."""
    kind = error.kind if isinstance(error, RefusedError) else _kind(error)
    found = KINDS[kind]
    if found.status >= 500 and not isinstance(error, RefusedError):
        return Problem(PREFIX + kind, found.title, found.status, found.meaning, _LATER, request)
    return Problem(PREFIX + kind, found.title, found.status, error.what, error.remedy, request)


def _kind(error: TrothError) -> str:
    return next((kind for sort, kind in _OF_ERRORS if isinstance(error, sort)), "broken")


def refused(kind: str, what: str, remedy: str = "", wait: int | None = None) -> RefusedError:
    """An error of a kind of `KINDS`."""
    return RefusedError(kind, what, remedy=remedy, wait=wait)


def problem_response(error: Exception, request: str) -> Response:
    """The answer to a request that went wrong, whatever it was; the log has what went wrong inside, and where."""
    inside = RefusedError("broken", "something went wrong inside", remedy=_LATER)
    told = error if isinstance(error, TrothError) else inside
    problem = problem_of(told, request)
    if problem.status >= 500:
        log_failure("failed", error, request=request)
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(told, RefusedError) and told.wait is not None:
        headers["Retry-After"] = str(told.wait)
    return Response(msgspec.json.encode(problem), problem.status, headers, MEDIA_TYPE)


_LATER = "try again later; if it stays, tell the operator the number of the request"
