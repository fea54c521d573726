"""Records that may never be written: said under an organisation with zero data retention, as deciding sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from troth.decide.point.holds import visible
from troth.decide.point.index import Index
from troth.decide.point.subjects import Party
from troth.history.event import Event
from troth.operations.workspace.history import event_of
from troth.store.interface import Store
from troth.types.moment import Moment

_OF_ORGANISATIONS = b'"organisation":'
_SAID = b'"record.said"'


@dataclass(frozen=True, slots=True)
class Told:
    """What the history tells of a record where a log may not."""

    account: str
    at: Moment


@dataclass(frozen=True, slots=True)
class ZeroRetention:
    """Who belonged to an organisation with zero data retention, and when."""

    now: Moment
    """The time of the question, which stands for the time of a record that nobody tells."""
    members: Mapping[str, Party] = field(default_factory=dict)
    """The accounts that ever belonged to such an organisation."""
    organisations: Mapping[str, Party] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    """Records of which the history tells that a member said them."""

    def kept(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The records of a batch that may be written."""
        if not self.members:
            return batch
        columns = (
            batch.column("record"),
            batch.column("account"),
            batch.column("at").cast(pa.int64()),
        )
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        wanted = [not self._covers(*row) for row in rows]
        return batch if all(wanted) else batch.filter(pa.array(wanted, pa.bool_()))

    def _covers(self, record: str, account: str | None, at: Moment | None) -> bool:
        told = self.told.get(record)
        if told is not None:
            account = told.account if account is None else account
            at = told.at if at is None else at
        member = self.members.get(account or "")
        if member is None:
            return False
        said = self.now if at is None else at
        organisation = member.stances[member.place(said)].organisation.only
        employer = self.organisations.get(str(organisation))
        return employer is not None and employer.stances[employer.place(said)].zero_retention


def zero_retention(store: Store, now: Moment) -> ZeroRetention:
    """What the events of a workspace that are known by ``now`` tell of zero data retention."""
    index = Index(event for event in _events(store, _OF_ORGANISATIONS) if visible(event, now))
    strict = {
        name for name, told in index.organisations.items() if any(event.zero_retention for event in told)
    }
    if not strict:
        return ZeroRetention(now)
    members = {
        account: _party(told)
        for account, told in index.accounts.items()
        if any(event.organisation in strict for event in told)
    }
    organisations = {name: _party(index.organisations[name]) for name in strict}
    said = {
        event.record or "": Told(event.account, event.at)
        for event in _events(store, _SAID)
        if event.event == "record.said" and event.account in members and event.account is not None
    }
    return ZeroRetention(now, members, organisations, said)


def _party(events: list[Event]) -> Party:
    return Party(events, lambda _: -1)


def _events(store: Store, mark: bytes) -> Iterator[Event]:
    """The events in whose payload some bytes stand: few of many are read."""
    for payloads in store.events(None):
        yield from (event_of(payload) for payload in payloads if mark in payload)
