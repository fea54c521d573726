"""The findings that a build kept, held against the texts of logs and release.

The filter is not run here. With the findings it is shown that each text of the release is the log's, but for exactly
what they say was replaced; not that everything was found which should have been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from troth.errors import ReleaseError
from troth.release.findings import FindingsFile, Kept, Wanted
from troth.release.layout import MANIFEST
from troth.release.manifest import Release
from troth.release.sealed_rows import release_key
from troth.types.edit import Edit, edited
from troth.types.manner import DROP, TAG, manner_of
from troth.verify.filtered import Tags
from troth.verify.report import Notes
from troth.verify.sealed import Unlocking

_ASK = "give the file that was written with the release, or ask the publisher for it"
FINDINGS = "findings"


class Explained:
    """Whether a text of the release is the log's but for what the filter replaced, as far as can be told."""

    def __init__(self, manifest: Release, file: FindingsFile | None, unlocking: Unlocking | None) -> None:
        self._manners, self._inputs = manifest.filter.manners, manifest.inputs_digest
        self._file, self._unlocking = file, unlocking
        kinds = manifest.filter.replaced
        only_tags = all(manner_of(self._manners, kind) in {TAG, DROP} for kind in kinds)
        self._tags = Tags(kinds) if only_tags else None
        self._known: Kept = {}

    @property
    def exact(self) -> bool:
        """Whether there are findings to hold texts against."""
        return self._file is not None

    @property
    def possible(self) -> bool:
        """Whether anything can be said at all: there are findings, or nothing but tags was put."""
        return self.exact or self._tags is not None

    def read(self, conversations: Mapping[str, str]) -> None:
        """Take up the findings of some records, record to conversation. Raises `ReleaseError`."""
        if self._file is not None:
            keys = self._keys(conversations) if self._file.sealed else {}
            self._known = self._file.of(Wanted(frozenset(conversations), keys))

    def text(self, record: str, before: str, after: str) -> bool:
        """Whether what the filter did explains the difference of two texts of a record that was read up."""
        if self._file is None:
            return self._tags is not None and self._tags.explain(before, after)
        try:
            return edited(before, self._known.get(record, ())) == after
        except ValueError:
            return False

    def drops(self, record: str) -> bool:
        """Whether a record that was read up has a finding that leaves it out."""
        return any(self._drops(edit) for edit in self._known.get(record, ()))

    def _drops(self, edit: Edit) -> bool:
        return manner_of(self._manners, edit.kind) == DROP

    def records(self) -> Iterator[set[str]]:
        """The records that the findings say something of, as far as they can be opened. Raises `ReleaseError`."""
        if self._file is not None:
            yield from self._file.records(self._of_slots)

    def _keys(self, conversations: Mapping[str, str]) -> Mapping[int, bytes]:
        if self._unlocking is None:
            return {}
        known = self._unlocking.slots(sorted(set(conversations.values())))
        return self._of_slots(sorted(set(known.values())))

    def _of_slots(self, slots: Sequence[int]) -> Mapping[int, bytes]:
        if self._unlocking is None:
            return {}
        found = zip(slots, self._unlocking.keys(slots), strict=True)
        return {slot: release_key(key, self._inputs) for slot, key in found if key is not None}


def explained(manifest: Release, path: Path | None, unlocking: Unlocking | None, notes: Notes) -> Explained:
    """What there is to explain filtered texts with. A file that is not the manifest's is a finding, and not used."""
    told = manifest.filter.findings
    if path is None or not told:
        return Explained(manifest, None, unlocking)
    try:
        with path.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == told
        found = FindingsFile(path) if same else None
    except (OSError, ReleaseError) as problem:
        notes.found(FINDINGS, f"the findings cannot be read: {problem}", _ASK)
        return Explained(manifest, None, unlocking)
    if found is None:
        notes.found(
            FINDINGS, f"these are not the findings that {MANIFEST} names: their digest is another", _ASK
        )
    elif found.sealed and unlocking is None:
        notes.not_checked("what the filter replaced: the findings are sealed, and take the workspace")
        found = None
    return Explained(manifest, found, unlocking)
