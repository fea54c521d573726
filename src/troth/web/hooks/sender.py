"""The thread that tells receivers: it looks for what the ledger has new, plans deliveries, and sends what is due."""

from __future__ import annotations

import threading
from itertools import islice

import msgspec

from troth.errors import RefusedError, StoreError
from troth.operations.live.running import Live
from troth.operations.workspace.opened import Workspace
from troth.store.interface import EVENT_KINDS, Opened
from troth.web.access.secret import Secret
from troth.web.hooks.events import TYPES, cloud_event, event_number
from troth.web.hooks.signing import signed_headers
from troth.web.hooks.table import (
    Delivery,
    ToTell,
    end_delivery,
    list_webhooks,
    plan_deliveries,
    secret_of,
    take_delivery,
    told_up_to,
)
from troth.web.hooks.targets import Lookup, look_up, post
from troth.web.logs import log_failure
from troth.web.tables.open import Tables

LOOK = 0.5
"""Seconds between two looks."""
AT_ONCE = 1_000
"""Entries of the ledger that are looked at together."""


class Sender:
    """Sends webhooks. What was in the ledger is planned once, whatever stops the service in between."""

    def __init__(
        self, live: Live, tables: Tables, secret: Secret, origin: str, lookup: Lookup = look_up
    ) -> None:
        self._live, self._tables, self._secret, self._lookup = live, tables, secret, lookup
        self._origin = origin
        self._inside = origin.startswith("http:")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="troth-webhooks", daemon=True)

    @property
    def inside(self) -> bool:
        """Whether receivers on this machine are allowed: where the service itself is not reached from elsewhere."""
        return self._inside

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the delivery that is under way."""
        self._stop.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                more = self._plan()
                delivery = take_delivery(self._tables, self._live.stamps.now())
                if delivery is not None:
                    self._send(delivery)
                    continue
            except Exception as problem:  # noqa: BLE001 - what cannot be told now is told later
                more = False
                log_failure("webhooks cannot be sent", problem)
            if not more:
                self._stop.wait(LOOK)

    def _plan(self) -> bool:
        """Plan deliveries of what is new; True where there is more of it."""
        start = told_up_to(self._tables)
        size = self._live.read(_size).result()
        if start is not None and start >= size:
            return False
        receivers = any(one.ended is None for one in list_webhooks(self._tables))
        if start is None or not receivers:
            plan_deliveries(self._tables, (), size, self._live.stamps.now())
            return False
        stop = min(start + AT_ONCE, size)
        found = self._live.read(lambda workspace: _new(workspace, start, stop)).result()
        plan_deliveries(self._tables, found, stop, self._live.stamps.now())
        return stop < size

    def _send(self, delivery: Delivery) -> None:
        row = self._live.read(lambda workspace: _row(workspace, delivery.place)).result()
        at = self._live.stamps.now()
        if row is None:
            end_delivery(self._tables, delivery, None, at, gone=True)
            return
        url, secret = secret_of(self._tables, self._secret, delivery.webhook)
        event = msgspec.json.decode(row.payload)["event"]
        body = cloud_event(self._origin, delivery.event, delivery.type, event)
        headers = signed_headers(secret, delivery.event, at // 1_000_000, body)
        try:
            answer: int | None = post(url, headers, body, self._lookup, inside=self._inside)
        except (OSError, RefusedError):
            answer = None
        end_delivery(self._tables, delivery, answer, self._live.stamps.now())


def _size(workspace: Workspace) -> int:
    head = workspace.store.head()
    if head is None:
        raise StoreError("the ledger has not begun", remedy="make the workspace again with troth init")
    return head.size


def _new(workspace: Workspace, start: int, stop: int) -> list[ToTell]:
    rows = workspace.store.opened(kinds=EVENT_KINDS, since=start, below=stop)
    return [told for told in map(_to_tell, rows) if told is not None]


def _to_tell(row: Opened) -> ToTell | None:
    kind = msgspec.json.decode(row.payload)["event"]["event"]
    return ToTell(event_number(row), kind, row.index) if kind in TYPES and row.index is not None else None


def _row(workspace: Workspace, place: int) -> Opened | None:
    rows = workspace.store.opened(kinds=EVENT_KINDS, since=place, below=place + 1)
    return next(islice(rows, 1), None)
