"""Receipts: how many are checked in a second, each alone, on one core, from bytes in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import median
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from results import Section
from troth.canon.canonical import canonical_bytes
from troth.ledger.signers import CosignatureSigner, Ed25519Signer, MlDsaSigner, Signer, sign_checkpoint
from troth.proof.checkpoint_text import Checkpoint
from troth.proof.entry import Entry, commit, commit_conversation, entry_bytes
from troth.proof.membership import MembershipProof
from troth.proof.merkle import inclusion_proof, leaf_hashes, root_of
from troth.proof.policy import Policy, policy_of
from troth.proof.tlog_proof import TlogProof
from troth.receipt.compose import (
    Answer,
    Batch,
    Committed,
    account_receipt,
    conversation_receipt,
    open_entry,
    write_receipt,
)
from troth.receipt.model import OpenedEntry, Receipt
from troth.types.moment import DAY
from troth.verify.receipts.check import check_receipt

ORIGIN = "bench.example/log"
SIBLINGS = 20
"""The length of the path in a membership tree of about a million conversations."""
BATCH = 65_536


def salt(number: int) -> bytes:
    """A salt for measuring: the same in every run."""
    return sha256(number.to_bytes(8, "big")).digest()


def membership() -> tuple[bytes, MembershipProof, bytes]:
    """A label, its path of `SIBLINGS` hashes, and the root that this leads to."""
    label = commit_conversation(salt(0), "c-0")
    siblings = tuple(salt(1000 + n) for n in range(SIBLINGS))
    here = sha256(b"\x00" + label).digest()
    for depth in reversed(range(SIBLINGS)):
        right = label[depth // 8] >> (7 - depth % 8) & 1
        pair = siblings[depth] + here if right else here + siblings[depth]
        here = sha256(b"\x01" + pair).digest()
    present = ((1 << SIBLINGS) - 1 << -SIBLINGS % 8).to_bytes((SIBLINGS + 7) // 8, "big")
    return label, MembershipProof(SIBLINGS, present, siblings, None), here


@dataclass(frozen=True)
class Log:
    """A log in memory: what was logged, and its signed checkpoint."""

    entries: Sequence[Entry]
    payloads: Sequence[bytes]
    hashes: Sequence[bytes]
    checkpoint: bytes

    def open(self, *indexes: int) -> Iterator[OpenedEntry]:
        """Some entries, opened and proved."""
        for index in indexes:
            proof = TlogProof(index, inclusion_proof(self.hashes, index), self.checkpoint)
            yield open_entry(self.entries[index], salt(index), self.payloads[index], proof)


def payloads(size: int, batch_root: bytes, tree_root: bytes) -> Iterator[tuple[str, bytes]]:
    """An intake, a build, a release, and then choices of many accounts."""
    cited = {"origin": ORIGIN, "root": salt(1).hex(), "size": 1}
    digest = "sha256:" + salt(2).hex()
    yield "intake", canonical_bytes({"conversations": BATCH, "root": batch_root.hex()})
    yield "build", canonical_bytes({"at": "2026-01-01T00:00:00Z", "checkpoint": cited, "purpose": "train.general",
                                    "sample": 1, "seed": 7, "terms": digest})  # fmt: skip
    yield "release", canonical_bytes({"checkpoint": cited, "manifest": digest, "purpose": "train.general",
                                      "membership": {"leaves": 10**6, "root": tree_root.hex()}})  # fmt: skip
    for number in range(3, size):
        yield "choice", canonical_bytes({"event": {
            "account": f"account-{number % 100}", "at": "2025-09-03T14:02:00Z", "choice": "improve_models",
            "event": "choice.made", "initial_state": "off", "mechanism": "settings", "notice": "2025-08-28",
            "value": "granted"}})  # fmt: skip


def make_log(size: int, batch_root: bytes, tree_root: bytes, signers: Sequence[Signer]) -> Log:
    """The log of these payloads under these keys."""
    entries, bodies = [], []
    for number, (kind, payload) in enumerate(payloads(size, batch_root, tree_root)):
        entries.append(Entry(number * DAY // 1000, kind, commit(salt(number), payload)))
        bodies.append(payload)
    hashes = leaf_hashes(map(entry_bytes, entries))
    return Log(
        entries, bodies, hashes, sign_checkpoint(Checkpoint(ORIGIN, size, root_of(hashes)), signers, 1)
    )


def keys(*, ml_dsa: bool) -> tuple[Sequence[Signer], Policy]:
    """A log and two witnesses; with ML-DSA-44, one of the witnesses uses it."""
    log = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(salt(3)))
    first = CosignatureSigner("w1.example", Ed25519PrivateKey.from_private_bytes(salt(4)))
    second: Signer = CosignatureSigner("w2.example", Ed25519PrivateKey.from_private_bytes(salt(5)))
    if ml_dsa:
        second = MlDsaSigner("w2.example", MLDSA44PrivateKey.from_seed_bytes(salt(5)))
    return (log, first, second), policy_of([log.vkey], [first.vkey, second.vkey])


def made(size: int) -> Iterator[tuple[str, bytes, Policy]]:
    """Each sort of receipt with its name and whom to trust."""
    label, proof, tree_root = membership()
    batch = [label, *(salt(number) for number in range(1, BATCH))]
    batch_root = root_of(leaf_hashes(batch))
    for ml_dsa in (False, True):
        signers, policy = keys(ml_dsa=ml_dsa)
        log = make_log(size, batch_root, tree_root, signers)
        mine = range(103, size, 100)
        sorts: dict[str, Callable[[Log], Receipt]] = {
            "one choice": lambda log: account_receipt("account-3", log.open(103)),
            "twenty choices": lambda log, mine=mine: account_receipt("account-3", log.open(*mine[:20])),
            "a conversation in a release": lambda log: conversation_receipt(
                Committed("c-0", salt(0), 0, Batch(batch), 0), log.open(0, 1, 2), [Answer(2, True, proof)]
            ),
        }
        told = ", one witness with ML-DSA-44" if ml_dsa else ""
        for name, make in sorts.items():
            yield name + told, write_receipt(make(log)), policy


def rate(data: bytes, policy: Policy, seconds: float) -> float:
    """Receipts a second: the median of five rounds."""
    rounds = []
    for _ in range(5):
        done, start = 0, perf_counter()
        while (took := perf_counter() - start) < seconds / 5:
            if check_receipt(data, policy).exit_code:
                raise AssertionError("an honest receipt was refused")
            done += 1
        rounds.append(done / took)
    return median(rounds)


def receipts(size: int = 20_000, seconds: float = 2.0) -> Section:
    """Checking receipts from a log of ``size`` entries; each sort for so many seconds."""
    rows = [
        (name, f"{len(data):,}", f"{(found := rate(data, policy, seconds)):,.0f}", f"{1000 / found:.2f}")
        for name, data, policy in made(size)
    ]
    return Section(
        "Receipts",
        f"Checked in full, all seven steps, on one core: a log of {size:,} entries, a release tree with a path of "
        f"{SIBLINGS} hashes, an intake batch of {BATCH:,}. The log's signature and those of two witnesses are "
        "checked. Medians of five rounds.",
        ("receipt", "bytes", "a second", "ms each"),
        rows,
    )
