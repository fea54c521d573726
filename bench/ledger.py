"""The ledger: entries into tiles, memory, and proofs out of the files. Run as a script, it measures one size.

python bench/ledger.py 1000000
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from results import Section, Target

AIM = 150_000
"""Entries a second into tiles, on one core."""
ASKED = 300
"""Proofs of a size."""
SEQUENCED = 50_000
"""Rows that go through a real store as well."""


def ledger(entries: int) -> Section:
    """The section of the results: at this many entries, and at a hundredth and a tenth of them."""
    found = [_told(size) for size in (entries // 100, entries // 10, entries)]
    rows = [
        (f"{r['entries']:,}", f"{r['seconds']:.1f}", f"{r['rate']:,.0f}", f"{r['cpu_rate']:,.0f}", f"{r['peak_mib']:.0f}",
         f"{r['proof_bytes']:,}", f"{r['cold_ms']:.2f}", f"{r['warm_ms']:.2f}", f"{r['check_us']:.0f}",
         f"{r['open_ms']:.1f}", f"{r['complete_ms']:.0f}")
        for r in found
    ]  # fmt: skip
    _, tenth, largest = found
    text = (
        f"Entries of {largest['entry_bytes']} bytes, from rows in memory, in batches of {largest['batch']:,} with a signed "
        "checkpoint each; every file is synced. A proof is read from the files, with each tile checked against the root: "
        "cold, nothing is in the reader's memory; warm, one reader gives all of them, with the entry. "
        f"Through a SQLite store, rows that were accepted are sequenced at {largest['sequenced']:,.0f} a second."
    )
    head = ("entries", "s", "a second", "a CPU second", "peak MiB", "proof, bytes", "cold, ms", "warm, ms", "check, µs",
            "open, ms", "all files there, ms")  # fmt: skip
    grew = largest["peak_mib"] / tenth["peak_mib"]
    targets = [
        Target(
            f"{entries:,} entries into tiles",
            f"{AIM:,} a second",
            f"{largest['rate']:,.0f}",
            largest["rate"] >= AIM,
        ),
        Target(f"memory of that, against {tenth['entries']:,}", "flat", f"{grew:.2f} times", grew <= 1.1),
    ]
    return Section("Ledger", text, head, rows, targets)


def _told(entries: int) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__)), str(entries)]
    told: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    )
    return told


def measured(entries: int, folder: Path) -> dict[str, Any]:
    """One size: into a ledger in a folder, and proofs out of it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from troth.ledger.complete import check_complete
    from troth.ledger.entries import BATCH
    from troth.ledger.log import create_log, open_log
    from troth.ledger.signers import Ed25519Signer
    from troth.ledger.storage import open_storage

    storage = open_storage(folder)
    signers = [Ed25519Signer("example.org/log", Ed25519PrivateKey.generate())]
    log, _ = open_log(storage, signers, create_log(storage, signers, 0), _no_rows)
    seconds, cpu = _integrate(log, entries)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    head = log.head
    start = time.perf_counter()
    open_log(storage, signers, head, _no_rows)
    opened = time.perf_counter()
    check_complete(storage, head.size)
    complete = time.perf_counter()
    return {
        "entries": entries,
        "entry_bytes": len(_entries(0, 1)[0]),
        "batch": BATCH,
        "seconds": seconds,
        "rate": entries / seconds,
        "cpu_rate": entries / cpu,
        "peak_mib": peak,
        "open_ms": (opened - start) * 1e3,
        "complete_ms": (complete - opened) * 1e3,
        **_proofs(storage, head),
    }


def _no_rows(_start: int, _stop: int) -> Iterator[Any]:
    return iter(())


def _entries(first: int, count: int) -> list[bytes]:
    from troth.ledger.entries import entries_at

    return entries_at(1_757_500_000_123_456 + first, _rows(first, count))


def _rows(first: int, count: int) -> list[Any]:
    from troth.store.interface import Pending

    return [Pending(n, "choice", hashlib.sha256(b"%d" % n).digest()) for n in range(first, first + count)]


def _integrate(log: Any, entries: int) -> tuple[float, float]:
    """Seconds and CPU seconds, without those of making rows up."""
    from troth.ledger.entries import BATCH, entries_at

    seconds = cpu = 0.0
    for first in range(0, entries, BATCH):
        rows = _rows(first, min(BATCH, entries - first))
        at = 1_757_500_000_123_456 + first
        start, start_cpu = time.perf_counter(), time.process_time()
        log.write(log.plan(entries_at(at, rows), at))
        seconds += time.perf_counter() - start
        cpu += time.process_time() - start_cpu
    return seconds, cpu


def _proofs(storage: Any, head: Any) -> dict[str, float]:
    from troth.ledger.reader import TileReader
    from troth.proof.merkle import check_inclusion, leaf_hash

    asked = [random.Random(7).randrange(head.size) for _ in range(ASKED)]
    start = time.perf_counter()
    for index in asked:
        TileReader(storage, head.size, head.root).inclusion_proof(index, head.size)
    cold = time.perf_counter()
    reader = TileReader(storage, head.size, head.root)
    proved = [(reader.entry(index), reader.inclusion_proof(index, head.size)) for index in asked]
    warm = time.perf_counter()
    for index, (entry, proof) in zip(asked, proved, strict=True):
        check_inclusion(leaf_hash(entry), index, head.size, proof, head.root)
    checked = time.perf_counter()
    return {
        "proof_bytes": max(32 * len(proof) for _, proof in proved),
        "cold_ms": (cold - start) / ASKED * 1e3,
        "warm_ms": (warm - cold) / ASKED * 1e3,
        "check_us": (checked - warm) / ASKED * 1e6,
    }


def sequenced(rows: int, folder: Path) -> dict[str, float]:
    """Rows that a SQLite store accepted, a second, until they are in the published ledger."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from troth.ledger.complete import Completeness
    from troth.ledger.log import create_log
    from troth.ledger.memory import Heads
    from troth.ledger.sequence import sequence
    from troth.ledger.signers import Ed25519Signer
    from troth.ledger.storage import open_storage
    from troth.proof.entry import commit
    from troth.store.interface import Item
    from troth.store.open import open_engine
    from troth.store.tables import TableStore

    folder.mkdir()
    store, storage = TableStore(open_engine("sqlite", folder)), open_storage(folder / "ledger")
    signers = [Ed25519Signer("example.org/log", Ed25519PrivateKey.generate())]
    store.start(create_log(storage, signers, 0))
    keys = [hashlib.sha256(b"%d" % n).digest() for n in range(rows)]
    items = [Item(key, "choice", b'{"n":"%b"}' % key.hex().encode(), key, commit(key, key)) for key in keys]
    for first in range(0, rows, 1000):
        store.append(items[first : first + 1000])
    start = time.perf_counter()
    done = sequence(
        store,
        storage,
        signers,
        Heads(folder / "heads"),
        Completeness(storage),
        lambda: time.time_ns() // 1000,
    )
    seconds = time.perf_counter() - start
    assert done.entries == rows
    store.close()
    return {"sequenced": rows / seconds}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        told = measured(int(sys.argv[1]), Path(place) / "ledger")
        told |= sequenced(min(SEQUENCED, int(sys.argv[1])), Path(place) / "workspace")
    print(json.dumps(told))
