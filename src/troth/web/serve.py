"""Running the service with uvicorn, until it is told to end."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from troth.errors import UsageError
from troth.web.app import Pages, create_app
from troth.web.logs import LOG, log_event
from troth.web.settings import ServiceSettings

GRACE = 15
"""Seconds that requests under way have when the service is told to end."""
MOST_CONNECTIONS = 1_000
KEEP_ALIVE = 10
SWITCH = 0.0005
"""Seconds after which the thread that answers lets the one that writes go on. A transaction has many steps, and waits for
its turn after each of them: Python's own 5 ms make the slowest of many answers wait for all of these."""


class _Server(uvicorn.Server):
    """A server that says when it listens, and looks at the terms when it is told to."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], look: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell, self._look = started, look

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order when told to; uvicorn itself would die of the signal after that, as if something had gone wrong."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: self._look())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the service, listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._tell()


def serve(
    folder: Path,
    settings: ServiceSettings,
    host: str,
    port: int,
    started: Callable[[str], None],
    pages: tuple[Pages, ...] = (),
    *,
    log_json: bool = False,
) -> None:
    """Serve a workspace until SIGINT or SIGTERM: requests under way are answered, and what waits is written.

    At SIGHUP it looks at the files of its terms at once.

    ``started`` is called with the address when it listens; port 0 takes a free one. Raises `UsageError` where it cannot
    listen, and the errors of terms, store, vault and ledger.
    """
    LOG.configure(as_json=log_json)
    listening = _listen(host, port)
    number = listening.getsockname()[1]
    address = f"http://{f'[{host}]' if ':' in host else host}:{number}"
    application = create_app(folder, settings, pages)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEEP_ALIVE,
        limit_concurrency=MOST_CONNECTIONS,
        proxy_headers=False,
        ws="none",
    )

    def tell() -> None:
        log_event("started")
        started(address)

    # What keeps the service from starting is told once, by whoever called, and not by the server as a trace of calls.
    server_log = logging.getLogger("uvicorn.error")
    server_log.addFilter(unknown := lambda _: application.problem is None)
    sys.setswitchinterval(SWITCH)
    try:
        with listening:
            _Server(config, tell, application.look_at_terms).run([listening])
    except SystemExit:  # the server would end the process with a code of its own
        if application.problem is None:
            raise
        raise application.problem from None
    finally:
        server_log.removeFilter(unknown)
    log_event("ended")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
    except OSError as problem:
        raise UsageError(
            f"{host}:{port} cannot be listened on: {problem}", remedy="choose another --host or --port"
        ) from None
    return listening
