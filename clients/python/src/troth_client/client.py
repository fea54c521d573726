"""Calling the service: credentials, the same request sent again where no answer came, and problems as errors."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import httpx

from troth_client.interface import Interface, Problem

TRIES = 3
LONGEST_PAUSE = 10.0
"""Seconds."""


class ProblemError(Exception):
    """What the service refuses (RFC 9457). ``problem`` says what is wrong and what to do next."""

    def __init__(self, problem: Problem) -> None:
        told = (problem["title"], problem.get("detail", ""), problem.get("remedy", ""))
        super().__init__(" — ".join(part for part in told if part))
        self.problem = problem
        self.status = problem["status"]


class Client(Interface):
    """The service at an address, called with a key or with a token of a person.

    Raises `ProblemError` for what it refuses, and ``httpx.TransportError`` where no answer came three times. Each request
    that changes something bears an ``Idempotency-Key``: sent again it counts once.
    """

    def __init__(
        self,
        address: str,
        credentials: str | Callable[[], str],
        *,
        http: httpx.Client | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """``credentials`` is a key, a token, or what gives one for each request; ``pause`` waits so many seconds."""
        self._address, self._credentials, self._pause = address.rstrip("/"), credentials, pause
        self._http = http if http is not None else httpx.Client(timeout=10)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any,
        once: str | None,
        *,
        text: bool = False,
    ) -> Any:
        """Send a request, and give what is answered: JSON, or text."""
        bearer = self._credentials if isinstance(self._credentials, str) else self._credentials()
        headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
        if method != "GET":
            headers["Idempotency-Key"] = once or str(uuid.uuid4())
        told = {name: _plain(value) for name, value in query.items() if value is not None}
        request = self._http.build_request(
            method, self._address + path, params=told, json=body, headers=headers
        )
        for tried in range(1, TRIES + 1):
            last = tried == TRIES
            try:
                answer = self._http.send(request)
            except httpx.TransportError:
                if last:
                    raise
                self._pause(tried / 4)
                continue
            if answer.is_success:
                return answer.text if text else answer.json()
            if last or answer.status_code not in (429, 503):
                raise ProblemError(_problem(answer))
            self._pause(min(float(answer.headers.get("Retry-After", tried / 4)), LONGEST_PAUSE))
        raise AssertionError("the last try ends")


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _problem(answer: httpx.Response) -> Problem:
    try:
        told: Problem = answer.json()
    except ValueError:  # something before the service answered
        return {"type": "about:blank", "title": answer.reason_phrase, "status": answer.status_code}
    return told
