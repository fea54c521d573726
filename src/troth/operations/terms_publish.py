"""``troth terms publish``: the digests of a folder's versions, so that a published text stays what it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.errors import Place, TermsError
from troth.operations.terms_check import Checked, check_terms
from troth.terms.archive import read_lock, write_lock


@dataclass(frozen=True, slots=True)
class Published:
    """The digests of a folder."""

    checked: Checked
    lock: Path | None
    """Where the digests stand; None where errors kept them from being written."""
    digests: dict[str, str]
    added: tuple[str, ...]
    """The versions that were not published before."""


def publish_terms(folder: Path) -> Published:
    """Check a folder and, where there is no error, record the digest of each version.

    Raises `TermsError` where it is no folder, or a published text has changed.
    """
    if not folder.is_dir():
        raise TermsError("is no folder", place=Place(str(folder)), remedy="give a folder of versions")
    before = read_lock(folder)
    checked = check_terms(str(folder))
    if checked.errors:
        return Published(checked, None, dict(before), ())
    lock = write_lock(folder)
    digests = dict(read_lock(folder))
    return Published(checked, lock, digests, tuple(sorted(set(digests) - set(before))))
