"""The service's log: a line for each request and for what went wrong, without anything that tells of a person.

Routes are logged as the documentation has them, never the address that was asked for; no bodies, names or messages.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping

Write = Callable[[str], object]


class Log:
    """Lines of one service, of words or of JSON. A line costs little: there is one for each request."""

    def __init__(self) -> None:
        self._write: Write = sys.stderr.write
        self._form = _words

    def configure(self, *, as_json: bool, write: Write | None = None) -> None:
        """Say how lines are written, and where: to standard error, where nothing is said."""
        self._form = _json if as_json else _words
        self._write = write if write is not None else sys.stderr.write

    def line(self, level: str, event: str, fields: Mapping[str, object]) -> None:
        """Write one line."""
        self._write(self._form({"at": _now(), "level": level, "event": event, **fields}))


def log_request(method: str, route: str, status: int, seconds: float, request: str) -> None:
    """A request was answered."""
    fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1e3, 2)}
    LOG.line("info", "request", {**fields, "request": request})


def log_event(name: str, **fields: object) -> None:
    """Something happened to the service itself."""
    LOG.line("info", name, fields)


def log_failure(name: str, problem: BaseException, **fields: object) -> None:
    """Something went wrong inside: of what sort, and where in the code. Its words may name people, and are left out."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = f"{frames[-1].filename.rpartition('/troth/')[2]}:{frames[-1].lineno}" if frames else ""
    LOG.line("error", name, {"problem": type(problem).__name__, "where": where, **fields})


def log_terms(digest: str, refused: str | None) -> None:
    """Other terms are served, or are not, and why. Their files tell of no person."""
    if refused is None:
        LOG.line("info", "terms", {"digest": digest})
    else:
        LOG.line("error", "terms refused", {"served": digest, "why": " ".join(refused.split())})


def _now() -> str:
    at = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at))}.{int(at * 1000) % 1000:03d}Z"


def _json(fields: Mapping[str, object]) -> str:
    return f"{json.dumps(fields)}\n"


def _words(fields: Mapping[str, object]) -> str:
    words = (f"{name}={value}" for name, value in list(fields.items())[2:])
    return f"{fields['at']} {fields['level']} {' '.join(words)}\n"


LOG = Log()
