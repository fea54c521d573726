"""Payloads of entries: one strict form for each kind, and one spelling for each payload."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receipt_worlds import ARTEFACT, MANIFEST, TERMS, event, world
from troth.canon.canonical import canonical_bytes
from troth.errors import VerificationError
from troth.history.vocabulary import EVENTS, LIST_FIELDS, TIME_FIELDS
from troth.proof.entry import KINDS
from troth.proof.payloads import kind_of_event, payload_bytes, read_payload
from troth.receipt.entry_words import entry_words

LOG = world()
PAYLOADS = [(entry.kind, data) for entry, (_, data) in zip(LOG.entries, LOG.secrets, strict=True)]
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
WHEN = st.sampled_from(["2025-09-03T14:02:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])


def field_value(name: str) -> st.SearchStrategy[Any]:
    """A value that the public format of events allows in a field."""
    if name in TIME_FIELDS:
        return WHEN
    if name in LIST_FIELDS:
        return st.lists(NAME, max_size=3)
    fixed: dict[str, st.SearchStrategy[Any]] = {
        "zero_retention": st.booleans(),
        "value": st.sampled_from(["granted", "refused", "deferred"]),
        "period": st.sampled_from(["P1Y", "indefinite"]),
        "retention": st.just("P30D"),
        "notice_digest": st.just(f"sha256:{'a' * 64}"),
        "layout_digest": st.just(f"sha256:{'b' * 64}"),
        "locale": st.sampled_from(["de", "pt-BR"]),
    }
    return fixed.get(name, NAME)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(EVENTS)))
    kind = EVENTS[name]
    fields = {key: draw(field_value(key)) for key in kind.required}
    if name == "choice.made":
        whose = [
            ("account",),
            ("organisation",),
            ("conversation",),
            ("conversation", "account"),
            ("project", "account"),
        ]
        fields |= {key: draw(NAME) for key in draw(st.sampled_from(whose))}
        shown = ("notice_digest", "layout_digest", "locale")
        fields |= {key: draw(field_value(key)) for key in shown if draw(st.booleans())}
    elif name == "signal.received":
        fields["signal"], fields["value"] = draw(st.sampled_from([("gpc", "1"), ("aipref", "unknown")]))
    else:
        fields |= {key: draw(field_value(key)) for key in kind.optional if draw(st.booleans())}
    return event(name, draw(WHEN), **fields)


@settings(deadline=None, max_examples=200)
@given(events())
def test_every_event_is_read_and_written_as_the_same_bytes(form: dict[str, Any]) -> None:
    data = canonical_bytes(form)
    kind = kind_of_event(form["event"]["event"])
    assert payload_bytes(read_payload(kind, data)) == data
    for other in KINDS:
        if other != kind:
            with pytest.raises(VerificationError):
                read_payload(other, data)


@pytest.mark.parametrize(("kind", "data"), PAYLOADS)
def test_every_kind_is_read_and_written_as_the_same_bytes(kind: str, data: bytes) -> None:
    assert payload_bytes(read_payload(kind, data)) == data


@pytest.mark.parametrize(("kind", "data"), PAYLOADS)
def test_another_spelling_of_the_same_payload_is_refused(kind: str, data: bytes) -> None:
    value = json.loads(data)
    first = next(iter(value))
    again = json.dumps({first: value[first]}).encode()[1:-1]
    spellings = {
        "spaces": json.dumps(value, sort_keys=True).encode(),
        "a newline at the end": data + b"\n",
        "a member twice": data[:-1] + b"," + again + b"}",
        "another member": data[:-1] + b',"zz":1}',
        "a byte order mark": b"\xef\xbb\xbf" + data,
        "an escape": data.replace(b'"a', b'"\\u0061', 1),
        "members in another order": json.dumps(
            {key: value[key] for key in sorted(value, reverse=True)}, separators=(",", ":")
        ).encode(),
    }
    for what, spelling in spellings.items():
        if spelling != data:
            with pytest.raises(VerificationError):
                pytest.fail(f"{what}: {read_payload(kind, spelling)}")


@pytest.mark.parametrize("kind", ["erasures", "", "choices", "Choice"])
def test_what_is_no_kind_is_refused(kind: str) -> None:
    with pytest.raises(VerificationError, match="no kind of entry"):
        read_payload(kind, b"{}")


CHECKPOINT = {"origin": "example.org/log", "root": "00" * 32, "size": 3}
BUILD = {
    "at": "2025-09-03T14:05:00Z",
    "checkpoint": CHECKPOINT,
    "purpose": "sell",
    "sample": 1,
    "seed": 0,
    "terms": TERMS,
}
RELEASE = {
    "checkpoint": CHECKPOINT,
    "manifest": MANIFEST,
    "membership": {"leaves": 0, "root": "00" * 32},
    "purpose": "sell",
}
LINEAGE = {
    "artefact": ARTEFACT,
    "from": [{"artefact": TERMS}, {"release": MANIFEST}],
    "made": "weights",
    "name": "m",
}
INTAKE = {"conversations": 1, "root": "00" * 32}
SHOP = {
    "terms": "shop",
    "digest": TERMS,
    "versions": [{"version": "1", "effective": "2025-01-01T00:00:00Z", "digest": TERMS}],
}
WITHDRAWAL = {"manifest": MANIFEST, "why": "late"}
EXPORT = {"content": {"release": MANIFEST}, "purpose": "serve", "recipient": "Hosting", "records": 2}
SHOWN = {"content": {"conversation": "00" * 32}, "purpose": "a ticket", "recipient": "operator", "records": 0}
COMPACTED = {"manifest": MANIFEST, "new": TERMS, "old": ARTEFACT, "removed": 1, "shard": "shards/part-00000.parquet",
             "what": "release"}  # fmt: skip
ACCESS = {"act": "holds.place", "allowed": False, "by": "operator:5f0c", "role": "auditor"}

WRONG = [
    ("access", ACCESS, {"act": "holds of ada"}),
    ("access", ACCESS, {"allowed": "no"}),
    ("access", ACCESS, {"by": "Ada Lovelace"}),
    ("access", ACCESS, {"role": ""}),
    ("intake", INTAKE, {"conversations": 0}),
    ("intake", INTAKE, {"conversations": 65_537}),
    ("intake", INTAKE, {"conversations": 1.5}),
    ("intake", INTAKE, {"conversations": True}),
    ("intake", INTAKE, {"root": "00" * 31}),
    ("intake", INTAKE, {"root": "0G" + "00" * 31}),
    ("intake", INTAKE, {"root": "AA" * 32}),
    ("intake", INTAKE, {"root": "00" * 32 + "\n"}),
    ("build", BUILD, {"at": "2025-09-03T14:05:00.500Z"}),
    ("build", BUILD, {"at": "2025-09-03 14:05:00Z"}),
    ("build", BUILD, {"at": "yesterday"}),
    ("build", BUILD, {"purpose": "train.everything"}),
    ("build", BUILD, {"sample": 1.5}),
    ("build", BUILD, {"sample": -0.5}),
    ("build", BUILD, {"seed": -1}),
    ("build", BUILD, {"seed": 0.5}),
    ("build", BUILD, {"terms": "e5" * 32}),
    ("build", BUILD, {"checkpoint": {**CHECKPOINT, "size": -1}}),
    ("build", BUILD, {"checkpoint": {**CHECKPOINT, "origin": ""}}),
    ("build", BUILD, {"checkpoint": {**CHECKPOINT, "more": 1}}),
    ("release", RELEASE, {"manifest": "sha256:00"}),
    ("release", RELEASE, {"membership": {"leaves": -1, "root": "00" * 32}}),
    ("release", RELEASE, {"membership": None}),
    ("release", RELEASE, {"purpose": ""}),
    ("withdrawal", WITHDRAWAL, {"why": ""}),
    ("withdrawal", WITHDRAWAL, {"why": None}),
    ("lineage", LINEAGE, {"from": []}),
    ("lineage", LINEAGE, {"from": [{}]}),
    ("lineage", LINEAGE, {"from": [{"release": MANIFEST, "artefact": ARTEFACT}]}),
    ("lineage", LINEAGE, {"from": [{"release": MANIFEST}, {"artefact": TERMS}]}),
    ("lineage", LINEAGE, {"from": [{"release": MANIFEST}, {"release": MANIFEST}]}),
    ("lineage", LINEAGE, {"from": [{"release": None}]}),
    ("lineage", LINEAGE, {"made": "Weights!"}),
    ("lineage", LINEAGE, {"made": "weights\n"}),
    ("lineage", LINEAGE, {"name": ""}),
    ("export", EXPORT, {"content": {}}),
    ("export", EXPORT, {"content": {"release": MANIFEST, "conversation": "00" * 32}}),
    ("export", EXPORT, {"content": {"release": MANIFEST, "conversation": None}}),
    ("export", EXPORT, {"content": {"release": "sha256:00"}}),
    ("export", EXPORT, {"content": {"account": "ada"}}),
    ("export", EXPORT, {"purpose": "a ticket"}),
    ("export", EXPORT, {"recipient": ""}),
    ("export", EXPORT, {"records": -1}),
    ("export", EXPORT, {"records": 1.5}),
    ("export", SHOWN, {"purpose": ""}),
    ("export", SHOWN, {"content": {"conversation": "talk-1"}}),
    ("compaction", COMPACTED, {"removed": 0}),
    ("compaction", COMPACTED, {"new": ARTEFACT}),
    ("compaction", COMPACTED, {"shard": "shards/../manifest.json"}),
    ("compaction", COMPACTED, {"shard": "shards/part-00000.parquet\n"}),
    ("compaction", COMPACTED, {"manifest": "sha256:00"}),
    ("compaction", COMPACTED, {"what": "vault"}),
    ("terms", SHOP, {"versions": []}),
    ("terms", SHOP, {"terms": ""}),
    ("terms", SHOP, {"digest": "md5:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "right", "change"), WRONG)
def test_a_value_that_the_form_does_not_allow_is_refused(
    kind: str, right: dict[str, Any], change: Any
) -> None:
    read_payload(kind, canonical_bytes(right))
    with pytest.raises(VerificationError):
        read_payload(kind, canonical_bytes({**right, **change}))
    for member in right:
        with pytest.raises(VerificationError):
            read_payload(kind, canonical_bytes({k: v for k, v in right.items() if k != member}))


def test_the_words_of_an_export_say_what_was_opened_for_whom_and_why() -> None:
    release = " ".join(entry_words(read_payload("export", canonical_bytes(EXPORT))))
    assert f"The opening of at most 2 records of the release {MANIFEST} was logged." in release
    assert 'The recipient named is "Hosting".' in release
    assert 'opened for "serve"' in release
    shown = " ".join(entry_words(read_payload("export", canonical_bytes(SHOWN))))
    assert f"at most 0 records of the conversation {'00' * 32} was logged." in shown
    assert 'The reason given was "a ticket".' in shown


def test_the_words_of_a_compaction_say_how_many_rows_of_which_file_went() -> None:
    words = " ".join(entry_words(read_payload("compaction", canonical_bytes(COMPACTED))))
    assert f"The file shards/part-00000.parquet of the release {MANIFEST} was written anew." in words
    assert "Of its rows, 1 by now has left nothing but a digest." in words
    assert f"The file {ARTEFACT} became {TERMS}." in words


HOSTILE = [
    b"", b"{}", b"[]", b"null", b'{"event":{}}', b'{"event":[]}', b'{"event":' + b'{"a":' * 50_000, b"[" * 100_000,
    b'{"event":{"event":"choice.made"}}', b'{"event":{"event":"choice.made","at":"now"}}',
    b'{"event":{"at":"2025-01-01T00:00:00Z","event":"account.closed","account":"\xff"}}',
    b'{"event":{"account":"\\ud800","at":"2025-01-01T00:00:00Z","event":"account.closed"}}',
    b'{"event":{"account":1,"at":"2025-01-01T00:00:00Z","event":"account.closed"}}',
    b'{"conversations":1e99,"root":"00"}', b'{"conversations":NaN,"root":"00"}',
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_bytes_are_refused_in_one_way(kind: str, data: bytes) -> None:
    with pytest.raises(VerificationError):
        read_payload(kind, data)


def test_a_recorded_time_that_says_nothing_new_is_refused() -> None:
    form = event("account.closed", account="ann", recorded_at="2025-09-03T14:00:00Z")
    with pytest.raises(VerificationError, match="canonical"):
        read_payload("deletion", canonical_bytes(form))
