"""Whether an entry belongs in a receipt about somebody or something: so that no stranger's entry is slipped in."""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import VerificationError
from troth.history.event import Event
from troth.proof.entry import commit_conversation
from troth.proof.payloads import (
    ErasureAbandoned,
    ErasureDone,
    ErasureIntended,
    EventPayload,
    LineagePayload,
    Payload,
    ReleaseCompacted,
    ReleasePayload,
)
from troth.receipt.model import Receipt


def check_concerns(payload: Payload, receipt: Receipt) -> None:
    """Raise `VerificationError` where an entry is of another account, conversation or release than the receipt."""
    if isinstance(payload, EventPayload):
        _check_event(payload.event, receipt)
    elif isinstance(payload, ErasureIntended):
        _check_erasure(payload, receipt)
    elif isinstance(payload, ReleaseCompacted) and (receipt.subject, receipt.name) != (
        "release",
        payload.manifest,
    ):
        raise VerificationError(
            f"it is about a shard of the release {payload.manifest}, and the receipt about something else",
            remedy=_ASK,
        )


def _check_event(event: Event, receipt: Receipt) -> None:
    if receipt.subject == "account":
        named, what = event.account, "account"
    elif receipt.subject == "conversation":
        named, what = event.conversation, "conversation"
    else:
        raise VerificationError(
            f"the event of a person stands in a receipt about a {receipt.subject}", remedy=_ASK
        )
    if named is not None and named != receipt.name:
        raise VerificationError(
            f"it is about the {what} {named!r}, and the receipt about {receipt.name!r}", remedy=_ASK
        )


def _check_erasure(intended: ErasureIntended, receipt: Receipt) -> None:
    """An erasure in the receipt of a conversation is one of that conversation."""
    opened, named = receipt.conversation, {*intended.subjects, *intended.parts}
    if opened is None or commit_conversation(opened.salt, opened.conversation).hex() not in named:
        raise VerificationError(
            f"it intends the erasure of something else than the {receipt.subject} {receipt.name!r}",
            remedy=_ASK,
        )


def check_subject(payloads: Sequence[Payload], receipt: Receipt) -> None:
    """Raise `VerificationError` where the release or artefact that the receipt is about is not in it."""
    if receipt.subject == "release":
        named = {payload.manifest for payload in payloads if isinstance(payload, ReleasePayload)}
    elif receipt.subject == "lineage":
        named = {payload.artefact for payload in payloads if isinstance(payload, LineagePayload)}
    else:
        _check_ends(payloads, receipt)
        return
    if receipt.name not in named:
        raise VerificationError(
            f"no entry is that of the {receipt.subject} {receipt.name!r}, which the receipt is about",
            remedy=_ASK,
        )


def _check_ends(payloads: Sequence[Payload], receipt: Receipt) -> None:
    """The end of an erasure stands beside its intent."""
    pairs = zip(receipt.entries, payloads, strict=True)
    intents = {opened.index for opened, payload in pairs if isinstance(payload, ErasureIntended)}
    for payload in payloads:
        if isinstance(payload, ErasureDone | ErasureAbandoned) and payload.intent not in intents:
            raise VerificationError(
                f"the end of the erasure that entry {payload.intent} intended stands here without that entry",
                remedy=_ASK,
            )


_ASK = "ask whoever made the receipt for one that is about one thing only"
