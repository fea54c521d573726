"""What a manifest must be beside well-typed: names, digests, times, numbers and words of the format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from rfc8785 import CanonicalizationError

from troth.canon.canonical import digest_of
from troth.release.layout import CARD, CROISSANT, EXCLUDED, MEMBERSHIP, SHARDS, shard_name
from troth.release.manifest import Release, SecondLook, Statement
from troth.release.stages import DECIDE, STAGE_REASONS, STAGES
from troth.types.interval import told as interval
from troth.types.manner import MANNERS, manner_of
from troth.types.moment import MomentError, format_moment, parse_moment
from troth.types.reasons import REASONS
from troth.types.vocabulary import PURPOSES
from troth.verify.report import shown

_HEX = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z", re.ASCII)


def malformed(statement: Statement) -> Iterator[str]:
    """Give every value that is not of its form. Nothing further can be read from such a manifest."""
    release = statement.predicate
    yield from _subjects(statement)
    yield from _digests(release)
    yield from _times(release)
    yield from _numbers(release)


def contradictions(statement: Statement) -> Iterator[str]:
    """Give everything in which values of their form do not fit one another, or the format."""
    release = statement.predicate
    yield from _version(release)
    yield from _shards(statement)
    yield from _excluded(release)
    yield from _signing(release)
    yield from _filter(release)
    yield from _ledger(release)
    if release.purpose not in PURPOSES:
        yield f"the purpose {shown(release.purpose)} is not one that Troth knows"
    if inputs_digest(release) != release.inputs_digest:
        yield "inputs_digest is not the digest of the inputs that the manifest names"


def inputs_digest(release: Release) -> str:
    """The digest of all that the release follows from, but for the software; empty where it has none."""
    ledger = {} if release.ledger is None else {"ledger": msgspec.to_builtins(release.ledger)}
    inputs = {
        **ledger,
        "as_of": release.history.as_of,
        "at": release.at,
        "history": release.history.digest,
        "purpose": release.purpose,
        "records": release.records.digest,
        "sample": release.sample,
        "seed": release.seed,
        "terms": release.terms.digest,
    }
    try:
        return digest_of(inputs)
    except (CanonicalizationError, ValueError):
        return ""


def _subjects(statement: Statement) -> Iterator[str]:
    names = [subject.name for subject in statement.subject]
    if names != sorted(set(names)):
        yield "the files are not in the order of their names, each once"
    shards = {shard_name(number) for number in range(len(names))}
    own = {CARD, CROISSANT, EXCLUDED}
    if statement.predicate.membership is not None:
        own.add(MEMBERSHIP)
    for name in names:
        if name not in own and name not in shards:
            yield f"{shown(name)} is not the name of a file of a release"
    for name in sorted(own):
        if name not in names:
            yield f"{name} is not among the files"
    for subject in statement.subject:
        if set(subject.digest) != {"sha256"} or not _HEX.match(subject.digest["sha256"]):
            yield f"{shown(subject.name)} has no SHA-256 digest, or more than that"


def _digests(release: Release) -> Iterator[str]:
    named = {
        "terms.digest": release.terms.digest,
        "history.digest": release.history.digest,
        "records.digest": release.records.digest,
        "inputs_digest": release.inputs_digest,
        **{
            f"the digest of version {shown(v.version)} of the terms": v.digest for v in release.terms.versions
        },
    }
    if release.filter.required:
        named["filter.digest"] = release.filter.digest
    for name, digest in named.items():
        if not _DIGEST.match(digest):
            yield f"{name} is not a SHA-256 digest"


def _times(release: Release) -> Iterator[str]:
    named = {"at": release.at, "history.as_of": release.history.as_of}
    named |= {
        f"version {shown(v.version)} of the terms: effective": v.effective for v in release.terms.versions
    }
    for name, text in named.items():
        if not _is_time(text):
            yield f"{name} is not a time in RFC 3339, in UTC"


def _version(release: Release) -> Iterator[str]:
    effective = [parse_moment(v.effective) for v in release.terms.versions]
    at = parse_moment(release.at)
    known = [v.version for v, since in zip(release.terms.versions, effective, strict=True) if since <= at]
    if release.terms.version != (known[-1] if known else None):
        yield "terms.version is not the newest version in effect at the time of the decision"


def _is_time(text: str) -> bool:
    try:
        return format_moment(parse_moment(text)) == text
    except MomentError:
        return False


def _numbers(release: Release) -> Iterator[str]:
    if not 0 <= release.sample <= 1:
        yield f"sample is {release.sample}, and not a share from 0 to 1"
    for name in _negative(msgspec.to_builtins(release), ""):
        yield f"{name} is negative"


def _negative(value: Any, name: str) -> Iterator[str]:
    """The names of all negative numbers, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _negative(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _negative(inner, name)
    elif isinstance(value, int | float) and value < 0:
        yield name


def _shards(statement: Statement) -> Iterator[str]:
    digests = {subject.name: subject.digest.get("sha256") for subject in statement.subject}
    listed = {name for name in digests if name.startswith(f"{SHARDS}/")}
    for number, shard in enumerate(statement.predicate.shards):
        listed.discard(shard.name)
        if shard.name != shard_name(number):
            yield f"shard {number} is called {shown(shard.name)}, and not {shard_name(number)}"
        elif digests.get(shard.name) != shard.sha256:
            yield f"{shard.name} has one digest among the files and another among the shards"
        if not _HEX.match(shard.root):
            yield f"the root of {shown(shard.name)} is not a SHA-256 hash"
    for name in sorted(listed):
        yield f"{shown(name)} is among the files and not among the shards"


def _excluded(release: Release) -> Iterator[str]:
    pairs = [(entry.stage, entry.reason) for entry in release.counts.excluded]
    order = [(STAGES.index(s) if s in STAGES else len(STAGES), reason) for s, reason in pairs]
    if order != sorted(set(order)):
        yield "counts.excluded is not in the order of stages and reasons, each once"
    for stage, reason in pairs:
        if not known_reason(stage, reason):
            yield f"counts.excluded: {shown(reason)} is not a reason of the stage {shown(stage)}"
    for entry in release.counts.excluded:
        if entry.records == 0:
            yield f"counts.excluded: {shown(entry.reason)} has no records, and should not be there"


def known_reason(stage: str, reason: str) -> bool:
    """Whether a record can leave at a stage for a reason."""
    if stage == DECIDE:
        return reason in REASONS and not REASONS[reason].allows
    return reason in STAGE_REASONS.get(stage, {})


def _ledger(release: Release) -> Iterator[str]:
    if (release.ledger is None) != (release.membership is None):
        yield "ledger and membership contradict one another: a release has both, or neither"
    if release.sealed != (release.ledger is not None):
        yield "sealed and ledger contradict one another: a release of a workspace is sealed, and no other is"
    if release.ledger is not None and not release.ledger.origin:
        yield "ledger.origin is empty"
    for name, part in (("ledger", release.ledger), ("membership", release.membership)):
        if part is not None and not _HEX.match(part.root):
            yield f"{name}.root is not a SHA-256 hash"
    if release.membership is not None and release.membership.leaves != release.statistics.conversations:
        yield "membership.leaves is not the number of released conversations"


def _signing(release: Release) -> Iterator[str]:
    if release.signed != (release.keyid is not None):
        yield "signed and keyid contradict one another"
    if release.salts != ("key" if release.signed else "seed"):
        yield f"salts is {shown(release.salts)}, which does not fit signed"
    if release.keyid is not None and not _HEX.match(release.keyid):
        yield "keyid is not the id of a key"


def _filter(release: Release) -> Iterator[str]:
    told = release.filter
    if not told.required and any(
        (
            told.name,
            told.digest,
            told.clauses,
            told.kinds,
            told.manners,
            told.records,
            told.replaced,
            told.words,
            told.findings,
            told.second_look,
        )
    ):
        yield "filter is not required, and yet describes one"
    if told.required and not (told.name and told.kinds):
        yield "filter is required, and does not say which it is or what it is asked for"
    if told.required and not _HEX.match(told.findings):
        yield "filter.findings is not a SHA-256 digest"
    if told.required and told.second_look is None:
        yield "filter is required, and there was no second look at what it left"
    if told.second_look is not None:
        yield from _second_look(told.second_look, release.counts.released)
    for kind, manner in told.manners.items():
        if manner not in MANNERS:
            yield f"filter.manners: {shown(manner)} is not a manner of replacing {shown(kind)}"
    for kind in told.replaced:
        if not manner_of(told.manners, kind):
            yield f"filter.manners does not say how {shown(kind)} is replaced"


def _second_look(look: SecondLook, released: int) -> Iterator[str]:
    if not 0 <= look.holding <= look.looked_at <= look.texts <= released:
        yield "filter.second_look: the numbers of texts contradict one another"
    elif sum(look.kinds.values()) < look.holding or bool(look.kinds) != bool(look.holding):
        yield "filter.second_look: the kinds do not add up to what was found"
    elif (look.low, look.high) != interval(look.holding, look.looked_at):
        yield "filter.second_look: low and high are not the interval of what was found"
    if any(places < 1 for places in look.kinds.values()):
        yield "filter.second_look: a kind was found less than once"
