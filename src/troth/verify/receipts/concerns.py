"""Whether an entry belongs in a receipt about somebody or something: so that no stranger's entry is slipped in."""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import VerificationError
from troth.history.event import Event
from troth.proof.payloads import EventPayload, LineagePayload, Payload, ReleasePayload
from troth.receipt.model import Receipt


def check_concerns(payload: Payload, receipt: Receipt) -> None:
    """Raise `VerificationError` where the event of an entry is of another account or conversation than the receipt."""
    if isinstance(payload, EventPayload):
        _check_event(payload.event, receipt)


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


def check_subject(payloads: Sequence[Payload], receipt: Receipt) -> None:
    """Raise `VerificationError` where the release or artefact that the receipt is about is not in it."""
    if receipt.subject == "release":
        named = {payload.manifest for payload in payloads if isinstance(payload, ReleasePayload)}
    elif receipt.subject == "lineage":
        named = {payload.artefact for payload in payloads if isinstance(payload, LineagePayload)}
    else:
        return
    if receipt.name not in named:
        raise VerificationError(
            f"no entry is that of the {receipt.subject} {receipt.name!r}, which the receipt is about",
            remedy=_ASK,
        )


_ASK = "ask whoever made the receipt for one that is about one thing only"
