"""Entries of compactions of the vault: one strict form, and words that say which files became which."""

from __future__ import annotations

from typing import Any

import pytest

from troth.canon.canonical import canonical_bytes
from troth.errors import VerificationError
from troth.proof.payloads import payload_bytes, read_payload
from troth.receipt.entry_words import entry_words

ONE, TWO, THREE = (f"sha256:{digit * 64}" for digit in "abc")
FORM: dict[str, Any] = {
    "removed": 3,
    "rewritten": [{"new": THREE, "old": [ONE, TWO]}, {"old": [THREE]}],
    "what": "vault",
}


def test_it_is_read_and_written_as_the_same_bytes() -> None:
    data = canonical_bytes(FORM)
    assert payload_bytes(read_payload("compaction", data)) == data


def test_its_words_say_which_files_became_which() -> None:
    words = list(entry_words(read_payload("compaction", canonical_bytes(FORM))))
    assert words == [
        "The vault was compacted. Rows of destroyed keys that went out of it: 3.",
        f"Files that were rewritten as {THREE}: {ONE}, {TWO}.",
        f"Files that were removed, for no other row was in them: {THREE}.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"removed": -1}, {"removed": "3"}, {"what": "vaults"}, {"what": None}, {"rewritten": []}, {"more": 1},
        {"rewritten": [{"old": []}]}, {"rewritten": [{"old": ["sha256:00"]}]}, {"rewritten": [{"new": ONE}]},
        {"rewritten": [{"new": None, "old": [ONE]}]}, {"rewritten": [{"old": [ONE], "why": "x"}]},
    ],
)  # fmt: skip
def test_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        read_payload("compaction", canonical_bytes({**FORM, **change}))
