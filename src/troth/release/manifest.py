"""The manifest: an in-toto Statement, version 1, whose predicate says how a release was made.

One frozen type for each object of ``docs/formats/manifest.md``, in its order and with its names. A member
that the page does not name is an error: a reader must not pass over what it does not understand.
"""

from __future__ import annotations

import msgspec

from troth.canon.canonical import canonical_bytes
from troth.errors import ReleaseError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:troth:release:2"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the manifest."""


class Software(_Part, frozen=True):
    """What made the release. The bytes may differ under another version of any of these."""

    name: str
    version: str
    libraries: dict[str, str]


class TermsVersion(_Part, frozen=True):
    """One dated version of the terms."""

    version: str
    effective: str
    digest: str


class TermsPart(_Part, frozen=True):
    """The terms. ``version`` is the newest that was effective for everybody at ``at``, or None."""

    name: str
    version: str | None
    digest: str
    versions: tuple[TermsVersion, ...]
    options: dict[str, str]


class HistoryPart(_Part, frozen=True):
    """The history, up to a time."""

    digest: str
    as_of: str


class Source(_Part, frozen=True):
    """How many records came in from logs of one format."""

    format: str
    records: int


class RecordsPart(_Part, frozen=True):
    """The records that went in: the digest of the distinct ones as a set, and where they came from."""

    digest: str
    sources: tuple[Source, ...]


class Excluded(_Part, frozen=True):
    """How many records left at a stage, for a reason."""

    stage: str
    reason: str
    records: int


class Counts(_Part, frozen=True):
    """``input`` is ``released`` plus all of ``excluded``."""

    input: int
    released: int
    excluded: tuple[Excluded, ...]


class SecondLook(_Part, frozen=True):
    """A sample of the filtered texts that were released, looked at again with stricter settings.

    ``kinds`` counts places; ``low`` and ``high`` bound the share of all ``texts`` that hold something
    (`troth.types.interval`).
    """

    texts: int
    looked_at: int
    holding: int
    kinds: dict[str, int]
    low: float
    high: float


class FilterPart(_Part, frozen=True):
    """The filter, where the terms require one: what it is, and what it replaced.

    ``words`` counts the words that were replaced; ``findings`` is the SHA-256 of the file of findings.
    """

    required: bool
    name: str
    digest: str
    clauses: tuple[str, ...]
    kinds: tuple[str, ...]
    manners: dict[str, str]
    records: int
    replaced: dict[str, int]
    words: int
    findings: str
    second_look: SecondLook | None
    """None exactly where no filter is required."""


class Near(_Part, frozen=True):
    """How near duplicates were found."""

    method: str
    shingle: int
    permutations: int
    bands: int
    rows: int
    seed: int
    threshold: float


class DeniedCopies(_Part, frozen=True):
    """Denied conversations that are word for word a copy of an allowed one, or of another denied one."""

    of_allowed: int
    among_denied: int


class DeduplicatePart(_Part, frozen=True):
    """How duplicates were found among allowed conversations, and how many conversations left."""

    words: str
    near: Near
    exact_duplicates: int
    near_duplicates: int
    denied_copies: DeniedCopies


class Shard(_Part, frozen=True):
    """One shard: its file, its rows and the root of the tree over them."""

    name: str
    bytes: int
    rows: int
    sha256: str
    root: str


class Contributors(_Part, frozen=True):
    """Of how many accounts the records are, and which share of them is of the largest ones."""

    accounts: int
    largest_1: float
    largest_10: float
    largest_100: float


class Languages(_Part, frozen=True):
    """Languages of a sample of the conversations, by ISO 639-1 code."""

    method: str
    sampled: int
    conversations: dict[str, int]


class Statistics(_Part, frozen=True):
    """Volume and diversity of what was released. Maps are from value to number of records."""

    conversations: int
    records: int
    words: int
    text_bytes: int
    media_records: int
    media_bytes: int
    products: dict[str, int]
    kinds: dict[str, int]
    roles: dict[str, int]
    plans: dict[str, int]
    months: dict[str, int]
    languages: Languages
    contributors: Contributors


class LedgerPart(_Part, frozen=True):
    """The checkpoint of the ledger that names the history: its origin, its size and the root (hexadecimal)."""

    origin: str
    size: int
    root: str


class MembershipPart(_Part, frozen=True):
    """The sparse Merkle tree over the commitments of the released conversations: its leaves and root (hexadecimal)."""

    leaves: int
    root: str


class Release(_Part, frozen=True):
    """The predicate: everything that the bytes of the release follow from, and everything that came of it."""

    software: Software
    purpose: str
    at: str
    seed: int
    sample: float
    terms: TermsPart
    history: HistoryPart
    records: RecordsPart
    inputs_digest: str
    counts: Counts
    filter: FilterPart
    deduplicate: DeduplicatePart
    shards: tuple[Shard, ...]
    statistics: Statistics
    salts: str
    sealed: bool
    """Whether what was said is sealed in the shards: true exactly where there is a ledger."""
    signed: bool
    keyid: str | None
    ledger: LedgerPart | None
    """None where the release was built straight from files."""
    membership: MembershipPart | None
    """There is one exactly where there is a ledger."""


class Subject(_Part, frozen=True):
    """A file of the release and its digests by algorithm."""

    name: str
    digest: dict[str, str]


class Statement(_Part, frozen=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """The payload of the envelope."""

    type: str
    subject: tuple[Subject, ...]
    predicate_type: str
    predicate: Release


def statement_bytes(release: Release, files: dict[str, str]) -> bytes:
    """The payload, in RFC 8785 JSON. ``files`` maps every file but the manifest to its hex SHA-256."""
    statement = Statement(
        type=STATEMENT_TYPE,
        subject=tuple(Subject(name=name, digest={"sha256": files[name]}) for name in sorted(files)),
        predicate_type=PREDICATE_TYPE,
        predicate=release,
    )
    return canonical_bytes(msgspec.to_builtins(statement, builtin_types=()))


class _Named(msgspec.Struct, frozen=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """What a payload says that it is."""

    type: str
    predicate_type: str


def read_statement(payload: bytes) -> Statement:
    """Read a payload. Raises `ReleaseError` where it is not the statement of a release of this format."""
    try:
        named = msgspec.json.decode(payload, type=_Named)
        if (named.type, named.predicate_type) != (STATEMENT_TYPE, PREDICATE_TYPE):
            raise ReleaseError(
                f"the manifest is a {named.predicate_type!r}, and not a {PREDICATE_TYPE!r}",
                remedy="use the version of troth that made it, or build the release again with this one",
            )
        return msgspec.json.decode(payload, type=Statement)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise ReleaseError(f"the manifest does not hold the statement of a release: {problem}") from problem
