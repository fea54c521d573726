"""What a workspace must do, in plain words and without any of its code: random sequences are held against this.

The terms (``erasure_terms.toml``): a record may train a model while everybody in its conversation says yes. It is kept
for nine years; deleted, for thirty days; once flagged, for sixty days after the flag whatever else happens. A hold
keeps it from being destroyed and permits nothing. Times are microseconds, UTC; events come in the order of their times.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

DAY = 86_400_000_000
LONG = 9 * 365 * DAY
AFTER_DELETION, AFTER_FLAG = 30 * DAY, 60 * DAY
NEVER = 1 << 62
"""Stands for a time that nobody knows."""


@dataclass(frozen=True)
class Record:
    """Something that one person said in one conversation."""

    name: str
    talk: str
    account: str
    said: int


@dataclass(frozen=True)
class Event:
    """Something that happened to a conversation, an account or a record, or a hold on accounts."""

    name: str
    what: str
    """``opened``, ``closed``, ``granted``, ``refused``, ``deleted``, ``flagged``, ``joined``, ``placed`` or ``released``."""
    about: str
    """``conversation``, ``account``, ``record`` or ``hold``: what it is about, and so with what it is erased."""
    of: str
    at: int
    names: tuple[str, ...] = ()
    """The accounts that a hold names, or the one that took part."""


@dataclass
class Model:
    """What is stored and known."""

    stored: set[Record] = field(default_factory=set)
    destroyed: set[Record] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    """Conversations that have a key: something of them was taken in or recorded, and they were not erased since."""
    lying: set[Record] = field(default_factory=set)
    """What was destroyed and lies in the vault as sealed rows, until a compaction."""
    lost: set[Record] = field(default_factory=set)
    """What a restored backup does not have, while its key lives: a copy or a release may still open."""
    erased: list[tuple[str, str]] = field(default_factory=list)
    """What was erased, in the order of erasing: the kind and the name."""
    releases: dict[str, set[Record]] = field(default_factory=dict)
    gone: dict[str, set[Record]] = field(default_factory=dict)
    """Of each release, what nothing opens any more."""
    refuses: frozenset[str] = frozenset()
    """Accounts of which nothing may ever be written: zero data retention."""

    # --- what happens -----------------------------------------------------------------------------------------

    def ingest(self, records: set[Record]) -> None:
        """What was destroyed does not come back with an old log."""
        new = {one for one in records if one.account not in self.refuses} - self.destroyed
        self.stored |= new
        self.lost -= new
        self.known |= {one.talk for one in new}

    def record(self, event: Event) -> None:
        if event.about == "conversation":
            self.known.add(event.of)
        if event.name not in {one.name for one in self.events}:
            self.events.append(event)

    def build(self, release: str, now: int) -> None:
        self.releases[release] = self.usable(now)
        self.gone[release] = set()

    def erase_conversation(self, talk: str, now: int) -> set[Record]:
        return self.erase(self.talk(talk) | self.untold(talk), now)

    def erase(self, asked: set[Record], now: int) -> set[Record]:
        """Destroy what may go of what is asked for; give back what of it stays."""
        stays: set[Record] = set()
        for talk in sorted({one.talk for one in asked}):
            whole = self.talk(talk) | self.untold(talk)
            if any(self.stays(one, asked, now) for one in whole):
                stays |= whole & asked
            else:
                self._destroy(talk)
        return stays

    def _destroy(self, talk: str) -> None:
        """The key of a conversation goes, and with it all that was said or recorded of it."""
        self._end_key(talk, self.talk(talk))
        self.known.discard(talk)
        self._forget(("conversation", talk))

    def _part(self, talk: str, going: set[Record]) -> None:
        """A part goes, and what stays gets another key. Who took part stays known: their no still counts."""
        self._end_key(talk, going)
        left = {one.account for one in self.talk(talk)} | self.joined(talk)
        for one in sorted({one.account for one in going} - left):
            first = min(record.said for record in going if record.account == one)
            self.record(Event(f"{one} joined {talk}", "joined", "conversation", talk, first, (one,)))

    def _end_key(self, talk: str, going: set[Record]) -> None:
        """The key of a conversation is destroyed: of what it sealed, releases and copies have nothing any more."""
        self.stored -= going
        self.destroyed |= going
        self.lying |= going
        self.lost = {one for one in self.lost if one.talk != talk}
        for release, rows in self.releases.items():
            self.gone[release] |= {one for one in rows if one.talk == talk}
        self.erased.append(("key", talk))
        self._forget(*(("record", one.name) for one in going))

    def _forget(self, *subjects: tuple[str, str]) -> None:
        self.events = [one for one in self.events if (one.about, one.of) not in subjects]
        self.erased += subjects

    def erase_account(self, account: str, now: int) -> set[Record]:
        """A closed account of which nothing stays, and which no hold names, is forgotten too."""
        asked = {one for one in self.stored if one.account == account}
        for talk in {one.talk for one in self.lying if one.account == account}:
            asked |= self.untold(talk)
        stays = self.erase(asked, now)
        if not stays and self.closed(account) and account not in self.held_accounts():
            self._forget(("account", account))
        return stays

    def retain(self, until: int, now: int) -> set[Record]:
        """Destroy what is past its date by then, also where the rest of its conversation stays; give back what of it stays."""
        due = {one for one in self.stored if self.kept_until(one) <= until}
        stays: set[Record] = set()
        for talk in sorted({one.talk for one in due}):
            staying = {one for one in self.talk(talk) if self.stays(one, due, now)}
            going = (due & self.talk(talk)) - staying
            stays |= due & staying
            if not staying:
                self._destroy(talk)
            elif going:
                self._part(talk, going)
        return stays

    def compact(self) -> None:
        self.lying.clear()

    def backup(self) -> Model:
        return deepcopy(self)

    def restore(self, backup: Model) -> None:
        """What came after a backup is lost; what was destroyed since stays destroyed, and is told by the keys."""
        erased = set(self.erased[len(backup.erased) :])
        ended = {one for one in backup.stored if ("key", one.talk) in erased}
        self.lost = (self.stored | self.lost) - (backup.stored - ended)
        self.lying = backup.lying | ended
        self.stored = backup.stored - ended
        self.destroyed = backup.destroyed | ended
        self.events = [
            one for one in backup.events
            if (one.about, one.of) not in erased and not (one.about == "conversation" and ("key", one.of) in erased)
        ]  # fmt: skip
        self.releases = {name: set(rows) for name, rows in backup.releases.items()}
        self.gone = {name: self.gone[name] for name in self.releases}

    # --- what may be ------------------------------------------------------------------------------------------

    def stays(self, record: Record, asked: set[Record], now: int) -> bool:
        """A conversation goes whole or stays. Past its date, a record goes with the rest; before it, only if asked for."""
        if self.held(record) or (record.said == NEVER and self.flagged(record)):
            return True
        if self.kept_until(record) <= now:
            return False
        return record not in asked or self.duty_until(record) > now

    def usable(self, now: int) -> set[Record]:
        """What may train a model now."""
        return {one for one in self.stored if self.may_train(one, now)}

    def may_train(self, record: Record, now: int) -> bool:
        people = {one.account for one in self.talk(record.talk)} | self.joined(record.talk)
        deleted = any(one.what == "deleted" for one in self.about(record))
        return not deleted and self.kept_until(record) > now and all(map(self.says_yes, people))

    def read(self, release: str, now: int) -> tuple[set[Record], set[Record], set[Record]]:
        """Of a release: what may be opened, what is withheld, and what is gone."""
        rows = self.releases[release]
        gone = self.gone[release]
        opened = (rows & self.usable(now)) - gone
        return opened, rows - opened - gone, gone

    # --- what is known ----------------------------------------------------------------------------------------

    def talk(self, name: str) -> set[Record]:
        return {one for one in self.stored if one.talk == name}

    def untold(self, talk: str) -> set[Record]:
        """Of a conversation that has a key and nothing stored, one record that nobody told of is judged."""
        return {Record(f"{talk}/?", talk, "", NEVER)} if talk in self.known and not self.talk(talk) else set()

    def joined(self, talk: str) -> set[str]:
        told = [one for one in self.events if one.what == "joined" and one.of == talk]
        return {account for one in told for account in one.names}

    def flagged(self, record: Record) -> bool:
        return any(one.what == "flagged" for one in self.about(record))

    def about(self, record: Record) -> list[Event]:
        """What happened to a record, its conversation or its account after it was said."""
        subjects = {("record", record.name), ("conversation", record.talk), ("account", record.account)}
        return [one for one in self.events if (one.about, one.of) in subjects]

    def kept_until(self, record: Record) -> int:
        return self._kept(record)[0]

    def duty_until(self, record: Record) -> int:
        return self._kept(record)[1]

    def _kept(self, record: Record) -> tuple[int, int]:
        """Until when it is kept at all, and until when a flag keeps it. What is past its date, nothing brings back."""
        limit, duty = min(record.said + LONG, NEVER), 0
        for event in sorted(self.about(record), key=lambda one: one.at):
            if event.at >= max(limit, duty):
                break
            if event.what in ("deleted", "closed"):
                limit = min(limit, event.at + AFTER_DELETION)
            elif event.what == "flagged":
                duty = max(duty, event.at + AFTER_FLAG)
        return max(limit, duty), duty

    def says_yes(self, account: str) -> bool:
        of_it = [one for one in self.events if (one.about, one.of) == ("account", account)]
        told = [one.what for one in sorted(of_it, key=lambda one: one.at)]
        choices = [one for one in told if one in ("granted", "refused")]
        return "opened" in told and "closed" not in told and choices[-1:] == ["granted"]

    def closed(self, account: str) -> bool:
        return any(one.what == "closed" and one.of == account for one in self.events)

    def held(self, record: Record) -> bool:
        return record.account in self.held_accounts()

    def held_accounts(self) -> set[str]:
        released = {one.of for one in self.events if one.what == "released"}
        placed = [one for one in self.events if one.what == "placed" and one.of not in released]
        return {account for hold in placed for account in hold.names}
