"""The worked examples of docs/formats/ledger.md, worked out, and its table of published vectors."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.proof.checkpoint import Checkpoint, check_signed
from troth.proof.entry import (
    KINDS,
    Entry,
    check_opening,
    commit,
    commit_conversation,
    entry_bytes,
    read_entry,
)
from troth.proof.merkle import inclusion_proof, leaf_hash, root_of
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, Note, SignatureLine, make_vkey
from troth.proof.policy import read_policy
from troth.proof.signatures import signed_message
from troth.proof.tlog_proof import TlogProof, check_tlog_proof, read_tlog_proof
from troth.types.moment import parse_moment

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats" / "ledger.md").read_text(encoding="utf-8")


def shown(name: str, language: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```{language}\n(.*?\n)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def example(name: str) -> Any:
    return json.loads(shown(name, "json"))


def test_the_entries_their_leaves_and_their_root() -> None:
    whole = example("entries")
    for one in whole["entries"]:
        salt, payload = bytes.fromhex(one["salt"]), one["payload"].encode()
        commitment = commit(salt, payload)
        entry = Entry(parse_moment(one["at"]), one["kind"], commitment)
        assert commitment.hex() == one["commitment"]
        assert commitment == hashlib.sha256(b"troth:entry:1\0" + salt + payload).digest()
        check_opening(commitment, salt, payload)
        assert entry_bytes(entry) == one["entry"].encode()
        assert read_entry(one["entry"].encode()) == entry
        assert hashlib.sha256(b"\0" + one["entry"].encode()).hexdigest() == one["leaf"]
    assert root_of([bytes.fromhex(one["leaf"]) for one in whole["entries"]]).hex() == whole["root"]


def test_the_page_names_every_kind_of_entry() -> None:
    row = re.search(r"\| `kind` \| (.*) \|", PAGE)
    assert row
    assert tuple(re.findall(r"`(\w+)`", row[1])) == KINDS


def test_the_commitment_of_a_conversation_and_the_intake_that_holds_it() -> None:
    one = example("conversation")
    commitment = commit_conversation(bytes.fromhex(one["salt"]), one["conversation"])
    assert commitment.hex() == one["commitment"]
    intake = json.loads(example("entries")["entries"][2]["payload"])
    assert intake == {"conversations": 1, "root": leaf_hash(commitment).hex()}


def test_the_proof_of_the_example_to_the_byte() -> None:
    """From the keys and the entries alone: Ed25519 signatures are the same each time."""
    keys, whole = example("keys"), example("entries")
    private = {
        who: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(one["private"])) for who, one in keys.items()
    }
    public = {who: one.public_key().public_bytes_raw() for who, one in private.items()}
    log = make_vkey("log.example/troth", ED25519, public["log"])
    witness = make_vkey("witness.example/w1", COSIGNATURE, public["witness"])
    assert [str(log), str(witness)] == [keys["log"]["vkey"], keys["witness"]["vkey"]]
    leaves = [bytes.fromhex(one["leaf"]) for one in whole["entries"]]
    text = Checkpoint("log.example/troth", 3, bytes.fromhex(whole["root"])).text()
    time: int = keys["witness"]["time"]
    cosigned = b"cosignature/v1\ntime %d\n%b" % (time, text.encode())
    lines = (
        SignatureLine(log.name, log.key_id, private["log"].sign(text.encode())),
        SignatureLine(
            witness.name, witness.key_id, time.to_bytes(8, "big") + private["witness"].sign(cosigned)
        ),
    )
    proof = TlogProof(1, inclusion_proof(leaves, 1), Note(text, lines).data())
    assert proof.text() == shown("tlog-proof", "text")


def test_the_policy_of_the_example_accepts_the_proof_of_the_example() -> None:
    proof = read_tlog_proof(shown("tlog-proof", "text"))
    leaf = leaf_hash(example("entries")["entries"][1]["entry"].encode())
    policy = read_policy(shown("policy", "text"))
    checked = check_tlog_proof(proof, leaf, policy)
    assert checked.cosigned == ((policy.witnesses[0].vkey, example("keys")["witness"]["time"]),)
    assert check_signed(proof.checkpoint, [policy.logs[0].vkey]).unchecked == ("witness.example/w1",)


def test_the_message_of_the_ml_dsa_44_cosignature() -> None:
    one = example("ml-dsa")
    vkey = make_vkey(one["cosigner"], ML_DSA_44, bytes(1312))
    assert signed_message(vkey, one["checkpoint"], one["time"]).hex() == one["signed"]
    assert bytes.fromhex(one["signed"]).endswith(base64.b64decode(one["checkpoint"].split("\n")[2]))


def test_every_published_vector_is_used_or_listed_as_not_used_yet(shared: Path) -> None:
    folder = shared / "data" / "vectors"
    listed = dict(
        re.findall(r"^\| `([^`]+)` \| (.+) \|$", PAGE.split("## Published test vectors")[1], re.MULTILINE)
    )
    files = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".md" and path.parent != folder / "licences"
    ]
    held = {name: [row for row in listed if name == row or name.startswith(row + "/")] for name in files}
    assert [name for name, rows in held.items() if len(rows) != 1] == []
    assert {row for rows in held.values() for row in rows} == set(listed)
    for row, use in listed.items():
        if not use.startswith("not used yet: "):
            test = re.match(r"`(tests/[^`]+)`", use)
            assert test, row
            assert row.split("/")[-1] in (ROOT / test[1]).read_text(encoding="utf-8"), row
