"""Workspaces of format 1: what an older Troth made, with everything in plain."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path

from troth.errors import Place
from troth.history.event import read_event
from troth.ledger.complete import Completeness
from troth.ledger.log import create_log
from troth.ledger.memory import Heads, heads_folder
from troth.ledger.sequence import sequence
from troth.ledger.signers import load_signer
from troth.ledger.storage import open_storage
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.intake import intake_batch
from troth.operations.workspace.opened import now
from troth.proof.note import ED25519
from troth.store.event_items import event_items
from troth.store.interface import Item, Opened
from troth.store.open import open_engine
from troth.store.salts import fresh_salts
from troth.store.tables import TableStore

ORIGIN = "example.org/old-shop"
AT = "2025-10-01T00:00:00Z"


def events(tag: str) -> list[dict[str, object]]:
    """Events of every kind of subject; the tag stands behind each name."""
    who, talk = f"ada{tag}", f"talk{tag}"
    return [
        {"event": "account.opened", "at": AT, "account": who, "plan": "free"},
        {"event": "choice.made", "at": AT, "account": who, "choice": "improve_models", "value": "granted", "id": f"yes{tag}"},
        {"event": "record.said", "at": AT, "account": who, "conversation": talk, "record": f"record{tag}"},
        {"event": "record.said", "at": AT, "account": who, "conversation": talk, "record": f"record{tag}", "id": f"said{tag}"},
        {"event": "organisation.changed", "at": AT, "organisation": f"firm{tag}", "plan": "team"},
        {"event": "hold.placed", "at": AT, "hold": f"hold{tag}", "accounts": [who]},
        {"event": "record.deleted", "at": AT, "record": f"gone{tag}"},
    ]  # fmt: skip


def items(tag: str, *more: dict[str, object]) -> list[Item]:
    return event_items([read_event(one, Place("test")) for one in [*events(tag), *more]], fresh_salts)


def open_plain_shop(folder: Path, tag: str, url: str = "sqlite") -> tuple[list[Opened], list[bytes]]:
    """Make one; give its rows, and the salts of its conversations. The last event is not in the ledger yet."""
    init_workspace(folder, ORIGIN, "sqlite")
    for path in (*folder.glob("store.db*"), folder / "vault", folder / "ledger"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    signers = [load_signer(folder / "keys" / "log.key", ORIGIN, ED25519)]
    storage = open_storage(folder / "ledger")
    engine = open_engine(url, folder)
    with closing(TableStore(engine)) as store:
        store.start(create_log(storage, signers, now()))
        given = items(tag)
        heads = Heads(heads_folder(os.environ, Path.home()))
        for some in (given[:2], given[2:5], given[5:6]):
            store.append(some)
            sequence(store, storage, signers, heads, Completeness(storage), now)  # type: ignore[arg-type]
        store.intake([(f"talk{tag}", f"ada{tag}"), (f"other{tag}", None)], fresh_salts, intake_batch)
        sequence(store, storage, signers, heads, Completeness(storage), now)  # type: ignore[arg-type]
        store.append(given[6:])
        rows = list(store.opened())
        talks = [store.conversation(f"talk{tag}"), store.conversation(f"other{tag}")]
        with engine.writing():
            engine.change("UPDATE layout SET version = 1")
            if url != "sqlite":
                engine.change("ALTER SEQUENCE item_number RENAME TO item_seq")
                engine.change("DROP INDEX said_seq")
                engine.change("ALTER TABLE said DROP COLUMN seq")
    settings = folder / "troth.toml"
    text = re.sub("^format = 2$", "format = 1", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings.write_text(text.replace('store = "sqlite"', f'store = "{url}"'), encoding="utf-8")
    return rows, [talk.salt for talk in talks if talk is not None]
