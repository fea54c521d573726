"""Keys that can be destroyed: how large their state is, how fast they are found, and how fast they are destroyed."""

from __future__ import annotations

import random
import resource
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time_ns

import numpy as np

from results import Section, Target
from troth.vault.keys.ggm import LEAVES, new_page, page_bytes, puncture
from troth.vault.keys.keyring import Keyring, create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper
from troth.vault.keys.nodes import ENTRY_BYTES

SHARES = (0.001, 0.01, 0.05)
BILLION = 10**9
SAMPLE = 4_000
"""Pages that stand for all of 10^9 slots."""
SEALED_MORE = 28
"""Bytes that sealing adds: nonce and tag."""
ASKED = 100_000
GB = 1e9


@dataclass(frozen=True)
class Found:
    """One keyring with a share of its slots destroyed."""

    share: float
    size: int
    seconds: float
    destroyed: int
    dense: float
    scattered: float


def keyring(folder: Path, slots: int) -> tuple[Keyring, float]:
    """A new keyring with so many slots, and the seconds that giving them out took."""
    keepers = [LocalKeeper(folder / "roots", lambda: time_ns() // 1000)]
    create_keyring(folder / "keys", keepers)
    opened = open_keyring(folder / "keys", keepers)
    start = perf_counter()
    opened.allot(slots)
    return opened, perf_counter() - start


def rate(opened: Keyring, asked: Sequence[int]) -> float:
    """Keys a second, from a keyring that has just been opened and nodes that are read from the file."""
    start = perf_counter()
    opened.keys(asked)
    return len(asked) / (perf_counter() - start)


def destroyed(slots: int, share: float, chosen: np.random.Generator) -> Found:
    """One keyring, and one batch of random slots destroyed."""
    with tempfile.TemporaryDirectory() as folder:
        opened, _ = keyring(Path(folder), slots)
        doomed = chosen.choice(slots, int(slots * share), replace=False) + 1
        start = perf_counter()
        done = opened.destroy(doomed)
        seconds = perf_counter() - start
        first = int(chosen.integers(1, slots - ASKED))
        dense = rate(opened, range(first, first + ASKED))
        scattered = rate(opened, (chosen.choice(slots, ASKED) + 1).tolist())
        found = Found(share, opened.stats().bytes, seconds, done.count, dense, scattered)
        opened.close()
        return found


def sealed_bytes(slots: int, share: float, sample: int, seed: int) -> tuple[float, float]:
    """Bytes of all sealed nodes, and seconds to cut the pages, by a sample of pages that stands for all."""
    chosen = random.Random(seed)
    cuts = np.random.default_rng(seed).binomial(LEAVES, share, sample)
    total, start = 0, perf_counter()
    for cut in cuts.tolist():
        if cut:
            page = puncture(new_page(chosen.randbytes(32)), chosen.sample(range(LEAVES), cut))
            total += SEALED_MORE + len(page_bytes(page))
    seconds = perf_counter() - start
    pages = slots / LEAVES
    nodes = pages * ENTRY_BYTES * (1 + 1 / LEAVES) + pages / LEAVES * SEALED_MORE
    return nodes + total * pages / sample, seconds * pages / sample


def million(slots: int, batch: int, chosen: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Destroying so many slots of a keyring at once: random ones, and ones that lie together. Slots a second."""
    for how in ("random", "together"):
        with tempfile.TemporaryDirectory() as folder:
            opened, _ = keyring(Path(folder), slots)
            doomed = (
                chosen.choice(slots, batch, replace=False) + 1 if how == "random" else range(77, 77 + batch)
            )
            start = perf_counter()
            opened.destroy(doomed)
            yield how, batch / (perf_counter() - start)
            opened.close()


def keys(slots: int = 10_000_000, batch: int = 1_000_000) -> Section:
    """Keyrings of so many slots; one batch of so many is destroyed at once."""
    chosen = np.random.default_rng(1)
    rows, targets = [], []
    for share in SHARES:
        found = destroyed(slots, share, chosen)
        rows.append(_row(slots, found))
        raw, _ = sealed_bytes(slots, share, SAMPLE, 2)
        large, cutting = sealed_bytes(BILLION, share, SAMPLE, 3)
        size = large * found.size / raw
        rows.append(
            (
                f"{BILLION:,}, simulated",
                f"{share:.1%}",
                f"{size / GB:.2f} GB",
                f"{cutting:,.0f} s cutting",
                "",
                "",
            )
        )
        targets.append(
            Target(
                f"keys/s, one core, {share:.1%} destroyed, slots together",
                "100,000",
                f"{found.dense:,.0f}",
                found.dense >= 1e5,
            )
        )
        if share == 0.01:
            targets.append(
                Target(
                    "key state of 10^9 slots, 1 % destroyed (simulated)",
                    "near 2 GB: under 2.5",
                    f"{size / GB:.2f} GB",
                    size < 2.5 * GB,
                )
            )
    rates = dict(million(slots, batch, chosen))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = (
        "Random slots of a new keyring are destroyed in one batch; the root is a file, everything is on the disk. Keys are "
        f"asked for {ASKED:,} at a time, next to one another or anywhere. The rows of 10^9 slots are simulated: {SAMPLE:,} "
        "pages with binomial numbers of cuts stand for all, and what SQLite adds is taken from the row above; their time is "
        f"that of cutting the pages, without the disk. {batch:,} slots of {slots:,} destroyed at once: "
        f"{rates['random']:,.0f} slots a second at random, {rates['together']:,.0f} where they lie together. "
        f"Most memory of the process: {peak:.0f} MiB."
    )
    head = ("slots", "destroyed", "key database", "destroying took", "keys/s together", "keys/s anywhere")
    return Section("Keys", text, head, rows, targets)


def _row(slots: int, found: Found) -> tuple[str, ...]:
    took = f"{found.seconds:.1f} s: {found.destroyed / found.seconds:,.0f} slots/s"
    return (
        f"{slots:,}",
        f"{found.share:.1%}",
        f"{found.size / 1e6:.1f} MB",
        took,
        f"{found.dense:,.0f}",
        f"{found.scattered:,.0f}",
    )
