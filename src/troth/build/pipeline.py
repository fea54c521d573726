"""From decided records to a release, in numbered steps.

A release is a pure function of its inputs: every step works on sets in a total order, and what runs in
several processes is put together in the order of the questions. Nothing of the release is seen under its name
before all of it is there (`troth.build.scaffold`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.build.card import write_card
from troth.build.crew import Crew
from troth.build.croissant import write_croissant
from troth.build.duplicates import denied_copies, find_duplicates
from troth.build.engine import Engine
from troth.build.excluded import require_sum, write_excluded
from troth.build.inputs import BuildInputs
from troth.build.intake import records_digest, require_sources, take_in
from troth.build.languages import choose_conversations
from troth.build.media import take_media
from troth.build.membership import write_membership
from troth.build.prepare import Prepared, PrepareTask, add, prepare
from troth.build.receipt import Findings, describe
from troth.build.replacing import Duty, head_of, write_findings
from troth.build.sampling import keep_sample
from troth.build.scaffold import Scaffold, publish, scaffold
from troth.build.second_look import draw_of, second_look
from troth.build.selection import allowed_chunks, match_decisions
from troth.build.shard_keys import Secrets
from troth.build.shards import ShardTask, Written, plan_shards, write_shard
from troth.build.statistics import compute_statistics
from troth.build.talk_keys import talk_keys
from troth.canon.canonical import digest_of_file
from troth.detect.filter import Filter
from troth.errors import ReleaseError
from troth.release.envelope import seal
from troth.release.keys import load_private_key
from troth.release.layout import EXCLUDED, MANIFEST, SHARDS
from troth.release.manifest import Release, SecondLook, statement_bytes

Announce = Callable[[Release, str], None]
"""Told what the manifest says, and its digest, when everything is written and before anything is seen."""


def unannounced(release: Release, manifest: str) -> None:
    """Tell nobody."""


def build(inputs: BuildInputs, sensitive: Filter | None, announce: Announce = unannounced) -> Release:
    """Build a release at ``inputs.out`` and return what its manifest says.

    ``sensitive`` is the filter that is used if the terms require one for the purpose; without one, such a release
    cannot be built. ``announce`` is called
    before the release appears: what it raises keeps the release from appearing. Raises `UsageError`
    where the options or the place cannot be, `LogError` where records contradict each other, and
    `ReleaseError` where the release cannot be written; whatever is raised, ``out`` does not appear.
    """
    inputs.check()
    key = load_private_key(inputs.sign_key) if inputs.sign_key else None
    try:
        with scaffold(inputs.out) as made:
            release = _build(inputs, sensitive, key, made)
            announce(release, digest_of_file(made.release / MANIFEST))
            inputs.progress("publish", 0, 1)
            publish(made, inputs.out)
            inputs.progress("publish", 1, 1)
    except (OSError, pa.ArrowException, duckdb.Error, BrokenProcessPool) as problem:
        raise ReleaseError(
            f"the release cannot be built: {problem}",
            remedy=f"nothing was left at {inputs.out}; make room, or look at the inputs, and build again",
        ) from problem
    return release


def _build(
    inputs: BuildInputs, sensitive: Filter | None, key: Ed25519PrivateKey | None, made: Scaffold
) -> Release:
    work, told = made.work, inputs.progress
    (made.release / SHARDS).mkdir()
    for name in _PASSED_ON:
        (work / name).mkdir()
    with Engine(work, inputs.jobs) as engine, Crew(inputs.jobs) as crew:
        # 1. Take in every record once.
        came_in = take_in(engine, crew, inputs.records, work / "seen", told)
        require_sources(sum(source.records for source in inputs.sources), came_in)
        digest = records_digest(engine)
        # 2. Match the decisions. Who is not allowed does not come further than this.
        match_decisions(engine, inputs.decisions)
        # 3. Take the media bytes of the allowed.
        take_media(engine, inputs.records, work / "media")
        # 4. Filter and sketch the allowed, conversation by conversation, in their order.
        secrets = Secrets(inputs, key, inputs.digest(digest))
        duty = _duty(inputs, sensitive, inputs.digest(digest))
        prepared = _prepare(engine, crew, inputs, (duty, secrets), work)
        # 5. Find duplicates among the allowed.
        told("deduplicate", 0, None)
        duplicates = find_duplicates(engine, work / "sketches")
        # 6. Take the sample.
        keep_sample(engine, inputs.seed, inputs.sample)
        # 7. Say what a second look found in it, and keep the findings.
        look, findings = _findings(engine, duty, made, sealed=inputs.sealing is not None)
        # 8. Write the shards.
        written = _write_shards(engine, crew, inputs, made, secrets)
        # 9. List everything that did not come out, and hold the sum against what came in.
        told("excluded", 0, None)
        excluded = write_excluded(engine, work, made.release / EXCLUDED)
        require_sum(came_in, sum(one.shard.rows for one in written), excluded)
        # 10. Count what did.
        told("statistics", 0, None)
        languages = sum((Counter(one.languages) for one in written), Counter[str]())
        statistics = compute_statistics(engine, languages, prepared.rows > 0)
        copies = denied_copies(engine)
        # 11. Grow the membership tree over the commitments of the released conversations.
        membership = None
        if inputs.recorded is not None:
            told("membership", 0, None)
            membership = write_membership(engine, crew, inputs.recorded.commitments, work, made.release)
    # 12. Write the card, the Croissant metadata and, last, the manifest that names every other file.
    told("manifest", 0, 1)
    found_shards = tuple(one.shard for one in written)
    found = Findings(came_in, digest, duty, prepared, look, findings, duplicates, copies, excluded, found_shards,
                     statistics, membership)  # fmt: skip
    return _describe(inputs, found, key, made.release)


_PASSED_ON = (
    "seen",
    "media",
    "chunks",
    "prepared",
    "sketches",
    "unfiltered",
    "sensitive",
    "findings",
    "looked",
)
"""Folders of what one stage passes on to another."""


def _duty(inputs: BuildInputs, sensitive: Filter | None, inputs_digest: str) -> Duty | None:
    """What the newest version in force asks of the filter for this purpose; None: nothing.

    Raises `ReleaseError` where there is no filter, or findings are given that are not of these inputs.
    """
    asked = inputs.filters
    if not asked:
        return None
    if sensitive is None:
        raise ReleaseError(
            "the terms require a filter, and there is none", remedy="build with the filter of the terms"
        )
    kinds = sorted({kind for one in asked for kind in one.kinds})
    clauses = tuple(dict.fromkeys(one.clause for one in asked))
    head = head_of(sensitive, inputs_digest, inputs.kept)
    return Duty(sensitive, tuple(kinds), clauses, head, inputs.kept)


def _prepare(
    engine: Engine, crew: Crew, inputs: BuildInputs, filtering: tuple[Duty | None, Secrets], work: Path
) -> Prepared:
    duty, secrets = filtering
    slots = None if inputs.sealing is None else inputs.sealing.slots
    looking = duty is not None and duty.head.second_look is None
    draw = draw_of(engine, inputs.seed, inputs.sample) if looking else None

    def tasks() -> Iterator[PrepareTask]:
        for number, chunk in enumerate(allowed_chunks(engine, inputs.records, work / "chunks")):
            keys = None if duty is None else talk_keys(engine, chunk, secrets, slots)
            yield PrepareTask(chunk, number, work, duty, keys, draw)

    done, results = 0, []
    for result in crew.each(prepare, tasks()):
        done += result.rows
        inputs.progress("filter", done, None)
        results.append(result)
    return add(results)


def _findings(
    engine: Engine, duty: Duty | None, made: Scaffold, *, sealed: bool
) -> tuple[SecondLook | None, str]:
    """What a second look found, now or when the findings were made, and the digest of the file of findings."""
    if duty is None:
        return None, ""
    look = duty.head.second_look or second_look(engine, made.work / "looked", duty.kinds)
    head = msgspec.structs.replace(duty.head, second_look=look)
    return look, write_findings(head, made.work / "findings", made.findings, sealed=sealed)


def _write_shards(
    engine: Engine, crew: Crew, inputs: BuildInputs, made: Scaffold, secrets: Secrets
) -> list[Written]:
    wanted = choose_conversations(engine, inputs.seed)
    slots = None if inputs.sealing is None else inputs.sealing.slots

    def tasks() -> Iterator[ShardTask]:
        for number, planned in enumerate(plan_shards(engine, slots)):
            first, last = planned.conversations[0], planned.conversations[-1]
            chosen = tuple(one for one in wanted if first <= one <= last)
            yield ShardTask(number, planned.conversations, chosen, made.work, made.release, secrets.salt_key,
                            secrets.of(planned))  # fmt: skip

    written = []
    for one in crew.each(write_shard, tasks()):
        written.append(one)
        inputs.progress("shard", len(written), None)
    return written


def _describe(inputs: BuildInputs, found: Findings, key: Ed25519PrivateKey | None, folder: Path) -> Release:
    release = describe(inputs, found, key)
    write_card(release, folder)
    write_croissant(release, folder)
    (folder / MANIFEST).write_bytes(seal(statement_bytes(release, _files(folder)), key))
    return release


def _files(release: Path) -> dict[str, str]:
    """Every file of the release so far, by its name in the release, with its hexadecimal SHA-256."""
    return {
        path.relative_to(release).as_posix(): digest_of_file(path).removeprefix("sha256:")
        for path in release.rglob("*")
        if path.is_file()
    }
