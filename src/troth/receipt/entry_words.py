"""One opened entry in plain sentences, by its kind."""

from __future__ import annotations

from collections.abc import Iterator

from troth.canon.canonical import canonical_bytes
from troth.proof.payloads import (
    AccessPayload,
    BuildPayload,
    CitedCheckpoint,
    Compaction,
    ErasureAbandoned,
    ErasureDone,
    ErasureIntended,
    ErasureReviewed,
    EventPayload,
    ExportPayload,
    IntakePayload,
    KeeperPayload,
    LineagePayload,
    Parent,
    Payload,
    ReleaseCompacted,
    ReleasePayload,
    Restore,
    Restored,
    Resumed,
    TermsPayload,
    VaultCompacted,
    WithdrawalPayload,
)
from troth.receipt.erasure_words import erasure_words, evidence_words
from troth.receipt.event_words import event_words
from troth.receipt.phrases import counted, purpose_words, when_text
from troth.receipt.quoting import quoted


def entry_words(payload: Payload) -> Iterator[str]:
    """The sentences of one entry."""
    match payload:
        case EventPayload(event=event):
            yield from event_words(event)
        case TermsPayload():
            yield from _terms(payload)
        case IntakePayload(conversations=count, root=root):
            yield f"{counted(count, 'conversation')} were committed to in one batch, with the root {root}."
        case BuildPayload():
            yield from _build(payload)
        case ReleasePayload():
            yield from _release(payload)
        case WithdrawalPayload(manifest=manifest, why=why):
            yield f"The release {manifest} was withdrawn."
            yield f"The reason given was {quoted(why)}."
        case LineagePayload():
            yield from _lineage(payload)
        case ExportPayload():
            yield from _export(payload)
        case AccessPayload(act=act, by=by, role=role, allowed=allowed):
            done = "did" if allowed else "was refused"
            yield f"{quoted(by)}, in the role {quoted(role)}, {done} {quoted(act)}."
        case ErasureIntended() | ErasureDone() | ErasureAbandoned() | ErasureReviewed():
            yield from erasure_words(payload)
        case _:
            yield from _upkeep(payload)


def _upkeep(payload: Compaction | KeeperPayload | Restore) -> Iterator[str]:
    """What was done to files, keys and the log, and to no person's data."""
    match payload:
        case VaultCompacted():
            yield from _compacted(payload)
        case ReleaseCompacted(removed=removed):
            yield f"The file {payload.shard} of the release {payload.manifest} was written anew."
            yield f"Of its rows, {removed} by now {'has' if removed == 1 else 'have'} left nothing but a digest."
            yield f"The file {payload.old} became {payload.new}."
        case KeeperPayload():
            yield from _keepers(payload)
        case Restored():
            yield from _restored(payload)
        case Resumed(restored=entry, why=why):
            yield f"What entry {entry} restored was taken into use again. The reason given was {quoted(why)}."


def _terms(terms: TermsPayload) -> Iterator[str]:
    yield f"The terms {quoted(terms.terms)} were published, with the digest {terms.digest}."
    for version in terms.versions:
        effective = when_text(version.effective)
        yield f"Their version {quoted(version.version)} takes effect on {effective}; its digest is {version.digest}."


def _build(build: BuildPayload) -> Iterator[str]:
    yield f"A build for {purpose_words(build.purpose)} was started."
    yield f"It decides as of {when_text(build.at)}, under the terms with the digest {build.terms}."
    yield f"It rests on {_cited(build.checkpoint)}."
    share = canonical_bytes(build.sample).decode()
    yield f"The share of conversations taken is {share}, drawn with the seed {build.seed}."


def _release(release: ReleasePayload) -> Iterator[str]:
    yield f"The release {release.manifest} was finished."
    yield f"It was built for {purpose_words(release.purpose)}."
    yield f"It rests on {_cited(release.checkpoint)}."
    tree = release.membership
    yield f"It says that it holds {counted(tree.leaves, 'conversation')}, under the root {tree.root}."


def _cited(checkpoint: CitedCheckpoint) -> str:
    entries = counted(checkpoint.size, "entry")
    return f"the first {entries} of the log {quoted(checkpoint.origin)}, with the root {checkpoint.root}"


def _lineage(lineage: LineagePayload) -> Iterator[str]:
    yield f"The artefact {quoted(lineage.name)} has the digest {lineage.artefact} and is {quoted(lineage.made)}."
    for parent in lineage.parents:
        yield f"It was made from {_parent(parent)}."


def _export(export: ExportPayload) -> Iterator[str]:
    content, recipient = export.content, quoted(export.recipient)
    of = f"the release {content.release}" if content.release else f"the conversation {content.conversation}"
    yield f"The opening of at most {counted(export.records, 'record')} of {of} was logged."
    yield f"The recipient named is {recipient}."
    if content.release:
        yield f"They were opened for {purpose_words(export.purpose)}."
    else:
        yield f"The reason given was {quoted(export.purpose)}."


def _compacted(compacted: VaultCompacted) -> Iterator[str]:
    yield f"The vault was compacted. Rows of destroyed keys that went out of it: {compacted.removed}."
    for one in compacted.rewritten:
        became = f"rewritten as {one.new}" if one.new is not None else "removed, for no other row was in them"
        yield f"Files that were {became}: {', '.join(one.old)}."


def _keepers(keeper: KeeperPayload) -> Iterator[str]:
    kept = " and ".join(f"{quoted(one.name)} (of the kind {one.kind})" for one in keeper.keepers)
    old, new = keeper.root
    yield f"The root key went over to {kept}. Its version {old} was replaced by version {new}."
    for told in keeper.evidence:
        yield from evidence_words(told)


def _restored(restored: Restored) -> Iterator[str]:
    yield f"The log and what belongs to it were restored from the backup {restored.backup}."
    entries = counted(restored.entries, "entry")
    yield f"That was made on {when_text(restored.made)}, when the log had {entries}."
    yield f"Keys that the backup had and that were destroyed again: {restored.destroyed}."
    if restored.before is not None:
        yield f"Before, there was another log. What is known of it last: {_cited(restored.before)}."
        yield (
            "How many entries of it are lost is not known."
            if restored.lost is None
            else f"Entries of it that are lost: {restored.lost}."
        )


def _parent(parent: Parent) -> str:
    return f"the artefact {parent.artefact}" if parent.artefact else f"the release {parent.release}"
