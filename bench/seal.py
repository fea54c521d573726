"""Sealing and opening against the library's raw AES-256-GCM; segments; logs into the vault; builds from it."""

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

from build_input import written
from results import Section, Target
from troth.operations.build import BuildRequest, build_release
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.record import record
from troth.operations.write_records import write_records
from troth.types.moment import parse_moment
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


def _rounds(work: Callable[[int, int], Rates], size: int, records: int, rounds: int) -> list[Rates]:
    return [work(size, records) for _ in range(rounds)]


def sealed_alone(size: int, records: int) -> None:
    """Seal so many records, ten a conversation."""
    where, text = _where(), os.urandom(size)
    for _ in range(records // PER_TALK):
        sealer = Sealer(os.urandom(32))
        for _ in range(PER_TALK):
            sealer.seal(where, text)


def on_two_cores(size: int, records: int) -> float:
    """Records a second, by the clock, of two processes that seal at the same time, ten records a conversation."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(sealed_alone, [size] * 2, [100] * 2))
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


def logs(conversations: Path, times: int) -> dict[str, float]:
    """Ingest of real logs, and builds from the vault and from files; seconds and MB."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        written(conversations, folder / "logs", times)
        files = [str(path) for path in sorted((folder / "logs").glob("chats-*.jsonl"))]
        shop = folder / "shop"
        init_workspace(shop, "example.org/bench")
        record(shop, [str(folder / "logs" / "history.jsonl")])
        start = perf_counter()
        write_records(tuple(files), None, False, folder / "records.parquet")
        reading = perf_counter() - start
        start = perf_counter()
        stored = ingest(shop, files)
        found = {"mb": sum(Path(path).stat().st_size for path in files) / MB, "records": stored.added.new,
                 "reading": reading, "ingest": perf_counter() - start}  # fmt: skip
        sources = {"vault": (), "parquet": (str(folder / "records.parquet"),), "logs": tuple(files)}
        took: dict[str, list[float]] = {name: [] for name in sources}
        for turn in range(3):
            for name, given in sources.items():
                start = perf_counter()
                build_release(_asked(shop, given, folder / f"{name}-{turn}"))
                took[name].append(perf_counter() - start)
        start = perf_counter()
        with opened(shop) as workspace:
            for _ in workspace.vault.records():
                pass
        found["opening"] = perf_counter() - start
        return found | {f"build {name}": median(seconds) for name, seconds in took.items()}


def _asked(shop: Path, records: tuple[str, ...], out: Path) -> BuildRequest:
    return BuildRequest(
        terms="anthropic-consumer", options={}, history=(), records=records, purpose="train.general",
        at=parse_moment("2026-02-01T00:00:00Z"), seed=7, out=out, workspace=shop, jobs=min(os.cpu_count() or 1, 4),
    )  # fmt: skip


def seal(
    conversations: Path | None, records: int = 20_000, rounds: int = 7, talks: int = 3_000, times: int = 4
) -> Section:
    """All of it; without the shared conversations no logs are ingested."""
    table: list[tuple[str, ...]] = []
    targets: list[Target] = []
    for size, aim in AIMS.items():
        for name, work in (("seal", sealing), ("open", opening)):
            found = _rounds(work, size, records, rounds)
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
        two = median(on_two_cores(size, records) for _ in range(3))
        table.append(_row("seal, ten a conversation, two processes, by the clock", size, two, ""))
        table += [
            (name, f"{size:,}", f"{rate:,.0f}", f"{mb:,.0f}", "") for name, rate, mb in segments(size, talks)
        ]
    text = (
        f"One core unless it says otherwise; sealing and opening in CPU seconds, everything else by the clock. Medians of {rounds} alternating rounds of {records:,} records; a ratio is within "
        "one round. Raw: a fresh key and nonce are drawn for each record, and nothing is padded. Troth's figures have the "
        f"derivation of keys, the nonce, the commitment and the padding in them: {padded(2048):,} bytes are encrypted for "
        f"2,048, {padded(10_240):,} for 10,240. Steps of a segment are timed apart, {talks * PER_TALK:,} records each."
    )
    if conversations is not None:
        told = logs(conversations, times)
        more, aims = _of_logs(told)
        text += more
        targets += aims
    return Section("Vault", text, ("work", "bytes", "records/s", "MB/s", "ratio"), table, targets)


def _row(name: str, size: int, rate: float, ratio: str) -> tuple[str, ...]:
    return name, f"{size:,}", f"{rate:,.0f}", f"{rate * size / MB:,.0f}", ratio


def _of_logs(told: dict[str, float]) -> tuple[str, list[Target]]:
    """Ingest and builds in words, and what they were to reach."""
    ratio = told["build vault"] / told["build parquet"]
    text = (
        f" Real conversations, {told['mb']:.0f} MB of JSON Lines, {told['records']:,.0f} records: ingest "
        f"{told['mb'] / told['ingest']:.1f} MB/s, everything durable and in the ledger (reading and writing them as "
        f"record Parquet alone: {told['mb'] / told['reading']:.1f} MB/s); opening all of them from the vault {told['opening']:.2f} s. "
        f"A sealed release from the vault {told['build vault']:.1f} s, from record Parquet {told['build parquet']:.1f} s, "
        f"from the logs {told['build logs']:.1f} s (medians of 3)."
    )
    what = "build from the vault, against building from plain record Parquet"
    return text, [Target(what, "at most 1.5x its time", f"{ratio:.2f}x", ratio <= 1.5)]
