"""The plain words of a receipt. They follow from its content alone: never from a reader's keys, and from no clock.

So the verifier writes them again, and a file whose words are others is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.proof.entry import commit_conversation
from troth.proof.payloads import ErasureDone, ErasureIntended, Payload, ReleasePayload, read_payload
from troth.receipt.entry_words import entry_words
from troth.receipt.limits import limits, proven
from troth.receipt.model import Membership, OpenedConversation, Receipt
from troth.receipt.phrases import counted, purpose_words, when
from troth.receipt.quoting import quoted
from troth.receipt.reached import reached
from troth.receipt.stated import Stated, stated_checkpoints

_KINDS = {
    "terms": "terms were published",
    "choice": "a choice",
    "deletion": "a deletion",
    "hold": "a hold",
    "event": "something that happened",
    "intake": "conversations were taken in",
    "build": "a build was started",
    "release": "a release was finished",
    "withdrawal": "a release was withdrawn",
    "lineage": "something was made",
    "export": "content was opened",
    "access": "an operator did something, or was refused it",
    "erasure": "an erasure",
    "compaction": "files were rewritten without what is erased",
    "restore": "a restore",
    "keeper": "the root key went to other keepers",
}


@dataclass(frozen=True, slots=True)
class Content:
    """A receipt with its payloads and checkpoints read: all that the words are written from."""

    receipt: Receipt
    payloads: Sequence[Payload]
    checkpoints: Mapping[bytes, Stated]


def read_content(receipt: Receipt) -> Content:
    """Read what the words are written from. Raises `VerificationError` where there are no words for it."""
    payloads = [read_payload(opened.entry.kind, opened.payload) for opened in receipt.entries]
    return Content(receipt, payloads, stated_checkpoints(receipt))


def plain_words(content: Content) -> tuple[str, ...]:
    """The lines of plain words, in order; empty lines stand between the parts."""
    return tuple(_lines(content))


def _lines(content: Content) -> Iterator[str]:
    receipt = content.receipt
    origin = next(iter(content.checkpoints.values())).checkpoint.origin
    thing = _THING[receipt.subject]
    yield f"This is a receipt about the {thing} {quoted(receipt.name)}, from the log {quoted(origin)}."
    yield ""
    answers = [*_conversation(content), *_reached(content)]
    if answers:
        yield from _part("IN SHORT", answers)
    yield from ("WHAT WAS LOGGED", "")
    for opened, payload in zip(receipt.entries, content.payloads, strict=True):
        kind = _KINDS[opened.entry.kind]
        yield f"Entry {opened.index} of the log, logged on {when(opened.entry.at)}: {kind}."
        yield from _bullets(entry_words(payload))
    yield from _part("WHAT THIS PROVES", proven(receipt, content.checkpoints))
    yield from _part("WHAT THIS DOES NOT PROVE", limits(receipt, content.checkpoints))


def _part(heading: str, sentences: Iterable[str]) -> Iterator[str]:
    yield from (heading, "")
    yield from _bullets(sentences)


def _bullets(sentences: Iterable[str]) -> Iterator[str]:
    yield from (f"- {sentence}" for sentence in sentences)
    yield ""


def _conversation(content: Content) -> Iterator[str]:
    opened = content.receipt.conversation
    if opened is None:
        return
    yield _committed(opened, content.receipt)
    yield from _erased(opened, content)
    for membership in content.receipt.memberships:
        yield _answer(membership, opened, content)


def _erased(opened: OpenedConversation, content: Content) -> Iterator[str]:
    """That the conversation was erased, where the receipt has the intent that names its label, and its end."""
    label = commit_conversation(opened.salt, opened.conversation).hex()
    entries = content.receipt.entries
    told = list(zip(entries, content.payloads, strict=True))
    intended = [(entry.index, payload) for entry, payload in told if isinstance(payload, ErasureIntended)]
    whole = {index for index, payload in intended if label in payload.subjects}
    parts = {index for index, payload in intended if label in payload.parts}
    for entry, payload in told:
        if not isinstance(payload, ErasureDone):
            continue
        by = f"by the entries {payload.intent} and {entry.index}, on {when(entry.entry.at)}"
        name = quoted(opened.conversation)
        if payload.intent in whole:
            yield f"The conversation {name} was erased, {by}: its key was destroyed."
        elif payload.intent in parts:
            yield (
                f"A part of the conversation {name} was erased, {by}: its key was destroyed, and what stays of it has "
                "another one."
            )


def _committed(opened: OpenedConversation, receipt: Receipt) -> str:
    intake = receipt.entries[opened.intake]
    batch = counted(opened.batch_size, "conversation")
    return (
        f"The conversation {quoted(opened.conversation)} was committed to by entry {intake.index}, "
        f"on {when(intake.entry.at)}, as number {opened.position + 1} in a batch of {batch}."
    )


def _answer(membership: Membership, opened: OpenedConversation, content: Content) -> str:
    release, entry = content.payloads[membership.release], content.receipt.entries[membership.release]
    if not isinstance(release, ReleasePayload):
        raise TypeError("a membership points at the entry of a release")
    answer = "is in" if membership.included else "is NOT in"
    return (
        f"The conversation {quoted(opened.conversation)} {answer} the release {release.manifest}, which was built "
        f"for {purpose_words(release.purpose)} and logged as entry {entry.index}."
    )


def _reached(content: Content) -> Iterator[str]:
    receipt = content.receipt
    source = (
        "a release that holds the conversation" if receipt.conversation else f"this {_THING[receipt.subject]}"
    )
    for number, lineage in reached(receipt, content.payloads).items():
        index = receipt.entries[number].index
        yield (
            f"By entry {index}, the artefact {quoted(lineage.name)} was made from {source}, directly or by way of "
            "other artefacts."
        )


_THING = {"account": "account", "conversation": "conversation", "release": "release", "lineage": "artefact"}
