"""Sealing and opening against the library's raw AES-256-GCM, and each step of writing and reading segments."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, time_ns

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from results import Section, Target
from troth.types.record import RECORD_SCHEMA
from troth.vault.handles import Handles
from troth.vault.keys.keyring import create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper
from troth.vault.sealing import Sealer, context, padded
from troth.vault.segments.cut import cut
from troth.vault.segments.schema import contents, contexts
from troth.vault.segments.vault import Vault, create_vault
from troth.vault.segments.writer import Sealing, write_segment

MB = 1e6
AIMS = {2_048: 0.6, 10_240: 0.7}
PER_TALK = 10


@dataclass(frozen=True)
class Rates:
    """Records a second: raw, and Troth's at ten records a conversation and at one."""

    raw: float
    ten: float
    one: float


def _rate(records: int, work: Callable[[], object]) -> float:
    """Records in a CPU second, which other work on the machine moves less than the clock."""
    start = process_time()
    work()
    return records / (process_time() - start)


def _where() -> bytes:
    """The context of a usual record."""
    row = ["conversation-0123456789/7", "conversation-0123456789", "account-1234567", 1_760_000_000_000_000]
    return context(
        "segment", json.dumps([*row, "user", "text", "chat", "first_party", None], separators=(",", ":"))
    )


