"""What an entry says of the root's way to other keepers: one spelling, nothing hidden, and plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from troth.errors import VerificationError
from troth.proof.payloads import KeeperPayload, KeptBy, RootDestroyed, payload_bytes, read_payload
from troth.receipt.entry_words import entry_words

DESTROYED = RootDestroyed("The file was overwritten.", "local", 4, effective="2026-11-22T21:00:00Z")
SCHEDULED = RootDestroyed("KMS was asked to delete its key.", "aws-kms", 4, scheduled="2026-11-29T21:00:00Z")
TOLD = KeeperPayload(
    (DESTROYED, SCHEDULED), (KeptBy("pkcs11", "hsm"), KeptBy("file", "safe \u202egnp")), (4, 5)
)
FORM: dict[str, Any] = json.loads(payload_bytes(TOLD))


def test_it_is_read_as_it_was_written() -> None:
    assert read_payload("keeper", payload_bytes(TOLD)) == TOLD


@pytest.mark.parametrize(
    "changed",
    [
        {"keepers": []},
        {"keepers": [*FORM["keepers"], FORM["keepers"][0]]},
        {"keepers": [{"kind": "paper", "name": "x"}]},
        {"keepers": [{"kind": "file", "name": ""}]},
        {"root": [4]},
        {"root": [-1, 5]},
        {"evidence": [{**FORM["evidence"][0], "effective": "2026-11-22"}]},
        {"evidence": [{**FORM["evidence"][0], "secret": "x"}]},
        {"more": 1},
    ],
)
def test_another_form_is_refused(changed: dict[str, Any]) -> None:
    data = json.dumps({**FORM, **changed}, separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(VerificationError):
        read_payload("keeper", data)


def test_the_words_say_who_has_it_and_what_became_of_the_old_one() -> None:
    words = "\n".join(entry_words(TOLD))
    assert '"hsm" (of the kind pkcs11)' in words
    assert "version 4 was replaced by version 5" in words
    assert "It was destroyed on 22 November 2026" in words
    assert "until then it could be called back" in words
    assert "\u202e" not in words
