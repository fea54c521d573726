"""What the entries of the ledger commit to: one strict form of canonical JSON for each kind of entry.

A payload is read from a receipt or a store, and was written by whoever made that; the commitment in the log tells
whether it is the one that was logged. The forms are those of ``docs/formats/receipts.md``, "Payloads".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from troth.canon.canonical import canonical_bytes
from troth.errors import HistoryError, Place, VerificationError
from troth.history.event import Event, public_form, read_event
from troth.types.moment import Moment, MomentError, format_moment, parse_moment
from troth.types.vocabulary import PURPOSES

LARGEST_BATCH = 65_536
"""Conversations: the most that one intake entry commits to."""

Digest = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Text = Annotated[str, Meta(min_length=1)]


class EventPayload(Struct, frozen=True):
    """Kinds ``choice``, ``deletion``, ``hold`` and ``event``: one event of a history."""

    event: Event


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A payload whose JSON members are its fields."""


class TermsVersion(_Strict, frozen=True):
    """One dated version of published terms; ``effective`` is RFC 3339 in UTC."""

    version: Text
    effective: str
    digest: Digest


class TermsPayload(_Strict, frozen=True):
    """Kind ``terms``: terms published, with the digest of the whole and of every version, oldest first."""

    terms: Text
    digest: Digest
    versions: Annotated[tuple[TermsVersion, ...], Meta(min_length=1)]


class IntakePayload(_Strict, frozen=True):
    """Kind ``intake``: a batch of conversations, and the RFC 6962 root over their commitments."""

    conversations: Annotated[int, Meta(ge=1, le=LARGEST_BATCH)]
    root: Hash


class CitedCheckpoint(_Strict, frozen=True):
    """The state of the log that something rests on: its origin, root and number of entries."""

    origin: Text
    root: Hash
    size: Number


class BuildPayload(_Strict, frozen=True):
    """Kind ``build``: a build was started. ``at`` is the time it decides for, RFC 3339 in UTC."""

    at: str
    checkpoint: CitedCheckpoint
    purpose: str
    sample: Annotated[float, Meta(ge=0, le=1)]
    seed: Number
    terms: Digest


class MembershipTree(_Strict, frozen=True):
    """The tree over the conversations of a release: how many there are, and its root."""

    leaves: Number
    root: Hash


class ReleasePayload(_Strict, frozen=True):
    """Kind ``release``: a release was finished; its name is the digest of its manifest."""

    checkpoint: CitedCheckpoint
    manifest: Digest
    membership: MembershipTree
    purpose: str


class WithdrawalPayload(_Strict, frozen=True):
    """Kind ``withdrawal``: a release was withdrawn, and why."""

    manifest: Digest
    why: Text


class Parent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What something was made from: a release or another artefact, one of the two."""

    artefact: Digest | None = None
    release: Digest | None = None


class LineagePayload(_Strict, frozen=True):
    """Kind ``lineage``: which weights, or what else, was made from which releases and artefacts."""

    artefact: Digest
    made: Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9._-]{0,63}\Z")]
    name: Text
    parents: Annotated[tuple[Parent, ...], Meta(min_length=1)] = msgspec.field(name="from")


class Content(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was opened: a release, or a conversation by its commitment; one of the two."""

    conversation: Hash | None = None
    release: Digest | None = None


class ExportPayload(_Strict, frozen=True):
    """Kind ``export``: content was opened for a recipient, and how many records at most.

    It is logged before the first record is opened, so that nothing leaves without it. ``purpose`` is one of the terms
    where a release was opened; where one conversation was, it is what the operator gave as the reason.
    """

    content: Content
    purpose: Text
    recipient: Text
    records: Number


class AccessPayload(_Strict, frozen=True):
    """Kind ``access``: an operator of the service did something, or was refused it.

    ``by`` is a key or a keyed hash of who signed in: no name. Nothing says whom it was about.
    """

    act: Annotated[str, Meta(pattern=r"\A[a-z][a-z._-]{0,63}\Z")]
    allowed: bool
    by: Annotated[str, Meta(pattern=r"\A(key|operator):[A-Za-z0-9_-]{1,64}\Z")]
    role: Annotated[str, Meta(pattern=r"\A[a-z]{1,16}\Z")]


