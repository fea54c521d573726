"""A bit that flips, in any file of a workspace or of its release: refused and named, or without effect; the rest is unharmed.

One bit of some files is tried here. Many of all files: ``TROTH_FLIPS=100 pytest`` with this file.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from erasure_checks import check as check_world
from erasure_checks import check_end
from erasure_said import TERMS
from erasure_steps import step_in
from erasure_world import World

from killing import in_memory
from troth.errors import TrothError, VerificationError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases.read_release import ReadRequest, reading
from troth.operations.workspace.sequencing import sequence
from troth.operations.workspace.stats.stats import StatsRequest, vault_stats

FLIPS = int(os.environ.get("TROTH_FLIPS", "0"))
"""How many bits of each file are flipped, one after the other; 0: one, of one file of each sort."""
STEPS = (
    "90 hours ago: ingest one 2",
    "89 hours ago: ingest two 1",
    "88 hours ago: ingest both 2",
    "80 hours ago: withdraw ben",
    "79 hours ago: choose ben",
    "70 hours ago: build",
    "60 hours ago: erase two",
    "50 hours ago: delete both",
)
KEPT_ELSEWHERE = ("safe", "key-copies")
"""What a restore alone reads."""
FREE = (".html", "troth.toml", ".db", "lock")
"""A bit may have no effect in the page for people, in a comment, and where a database has room left."""


@dataclass
class Told:
    """What came of looking at everything: what was read, and in words what was refused or found."""

    read: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a workspace with a release: three conversations, one of which is erased."""
    with in_memory(tmp_path_factory.mktemp("flips")) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setattr("os.cpu_count", lambda: 1)
        patch.setenv("XDG_STATE_HOME", "")
        made = World(folder / "world")
        for line in STEPS:
            made.do(step_in(line))
        check_world(made)
        check_end(made)
        (folder / "world").rename(folder / "kept")
        yield folder / "kept"


def looked_at(folder: Path) -> Told:
    """Everything that a workspace and a release tell, and every way in which they are checked."""
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    told = Told()
    for name, look in LOOKS.items():
        try:
            told.read[name] = look(folder, told)
        except TrothError as problem:
            told.refused.append(f"{name}: {problem}")
    return told


def stored(folder: Path, told: Told) -> set[tuple[str, str]]:
    rows: set[tuple[str, str]] = set()
    with opened(folder / "shop") as found:
        try:
            for batch in found.vault.records():
                rows |= {(row["record"], row["text"]) for row in batch.to_pylist()}
        except VerificationError as problem:
            told.refused.append(f"vault: {problem}")
    return rows


def known(folder: Path, told: Told) -> list[bytes]:
    with opened(folder / "shop") as found:
        return sorted(payload for some in found.store.events(None) for payload in some)


def logged(folder: Path, told: Told) -> None:
    ledger = folder / "shop" / "ledger"
    found = audit_log(AuditRequest(str(ledger), str(ledger / "log.vkey")), now(), silent)
    told.refused += [f"ledger: {finding}" for finding in found.findings]


def released(folder: Path, told: Told) -> set[tuple[str, str]]:
    asked = ReadRequest(folder / "shop", str(folder / "release-0"), "train.general", TERMS)
    with reading(asked) as (_, batches):
        return {(row["record"], row["text"]) for batch in batches for row in batch.to_pylist()}


def verified(folder: Path, told: Told) -> None:
    receipt, key = folder / "release-0.receipt", str(folder / "shop" / "ledger" / "log.vkey")
    report = verify_all(VerifyRequest(folder / "release-0", receipts=(receipt,), log_key=key))
    steps = [step for part in (report.release, *report.receipts) if part is not None for step in part.steps]
    told.refused += [f"verify: {finding}" for step in steps for finding in step.findings]


def judged(folder: Path, told: Told) -> tuple[int, int]:
    done = erase(ErasureRequest(folder / "shop", TERMS, "asked for", account="ada", dry_run=True))
    return done.records, done.stays


def reckoned(folder: Path, told: Told) -> None:
    """It counts what lies there, and nothing rests on it: damage that does not stop it need not be told."""
    vault_stats(StatsRequest(folder / "shop", TERMS))


def goes_on(folder: Path, told: Told) -> None:
    sequence(folder / "shop")


LOOKS: dict[str, Callable[[Path, Told], Any]] = {
    "vault": stored, "events": known, "ledger": logged, "release": released, "verify": verified, "judged": judged, "stats": reckoned,
    "goes on": goes_on,
}  # fmt: skip


def flips(world: Path) -> Iterator[tuple[Path, int]]:
    """Files, from the world on, and the bits that are flipped in them."""
    chosen = random.Random(17)
    paths = (path for path in sorted(world.rglob("*")) if path.is_file() and path.stat().st_size)
    files = [
        name for name in (path.relative_to(world) for path in paths) if name.parts[0] not in KEPT_ELSEWHERE
    ]
    sorts: dict[tuple[Path, str], list[Path]] = {}
    for name in files:
        sorts.setdefault((name.parent, "" if name.suffix.isdigit() else name.suffix), []).append(name)
    some = [name for names in sorts.values() for name in names[-1:]]
    for name in files if FLIPS else some:
        for _ in range(max(FLIPS, 1)):
            yield name, chosen.randrange((world / name).stat().st_size * 8)


def flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


@contextmanager
def copied(world: Path) -> Iterator[Path]:
    """A copy, where the world was when it was made: its root lies there too."""
    copy = world.parent / "world"
    shutil.copytree(world, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


@pytest.fixture(scope="module")
def before(world: Path) -> Told:
    with copied(world) as copy:
        told = looked_at(copy)
    assert not told.refused
    return told


def test_every_flipped_bit_is_named_or_without_effect_and_the_rest_unharmed(
    world: Path, before: Told
) -> None:
    for name, bit in flips(world):
        with copied(world) as copy:
            try:
                flip(copy / name, bit)
                check(name, looked_at(copy), before)
                if name.parts[0] == "roots" or "segments" in name.parts:
                    flip(copy / name, bit)
                    assert looked_at(copy).read == before.read, "flipped back, something is lost"
            except BaseException as problem:
                problem.add_note(f"bit {bit} of {name}")
                raise


def check(name: Path, after: Told, before: Told) -> None:
    words = " ".join(after.refused)
    for look, told in after.read.items():
        partly = f"{look}: " in words and isinstance(told, set) and told <= before.read[look]
        assert told == before.read[look] or partly, f"{look} tells something else, and nobody says so"
    assert after.refused or name.name.endswith(FREE), "nobody noticed"
    if after.refused and name.suffix not in (".db", ".toml", ".key"):
        assert name.name in words, words
