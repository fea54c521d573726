"""A small world, the honest release built from it, and what a forger with or without the key makes of it."""

from __future__ import annotations

import copy
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cheap_filter import cheap_filter
from sealed_world import Slots, recorded, slots_of
from troth.build.inputs import BuildInputs, LogSource
from troth.build.pipeline import build
from troth.canon.canonical import canonical_bytes, digest_of
from troth.decide.columns.engine import Columns
from troth.decide.columns.tables import AskedAt
from troth.errors import Place
from troth.history.event import read_event
from troth.history.history import History, gather
from troth.history.read import EventSource
from troth.proof.merkle import root_of
from troth.release.envelope import open_envelope, seal
from troth.release.keys import key_id, load_private_key, new_key
from troth.release.layout import EXCLUDED, MANIFEST
from troth.release.rows import EXCLUDED_SCHEMA, canonical_rows
from troth.release.salts import row_salts, salt_key, secret_of_seed
from troth.release.sealed_rows import canonical_sealed_rows, shard_schema
from troth.release.tree import leaves
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import parse_moment
from troth.types.record import RECORD_SCHEMA
from troth.verify.again import VerifyInputs
from troth.verify.report import Report
from troth.verify.verify import Recorded, verify

AT = "2025-11-01T00:00:00Z"
TEXTS = (
    "How do I prune an apple tree in late winter without hurting it?",
    "Write to ann@example.org or call +44 20 7946 0958 about the tree, please.",
    "東京タワーの高さは何メートルですか。 And how high is it in feet?",
    "Sort this list of numbers in place and explain each step to me.",
)


def said(conversation: str, account: str | None, texts: tuple[str, ...], **more: Any) -> list[dict[str, Any]]:
    """The turns of a conversation, said minute by minute."""
    day = more.pop("day", "2025-10-12")
    return [
        {
            "record": f"{conversation}/{place}", "conversation": conversation, "account": account,
            "at": parse_moment(f"{day}T09:{place:02d}:00Z"), "role": ("user", "assistant")[place % 2],
            "kind": "text", "product": "chat", "channel": "first_party", "position": place, "text": text,
            **more,
        }
        for place, text in enumerate(texts)
    ]  # fmt: skip