class RootDestroyed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a keeper destroyed a version of the root. Times are RFC 3339 in UTC, where they are known."""

    how: Text
    keeper: Text
    version: Number
    effective: str | None = None
    scheduled: str | None = None


class Kept(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Records that were asked for and stay: how many, why, by which clause, and until when (RFC 3339 in UTC)."""

    records: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    why: Literal["hold", "duty", "others", "unknown"]
    clause: Text | None = None
    until: str | None = None


class ErasureIntended(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="state", tag="intended", omit_defaults=True
):
    """Kind ``erasure``, before anything is destroyed: what is to go, decided on a state of the log, and why.

    ``subjects`` are the commitments of the conversations, ``slots`` the numbers of the keys to be destroyed, those of
    ``accounts`` persons among them. ``parts`` are the commitments of conversations of which a part goes: what stays of
    them has been sealed anew. All three are in order, each once. ``kept`` tells what stays of what was asked for.
    """

    accounts: Number
    checkpoint: CitedCheckpoint
    slots: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=LARGEST_BATCH)]
    subjects: Annotated[tuple[Hash, ...], Meta(max_length=LARGEST_BATCH)]
    why: Text
    kept: tuple[Kept, ...] = ()
    parts: Annotated[tuple[Hash, ...], Meta(max_length=LARGEST_BATCH)] = ()


class ErasureDone(Struct, frozen=True, forbid_unknown_fields=True, tag_field="state", tag="done"):
    """Kind ``erasure``, at its end: the number of the entry of the intent, and what was destroyed.

    ``destroyed`` counts keys. ``root`` is the version of the root before and after; they are the same where the keys
    were destroyed before an interruption.
    """

    destroyed: Number
    evidence: tuple[RootDestroyed, ...]
    intent: Number
    kept: tuple[Kept, ...]
    root: tuple[Number, Number]


class ErasureAbandoned(Struct, frozen=True, forbid_unknown_fields=True, tag_field="state", tag="abandoned"):
    """Kind ``erasure``: nothing was destroyed, for something that forbids it was logged before the intent."""

    intent: Number


class ErasureReviewed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="state", tag="reviewed"):
    """Kind ``erasure``: the vault was held against the terms at a time, and what was due by then is destroyed.

    ``kept`` counts records that are past their date and stay, each with the reason.
    """

    at: str
    checkpoint: CitedCheckpoint
    kept: tuple[Kept, ...]
    terms: Digest


Erasure = ErasureIntended | ErasureDone | ErasureAbandoned | ErasureReviewed


