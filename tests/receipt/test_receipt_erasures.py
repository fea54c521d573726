"""Entries of erasures: one strict form for each state, and words that hide nothing and promise nothing."""

from __future__ import annotations

from typing import Any

import pytest

from troth.canon.canonical import canonical_bytes
from troth.errors import VerificationError
from troth.proof.payloads import payload_bytes, read_payload
from troth.receipt.entry_words import entry_words

CHECKPOINT = {"origin": "example.org/log", "root": "00" * 32, "size": 3}
INTENDED = {
    "state": "intended", "accounts": 1, "checkpoint": CHECKPOINT, "slots": [4, 7, 9],
    "subjects": ["00" * 32, "0f" * 32], "why": "asked for",
}  # fmt: skip
TOLD = {"how": "It was overwritten.", "keeper": "local", "version": 3, "effective": "2026-11-01T00:00:00Z"}
HELD = {"records": 2, "why": "hold"}
KEPT = {"records": 1, "why": "duty", "clause": "Help 7, flagged", "until": "2028-10-01T00:00:00Z"}
DONE = {
    "state": "done",
    "destroyed": 3,
    "evidence": [TOLD],
    "intent": 12,
    "kept": [HELD, KEPT],
    "root": [3, 4],
}
ABANDONED = {"state": "abandoned", "intent": 12}
REVIEWED = {
    "state": "reviewed", "at": "2026-11-01T00:00:00Z", "checkpoint": CHECKPOINT, "kept": [],
    "terms": "sha256:" + "00" * 32,
}  # fmt: skip
FORMS: list[dict[str, Any]] = [INTENDED, DONE, ABANDONED, REVIEWED]


def words(form: dict[str, Any]) -> str:
    return " ".join(entry_words(read_payload("erasure", canonical_bytes(form))))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["state"])
def test_each_state_is_read_and_written_as_the_same_bytes(form: dict[str, Any]) -> None:
    data = canonical_bytes(form)
    assert payload_bytes(read_payload("erasure", data)) == data
    for other in (data + b" ", data.replace(b'{"', b'{ "', 1), data[:-1] + b',"zz":1}'):
        with pytest.raises(VerificationError):
            read_payload("erasure", other)


WRONG = [
    (INTENDED, {"slots": [7, 4]}),
    (INTENDED, {"slots": [4, 4]}),
    (INTENDED, {"slots": []}),
    (INTENDED, {"slots": [-1]}),
    (INTENDED, {"subjects": ["0f" * 32, "00" * 32]}),
    (INTENDED, {"subjects": ["00" * 31]}),
    (INTENDED, {"why": ""}),
    (INTENDED, {"accounts": 4}),
    (INTENDED, {"state": "done"}),
    (INTENDED, {"state": "planned"}),
    (DONE, {"root": [3]}),
    (DONE, {"destroyed": -1}),
    (DONE, {"kept": [{**HELD, "records": 0}]}),
    (DONE, {"kept": [{**HELD, "why": "case-7"}]}),
    (DONE, {"kept": [{**HELD, "hold": "case-7"}]}),
    (DONE, {"kept": [{**KEPT, "until": "2028-10-01"}]}),
    (DONE, {"evidence": [{**TOLD, "effective": "yesterday"}]}),
    (DONE, {"evidence": [{**TOLD, "scheduled": None}]}),
    (REVIEWED, {"at": "2026-11-01T00:00:00.000Z"}),
    (REVIEWED, {"terms": "00" * 32}),
]


@pytest.mark.parametrize(("form", "change"), WRONG)
def test_another_value_is_refused(form: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        read_payload("erasure", canonical_bytes({**form, **change}))


def test_the_words_say_what_went_what_stays_and_why() -> None:
    told = words(DONE)
    assert "What entry 12 intended was done: 3 keys were destroyed." in told
    assert "cryptographic erasure (NIST SP 800-88r2)" in told
    assert 'The keeper "local" says of version 3: "It was overwritten."' in told
    assert "It was destroyed on 1 November 2026 at 00:00 UTC." in told
    assert "2 records. The reason: a legal hold forbids erasing them." in told
    assert 'the terms keep them, by the clause "Help 7, flagged", until 1 October 2028' in told
    assert "2 conversations and 1 person" in words(INTENDED)
    assert "Nothing was destroyed" in words(ABANDONED)
    assert "Everything that was due by then is destroyed." in words(REVIEWED)


def test_a_destruction_that_is_only_scheduled_is_told_as_one() -> None:
    scheduled = {**TOLD, "scheduled": "2026-11-08T00:00:00Z"}
    del scheduled["effective"]
    told = words({**DONE, "evidence": [scheduled], "root": [4, 4]})
    assert "set for 8 November 2026 at 00:00 UTC; until then it could be called back" in told
    assert "before an interruption" in told


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["state"])
def test_nothing_is_called_anonymous(form: dict[str, Any]) -> None:
    assert "anonym" not in words(form)
