"""What the store tells of one person: their own events, and those of the organisations that they belonged to."""

from __future__ import annotations

from dataclasses import dataclass, field

from troth.history.event import Event
from troth.operations.workspace.history import event_of
from troth.store.interface import EVENT_KINDS, Opened, Store
from troth.store.subjects import Subject

ABOUT_A_RECORD = "record.said"


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the history has it at one moment. What was said in conversations is not part of it."""

    account: str
    events: tuple[Event, ...] = ()
    """The events that name the account and are not about a conversation or record."""
    talks: tuple[Event, ...] = ()
    """The events of conversations that name the account: started, joined, rated, chosen for."""
    organisations: tuple[str, ...] = ()
    theirs: tuple[Event, ...] = field(default=())
    """The events of those organisations."""

    @property
    def known(self) -> bool:
        """Whether anything was ever recorded of the account itself."""
        return bool(self.events)


def read_person(store: Store, account: str) -> Person:
    """Read a person from the store. Raises ``StoreError``."""
    own: list[Event] = []
    talks: list[Event] = []
    for row in store.opened(account=account, kinds=EVENT_KINDS):
        event = event_of(row.payload)
        if event.event == ABOUT_A_RECORD:
            continue
        (own if event.conversation is None else talks).append(event)
    names = sorted({event.organisation for event in own if event.organisation is not None})
    theirs = [event for name in names for event in read_organisation(store, name)]
    return Person(account, tuple(own), tuple(talks), tuple(names), tuple(theirs))


def read_organisation(store: Store, organisation: str) -> list[Event]:
    """The events of an organisation. Raises ``StoreError``."""
    return [_event(row) for row in store.opened(owner=Subject("organisation", organisation))]


def read_talk(store: Store, conversation: str) -> list[Event]:
    """The events of a conversation, what was said in it included. Raises ``StoreError``."""
    return [_event(row) for row in store.opened(conversation=conversation, kinds=EVENT_KINDS)]


def _event(row: Opened) -> Event:
    return event_of(row.payload)