class Rewritten(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Segments of the vault that became one: the digests of the files that were, and of the one that is, if any."""

    old: Annotated[tuple[Digest, ...], Meta(min_length=1, max_length=LARGEST_BATCH)]
    new: Digest | None = None


class VaultCompacted(Struct, frozen=True, forbid_unknown_fields=True, tag_field="what", tag="vault"):
    """Kind ``compaction``: segments were rewritten without the rows whose keys are destroyed, ``removed`` in all."""

    removed: Number
    rewritten: Annotated[tuple[Rewritten, ...], Meta(min_length=1, max_length=LARGEST_BATCH)]


class ReleaseCompacted(Struct, frozen=True, forbid_unknown_fields=True, tag_field="what", tag="release"):
    """Kind ``compaction``: a shard of a release was written anew without the rows whose keys are destroyed.

    ``old`` and ``new`` are the digests of its file before and after; ``removed`` counts all rows of it that have left
    nothing but their leaf by now. It is logged before the new file takes the place of the old one.
    """

    manifest: Digest
    new: Digest
    old: Digest
    removed: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    shard: Annotated[str, Meta(pattern=r"\Ashards/part-[0-9]{5,}\.parquet\Z")]


Compaction = VaultCompacted | ReleaseCompacted


class Restored(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="state", tag="restored"
):
    """Kind ``restore``: the workspace was put back from a backup, and what was erased since was erased again.

    ``backup`` is the digest of its list, ``made`` when it was begun (RFC 3339, UTC), ``entries`` how many its store knew;
    ``destroyed`` counts keys that the backup had and that were destroyed after it. Where the log of before had gone on,
    this one has another name: ``before`` is how far that one was known to go, and ``lost`` how many entries are lost.
    """

    backup: Digest
    destroyed: Number
    entries: Number
    made: str
    before: CitedCheckpoint | None = None
    lost: Number | None = None


class Resumed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="state", tag="resumed"):
    """Kind ``restore``: who answers for a restored workspace says why it may be used again.

    ``restored`` is the number of the entry of the restore.
    """

    restored: Number
    why: Text


Restore = Restored | Resumed


class KeptBy(_Strict, frozen=True):
    """A keeper of the root: its kind, and its name in the key database."""

    kind: Literal["file", "pkcs11", "aws-kms", "transit"]
    name: Text


class KeeperPayload(_Strict, frozen=True):
    """Kind ``keeper``: the root of the keys went over to these keepers, with a new version.

    ``root`` is the version before and after; ``evidence`` says how the one before was destroyed at each of its keepers.
    """

    evidence: tuple[RootDestroyed, ...]
    keepers: Annotated[tuple[KeptBy, ...], Meta(min_length=1, max_length=2)]
    root: tuple[Number, Number]


Payload = (
    EventPayload
    | TermsPayload
    | IntakePayload
    | BuildPayload
    | ReleasePayload
    | WithdrawalPayload
    | LineagePayload
    | ExportPayload
    | AccessPayload
    | Erasure
    | Compaction
    | KeeperPayload
    | Restore
)

_FORMS: Mapping[str, Any] = {
    "terms": TermsPayload,
    "intake": IntakePayload,
    "build": BuildPayload,
    "release": ReleasePayload,
    "withdrawal": WithdrawalPayload,
    "lineage": LineagePayload,
    "export": ExportPayload,
    "access": AccessPayload,
    "erasure": Erasure,
    "compaction": Compaction,
    "keeper": KeeperPayload,
    "restore": Restore,
}
EVENT_KINDS = ("choice", "deletion", "hold", "event")
"""The kinds of entries whose payload is an event."""

_KIND_OF_EVENT = {
    "choice.made": "choice",
    "terms.acknowledged": "choice",
    "conversation.deleted": "deletion",
    "record.deleted": "deletion",
    "account.closed": "deletion",
    "hold.placed": "hold",
    "hold.released": "hold",
}


def kind_of_event(event: str) -> str:
    """The kind of the entry that an event of this name is logged as.

    >>> kind_of_event("account.closed"), kind_of_event("conversation.rated")
    ('deletion', 'event')
    """
    return _KIND_OF_EVENT.get(event, "event")


def read_payload(kind: str, data: bytes) -> Payload:
    """The payload of an entry of this kind.

    Raises `VerificationError` where this version has no form for the kind, the payload is not of it, or is
    not in canonical form (RFC 8785), so that one payload has one spelling.
    """
    if kind in EVENT_KINDS:
        return _read_event_payload(kind, data)
    if kind not in _FORMS:
        raise VerificationError(
            f"{kind!r} is no kind of entry", remedy="check it with a newer version of Troth"
        )
    try:
        payload: Payload = msgspec.json.decode(data, type=_FORMS[kind])
        _check_values(payload)
        same = canonical_bytes(msgspec.to_builtins(payload)) == data
    except (msgspec.MsgspecError, MomentError, ValueError, RecursionError) as problem:
        raise VerificationError(
            f"this is not the payload of an entry {kind!r}: {problem}", remedy=_ASK
        ) from None
    if not same:
        raise VerificationError(f"the payload {_NOT_CANONICAL}", remedy=_ASK)
    return payload


def payload_bytes(payload: Payload) -> bytes:
    """The canonical bytes of a payload: what the commitment of its entry is taken of."""
    if isinstance(payload, EventPayload):
        return canonical_bytes({"event": public_form(payload.event)})
    return canonical_bytes(msgspec.to_builtins(payload))


class _EventForm(Struct, frozen=True, forbid_unknown_fields=True):
    event: dict[str, str | bool | list[str]]


def _read_event_payload(kind: str, data: bytes) -> EventPayload:
    try:
        form: Mapping[str, Any] = msgspec.json.decode(data, type=_EventForm).event
        payload = EventPayload(read_event(form, Place("event")))
        same = payload_bytes(payload) == data
    except HistoryError as problem:
        raise VerificationError(f"this is not an event: {problem.what}", remedy=_ASK) from None
    except (msgspec.MsgspecError, ValueError) as problem:
        raise VerificationError(f"this is not the payload of an event: {problem}", remedy=_ASK) from None
    if not same:
        raise VerificationError(f"the event {_NOT_CANONICAL}", remedy=_ASK)
    if kind_of_event(payload.event.event) != kind:
        raise VerificationError(
            f"an event {payload.event.event!r} is not logged as an entry {kind!r}", remedy=_ASK
        )
    return payload


def _check_values(payload: Payload) -> None:
    """What a type cannot say. Raises ``ValueError``."""
    match payload:
        case TermsPayload(versions=versions):
            for version in versions:
                _check_moment(version.effective)
        case BuildPayload(at=at, purpose=purpose):
            _check_moment(at)
            _check_purpose(purpose)
        case ReleasePayload(purpose=purpose):
            _check_purpose(purpose)
        case LineagePayload(parents=parents):
            _check_parents(parents)
        case ExportPayload(content=content, purpose=purpose):
            _check_content(content, purpose)
        case ErasureIntended() | ErasureDone() | ErasureReviewed():
            _check_erasure(payload)
        case Restored(made=made):
            _check_moment(made)
        case KeeperPayload(evidence=evidence):
            _check_evidence(evidence)
        case ReleaseCompacted(old=old, new=new) if old == new:
            raise ValueError("a shard that is written anew is another file")


def _check_erasure(payload: ErasureIntended | ErasureDone | ErasureReviewed) -> None:
    times: list[str | None] = []
    if isinstance(payload, ErasureIntended):
        for listed in (payload.slots, payload.subjects, payload.parts):
            if any(one >= other for one, other in pairwise(listed)):  # type: ignore[operator]
                raise ValueError("what is to go is listed in order, each once")
        if len(payload.slots) < payload.accounts:
            raise ValueError("there are more persons than keys")
        if not set(payload.parts).isdisjoint(payload.subjects):
            raise ValueError("a conversation goes as a whole or in part")
    elif isinstance(payload, ErasureDone):
        _check_evidence(payload.evidence)
    else:
        times.append(payload.at)
    times += [told.until for told in payload.kept]
    for time in times:
        if time is not None:
            _check_moment(time)


def _check_evidence(evidence: tuple[RootDestroyed, ...]) -> None:
    for told in evidence:
        for time in (told.effective, told.scheduled):
            if time is not None:
                _check_moment(time)


def _check_moment(text: str) -> Moment:
    moment = parse_moment(text)
    if format_moment(moment) != text:
        raise ValueError(f"the time {text!r} is not written in its one form")
    return moment


def _check_purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise ValueError(f"there is no purpose {purpose!r}")


def _check_content(content: Content, purpose: str) -> None:
    if (content.conversation is None) == (content.release is None):
        raise ValueError("what was opened is a release or a conversation, one of the two")
    if content.release is not None:
        _check_purpose(purpose)


def _check_parents(parents: tuple[Parent, ...]) -> None:
    if any((parent.artefact is None) == (parent.release is None) for parent in parents):
        raise ValueError("what something was made from is a release or an artefact, one of the two")
    order = [parent_order(parent) for parent in parents]
    if any(one >= other for one, other in pairwise(order)):
        raise ValueError(
            "what something was made from is listed in order, each once: artefacts, then releases"
        )


def parent_order(parent: Parent) -> tuple[str, str]:
    """Where a parent stands in the list: artefacts before releases, each by digest."""
    return ("artefact", parent.artefact) if parent.artefact else ("release", parent.release or "")


_NOT_CANONICAL = "is not in canonical form (RFC 8785)"
_ASK = "ask the log's operator: what was logged is not what its format allows"
