"""Auditing a ledger that Troth's writer wrote: entries a second, and memory as the ledger grows.

``python bench/audit.py [ENTRIES …]`` measures; ``python bench/audit.py --one FOLDER`` audits one ledger and prints JSON.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from results import Section, Target, table
from troth.ledger.local_storage import LocalStorage
from troth.ledger.log import create_log, open_log
from troth.ledger.signers import Ed25519Signer
from troth.proof.entry import KINDS, Entry, entry_bytes
from troth.proof.policy import policy_of
from troth.store.interface import Logged
from troth.verify.ledger.audit import audit
from troth.verify.ledger.place import open_source
from troth.verify.ledger.trust import Trust
from watch import watch

DATA = Path(__file__).parent / "data" / "audit"
SIGNER = Ed25519Signer("bench.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BATCH = 4096
SECOND = 1_000_000
AIM = 200_000


def write(size: int, *, own_times: bool) -> Path:
    """A ledger of so many entries, a checkpoint for every 4,096; each entry has its own time, or each batch."""
    folder = DATA / f"{size}-{'own' if own_times else 'batch'}"
    if (folder / "done").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    storage = LocalStorage(folder)
    head = create_log(storage, [SIGNER], 0)
    log, _ = open_log(storage, [SIGNER], head, _nothing_logged)
    for start in range(0, size, BATCH):
        batch = range(start, min(start + BATCH, size))
        log.write(
            log.plan([_entry(index, index if own_times else start) for index in batch], batch[-1] * SECOND)
        )
    (folder / "done").touch()
    return folder


def _nothing_logged(*_: int) -> Iterator[Logged]:
    return iter(())


def _silent(*_: object) -> None:
    """No progress."""


def _entry(index: int, at: int) -> bytes:
    commitment = hashlib.sha256(index.to_bytes(8, "big")).digest()
    return entry_bytes(Entry(at * SECOND, KINDS[index % len(KINDS)], commitment))


def one(folder: Path) -> dict[str, float]:
    """Audit one ledger with the log's key."""
    trust = Trust(policy_of([SIGNER.vkey]), established=True)
    wall, cpu = time.perf_counter(), time.process_time()
    report = audit(open_source(str(folder)), trust, [], time.time_ns() // 1000, _silent)
    assert report.exit_code == 0, report.findings
    return {"size": report.size, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def audited(sizes: Sequence[int]) -> Section:
    """Audits of ledgers of these sizes, and of the largest again where every entry has its own time."""
    ledgers = [(size, False) for size in sizes] + [(max(sizes), True)]
    rows, rates, peaks = [], [], []
    for size, own_times in ledgers:
        folder = write(size, own_times=own_times)
        seen = watch([sys.executable, __file__, "--one", str(folder)])
        told = json.loads(seen.out)
        rates.append(size / told["cpu"])
        peaks.append(seen.peak_mib)
        rows.append((f"{size:,}", "each entry" if own_times else f"{BATCH:,} entries", f"{told['wall']:.1f}",
                     f"{told['cpu']:.1f}", f"{rates[-1]:,.0f}", f"{seen.peak_mib}"))  # fmt: skip
    targets = [
        Target("audit a ledger, on one core", f"{AIM:,} entries a CPU second", f"{min(rates):,.0f}", min(rates) >= AIM),
        Target(f"memory of an audit, {max(sizes) // min(sizes)} times the entries", "flat",
               f"{max(peaks) - peaks[0]:+} MiB", max(peaks) - peaks[0] <= 16),
    ]  # fmt: skip
    text = (
        "Every file, entry, hash, checkpoint and signature of a ledger in a folder, by one process; the ledger is "
        f"written by Troth's own writer with a signed checkpoint for every {BATCH:,} entries. Reading over a network "
        "is not measured."
    )
    head = ("entries", "one time for", "s", "CPU s", "entries a CPU s", "peak MiB")
    return Section("Audit of a ledger", text, head, rows, targets)


def main() -> None:
    """Measure, or audit one ledger."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(Path(sys.argv[2]))))
        return
    section = audited([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000])
    print(table(section.head, section.rows), *section.targets, sep="\n")


if __name__ == "__main__":
    main()
