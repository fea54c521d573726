"""Step 2, one file at a time: an entry bundle is there and whole, and its entries are in form, known and in order."""

from __future__ import annotations

from dataclasses import dataclass

from troth.errors import VerificationError
from troth.types.moment import Moment
from troth.verify.ledger.bundles import LARGEST_BUNDLE, split_bundle
from troth.verify.ledger.entries import EntryCheck
from troth.verify.ledger.listing import Listing
from troth.verify.ledger.paths import ENTRIES, FULL, Tile
from troth.verify.ledger.source import Found, Source, look
from troth.verify.report import Notes, file_name

AGAIN = "get the file again from the log's address; if it stays, ask its operator"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The entries of one bundle, and the time of the last readable entry up to each."""

    entries: list[bytes]
    times: list[Moment | None]


class BundleCheck:
    """Reads bundles in order."""

    def __init__(self, source: Source, listing: Listing, entries: EntryCheck, notes: Notes) -> None:
        self.bundles = self.older = 0
        self._source, self._listing, self._entries, self._notes = source, listing, entries, notes

    def run(self, tile: Tile, found: Found) -> Bundle | None:
        """Look at a bundle; None where its entries cannot be told apart."""
        name = file_name(found.path)
        if found.data is None:
            self._notes.found(name, found.fault, AGAIN, kind="a bundle that cannot be read")
            return None
        try:
            whole = FULL if found.path == Tile(ENTRIES, tile.index).path() else tile.width
            entries = split_bundle(found.data, whole)[: tile.width]
        except VerificationError as problem:
            self._notes.found(name, problem.what, problem.remedy, kind="a bundle that is cut or none")
            return None
        self.bundles += 1
        self._older(tile, entries, found.data)
        return Bundle(entries, self._entries.run(entries, tile.index * FULL, name))

    def _older(self, tile: Tile, entries: list[bytes], data: bytes) -> None:
        """Hold the smaller bundles that this one has replaced against it."""
        for old in self._listing.older(ENTRIES, tile.index):
            found = look(self._source, old.path(), LARGEST_BUNDLE)
            self.older += 1
            end = sum(2 + len(entry) for entry in entries[: old.width])
            if found.problem or (found.data is not None and found.data != data[:end]):
                what = found.fault or "is not how the larger bundle begins"
                self._notes.found(file_name(found.path), what, AGAIN, kind="an older bundle that differs")
