"""A workspace whose root, key copies, signing keys and backup lie in folders of their own, so that its disk can be lost."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.workspace.backup.again import RestoredWorkspace
from troth.operations.workspace.backup.backup import BackedUp, backup
from troth.operations.workspace.backup.plan import RestoreRequest
from troth.operations.workspace.backup.restore import restore
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.record import record
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.settings import read_settings, write_settings
from troth.types.moment import parse_moment
from troth.vault.keys.chosen import FileRoot, RootChoice
from troth.vault.keys.keyring import create_keyring

TERMS = "anthropic-consumer"
DUE = parse_moment("2026-10-31T00:00:00Z")


@dataclass
class Disks:
    """Everything of one organisation, each thing on a disk of its own."""

    folder: Path
    copied: bool = True
    store: str = "sqlite"
    ledger: str = "ledger"
    segments: str = "vault/segments"
    two_keepers: bool = False
    root: RootChoice | None = None
    """Another keeper than files."""
    name: str = "shop"
    talks: int = field(default=0)

    @property
    def workspace(self) -> Path:
        return self.folder / self.name

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    @property
    def roots(self) -> Path:
        return self.folder / "roots"

    @property
    def safe(self) -> Path:
        return self.folder / "safe"

    @property
    def place(self) -> Path:
        return self.folder / "backup"

    def begin(self, talks: int = 3) -> Disks:
        self.folder.mkdir(parents=True, exist_ok=True)
        init_workspace(
            self.workspace, "example.org/shop", self.store, self.ledger,
            root=self.roots, key_copy=self.copies if self.copied else None, segments=self.segments,
        )  # fmt: skip
        shutil.copytree(self.workspace / "keys", self.safe)
        if self.two_keepers or self.root is not None:
            self._other_keepers()
        self.ingest(talks)
        opened_at = "2025-01-01T00:00:00Z"
        self.record(
            *(
                {"event": "account.opened", "at": opened_at, "account": f"a{n}", "plan": "pro"}
                for n in range(talks)
            ),
            {"event": "conversation.deleted", "at": "2026-10-01T00:00:00Z", "conversation": "talk-1"},
        )
        return self

    @property
    def second_roots(self) -> Path:
        return self.folder / "second"

    def _other_keepers(self) -> None:
        """A keyring with other keepers in the place of the one that is there, with which nothing was sealed yet."""
        for file in (
            *self.roots.iterdir(),
            *self.copies.iterdir(),
            *(self.workspace / "vault").glob("keys.db*"),
        ):
            file.unlink()
        second = FileRoot(str(self.second_roots), "second") if self.two_keepers else None
        settings = replace(read_settings(self.workspace), second_root=second)
        if self.root is not None:
            settings = replace(settings, root=self.root)
        create_keyring(self.workspace / "vault", open_keepers(settings, now, os.environ))
        write_settings(settings)

    def ingest(self, talks: int) -> None:
        """So many more conversations."""
        log = self.folder / f"log{self.talks}.jsonl"
        lines = [
            {"conversation_id": f"talk-{talk}", "account": f"a{talk}",
             "messages": [{"role": "user", "content": words(talk), "timestamp": "2025-10-20T10:00:00Z"}]}
            for talk in range(self.talks, self.talks + talks)
        ]  # fmt: skip
        log.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
        self.talks += talks
        ingest(self.workspace, [str(log)])

    def record(self, *events: dict[str, Any]) -> None:
        file = self.folder / "events.jsonl"
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
        record(self.workspace, (str(file),))

    def erase(self, talk: int = 1) -> None:
        erase(ErasureRequest(self.workspace, TERMS, "asked for", conversation=f"talk-{talk}"))

    def retain(self) -> None:
        retain(RetainRequest(self.workspace, TERMS, DUE, apply=True))

    def backup(self, *, check: bool = False) -> BackedUp:
        return backup(self.workspace, str(self.place), check=check)

    def lose(self) -> None:
        """The disk of the workspace is lost."""
        shutil.rmtree(self.workspace)

    def request(self, **given: Any) -> RestoreRequest:
        return RestoreRequest(**{"source": str(self.place), "to": self.workspace, "keys": self.safe, **given})

    def restore(self, **given: Any) -> RestoredWorkspace:
        return restore(self.request(**given))

    def restore_lost(self, **given: Any) -> RestoredWorkspace:
        return self.restore(**{"lost_entries_accepted": True, "origin": "example.org/shop-2", **given})

    def readable(self, *, closed: bool = False) -> dict[str, str]:
        with opened(self.workspace, closed=closed) as found:
            batches = list(found.vault.records())
        return {
            name: text
            for batch in batches
            for name, text in zip(
                batch.column("conversation").to_pylist(), batch.column("text").to_pylist(), strict=True
            )
        }

    def events(self, *, closed: bool = False) -> int:
        with opened(self.workspace, closed=closed) as found:
            return sum(len(some) for some in found.store.events(None))

    def audited(self) -> list[str]:
        ledger = self.workspace / "ledger"
        report = audit_log(AuditRequest(str(ledger), str(ledger / "log.vkey")), now(), silent)
        return [str(one) for one in report.findings]

    def root_versions(self) -> list[str]:
        return sorted(file.name for file in self.roots.iterdir())


def words(talk: int) -> str:
    return f"the pears of talk {talk} are ripe"
