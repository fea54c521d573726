"""Step 4. Every shard holds the rows that its root stands for, in order, each record once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from troth.errors import VerificationError
from troth.proof.merkle import root_of
from troth.release.compacted_rows import LEAF, parted, untouched
from troth.release.layout import COMPACTED
from troth.release.manifest import Release, Shard
from troth.release.rows import canonical_rows
from troth.release.salts import SALT_BYTES, row_salts, salt_key, secret_of_seed
from troth.release.sealed_rows import Opening
from troth.release.tree import leaves
from troth.types.reasons import REASONS
from troth.verify.folder import Intact
from troth.verify.marks import repeated
from troth.verify.parquet import UnreadableError, batches
from troth.verify.released import Content, Released
from troth.verify.report import NAMED, Notes, Progress, plural, shown
from troth.verify.sample import Sample
from troth.verify.sealed import SealedCheck, Unlocking
from troth.verify.shard_files import Seen, ShardFile, schema_of
from troth.verify.statement import ASK
from troth.verify.tally import Tally

_Key = tuple[str, int, str]


class ShardCheck:
    """Step 4, shard by shard; what later steps need is kept in ``released`` and ``tally``."""

    def __init__(
        self,
        release: Path,
        manifest: Release,
        released: Released,
        notes: Notes,
        *,
        for_logs: bool,
        unlocking: Unlocking | None = None,
    ) -> None:
        self._folder, self._manifest, self._notes = release, manifest, notes
        self._sealed = SealedCheck(manifest, unlocking, notes) if manifest.sealed else None
        if self._sealed is not None:
            released.opened_again = self._sealed.again
        self._for_logs = for_logs
        self.released, self.tally = released, Tally()
        self._sample = Sample(manifest.seed, manifest.sample)
        self._last: _Key | None = None
        self._salt_key = b""
        if not manifest.signed:
            self._salt_key = salt_key(secret_of_seed(manifest.seed), manifest.inputs_digest)

    def run(self, intact: Intact, progress: Progress) -> None:
        """Look at every shard that is intact, and then for records that are there twice."""
        total = sum(shard.rows for shard in self._manifest.shards)
        for shard in self._manifest.shards:
            if shard.name not in intact.names:
                self.released.complete = False
                self._notes.not_checked(f"{shown(shard.name)}: its bytes are not the manifest's (step 3)")
                continue
            self._shard(shard, intact.compacted.get(shard.name))
            progress("shards", self.released.count, total)
        self._twice()
        looked_at = "media digests" if self._sealed is None else "slots, sealed cells"
        self._notes.checked(
            f"{plural(self.released.count, 'row')} in {plural(len(self.released.shards), 'shard')}: "
            f"schema, order, {looked_at}, roots; each record once"
        )
        if self._sealed is not None:
            self._sealed.finish()
        if self.released.removed:
            told = plural(self.released.removed, "row")
            self._notes.not_checked(
                f"{told} removed since: their leaves lead to the roots, and nothing else is left"
            )
        if not self._salt_key:
            self._notes.not_checked("how salts were derived: that takes the private key")

    def _shard(self, shard: Shard, told: int | None) -> None:
        """Check one. ``told`` is how many rows are said to be removed, where it was compacted."""
        path = self._folder / shard.name
        schema = schema_of(sealed=self._manifest.sealed, compacted=told is not None)
        size = path.stat().st_size
        if told is None and size != shard.bytes:
            self._notes.found(shard.name, f"has {size:,} bytes, and the manifest says {shard.bytes:,}", ASK)
        hashes: list[bytes] = []
        seen = Seen()
        try:
            for rows in batches(path, schema):
                hashes += self._batch(rows, seen, shard.name)
        except (UnreadableError, VerificationError, OverflowError) as problem:
            self.released.complete = False
            what = problem.what if isinstance(problem, VerificationError) else str(problem)
            self._notes.found(shard.name, what, ASK)
            self._keep(ShardFile(path, schema, seen.there), seen)
            return
        self._keep(ShardFile(path, schema, seen.there), seen)
        if len(hashes) != shard.rows:
            what = f"has {plural(len(hashes), 'row')}, and the manifest says {shard.rows:,}"
            self._notes.found(shard.name, what, ASK)
        if root_of(hashes).hex() != shard.root:
            self._notes.found(shard.name, "its rows are not those of the root in the manifest", ASK)
        if told is not None and seen.removed != told:
            what = f"{plural(seen.removed, 'row')} of it are removed, and {COMPACTED} says {told:,}"
            self._notes.found(shard.name, what, ASK)

    def _keep(self, file: ShardFile, seen: Seen) -> None:
        self.released.shards.append(file)
        self.released.removed += seen.removed
        self.tally.remove(seen.removed, seen.runs)

    def _batch(self, rows: pa.RecordBatch, seen: Seen, file: str) -> list[bytes]:
        """Check some rows of a shard, and return the leaves of all; those that are removed are counted."""
        if self._sealed is None:
            hashes = leaves(rows.column("salt").to_pylist(), canonical_rows(rows))
            self._rows(rows, seen, file)
            return hashes
        found = parted(rows) if LEAF in rows.schema.names else untouched(rows)
        hashes = found.hashes()
        self._rows(found.living, seen, file)
        seen.add(found)
        return hashes

    def _rows(self, rows: pa.RecordBatch, seen: Seen, file: str) -> None:
        """Check rows that are there, if any."""
        if not rows.num_rows:
            return
        sealed = self._sealed
        columns = (rows.column(name).to_pylist() for name in ("conversation", "position", "record"))
        keys: list[_Key] = list(zip(*columns, strict=True))
        if not seen.there:
            self._begins(keys[0][0], file)
        seen.there += len(keys)
        self._order(keys, file)
        self._reasons(rows, file)
        beginning = self._beginning(keys, file)
        content = _whole(rows) if sealed is None else _opened(sealed.rows(rows, file))
        if content is not None:
            self._media(content.rows, file)
        self.released.add(rows, beginning, content, for_logs=self._for_logs)
        self.tally.add(rows, content)
        self._last = keys[-1]
        self._salts(rows.column("salt").to_pylist(), keys, file)

    def _begins(self, conversation: str, file: str) -> None:
        """A shard begins where a conversation does."""
        if self._last is not None and self._last[0] == conversation:
            what = f"begins with {shown(conversation)}, a conversation of the shard before"
            self._notes.found(file, what, ASK)

    def _order(self, keys: list[_Key], file: str) -> None:
        """By conversation, position and record. Text by code point, which is the order of its UTF-8."""
        chain = keys if self._last is None else [self._last, *keys]
        for one, other in pairwise(chain):
            if not one < other:
                what = f"the record {shown(other[2])} stands behind {shown(one[2])}, and belongs before it"
                self._notes.found(file, what, ASK, kind="a record out of order")
        if any(position < 0 for _, position, _ in keys):
            self._notes.found(file, "a position is negative", ASK, kind="a negative position")

    def _beginning(self, keys: list[_Key], file: str) -> list[str]:
        """The conversations that begin in these rows. Each must be in the sample."""
        last = self._last[0] if self._last else None
        new = [
            key[0] for before, key in zip([(last, 0, ""), *keys], keys, strict=False) if key[0] != before[0]
        ]
        for conversation in self._sample.outside(new):
            what = f"the conversation {shown(conversation)} is not in the sample that the seed draws"
            self._notes.found(file, what, ASK, kind="a conversation outside the sample")
        return new

    def _media(self, rows: pa.RecordBatch, file: str) -> None:
        for record, digest in wrong_media(rows):
            what = f"the media of the record {shown(record)} do not have the digest {shown(digest)}"
            self._notes.found(file, what, ASK, kind="media with another digest")

    def _reasons(self, rows: pa.RecordBatch, file: str) -> None:
        for reason in rows.column("reason").unique().to_pylist():
            if reason not in REASONS or not REASONS[reason].allows:
                what = f"{shown(reason)} is not a reason to release a record"
                self._notes.found(file, what, ASK, kind="a reason that does not allow")

    def _salts(self, salts: list[bytes], keys: list[_Key], file: str) -> None:
        """Each has 32 bytes; those of an unsigned release follow from its seed."""
        if any(len(salt) != SALT_BYTES for salt in salts):
            self._notes.found(
                file, f"a salt does not have {SALT_BYTES} bytes", ASK, kind="a salt of another size"
            )
        if self._salt_key and salts != row_salts(self._salt_key, [key[2] for key in keys]):
            self._notes.found(
                file, "its salts do not follow from the seed", ASK, kind="a salt of another seed"
            )

    def _twice(self) -> None:
        places = repeated(self.released.ids)
        for record in self.released.names(places[:NAMED]):
            what = f"the record {shown(record)} is in the release twice"
            self._notes.found("shards", what, ASK, kind="a record twice")
        for _ in places[NAMED:]:
            self._notes.found("shards", "a record twice", ASK, kind="a record twice")


def _whole(rows: pa.RecordBatch) -> Content:
    """The content of plain rows: all of it."""
    return Content(rows, range(rows.num_rows))


def _opened(opening: Opening | None) -> Content | None:
    return None if opening is None else Content(opening.rows, opening.places)


def wrong_media(rows: pa.RecordBatch) -> Iterator[tuple[str, str]]:
    """Records whose bytes do not have their digest, with the digest that they name."""
    if rows.column("bytes").null_count == rows.num_rows:
        return
    columns = (rows.column(name).to_pylist() for name in ("record", "digest", "bytes"))
    for record, digest, data in zip(*columns, strict=True):
        if data is not None and digest != f"sha256:{hashlib.sha256(data).hexdigest()}":
            yield record, str(digest)
