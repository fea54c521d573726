"""A shop with a release in three shards, signed, and what people do with it when some of it is erased."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from shops import AT, EVENTS, Shop

from troth.operations.build import BuildRequest, build_release
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.releases.compact_releases import CompactedReleases, compact_releases
from troth.operations.workspace.releases.read_release import ReadReport, ReadRequest, read_release
from troth.release.keys import new_key
from troth.types.moment import parse_moment
from troth.verify.report import Removed, Report

ROWS = 8
"""Of a shard."""
TERMS = "anthropic-consumer"
TALKS = [f"talk-{number:02d}" for number in range(12)]


@dataclass(frozen=True)
class SignedShop(Shop):
    """A shop with a vault of twelve conversations of two records, and a key to sign with."""

    def build(self, name: str, checkpoint: int | None = None, seed: int = 7) -> object:
        return build_release(
            BuildRequest(
                terms=TERMS, options={}, history=(), records=(), purpose="train.general", at=parse_moment(AT),
                seed=seed, out=self.folder / name, workspace=self.workspace, checkpoint=checkpoint,
                sign_key=self.folder / "signer.key",
            )
        )  # fmt: skip

    def destroy(self, *conversations: str) -> None:
        """Destroy the keys of conversations, and nothing else."""
        with opened(self.workspace) as found:
            slots = found.handles.slots("conversation", conversations, make=False)
            found.keyring.destroy([slot for slot in slots.values() if slot is not None])

    def compact(self) -> CompactedReleases:
        with opened(self.workspace) as found:
            return compact_releases(found)

    def read(self, name: str = "first", purpose: str = "train.general") -> ReadReport:
        return read_release(self.asked(name, purpose))

    def asked(self, name: str = "first", purpose: str = "train.general") -> ReadRequest:
        return ReadRequest(self.workspace, str(self.folder / name), purpose)

    def verify(self, name: str = "first", **more: object) -> Report:
        """By a stranger, in a folder of their own: with the release's key and the log's."""
        given = {"log_key": self.log_key} | more
        clean = self.folder / "clean" / name
        shutil.rmtree(clean.parent, ignore_errors=True)
        shutil.copytree(self.folder / name, clean)
        key = self.folder / "signer.pub"
        report = verify_all(VerifyRequest(clean, key=key, **given)).release  # type: ignore[arg-type]
        assert report is not None
        return report

    def shards(self, name: str = "first") -> list[Path]:
        return sorted((self.folder / name / "shards").iterdir())

    def conversations(self, name: str = "first") -> list[str | None]:
        return [row for path in self.shards(name) for row in pq.read_table(path)["conversation"].to_pylist()]

    def copy(self, folder: Path) -> SignedShop:
        """The same elsewhere, with its release ``first``."""
        shutil.copytree(self.folder, folder)
        copied = SignedShop(folder)
        with opened(copied.workspace) as found:
            ((manifest, _),) = found.store.releases()
            found.store.move_release(manifest, str((folder / "first").resolve()))
        return copied

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder)


def open_signed_shop(folder: Path) -> SignedShop:
    """With one release, ``first``."""
    shop = SignedShop(folder)
    init_workspace(shop.workspace, "example.org/shop", "sqlite")
    lines = [
        {"conversation_id": talk, "account": ("ada", "cleo")[number % 2],
         "messages": [{"role": "user", "content": f"question {talk}: what of pears, number {number}?", "timestamp": "2025-10-20T10:00:00Z"},
                      {"role": "assistant", "content": f"answer {talk}: pear {number} is ripe.", "timestamp": "2025-10-20T10:00:01Z"}]}
        for number, talk in enumerate(TALKS)
    ]  # fmt: skip
    shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    shop.record(*EVENTS)
    ingest(shop.workspace, [str(shop.logs)])
    new_key(shop.folder / "signer")
    shop.build("first")
    assert len(shop.shards()) == 3
    return shop


def told(report: ReadReport) -> tuple[int, int, int]:
    """Opened, gone, and how many of the gone are removed."""
    assert report.rows == report.opened + sum(report.withheld.values()) + report.gone
    return report.opened, report.gone, report.removed


def sound(report: Report, rows: int, shards: int) -> None:
    assert not report.findings
    assert report.removed == Removed(rows, shards, vouched=True)
    assert report.exit_code == 0
