"""Step 1. The manifest is the canonical form of a statement of a release of this format, and fits itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
from rfc8785 import CanonicalizationError

from troth.canon.canonical import canonical_bytes
from troth.errors import ReleaseError
from troth.release.envelope import Envelope, open_envelope
from troth.release.layout import MANIFEST
from troth.release.manifest import Statement, read_statement
from troth.verify.form import contradictions, malformed
from troth.verify.ordinary import Expected, read_ordinary
from troth.verify.report import Notes

LARGEST = 64 << 20
"""Bytes. A manifest has about 300 for each shard; this is room for 20 thousand million records."""
GET_AGAIN = "get the release again from where it was published"
ASK = "ask the publisher for a release that agrees with itself"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What could be read of a manifest, as far as it could."""

    data: bytes = b""
    envelope: Envelope | None = None
    payload: bytes | None = None
    statement: Statement | None = None
    well_formed: bool = False
    """Whether every value has its form, so that the steps that rest on values can be taken."""


def read_manifest(release: Path, notes: Notes) -> Manifest:
    """Step 1. Everything that could be read; what could not is a finding."""
    expected = Expected("manifest", LARGEST, GET_AGAIN, "is missing: without it this is not a release")
    data = read_ordinary(release / MANIFEST, expected, notes)
    if data is None:
        return Manifest()
    try:
        envelope = open_envelope(data)
        payload = envelope.body()
    except (ReleaseError, RecursionError) as problem:
        notes.found(MANIFEST, _line(problem), GET_AGAIN)
        return Manifest(data)
    _require_canonical(envelope, data, "the envelope", notes)
    try:
        statement = read_statement(payload)
    except (ReleaseError, RecursionError) as problem:
        notes.found(MANIFEST, _line(problem), GET_AGAIN)
        return Manifest(data, envelope, payload)
    _require_canonical(statement, payload, "the statement", notes)
    wrong = list(malformed(statement))
    for fault in wrong or contradictions(statement):
        notes.found(MANIFEST, fault, ASK, kind="the manifest contradicts its format")
    notes.checked(f"{len(data):,} bytes: a canonical envelope and the statement of a release, format 2")
    return Manifest(data, envelope, payload, statement, well_formed=not wrong)


def _require_canonical(part: msgspec.Struct, data: bytes, what: str, notes: Notes) -> None:
    """Write the part again, and compare: so no byte can hide that does not change what is read."""
    try:
        same = canonical_bytes(msgspec.to_builtins(part, builtin_types=())) == data
    except (CanonicalizationError, ValueError):
        same = False
    if not same:
        notes.found(MANIFEST, f"{what} is not in canonical form (RFC 8785)", GET_AGAIN)


def _line(problem: Exception) -> str:
    if isinstance(problem, ReleaseError):
        return problem.what
    return "is nested too deeply to be the manifest of a release"
