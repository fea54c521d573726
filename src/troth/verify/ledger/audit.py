"""The door: is this the ledger that its log signed? The steps have the numbers of ``docs/commands/audit-log.md``.

What is read was written by whoever runs the ledger, or by whoever can write where it lies. Nothing of it is
believed before it is checked.
"""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import VerificationError
from troth.proof.note import LARGEST_NOTE
from troth.proof.strict import to_base64
from troth.types.moment import Moment, format_moment
from troth.verify.ledger.bundle_check import BundleCheck
from troth.verify.ledger.entries import EntryCheck
from troth.verify.ledger.head import no_key, read_head
from troth.verify.ledger.listing import Few, Listing, list_files, tell_beyond
from troth.verify.ledger.paths import CHECKPOINT, checkpoint_path
from troth.verify.ledger.points import Head, Kept, PointNotes, Points, when
from troth.verify.ledger.report import Cosigned, LedgerReport, entries_of
from troth.verify.ledger.source import Source, look
from troth.verify.ledger.tile_check import TileCheck
from troth.verify.ledger.trust import CLOCKS_APART, Trust, key_name
from troth.verify.ledger.walk import Walk
from troth.verify.report import NAMED, Notes, Progress, plural

TITLES = {
    1: "The newest checkpoint is signed by the log",
    2: "Every entry is there, in its one form, of a known kind, and in the order of time",
    3: "Every tile is there, and holds what the entries hash to",
    4: "The root over all entries is the checkpoint's",
    5: "Every published checkpoint is signed, and is of this tree",
    6: "Every checkpoint kept from earlier is of this tree",
    7: "The entries are counted by kind and time",
}

TIMES = (
    "no time is before the one before it, or over 5 minutes after this machine's clock or a cosignature of it"
)


