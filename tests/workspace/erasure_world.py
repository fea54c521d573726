"""A workspace and the model of it, which do the same steps; and who has every file of it, of its releases and copies."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from erasure_attack import attacked, root_versions
from erasure_model import Event, Model, Record
from erasure_steps import HOUR, PEOPLE, TALKS, TURNS, Step

from troth.errors import LedgerError, UsageError, VaultError
from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.backup.again import resume
from troth.operations.workspace.backup.backup import backup
from troth.operations.workspace.backup.plan import RestoreRequest
from troth.operations.workspace.backup.restore import restore
from troth.operations.workspace.compact import compact
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.record import record
from troth.operations.workspace.releases.read_release import PassedOver, ReadRequest, reading
from troth.operations.workspace.settings import read_settings, write_settings
from troth.operations.workspace.show import show
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended, read_payload
from troth.types.moment import format_moment
from troth.vault.keys.chosen import FileRoot

TERMS = str(Path(__file__).with_name("erasure_terms.toml"))
LONG_AGO = 800 * 24 * HOUR
"""Before the present: when accounts were opened. What was said, was said after that, before anything else happened."""


def said_by(talk: str, turn: int) -> str:
    return TALKS[talk][turn % len(TALKS[talk])]


@cache
def words_of(talk: str, turn: int) -> str:
    """What was said: no two records share a word, so that none is taken for a copy of another."""
    chosen = random.Random(f"{talk}/{turn}")
    return " ".join("".join(chosen.choices("abcdefghijklmnoprstuvw", k=9)) for _ in range(20))


class World:
    """A workspace in a folder. It begins as another that was just made, where there is one: as it is kept in a folder."""

    def __init__(self, folder: Path, base: World | None = None, kept: Path | None = None) -> None:
        self.folder, self.workspace = folder, folder / "shop"
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        if kept is not None:
            shutil.copytree(kept, folder)
        self.now = now() if base is None else base.now
        self.at = self.now
        """When what a step tells of happened."""
        self.model = Model(refuses=frozenset({"zoe"}))
        self.files: list[list[Event]] = []
        """What was recorded together."""
        self.copies: list[tuple[Path, list[int], set[Record]]] = []
        """Copies of the workspace without its root, of which versions of the root, and what was stored in them."""
        self.night: tuple[int, int, Model] | None = None
        """What the backup has: entries of the ledger, keys that were ever there, and what was so."""
        self.built = self.restored = 0
        self.keys: set[bytes] = set()
        """The keys of everything that had one so far."""
        self.living: set[bytes] = set()
        self.holds: list[str] = []
        if base is None:
            init_workspace(
                self.workspace, "example.org/shop", root=self.roots, key_copy=folder / "key-copies"
            )
            shutil.copytree(self.workspace / "keys", folder / "safe")
        people = [
            Event(f"{who}-opens", "opened", "account", who, self.now - LONG_AGO) for who in (*PEOPLE, "zoe")
        ]
        strict = Event("acme-is-strict", "strict", "organisation", "acme", self.now - LONG_AGO)
        yes = [Event(f"{who}-says-yes", "granted", "account", who, self.now - LONG_AGO) for who in PEOPLE]
        self._record(strict, *people, *yes, in_file=base is None)
        self.versions = root_versions(self.roots)

    @property
    def roots(self) -> Path:
        return self.folder / "roots"

    # --- steps ------------------------------------------------------------------------------------------------

    def do(self, step: Step) -> None:
        self.at = self.now - step.before
        getattr(self, f"_{step.act}")(*step.what)

    def _ingest(self, talk: str, last: str) -> None:
        turns = range(int(last) + 1)
        messages = [
            {"role": "user", "account": said_by(talk, turn), "content": words_of(talk, turn), "timestamp": format_moment(self._said(turn))}
            for turn in turns
        ]  # fmt: skip
        path = self.folder / "log.jsonl"
        told = {"conversation_id": talk, "account": TALKS[talk][0], "messages": messages}
        path.write_text(json.dumps(told) + "\n", encoding="utf-8")
        ingest(self.workspace, [str(path)])
        path.unlink()
        self.model.ingest({self._of(talk, turn) for turn in turns})

    def _choose(self, who: str, what: str = "granted") -> None:
        self._happens(what, "account", who)

    def _withdraw(self, who: str) -> None:
        self._choose(who, "refused")

    def _delete(self, talk: str) -> None:
        self._happens("deleted", "conversation", talk)

    def _delete_record(self, name: str) -> None:
        self._happens("deleted", "record", name)

    def _flag(self, talk: str) -> None:
        self._happens("flagged", "conversation", talk)

    def _close(self, who: str) -> None:
        self._happens("closed", "account", who)

    def _hold(self, who: str) -> None:
        name = f"hold-{len(self.holds)}"
        self.holds.append(name)
        self._happens("placed", "hold", name, (who,))

    def _release(self, number: str) -> None:
        if self.holds:
            name = self.holds[int(number) % len(self.holds)]
            self._happens("released", "hold", name)

    def _again(self, number: str) -> None:
        """An old file of events is recorded again: what was erased with its subject is there again."""
        self._record(*self.files[-1 - int(number) % len(self.files)], again=True)

    def _erase(self, talk: str) -> None:
        known = talk in self.model.known
        try:
            done = erase(ErasureRequest(self.workspace, TERMS, "asked for", conversation=talk))
        except UsageError:
            assert not known, "there is something of it, and it could not be erased"
        else:
            assert done.stays == len(self.model.erase_conversation(talk, self.now))

    def _erase_account(self, who: str) -> None:
        done = erase(ErasureRequest(self.workspace, TERMS, "asked for", account=who))
        assert done.stays == len(self.model.erase_account(who, self.now))

    def _erase_before(self, turn: str) -> None:
        before = self._said(int(turn))
        erase(ErasureRequest(self.workspace, TERMS, "asked for", before=before))
        self.model.erase({one for one in self.model.stored if one.said < before}, self.now)

    def _retain(self) -> None:
        done = retain(RetainRequest(self.workspace, TERMS, self.at, apply=True))
        assert done.stays == len(self.model.retain(self.at, self.now))

    def _show(self, talk: str) -> None:
        stored = self.model.talk(talk)
        try:
            shown = show(self.workspace, talk, "somebody asks")
        except UsageError:
            assert not stored, "it is stored, and is not shown"
        else:
            assert {(one["record"], one["text"]) for one in shown.records} == self._told(stored)

    def _build(self) -> None:
        name = f"release-{self.built}"
        self.built += 1
        asked = BuildRequest(
            TERMS, {}, (), (), "train.general", self.now, 7, self.folder / name, workspace=self.workspace
        )
        try:
            built = build_release(asked)
        except UsageError:
            assert not self.model.stored | self.model.lying, "something is stored, and nothing is built"
            return
        self.model.build(name, self.now)
        assert built.release.counts.released == len(self.model.releases[name])

    def _read(self, number: str) -> None:
        if not self.model.releases:
            return
        name = sorted(self.model.releases)[int(number) % len(self.model.releases)]
        may, withheld, gone = self.model.read(name, self.now)
        passed: list[PassedOver] = []
        asked = ReadRequest(self.workspace, str(self.folder / name), "train.general", TERMS)
        with reading(asked, note=passed.append) as (report, batches):
            found = {(row["record"], row["text"]) for batch in batches for row in batch.to_pylist()}
        assert found == self._told(may)
        erased = {one.record for one in passed if one.reason == "erased"}
        assert erased <= {one.name for one in gone}
        assert len(erased) + report.removed == len(gone)
        assert {one.record for one in passed if one.reason != "erased"} == {one.name for one in withheld}
        assert (report.opened, report.gone) == (len(may), len(gone))

    def _copy(self) -> None:
        """Somebody copies the workspace: all but its root."""
        copy = self.folder / f"copy-{len(self.copies)}"
        shutil.copytree(self.workspace, copy)
        self.copies.append((copy, root_versions(self.roots), set(self.model.stored)))

    def _compact(self) -> None:
        compact(self.workspace)
        self.model.compact()

    def _backup(self) -> None:
        backup(self.workspace, str(self.folder / "night"))
        self.night = (*self._newest(), self.model.backup())

    def _restore(self) -> None:
        """The disk of the workspace is lost; its root, its key copy and the backup are not."""
        if self.night is None:
            return
        entries, changes, model = self.night
        same = (entries, changes) == self._newest()
        shutil.rmtree(self.workspace)
        asked = RestoreRequest(str(self.folder / "night"), self.workspace, keys=self.folder / "safe")
        try:
            restore(asked)
            assert same, "entries were lost, and nobody said so"
        except LedgerError:
            assert not same
            self.restored += 1
            name = f"example.org/shop-{self.restored}"
            assert restore(replace(asked, lost_entries_accepted=True, origin=name)).closed
            resume(self.workspace, "everybody was asked")
        self.model.restore(model)

    def _newest(self) -> tuple[int, int]:
        """How far the ledger and the keys have gone."""
        with opened(self.workspace) as found:
            head = found.store.head()
            assert head is not None
            return head.size, found.keyring.file.state().changes

    # --- what is so after each ---------------------------------------------------------------------------------

    def check(self) -> None:
        """Readable is what may be, known is what happened; and where keys were destroyed, nobody gets at more."""
        with opened(self.workspace) as found:
            self._check_workspace(found)
        if root_versions(self.roots) != self.versions:
            self.check_everything()
            self.versions = root_versions(self.roots)

    def check_everything(self) -> None:
        """Who has every file and copy and the live root opens what is stored, or was lost, and nothing that was destroyed."""
        attack = attacked([self.folder], self.roots)
        stored, lost = ({one.name for one in some} for some in (self.model.stored, self.model.lost))
        assert stored <= attack.opened <= stored | lost
        destroyed = self.keys - self.living
        assert attack.keys.isdisjoint(destroyed)
        everything = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        assert not any(key in everything for key in destroyed), "a destroyed key stands in a file"
        for talk in TALKS:
            for turn in range(TURNS):
                assert words_of(talk, turn).encode()[:29] not in everything, (
                    "something stands in a file in plain"
                )

    def _check_workspace(self, found: Workspace) -> None:
        rows = [row for batch in found.vault.records() for row in batch.to_pylist()]
        assert {(row["record"], row["text"]) for row in rows} == self._told(self.model.stored)
        assert len(rows) == len(self.model.stored)
        payloads = [payload for some in found.store.events(None) for payload in some]
        known = sorted(_name(msgspec.json.decode(payload)["event"]) for payload in payloads)
        assert known == sorted(one.name for one in self.model.events)
        self.living = set(self._living(found))
        self.keys |= self.living

    def _living(self, found: Workspace) -> Iterator[bytes]:
        """The keys of what has one now."""
        records = [f"{talk}/{turn}" for talk in TALKS for turn in range(TURNS)]
        for kind, names in (("conversation", list(TALKS)), ("account", PEOPLE), ("record", records)):
            slots = [
                slot for slot in found.handles.slots(kind, names, make=False).values() if slot is not None
            ]
            yield from (key for key in found.keyring.keys(slots) if key is not None)

    def check_end(self) -> None:
        """Each intent has one end; a copy with the live root opens only where no key was destroyed since."""
        self.check_everything()
        ended: list[int] = []
        intents: list[int | None] = []
        with opened(self.workspace) as found:
            for row in found.store.opened(kinds=("erasure",)):
                told = read_payload(row.kind, row.payload)
                if isinstance(told, ErasureIntended):
                    intents.append(row.index)
                elif isinstance(told, ErasureDone | ErasureAbandoned):
                    ended.append(told.intent)
        assert intents == ended
        for copy, versions, stored in self.copies:
            self._give_root(copy)
            same = versions == root_versions(self.roots)
            try:
                with opened(copy) as found:
                    readable = {
                        name for batch in found.vault.records() for name in batch.column("record").to_pylist()
                    }
                assert same
                assert readable == {one.name for one in stored}
            except VaultError:
                assert not same, "nothing was destroyed since, and the copy does not open"

    def _give_root(self, copy: Path) -> None:
        """A copy gets the live root, and no place for copies of its own keys."""
        shutil.copytree(self.roots, copy / "roots")
        settings = read_settings(copy)
        write_settings(replace(settings, root=FileRoot("roots"), key_copy=None))

    # --- words ------------------------------------------------------------------------------------------------

    def _of(self, talk: str, turn: int) -> Record:
        return Record(f"{talk}/{turn}", talk, said_by(talk, turn), self._said(turn))

    def _said(self, turn: int) -> int:
        return self.now - LONG_AGO + (turn + 1) * 24 * HOUR

    def _told(self, records: set[Record]) -> set[tuple[str, str]]:
        return {(one.name, words_of(one.talk, int(one.name[-1]))) for one in records}

    def _happens(self, what: str, about: str, of: str, names: tuple[str, ...] = ()) -> None:
        number = sum(map(len, self.files))
        self._record(Event(f"event-{number}", what, about, of, self.at, names))

    def _record(self, *events: Event, in_file: bool = True, again: bool = False) -> None:
        if not again:
            self.files.append(list(events))
        if in_file:
            path = self.folder / "events.jsonl"
            path.write_text("".join(json.dumps(_line(one)) + "\n" for one in events), encoding="utf-8")
            record(self.workspace, [str(path)])
            path.unlink()
        for one in events:
            self.model.record(one)


_KINDS = {
    "opened": "account.opened", "closed": "account.closed", "granted": "choice.made", "refused": "choice.made",
    "flagged": "conversation.flagged", "strict": "organisation.changed", "placed": "hold.placed", "released": "hold.released",
}  # fmt: skip


def _name(event: dict[str, Any]) -> str:
    """The name of an event. One without an id was recorded because a part of its conversation went."""
    return str(event.get("id") or f"{event['account']} joined {event['conversation']}")


def _line(event: Event) -> dict[str, Any]:
    """An event in the public format."""
    kind = _KINDS.get(event.what, f"{event.about}.deleted")
    line: dict[str, Any] = {
        "event": kind,
        "at": format_moment(event.at),
        "id": event.name,
        event.about: event.of,
    }
    if kind == "choice.made":
        line |= {"choice": "improve", "value": event.what, "mechanism": "settings"}
    if kind == "account.opened":
        line |= {"plan": "office", "organisation": "acme"} if event.of == "zoe" else {"plan": "home"}
    if kind == "organisation.changed":
        line |= {"plan": "office", "zero_retention": True}
    if kind == "hold.placed":
        line |= {"accounts": list(event.names)}
    return line
