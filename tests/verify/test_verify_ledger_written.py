"""The stranger's audit and the ledger's own writer, which share no code, agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from ledger_audits import audited
from small_ledger import MINUTE, START, entry

from troth.ledger.local_storage import LocalStorage
from troth.ledger.log import create_log, open_log
from troth.ledger.object_storage import ObjectStorage
from troth.ledger.signers import Ed25519Signer, MlDsaSigner
from troth.ledger.storage import Storage
from troth.proof.policy import policy_of
from troth.store.interface import Logged
from troth.verify.ledger.trust import Trust

NAME = "written.example/ledger"
SIGNERS = (
    Ed25519Signer(NAME, Ed25519PrivateKey.from_private_bytes(bytes(32))),
    MlDsaSigner(NAME, MLDSA44PrivateKey.from_seed_bytes(bytes(32))),
)


def nothing(first: int, last: int) -> Iterator[Logged]:
    return iter(())


def write(storage: Storage, *batches: int) -> None:
    log, _ = open_log(storage, SIGNERS, create_log(storage, SIGNERS, START), nothing)
    for count in batches:
        first, at = log.head.size, START + log.head.size * MINUTE
        log.write(log.plan([entry(index, at=at) for index in range(first, first + count)], at))


@pytest.mark.parametrize("keys", [1, 2])
def test_what_the_writer_wrote_passes(tmp_path: Path, keys: int) -> None:
    write(LocalStorage(tmp_path / "ledger"), 1, 100, 200, 11, 256, 300)
    trust = Trust(policy_of([signer.vkey for signer in SIGNERS[:keys]]), established=True)
    report = audited(None, place=str(tmp_path / "ledger"), trust=trust)
    assert (report.findings, report.exit_code, report.size, len(report.log_keys)) == ((), 0, 868, keys)
    assert report.steps[4].checked == ("7 published checkpoints: signature, name and root",)
    assert report.unchecked == ((NAME,) if keys == 1 else ())


def test_what_the_writer_wrote_to_an_object_store_passes(tmp_path: Path) -> None:
    place = (tmp_path / "ledger").as_uri().replace("file://", "local://")
    write(ObjectStorage(place), 300, 5)
    trust = Trust(policy_of([signer.vkey for signer in SIGNERS]), established=True)
    report = audited(None, place=place, trust=trust)
    assert (report.findings, report.exit_code, report.size) == ((), 0, 305)