class Audit:
    """An audit while it runs."""

    def __init__(self, source: Source, trust: Trust, now: Moment) -> None:
        self._source, self._now = source, now
        self._notes = {number: Notes(number, title) for number, title in TITLES.items()}
        self._entries = EntryCheck(self._notes[2], now + CLOCKS_APART)
        self._head, self._trust = read_head(source, trust, self._notes[1], now)
        self._listing = Listing()

    def run(self, kept: Sequence[Kept], progress: Progress) -> LedgerReport:
        """Take steps 2 to 7, as far as the newest checkpoint allows."""
        if self._head is None:
            for number in range(2, len(TITLES) + 1):
                self._notes[number].not_checked("there is no newest checkpoint to hold it against (step 1)")
        else:
            self._check(self._head, kept, progress)
        return self._report()

    def _check(self, head: Head, kept: Sequence[Kept], progress: Progress) -> None:
        source, notes, size = self._source, self._notes, head.checkpoint.size
        self._listing = listing = list_files(source, size, notes[3], notes[5])
        point_notes = PointNotes(times=notes[2], root=notes[4], published=notes[5], kept=notes[6])
        points = Points(source, self._trust, head, point_notes, self._now)
        points.keep(kept)
        points.publish(listing.published)
        bundles = BundleCheck(source, listing, self._entries, notes[2])
        tiles = TileCheck(source, listing, notes[3])
        walk = Walk(source, size, bundles, tiles, points)
        known = walk.run(progress)
        self._beyond(head)
        self._tell_gaps(known, size, walk.borrowed)
        self._tell(bundles, tiles, points, size, len(kept))

    def _beyond(self, head: Head) -> None:
        """Name what belongs to a larger tree: the log may have grown while it was audited, else it was cut."""
        size = head.checkpoint.size
        beyond = [one for one in self._listing.published if one > size]
        larger = Few(len(beyond), [checkpoint_path(one) for one in sorted(beyond)[:NAMED]])
        few = (
            (self._listing.beyond_bundles, "bundle", self._notes[2]),
            (self._listing.beyond_tiles, "tile", self._notes[3]),
            (larger, "checkpoint", self._notes[5]),
        )
        grown = self._grown(size) if any(one.count for one, _, _ in few) else None
        for one, what, notes in few:
            tell_beyond(one, what, grown, notes)

    def _grown(self, size: int) -> int | None:
        """The size of the newest checkpoint by now, where it is larger and signed."""
        data = look(self._source, CHECKPOINT, LARGEST_NOTE).data
        try:
            now = self._trust.check_without_quorum(data or b"").checkpoint.size
        except VerificationError:
            return None
        return now if now > size else None

    def _tell_gaps(self, known: int, size: int, borrowed: int) -> None:
        """Say what could not be looked at because entries or hashes are lost."""
        notes = self._notes
        if borrowed:
            notes[3].not_checked(
                f"{plural(borrowed, 'tile')} against its entries, which cannot be read (step 2)"
            )
            notes[4].not_checked("hashes of entries that cannot be read: they are the log's own (step 2)")
        if known == size:
            return
        gap = f"what follows entry {known:,}: a bundle and its tile cannot be read (steps 2 and 3)"
        for number in (2, 3, 4, 5, 6):
            notes[number].not_checked(gap)

    def _tell(self, bundles: BundleCheck, tiles: TileCheck, points: Points, size: int, kept: int) -> None:
        """Say what was looked at, with numbers."""
        notes, entries = self._notes, self._entries
        read = sum(entries.kinds.values())
        older = f", and {plural(bundles.older, 'older partial one')}" if bundles.older else ""
        notes[2].checked(f"{entries_of(read)} of {size:,}, in {plural(bundles.bundles, 'bundle')}{older}")
        if read:
            notes[2].checked(TIMES)
        older = f", and {plural(tiles.older, 'older partial one')}" if tiles.older else ""
        listed = "; all files below tile/ were listed" if self._listing.listed else ""
        notes[3].checked(f"{plural(tiles.tiles, 'tile')}{older}{listed}")
        notes[5].checked(f"{plural(points.published, 'published checkpoint')}: signature, name and root")
        if points.unchecked:
            notes[5].not_checked(no_key(points.unchecked))
        if points.kept:
            notes[6].checked(f"{plural(points.kept, 'checkpoint')} kept from earlier: signature and root")
        elif not kept:
            notes[6].not_checked("no older checkpoint was given: keep this one for the next time")
        for kind, count in entries.kinds.items():
            notes[7].checked(f"{count:,} of kind {kind}")
        if not size:
            notes[7].checked("there are none")
        if entries.first is not None and entries.last is not None:
            first, last = format_moment(entries.first), format_moment(entries.last)
            notes[7].checked(f"logged from {first} to {last}")

    def _report(self) -> LedgerReport:
        head, entries = self._head, self._entries
        signed = head.signed if head else None
        established = self._trust.established and signed is not None
        return LedgerReport(
            ledger=self._source.place,
            origin=head.checkpoint.origin if head else "",
            size=head.checkpoint.size if head else 0,
            root=to_base64(head.checkpoint.root) if head else "",
            log_keys=tuple(map(key_name, signed.signers)) if signed and established else (),
            cosigned=tuple(Cosigned(key_name(key), when(at)) for key, at in signed.cosigned)
            if signed
            else (),
            unchecked=tuple(sorted(set(signed.unchecked))) if signed else (),
            kinds=entries.kinds,
            first="" if entries.first is None else format_moment(entries.first),
            last="" if entries.last is None else format_moment(entries.last),
            steps=tuple(notes.step() for notes in self._notes.values()),
        )


def audit(
    source: Source, trust: Trust, kept: Sequence[Kept], now: Moment, progress: Progress
) -> LedgerReport:
    """Audit a ledger: every file of it, every entry, every hash and every published checkpoint.

    ``kept`` are checkpoints that the auditor kept from earlier, ``now`` the present (UTC). Findings are in the
    report. Raises ``LedgerError`` where there is no ledger, or it cannot be read.
    """
    return Audit(source, trust, now).run(kept, progress)
