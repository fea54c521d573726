"""An erasure in plain sentences: what was to go, what went, what stays and why."""

from __future__ import annotations

from collections.abc import Iterator

from troth.proof.payloads import Erasure, ErasureAbandoned, ErasureDone, ErasureIntended, Kept, RootDestroyed
from troth.receipt.phrases import counted, when_text
from troth.receipt.quoting import quoted

_WHY = {
    "hold": "a legal hold forbids erasing them",
    "duty": "the terms keep them",
    "others": "they stand in one conversation with what is still kept: said by others, or later",
    "unknown": "it cannot be told yet what the terms say of them",
}


def erasure_words(erasure: Erasure) -> Iterator[str]:
    """The sentences of one entry of an erasure."""
    match erasure:
        case ErasureIntended():
            yield from _intended(erasure)
        case ErasureDone():
            yield from _done(erasure)
        case ErasureAbandoned(intent=intent):
            yield (
                f"What entry {intent} intended was not done: something that may forbid it had been logged before, or it "
                "was interrupted."
            )
            yield "Nothing was destroyed by it."
        case _:
            yield f"The vault was held against the terms with the digest {erasure.terms}, as of {when_text(erasure.at)}."
            yield from _stays(erasure.kept, "Everything that was due by then is destroyed.")


def _intended(intended: ErasureIntended) -> Iterator[str]:
    accounts = f" and {counted(intended.accounts, 'person')}" if intended.accounts else ""
    if intended.subjects or intended.accounts or not intended.parts:
        yield f"The keys of {counted(len(intended.subjects), 'conversation')}{accounts} were to be destroyed."
    if intended.parts:
        yield (
            f"Of {counted(len(intended.parts), 'conversation')} a part was to be destroyed: the keys were, after what "
            "stays had been sealed anew under others. A release that was built before then has nothing of these any more."
        )
    yield f"The reason given was {quoted(intended.why)}."
    entries, origin = counted(intended.checkpoint.size, "entry"), quoted(intended.checkpoint.origin)
    yield f"That was decided on the first {entries} of the log {origin}, with the root {intended.checkpoint.root}."


def _done(done: ErasureDone) -> Iterator[str]:
    keys = "1 key was destroyed" if done.destroyed == 1 else f"{done.destroyed} keys were destroyed"
    yield f"What entry {done.intent} intended was done: {keys}."
    yield (
        "What had been sealed that way cannot be opened any more, wherever copies of it lie: in the vault, in "
        "sealed releases, in backups. This is cryptographic erasure (NIST SP 800-88r2)."
    )
    old, new = done.root
    if old == new:
        yield f"The keys had been destroyed before an interruption; the root key has version {new} since."
    else:
        yield f"The root key of version {old} was replaced by version {new}."
    for told in done.evidence:
        yield from evidence_words(told)
    if done.kept:
        yield from _stays(done.kept, "")


def evidence_words(told: RootDestroyed) -> Iterator[str]:
    """How a keeper destroyed a version of the root, and since when that holds."""
    yield f"The keeper {quoted(told.keeper)} says of version {told.version}: {quoted(told.how)}"
    if told.effective is not None:
        yield f"It was destroyed on {when_text(told.effective)}."
    if told.scheduled is not None:
        yield f"Its destruction is set for {when_text(told.scheduled)}; until then it could be called back."
    if told.effective is None and told.scheduled is None:
        yield "When it was destroyed is not known."


def _stays(kept: tuple[Kept, ...], nothing: str) -> Iterator[str]:
    if not kept and nothing:
        yield nothing
    for told in kept:
        clause = f", by the clause {quoted(told.clause)}" if told.clause is not None else ""
        until = f", until {when_text(told.until)}" if told.until is not None else ""
        yield f"Not erased: {counted(told.records, 'record')}. The reason: {_WHY[told.why]}{clause}{until}."
