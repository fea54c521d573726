"""A small log in memory with real keys, one entry of every kind that has words, and receipts from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from membership_reference import proof_of
from membership_reference import root_of as tree_root
from troth.canon.canonical import canonical_bytes
from troth.proof.checkpoint_text import Checkpoint
from troth.proof.entry import Entry, commit, commit_conversation, entry_bytes
from troth.proof.merkle import inclusion_proof, leaf_hashes, root_of
from troth.proof.note import COSIGNATURE, ED25519, Note, SignatureLine, Vkey, make_vkey
from troth.proof.policy import Policy, policy_of, read_policy
from troth.proof.signatures import signed_message
from troth.proof.tlog_proof import TlogProof
from troth.receipt.compose import (
    Answer,
    Batch,
    Committed,
    account_receipt,
    conversation_receipt,
    lineage_receipt,
    open_entry,
    release_receipt,
)
from troth.receipt.model import OpenedEntry, Receipt
from troth.types.moment import parse_moment

ORIGIN = "example.org/log"
WITNESS = "witness.example/w1"
COSIGNED_AT = 1_767_225_600
START = parse_moment("2025-09-03T14:02:00Z")
ARTEFACT = "sha256:" + "a1" * 32
TUNED = "sha256:" + "b2" * 32
MANIFEST = "sha256:" + "c3" * 32
SECOND = "sha256:" + "d4" * 32
TERMS = "sha256:" + "e5" * 32


def salt_of(name: str) -> bytes:
    """A salt that is the same in every run: these receipts keep no secret."""
    return sha256(f"salt of {name}".encode()).digest()


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"key of {name}".encode()).digest())


def vkey_of(name: str, kind: int = ED25519, key: str = "") -> Vkey:
    return make_vkey(name, kind, private_key(key or name).public_key().public_bytes_raw())


def sign(text: str, vkey: Vkey, key: str = "", at: int = COSIGNED_AT) -> SignatureLine:
    message = signed_message(vkey, text, at)
    stamp = b"" if vkey.kind == ED25519 else at.to_bytes(8, "big")
    return SignatureLine(vkey.name, vkey.key_id, stamp + private_key(key or vkey.name).sign(message))


LOG_KEY = vkey_of(ORIGIN)
WITNESS_KEY = vkey_of(WITNESS, COSIGNATURE)
TRUST = policy_of([LOG_KEY], [WITNESS_KEY])


def with_quorum(*witnesses: Vkey) -> Policy:
    """The log, and every one of these witnesses."""
    names = [f"w{n}" for n in range(len(witnesses))]
    lines = [f"log {LOG_KEY}", *(f"witness {n} {key}" for n, key in zip(names, witnesses, strict=True))]
    return read_policy(
        "\n".join([*lines, f"group all-of-them all {' '.join(names)}", "quorum all-of-them\n"])
    )


@dataclass
class SmallLog:
    """A log whose entries, salts and payloads are all at hand."""

    origin: str = ORIGIN
    witnesses: Sequence[Vkey] = (WITNESS_KEY,)
    entries: list[Entry] = field(default_factory=list)
    secrets: list[tuple[bytes, bytes]] = field(default_factory=list)

    def add(self, kind: str, payload: dict[str, Any] | bytes) -> int:
        """Log a payload, a minute after the last one; return its index."""
        data = payload if isinstance(payload, bytes) else canonical_bytes(payload)
        index = len(self.entries)
        salt = salt_of(f"{self.origin} {index}")
        self.entries.append(Entry(START + index * 60_000_000, kind, commit(salt, data)))
        self.secrets.append((salt, data))
        return index

    def hashes(self, size: int) -> list[bytes]:
        return leaf_hashes(entry_bytes(entry) for entry in self.entries[:size])

    def checkpoint(self, size: int, key: str = "") -> bytes:
        text = Checkpoint(self.origin, size, root_of(self.hashes(size))).text()
        lines = [sign(text, vkey_of(self.origin, key=key), key), *(sign(text, w) for w in self.witnesses)]
        return Note(text, tuple(lines)).data()

    def open(self, *indexes: int, size: int | None = None, key: str = "") -> list[OpenedEntry]:
        """Some entries, opened and proved at a size (the newest)."""
        size = size or len(self.entries)
        hashes, note = self.hashes(size), self.checkpoint(size, key)
        return [
            open_entry(
                self.entries[i], *self.secrets[i], TlogProof(i, tuple(inclusion_proof(hashes, i)), note)
            )
            for i in indexes
        ]


def event(name: str, at: str = "2025-09-03T14:00:00Z", **fields: Any) -> dict[str, Any]:
    return {"event": {"event": name, "at": at, **fields}}


def cited(log: SmallLog, size: int = 5) -> dict[str, Any]:
    return {"origin": log.origin, "root": root_of(log.hashes(size)).hex(), "size": size}


def labels_of(conversations: Sequence[str]) -> list[bytes]:
    return [commit_conversation(salt_of(name), name) for name in conversations]


BATCH = ["c-1", "c-2", "c-3", "c-4", "c-5"]
RELEASED = ["c-1", "c-3", "c-4"]
ALSO_RELEASED = ["c-2", "c-5"]


def world() -> SmallLog:
    """One entry of every kind; entry 3 is the intake of `BATCH`, 7 holds `RELEASED`, 9 holds `ALSO_RELEASED`."""
    log = SmallLog()
    version = {"version": "2025-08-28", "effective": "2025-09-28T00:00:00Z", "digest": TERMS}
    log.add("terms", {"terms": "shop-terms", "digest": TERMS, "versions": [version]})
    log.add("choice", event("choice.made", account="ann", choice="improve_models", value="granted",
                            mechanism="settings", notice="2025-08-28", initial_state="off"))  # fmt: skip
    log.add("event", event("conversation.started", conversation="c-1", account="ann"))
    log.add("intake", {"conversations": len(BATCH), "root": root_of(leaf_hashes(labels_of(BATCH))).hex()})
    log.add("choice", event("terms.acknowledged", account="ann", version="2025-08-28"))
    log.add("hold", event("hold.placed", hold="h-1", accounts=["ann"], since="2025-01-01T00:00:00Z"))
    log.add("build", build(log))
    log.add("release", release(log, MANIFEST, RELEASED))
    log.add("deletion", event("conversation.deleted", conversation="c-1", recorded_at="2025-09-04T00:00:00Z"))
    log.add("release", release(log, SECOND, ALSO_RELEASED))
    log.add("withdrawal", {"manifest": MANIFEST, "why": "a person objected"})
    log.add(
        "lineage",
        {"artefact": ARTEFACT, "made": "weights", "name": "model-1", "from": [{"release": MANIFEST}]},
    )
    parents = [{"artefact": ARTEFACT}, {"release": SECOND}]
    log.add("lineage", {"artefact": TUNED, "made": "weights", "name": "model-1-tuned", "from": parents})
    log.add("choice", event("choice.made", account="bob", choice="improve_models", value="refused"))
    return log


def build(log: SmallLog) -> dict[str, Any]:
    return {"at": "2025-09-03T14:05:00Z", "checkpoint": cited(log),
            "purpose": "train.general", "sample": 0.5, "seed": 7, "terms": TERMS}  # fmt: skip


def release(log: SmallLog, manifest: str, conversations: Sequence[str]) -> dict[str, Any]:
    tree = {"leaves": len(conversations), "root": tree_root(labels_of(conversations)).hex()}
    return {"checkpoint": cited(log), "manifest": manifest, "membership": tree, "purpose": "train.general"}


def committed(name: str) -> Committed:
    return Committed(name, salt_of(name), BATCH.index(name), Batch(labels_of(BATCH)), 3)


def answer(name: str, index: int) -> Answer:
    """Whether a conversation is in the release of an entry of the `world`."""
    held = RELEASED if index == 7 else ALSO_RELEASED
    label = labels_of([name])[0]
    return Answer(index, name in held, proof_of(labels_of(held), label))


def conversation(name: str, log: SmallLog | None = None, size: int | None = None) -> Receipt:
    """The receipt of a conversation of `BATCH`, with both releases and everything made from them."""
    entries = (log or world()).open(3, 6, 7, 9, 10, 11, 12, size=size)
    return conversation_receipt(committed(name), entries, [answer(name, 7), answer(name, 9)])


def account(log: SmallLog | None = None) -> Receipt:
    """The receipt of ann's choice, alone."""
    return account_receipt("ann", (log or world()).open(1))


RECEIPTS: dict[str, Callable[[], Receipt]] = {
    "account": account,
    "everything of an account": lambda: account_receipt("ann", world().open(0, 1, 2, 4, 5, 8)),
    "conversation in it": lambda: conversation("c-1"),
    "conversation not in it": lambda: conversation("c-5"),
    "release": lambda: release_receipt(MANIFEST, world().open(0, 6, 7, 10, 11, 12)),
    "lineage": lambda: lineage_receipt(ARTEFACT, world().open(7, 11, 12)),
}
