"""Step 6. The counts of the manifest add up, and are what the files hold."""

from __future__ import annotations

from collections.abc import Iterator

from troth.release.layout import EXCLUDED, MANIFEST
from troth.release.manifest import Release
from troth.release.stages import EXACT_DUPLICATE, NEAR_DUPLICATE
from troth.verify.excluded import Excluded
from troth.verify.released import Released
from troth.verify.report import Notes, plural, shown
from troth.verify.statement import ASK
from troth.verify.tally import Tally


def check_counts(
    manifest: Release, released: Released, excluded: Excluded | None, tally: Tally, notes: Notes
) -> None:
    """Step 6. Each sum, and each number that can be counted again."""
    for fault in _sums(manifest):
        notes.found(MANIFEST, fault, ASK)
    if released.complete:
        if manifest.counts.released != released.count:
            what = f"counts.released is {manifest.counts.released:,}, and the shards hold {released.count:,}"
            notes.found(MANIFEST, what, ASK)
        for fault in tally.differences(manifest.statistics):
            notes.found(MANIFEST, fault, ASK, kind="statistics that are not those of the shards")
        if tally.removed:
            notes.not_checked(
                f"statistics of {plural(tally.removed, 'row')} removed since, but that the rest leaves room for them"
            )
        if tally.closed:
            notes.not_checked(f"words, text and media: {plural(tally.closed, 'row')} of them sealed")
    else:
        notes.not_checked("what the shards hold: not every one could be read (step 4)")
    if excluded is not None and excluded.complete:
        for fault in _groups(manifest, excluded):
            notes.found(MANIFEST, fault, ASK, kind=f"counts that are not those of {EXCLUDED}")
    else:
        notes.not_checked(f"what {EXCLUDED} holds: it could not be read (step 5)")
    counts = manifest.counts
    notes.checked(
        f"{plural(counts.input, 'record')} in = {counts.released:,} released + "
        f"{sum(entry.records for entry in counts.excluded):,} excluded; statistics counted again"
    )
    notes.not_checked("languages, near duplicates and the second look: they are not computed again")


def _sums(manifest: Release) -> Iterator[str]:
    counts = manifest.counts
    left = sum(entry.records for entry in counts.excluded)
    if counts.input != counts.released + left:
        out = f"{counts.released:,} released + {left:,} excluded"
        yield f"{counts.input:,} records went in, and {out} are not as many"
    rows = sum(shard.rows for shard in manifest.shards)
    if rows != counts.released:
        yield f"counts.released is {counts.released:,}, and the rows of all shards are {rows:,}"
    sources = manifest.records.sources
    formats = [source.format for source in sources]
    if formats != sorted(set(formats)):
        yield "records.sources is not in the order of formats, each once"
    if sources and sum(source.records for source in sources) != counts.input:
        yield "records.sources do not add up to counts.input"
    told = manifest.statistics
    for name, by in (
        ("plans", told.plans),
        ("months", told.months),
        ("languages", told.languages.conversations),
    ):
        whole = told.languages.sampled if name == "languages" else counts.released
        if sum(by.values()) != whole:
            yield f"statistics.{name} add up to {sum(by.values()):,}, and not to {whole:,}"


def _groups(manifest: Release, excluded: Excluded) -> Iterator[str]:
    told = {(entry.stage, entry.reason): entry.records for entry in manifest.counts.excluded}
    for stage, reason in sorted({*told, *excluded.groups}):
        said, held = told.get((stage, reason), 0), excluded.groups[stage, reason]
        if said != held:
            pair = f"{shown(stage)}, {shown(reason)}"
            yield f"counts.excluded: {pair} is {said:,}, and {EXCLUDED} has {held:,} such rows"
    duplicates = manifest.deduplicate
    for reason, conversations in (
        (EXACT_DUPLICATE, duplicates.exact_duplicates),
        (NEAR_DUPLICATE, duplicates.near_duplicates),
    ):
        found = len(excluded.whole.get(reason, ()))
        if found != conversations:
            number = plural(conversations, "conversation")
            yield f"deduplicate says {number} left as {reason}, and {found:,} did"