def sealing(size: int, records: int) -> Rates:
    """One round of sealing. Keys of slots are at hand; the raw ones and their nonces are drawn, a fresh one a record."""
    where, text = _where(), os.urandom(size)
    keys = [os.urandom(32) for _ in range(records)]

    def raw() -> None:
        for _ in range(records):
            AESGCM(os.urandom(32)).encrypt(os.urandom(12), text, where)

    def ours(each: int) -> None:
        for key in keys[: records // each]:
            sealer = Sealer(key)
            for _ in range(each):
                sealer.seal(where, text)

    return Rates(_rate(records, raw), _rate(records, lambda: ours(PER_TALK)), _rate(records, lambda: ours(1)))


def opening(size: int, records: int) -> Rates:
    """One round of opening, with all keys at hand."""
    where, text, nonce = _where(), os.urandom(size), os.urandom(12)
    keys = [os.urandom(32) for _ in range(min(records, 2_000))] * (records // 2_000 or 1)
    plain = {key: AESGCM(key).encrypt(nonce, text, where) for key in set(keys)}
    sealed = {key: Sealer(key).seal(where, text) for key in set(keys)}

    def raw() -> None:
        for key in keys:
            AESGCM(key).decrypt(nonce, plain[key], where)

    def ours(each: int) -> None:
        for key in keys[: len(keys) // each]:
            sealer, value = Sealer(key), sealed[key]
            for _ in range(each):
                sealer.open(where, value)

    count = len(keys)
    return Rates(_rate(count, raw), _rate(count, lambda: ours(PER_TALK)), _rate(count, lambda: ours(1)))


def sealed_alone(size: int, records: int) -> None:
    """Seal so many records, ten a conversation."""
    where, text = _where(), os.urandom(size)
    for _ in range(records // PER_TALK):
        sealer = Sealer(os.urandom(32))
        for _ in range(PER_TALK):
            sealer.seal(where, text)


def on_two_cores(records: int, times: int) -> dict[int, float]:
    """Records a second of each size, by the clock, of two processes that seal at the same time, ten a conversation."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(sealed_alone, [2_048] * 2, [100] * 2))
        return {size: median(_together(pool, size, records) for _ in range(times)) for size in AIMS}


def _together(pool: ProcessPoolExecutor, size: int, records: int) -> float:
    start = perf_counter()
    list(pool.map(sealed_alone, [size] * 2, [records] * 2))
    return 2 * records / (perf_counter() - start)


def rows(size: int, talks: int) -> pa.RecordBatch:
    """Records as logs have them: ten a conversation."""
    count = talks * PER_TALK
    text = os.urandom(size).hex()
    columns = {
        "record": [f"conversation-{at // PER_TALK:010}/{at % PER_TALK}" for at in range(count)],
        "conversation": [f"conversation-{at // PER_TALK:010}" for at in range(count)],
        "account": [f"account-{at // PER_TALK // 5}" for at in range(count)],
        "at": list(range(1_760_000_000_000_000, 1_760_000_000_000_000 + count)),
        "position": [at % PER_TALK for at in range(count)],
        "text": [text[at % size :][: size - 40] for at in range(count)],
        "role": ["user"] * count, "kind": ["text"] * count, "product": ["chat"] * count, "channel": ["first_party"] * count,
    }  # fmt: skip
    arrays = [pa.array(columns.get(field.name, [None] * count), field.type) for field in RECORD_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)


def segments(size: int, talks: int) -> Iterator[tuple[str, float, float]]:
    """What writing segments takes, step by step, and the whole: name, records and MB of content a second."""
    batch = rows(size, talks)
    count = batch.num_rows

    def told(name: str, seconds: float) -> tuple[str, float, float]:
        return name, count / seconds, count * size / seconds / MB

    pieces = [group for piece in cut([batch]) for group in piece]
    start = perf_counter()
    plain = [list(zip(contexts(group), contents(group), strict=True)) for group in pieces]
    yield told("encoding the columns", perf_counter() - start)
    sealers = {slot: Sealer(os.urandom(32)) for slot in range(talks)}
    marks = [os.urandom(16) for _ in range(count)]
    texts = [text for group in plain for _, text in group]
    padding = b"\x80" + bytes(4096)
    start = perf_counter()
    for text in texts:
        _ = text + padding[: padded(len(text)) - len(text)]
    yield told("padding alone", perf_counter() - start)
    work, at, sealed = Sealing(sealers, {}), 0, []
    start = perf_counter()
    for group in pieces:
        own = range(at, at + group.num_rows)
        sealed.append(work.seal(group, marks[at : own.stop], [one // PER_TALK for one in own]))
        at = own.stop
    yield told("encoding, sealing, ordering", perf_counter() - start)
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        write_segment(Path(folder) / "s.parquet", iter(sealed))
        yield told("Parquet alone, not made durable", perf_counter() - start)
        keepers = [LocalKeeper(Path(folder) / "root", lambda: time_ns() // 1000)]
        create_keyring(Path(folder), keepers)
        create_vault(Path(folder))
        keyring = open_keyring(Path(folder), keepers)
        vault = Vault(Path(folder), keyring, Handles(keyring, Path(folder)))
        start = perf_counter()
        vault.add([batch])
        yield told("Vault.add: all of it, slots, index and fsync with it", perf_counter() - start)
        start = perf_counter()
        for _ in vault.records():
            pass
        yield told("Vault.records: digest, keys, opening, columns", perf_counter() - start)
        vault.close()
        keyring.close()


def seal(records: int = 20_000, rounds: int = 7, talks: int = 3_000) -> Section:
    """All of it."""
    table: list[tuple[str, ...]] = []
    targets: list[Target] = []
    two = on_two_cores(records, min(rounds, 3))
    for size, aim in AIMS.items():
        for name, work in (("seal", sealing), ("open", opening)):
            found = [work(size, records) for _ in range(rounds)]
            ten = median(one.ten / one.raw for one in found)
            alone = median(one.one / one.raw for one in found)
            table.append(_row(f"{name}, raw AES-256-GCM", size, median(one.raw for one in found), ""))
            table.append(
                _row(f"{name}, ten a conversation", size, median(one.ten for one in found), f"{ten:.2f}")
            )
            table.append(
                _row(f"{name}, one a conversation", size, median(one.one for one in found), f"{alone:.2f}")
            )
            what = f"{name} {size:,} bytes, ten records a conversation, against raw AES-256-GCM with a fresh key a record"
            targets.append(Target(what, f"{aim}x", f"{ten:.2f}x", ten >= aim))
        table.append(_row("seal, ten a conversation, two processes, by the clock", size, two[size], ""))
        table += [
            (name, f"{size:,}", f"{rate:,.0f}", f"{mb:,.0f}", "") for name, rate, mb in segments(size, talks)
        ]
    text = (
        "One core unless it says otherwise; sealing and opening in CPU seconds, everything else by the clock. Medians of "
        f"{rounds} alternating rounds of {records:,} records; a ratio is within one round. Raw: a fresh key and nonce are "
        "drawn for each record, and nothing is padded. Troth's figures have the derivation of keys, the nonce, the "
        f"commitment and the padding in them: {padded(2048):,} bytes are encrypted for 2,048, {padded(10_240):,} for "
        f"10,240. Steps of a segment are timed apart, {talks * PER_TALK:,} records each."
    )
    return Section("Sealing", text, ("work", "bytes", "records/s", "MB/s", "ratio"), table, targets)


def _row(name: str, size: int, rate: float, ratio: str) -> tuple[str, ...]:
    return name, f"{size:,}", f"{rate:,.0f}", f"{rate * size / MB:,.0f}", ratio
