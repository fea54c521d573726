"""``troth vault compact``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import plural, say, say_json, warn
from troth.cli.progress import Progress
from troth.operations.workspace.compact import CompactedWorkspace, compact


@make(
    "compact",
    examples=("troth vault compact --workspace shop",),
    codes={
        0: "what was erased is in no segment any more",
        1: "segments are damaged: each is named, and all others are compacted",
    },
)
@options.workspace
@options.as_json
def command(*, workspace: Path, as_json: bool) -> None:
    """Remove what is erased from the files: its sealed bytes, and the ids and times beside them.

    It goes out of the segments of the vault, and of sealed releases, which still verify afterwards. It may run beside
    everything else, be stopped at any time, and is meant for a timer (docs/compaction.md).
    """
    with Progress() as progress:
        done = compact(workspace, progress)
    warn(f"release {one.release} is left as it is: {one.why}" for one in done.releases.passed_over)
    warn(done.ledger.warnings)
    if as_json:
        say_json(_json(done))
        return
    for line in _lines(done):
        say(line)


def _lines(done: CompactedWorkspace) -> Iterator[str]:
    vault, shards = done.vault, done.releases.shards
    before = f"{plural(vault.segments_before, 'segment')} with {plural(vault.size_before, 'byte')}"
    after = f"{plural(vault.segments_after, 'segment')} with {plural(vault.size_after, 'byte')}"
    yield f"vault  {plural(vault.removed, 'row')} removed: {before} became {after}"
    if vault.waiting:
        yield f"vault  {plural(vault.waiting, 'old file')} stay until nobody reads them: compact again"
    yield f"releases  {plural(done.releases.removed, 'row')} removed from {plural(len(shards), 'shard')}"
    yield f"ledger  {done.ledger.line}"


def _json(done: CompactedWorkspace) -> dict[str, Any]:
    return {
        "vault": asdict(done.vault),
        "releases": {
            "removed": done.releases.removed,
            "shards": [asdict(one) for one in done.releases.shards],
            "passed_over": [asdict(one) for one in done.releases.passed_over],
        },
        "ledger": {"size": done.ledger.size, "root": done.ledger.root, "entries": done.ledger.entries},
        "warnings": list(done.ledger.warnings),
    }
