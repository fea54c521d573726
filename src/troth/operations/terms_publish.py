"""``troth terms publish``: the digests of a folder's versions, so that a published text stays what it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, TermsError
from troth.operations.terms_check import Checked, check_terms
from troth.operations.workspace.acts import terms_published
from troth.operations.workspace.opened import opened
from troth.operations.workspace.sequencing import Sequenced, sequence_pending
from troth.terms.archive import load, read_lock, write_lock


@dataclass(frozen=True, slots=True)
class Published:
    """The digests of a folder."""

    checked: Checked
    lock: Path | None
    """Where the digests stand; None where errors kept them from being written."""
    digests: dict[str, str]
    added: tuple[str, ...]
    """The versions that were not published before."""
    ledger: Sequenced | None = None
    """Where the ledger of the workspace stands; None without a workspace."""


def publish_terms(folder: Path, workspace: Path | None = None) -> Published:
    """Check a folder and, where there is no error, record the digest of each version.

    With a workspace the digests go into its ledger too. Raises `TermsError` where it is no folder, or a published
    text has changed, and ``StoreError`` and ``LedgerError``.
    """
    if not folder.is_dir():
        raise TermsError("is no folder", place=Place(str(folder)), remedy="give a folder of versions")
    before = read_lock(folder)
    checked = check_terms(str(folder))
    if checked.errors:
        return Published(checked, None, dict(before), ())
    lock = write_lock(folder)
    digests = dict(read_lock(folder))
    added = tuple(sorted(set(digests) - set(before)))
    if workspace is None:
        return Published(checked, lock, digests, added)
    with opened(workspace) as found:
        found.store.append([terms_published(load(str(folder), {}))])
        return Published(checked, lock, digests, added, sequence_pending(found))
