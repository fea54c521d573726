"""``troth witness``: make a witness, let it cosign for logs, and run it."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.errors import UsageError
from troth.ledger.witness.folder import new_witness, open_witness, trust, witness_keys
from troth.ledger.witness.server import WitnessServer
from troth.types.moment import Moment

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):([0-9]{1,5})")
_POLL = 0.1
"""Seconds after which a server sees that it is to end."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A witness: its name and its vkeys, Ed25519 first."""

    folder: Path
    name: str
    vkeys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """The origins of the logs that a witness was told of: those it did not know with this key before, and all."""

    added: tuple[str, ...]
    logs: tuple[str, ...]


def make_witness(folder: Path, name: str, *, ml_dsa: bool) -> Keys:
    """Make the folder of a witness. Raises `UsageError` and `LedgerError`."""
    vkeys = new_witness(folder, name, ml_dsa=ml_dsa)
    return Keys(folder, name, tuple(map(str, vkeys)))


def trust_logs(folder: Path, vkeys: Sequence[str]) -> Trusted:
    """Let a witness cosign for the logs with these vkeys. Raises `UsageError` and `LedgerError`."""
    added = trust(folder, vkeys)
    witness = open_witness(folder, _now)
    return Trusted(
        tuple(vkey.name for vkey in added),
        tuple(dict.fromkeys(vkey.name for vkey in witness.known_logs())),
    )


def run_witness(
    folder: Path, listen: str, *, started: Callable[[str, Keys], None], log: Callable[[str], None]
) -> None:
    """Serve a witness on ``HOST:PORT`` until SIGINT or SIGTERM.

    ``started`` is called once with the URL and the keys when it listens; ``log`` with a line for each request. Raises
    `UsageError` and `LedgerError`.
    """
    host, port = _address(listen)
    witness = open_witness(folder, _now)
    witness.known_logs()  # a damaged list is told now, not at the first request
    vkeys = witness_keys(folder)
    with _until_told() as stop, WitnessServer(witness, host, port, log) as server:
        serving = threading.Thread(target=server.serve_forever, args=(_POLL,))
        serving.start()
        try:
            started(server.url, Keys(folder, vkeys[0].name, tuple(map(str, vkeys))))
            stop.wait()
        finally:
            server.shutdown()
            serving.join()


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that is set when the process is told to end."""
    stop = threading.Event()
    before = {told: signal.signal(told, lambda *_: stop.set()) for told in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for told, handler in before.items():
            signal.signal(told, handler)


def _address(text: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(text)
    if not found:
        raise UsageError(f"{text!r} is not an address", remedy="give HOST:PORT, such as 127.0.0.1:7380")
    return found[1] or found[2], int(found[3])


def _now() -> Moment:
    return time.time_ns() // 1000
