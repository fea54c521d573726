"""A small shop with a workspace: three people, three conversations, and releases built from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from troth.operations.build import BuildRequest, Built, build_release
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.record import record
from troth.operations.workspace.settings import SEGMENTS
from troth.types.moment import parse_moment

AT = "2025-12-01T00:00:00Z"
EVENTS = [
    {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "ada", "plan": "pro"},
    {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "ben", "plan": "pro"},
    {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "cleo", "plan": "free"},
    {"event": "choice.made", "at": "2025-10-01T00:00:00Z", "account": "ada", "choice": "improve_models", "value": "granted",
     "mechanism": "dialog", "notice": "2025-08-28", "initial_state": "off", "id": "ada-says-yes"},
    {"event": "choice.made", "at": "2025-10-01T00:00:00Z", "account": "ben", "choice": "improve_models", "value": "refused",
     "mechanism": "settings"},
    {"event": "choice.made", "at": "2025-10-01T00:00:00Z", "account": "cleo", "choice": "improve_models", "value": "granted",
     "mechanism": "settings"},
]  # fmt: skip
TALKS = {"of-ada": "ada", "of-ben": "ben", "of-cleo": "cleo"}


def withdrawal(account: str, at: str) -> dict[str, str]:
    return {"event": "choice.made", "at": at, "account": account, "choice": "improve_models", "value": "refused",
            "mechanism": "settings"}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A folder with a workspace, logs, and what was said in them."""

    folder: Path

    @property
    def workspace(self) -> Path:
        return self.folder / "shop"

    @property
    def ledger(self) -> Path:
        return self.workspace / "ledger"

    @property
    def log_key(self) -> str:
        return str(self.ledger / "log.vkey")

    @property
    def logs(self) -> Path:
        return self.folder / "chats.jsonl"

    def record(self, *events: dict[str, object], name: str = "events.jsonl") -> None:
        """Record events, as a person would: from a file."""
        file = self.folder / name
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
        record(self.workspace, (str(file),))

    def build(self, name: str, checkpoint: int | None = None, seed: int = 7) -> Built:
        return build_release(
            BuildRequest(
                terms="anthropic-consumer", options={}, history=(), records=(str(self.logs),),
                purpose="train.general", at=parse_moment(AT), seed=seed, out=self.folder / name,
                workspace=self.workspace, checkpoint=checkpoint,
            )
        )  # fmt: skip


def open_shop(folder: Path, store: str = "sqlite", *, ml_dsa: bool = False, segments: str = SEGMENTS) -> Shop:
    """A shop with its events recorded and its logs written; nothing is built."""
    shop = Shop(folder)
    init_workspace(shop.workspace, "example.org/shop", store, ml_dsa=ml_dsa, segments=segments)
    lines = [
        {
            "conversation_id": talk,
            "account": account,
            "messages": [
                {"role": "user", "content": f"A question about pears, basket {account[0].upper()}.", "timestamp": "2025-10-20T10:00:00Z"},
                {"role": "assistant", "content": f"Pears of basket {account[0].upper()} are ripe in autumn.", "timestamp": "2025-10-20T10:00:01Z"},
            ],
        }
        for talk, account in TALKS.items()
    ]  # fmt: skip
    shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    shop.record(*EVENTS)
    return shop
