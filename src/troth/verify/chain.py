"""Step 10. The history of the release is a checkpoint of the ledger, and the ledger has the release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from troth.errors import LedgerError, VerificationError
from troth.proof.checkpoint import Checkpoint
from troth.proof.payloads import (
    BuildPayload,
    CitedCheckpoint,
    MembershipTree,
    Payload,
    ReleasePayload,
    WithdrawalPayload,
)
from troth.release.layout import MANIFEST
from troth.release.manifest import Release
from troth.verify.ledger.paths import CHECKPOINT, checkpoint_path
from troth.verify.ledger.prefix import check_prefix
from troth.verify.ledger.source import Source
from troth.verify.ledger.trust import Trust
from troth.verify.report import Notes
from troth.verify.statement import ASK

LEDGER = "ledger"
_LARGEST_CHECKPOINT = 1 << 20


@dataclass(frozen=True, slots=True)
class LedgerInputs:
    """The ledger that the reader was pointed to, and whom they trust."""

    source: Source
    trust: Trust


@dataclass(frozen=True, slots=True)
class Logged:
    """What a receipt whose every step passed says was logged, by the log of this origin."""

    origin: str
    payloads: tuple[Payload, ...]


def check_chain(
    digest: str, manifest: Release, ledger: LedgerInputs | None, logged: Sequence[Logged], notes: Notes
) -> None:
    """Step 10, for a release whose manifest names a checkpoint. ``digest`` is the manifest's."""
    if manifest.ledger is None:
        return
    cited = Checkpoint(manifest.ledger.origin, manifest.ledger.size, bytes.fromhex(manifest.ledger.root))
    if ledger is None:
        notes.not_checked("whether the ledger has this checkpoint: give the ledger, and its key")
    elif not ledger.trust.established:
        notes.not_checked("whether the ledger has this checkpoint: give its key with --log-key or --policy")
    else:
        _check_checkpoint(cited, ledger, notes)
    entries = [payload for one in logged if one.origin == manifest.ledger.origin for payload in one.payloads]
    if not entries:
        notes.not_checked("whether the ledger has this release: give its receipt too")
        return
    _check_entries(digest, manifest, entries, notes)


def _check_checkpoint(cited: Checkpoint, ledger: LedgerInputs, notes: Notes) -> None:
    """The checkpoint was signed, and the newest one extends it."""
    try:
        published = ledger.trust.check_without_quorum(
            _read(ledger.source, checkpoint_path(cited.size))
        ).checkpoint
        _require_same(published, cited)
        newest = check_extended([cited], ledger)
    except (VerificationError, LedgerError) as problem:
        notes.found(LEDGER, str(problem.what), problem.remedy or ASK)
        return
    notes.checked(
        f"the log {cited.origin} signed the checkpoint of size {cited.size:,}, and its newest, of size "
        f"{newest.size:,}, extends it"
    )


def check_extended(older: Iterable[Checkpoint], ledger: LedgerInputs) -> Checkpoint:
    """The newest checkpoint of the ledger, which extends these.

    Raises `VerificationError` where it does not, or was not signed as trusted, and `LedgerError` where it cannot be read.
    """
    newest = ledger.trust.check(_read(ledger.source, CHECKPOINT)).checkpoint
    for one in older:
        check_prefix(ledger.source, one, newest)
    return newest


def _require_same(published: Checkpoint, cited: Checkpoint) -> None:
    if (published.origin, published.size, published.root) != (cited.origin, cited.size, cited.root):
        raise VerificationError(
            f"the log signed another checkpoint of size {cited.size:,} than the manifest names", remedy=ASK
        )


def _read(source: Source, path: str) -> bytes:
    data = source.read(path, _LARGEST_CHECKPOINT)
    if data is None:
        raise VerificationError(f"{path} is missing", remedy="ask the ledger's operator for it")
    return data


def _check_entries(digest: str, manifest: Release, entries: Sequence[Payload], notes: Notes) -> None:
    """A receipt has the entry of the release, and the start of its build; and none that withdraws it."""
    if manifest.ledger is None or manifest.membership is None:
        return
    cited = CitedCheckpoint(manifest.ledger.origin, manifest.ledger.root, manifest.ledger.size)
    tree = MembershipTree(manifest.membership.leaves, manifest.membership.root)
    if ReleasePayload(cited, digest, tree, manifest.purpose) not in entries:
        notes.found(MANIFEST, "the receipt has no entry of this release with this checkpoint and tree", ASK)
    started = any(_starts(entry, cited, manifest) for entry in entries if isinstance(entry, BuildPayload))
    if not started:
        notes.found(MANIFEST, "the receipt has no entry of the start of this build", ASK)
    for entry in entries:
        if isinstance(entry, WithdrawalPayload) and entry.manifest == digest:
            notes.found(MANIFEST, f"this release was withdrawn: {entry.why!r}", "do not use it")
    notes.checked(f"entries of the ledger about it, proved by receipt: {len(entries):,}")


def _starts(entry: BuildPayload, cited: CitedCheckpoint, manifest: Release) -> bool:
    told = (entry.checkpoint, entry.at, entry.purpose, entry.seed, entry.sample, entry.terms)
    return told == (
        cited,
        manifest.at,
        manifest.purpose,
        manifest.seed,
        manifest.sample,
        manifest.terms.digest,
    )
