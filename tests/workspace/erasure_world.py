"""A workspace and the model of it, which do the same steps."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

from erasure_attack import root_versions
from erasure_model import Event, Model, Record
from erasure_said import LONG_AGO, TERMS, line_of, log_of, said_at, said_by, words_of
from erasure_steps import PEOPLE, Step

from troth.errors import LedgerError, UsageError
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
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.record import record
from troth.operations.workspace.releases.read_release import PassedOver, ReadRequest, reading
from troth.operations.workspace.show import show


def told_of(records: set[Record]) -> set[tuple[str, str]]:
    """Some records, with what was said in them."""
    return {(one.name, words_of(one.talk, int(one.name[-1]))) for one in records}


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
        path = self.folder / "log.jsonl"
        path.write_text(log_of(talk, int(last), self.now), encoding="utf-8")
        ingest(self.workspace, [str(path)])
        path.unlink()
        self.model.ingest({self._of(talk, turn) for turn in range(int(last) + 1)})

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
        before = said_at(int(turn), self.now)
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
            assert {(one["record"], one["text"]) for one in shown.records} == told_of(stored)

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
        assert found == told_of(may)
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

    # --- words ------------------------------------------------------------------------------------------------

    def _of(self, talk: str, turn: int) -> Record:
        return Record(f"{talk}/{turn}", talk, said_by(talk, turn), said_at(turn, self.now))

    def _happens(self, what: str, about: str, of: str, names: tuple[str, ...] = ()) -> None:
        number = sum(map(len, self.files))
        self._record(Event(f"event-{number}", what, about, of, self.at, names))

    def _record(self, *events: Event, in_file: bool = True, again: bool = False) -> None:
        if not again:
            self.files.append(list(events))
        if in_file:
            path = self.folder / "events.jsonl"
            path.write_text("".join(json.dumps(line_of(one)) + "\n" for one in events), encoding="utf-8")
            record(self.workspace, [str(path)])
            path.unlink()
        for one in events:
            self.model.record(one)