def small_world(conversations: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events and records: one who said yes, one no, one nothing; a file; duplicates; a record said twice."""
    events: list[dict[str, Any]] = []
    for account in ("ada", "ben", "cleo"):
        events.append(
            {"event": "account.opened", "at": "2025-09-29T00:00:00Z", "account": account, "plan": "pro"}
        )
    for account, value in (("ada", "granted"), ("ben", "refused")):
        events.append({"event": "choice.made", "at": "2025-10-01T00:00:00Z", "account": account,
                       "choice": "improve_models", "value": value})  # fmt: skip
    photo = b"GIF89a, a picture of a tree"
    upload = said("c-photo", "ada", (TEXTS[0], ""))
    upload[1] |= {"kind": "upload", "text": None, "media_type": "image/gif", "bytes": photo,
                  "digest": f"sha256:{hashlib.sha256(photo).hexdigest()}"}  # fmt: skip
    records = [
        *said("c-yes", "ada", TEXTS), *said("c-yes-again", "ada", TEXTS), *upload,
        *said("c-no", "ben", TEXTS[:2]), *said("c-silent", "cleo", TEXTS[2:3]),
        *said("c-before", "ada", TEXTS[3:], day="2025-09-30"), *said("c-yes", "ada", TEXTS)[:1],
    ]  # fmt: skip
    for number in range(1, conversations):
        texts = tuple(f"{text} Number {number} of {word}." for text, word in zip(TEXTS, "abcd", strict=True))
        records += said(f"c-{number:05d}", ("ada", "ben", "cleo")[number % 3], texts)
    return events, records


@dataclass(slots=True)
class Made:
    """A release with everything that is needed to verify it."""

    folder: Path
    public: Path
    private: Path
    terms: Terms
    history: History
    records: pa.Table
    chunk: int = 7
    slots: Slots | None = None
    """Of a sealed release."""

    @property
    def inputs(self) -> VerifyInputs:
        return VerifyInputs(self.terms, self.history, self.records.to_batches(max_chunksize=self.chunk))

    def verify(self, *, key: bool = True, inputs: bool = True, opened: bool = False) -> Report:
        """``opened``: with the keys of a sealed release."""
        recorded = Recorded(unlocking=self.slots.unlocking if self.slots and opened else None)
        public = self.public if key else None
        return verify(self.folder, public, self.inputs if inputs else None, silent, recorded)

    def copy(self, to: Path) -> Made:
        shutil.copytree(self.folder, to)
        return replace(self, folder=to)


def silent(what: str, done: int, total: int | None) -> None:
    """No progress."""


def make(
    folder: Path, *, signed: bool = True, sample: float = 1.0, conversations: int = 1, sealed: bool = False
) -> Made:
    """Build the honest release of the small world, deciding in columns."""
    told, rows = small_world(conversations)
    history = gather((read_event(event, Place("test", n)), Place("test", n)) for n, event in enumerate(told))
    terms = load("anthropic-consumer")
    records = pa.Table.from_pylist(rows, RECORD_SCHEMA)
    private, public = new_key(folder / "signer")
    logs, decisions = folder / "records.parquet", folder / "decisions.parquet"
    pq.write_table(records, logs)
    distinct = pa.Table.from_pylist(list({row["record"]: row for row in rows}.values()), RECORD_SCHEMA)
    at = parse_moment(AT)
    with duckdb.connect() as connection:
        columns = Columns(terms, connection)
        decided = list(columns.decide(EventSource.of(history), distinct, [AskedAt(0, at)], "train.general"))
    pq.write_table(pa.concat_tables(decided), decisions)
    slots = slots_of(rows) if sealed else None
    build(
        BuildInputs(
            records=(logs,), decisions=decisions, terms=terms, purpose="train.general", at=at, seed=7,
            sample=sample, history_digest=history.known_at(at).digest(), as_of=at,
            sources=(LogSource("troth-records", len(rows)),), jobs=1, sign_key=private if signed else None,
            out=folder / "release", progress=silent, recorded=recorded(folder, slots) if slots else None,
        ),
        cheap_filter(),
    )  # fmt: skip
    return Made(folder / "release", public, private, terms, history, records, slots=slots)


@dataclass(slots=True)
class Content:
    """A release taken apart: what a forger may change before it is put together again."""

    rows: list[dict[str, Any]]
    excluded: list[dict[str, Any]]
    predicate: dict[str, Any]
    shards: int = 1
    extra: dict[str, Any] = field(default_factory=dict)


def forge(made: Made, to: Path, change: Callable[[Content], None], *, key: Path | None = None) -> Made:
    """Change a release and make everything fit again: salts, roots, digests, counts, and a signature.

    Rows stay sealed or plain, as the manifest says after the change.
    """
    forged = made.copy(to)
    folder = forged.folder
    statement = msgspec.json.decode(open_envelope((folder / MANIFEST).read_bytes()).body())
    predicate = statement["predicate"]
    rows = [row for shard in predicate["shards"] for row in pq.read_table(folder / shard["name"]).to_pylist()]
    content = Content(rows, pq.read_table(folder / EXCLUDED).to_pylist(), copy.deepcopy(predicate))
    change(content)
    private = load_private_key(key or made.private)
    _write_rows(folder, content, private)
    _write_excluded(folder, content)
    statement["predicate"] = content.predicate
    _sign(folder, statement, content, private)
    return forged


def replace_file(made: Made, to: Path, name: str, data: bytes) -> Made:
    """Put other bytes in the place of a file, and sign that they belong there."""
    forged = made.copy(to)
    path = forged.folder / MANIFEST
    (forged.folder / name).write_bytes(data)
    statement = msgspec.json.decode(open_envelope(path.read_bytes()).body())
    for shard in statement["predicate"]["shards"]:
        if shard["name"] == name:
            shard |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    _sign(forged.folder, statement, Content([], [], statement["predicate"]), load_private_key(made.private))
    return forged


def _write_rows(folder: Path, content: Content, private: Ed25519PrivateKey) -> None:
    predicate = content.predicate
    named = {
        "as_of": predicate["history"]["as_of"], "history": predicate["history"]["digest"],
        "at": predicate["at"], "purpose": predicate["purpose"], "records": predicate["records"]["digest"],
        "sample": predicate["sample"], "seed": predicate["seed"], "terms": predicate["terms"]["digest"],
    }  # fmt: skip
    if predicate["ledger"] is not None:
        named["ledger"] = predicate["ledger"]
    predicate["inputs_digest"] = digest_of(named)
    signed = predicate["signed"]
    secret = private.private_bytes_raw() if signed else secret_of_seed(predicate["seed"])
    salts = row_salts(salt_key(secret, predicate["inputs_digest"]), [row["record"] for row in content.rows])
    for row, salt in zip(content.rows, salts, strict=True):
        row["salt"] = salt
    shutil.rmtree(folder / "shards")
    (folder / "shards").mkdir()
    sealed = "sealed" in content.rows[0]
    table = pa.Table.from_pylist(content.rows, shard_schema(sealed=sealed))
    name = "shards/part-00000.parquet"
    pq.write_table(table, folder / name)
    data = (folder / name).read_bytes()
    tree = root_of(leaves(salts, canonical_sealed_rows(table) if sealed else canonical_rows(table)))
    predicate["shards"] = [
        {"name": name, "bytes": len(data), "rows": len(content.rows), "root": tree.hex(),
         "sha256": hashlib.sha256(data).hexdigest()}
    ]  # fmt: skip


def _write_excluded(folder: Path, content: Content) -> None:
    pq.write_table(pa.Table.from_pylist(content.excluded, EXCLUDED_SCHEMA), folder / EXCLUDED)
    if content.extra.get("keep_counts"):
        return
    stages = ("intake", "decide", "filter", "deduplicate", "sample")
    pairs = [(row["stage"], row["reason"]) for row in content.excluded]
    order = sorted(set(pairs), key=lambda pair: (stages.index(pair[0]), pair[1]))
    counts = content.predicate["counts"]
    counts["excluded"] = [{"stage": s, "reason": r, "records": pairs.count((s, r))} for s, r in order]
    counts["released"] = len(content.rows)
    counts["input"] = len(content.rows) + len(pairs)
    content.predicate["records"]["sources"] = []


def _sign(folder: Path, statement: dict[str, Any], content: Content, private: Ed25519PrivateKey) -> None:
    predicate = content.predicate
    if predicate["signed"]:
        predicate["keyid"] = key_id(private.public_key())
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    statement["subject"] = [{"name": n, "digest": {"sha256": files[n]}} for n in sorted(files)]
    payload = canonical_bytes(statement)
    (folder / MANIFEST).write_bytes(seal(payload, private if predicate["signed"] else None))
