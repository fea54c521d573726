"""Stage 10. The manifest's parts, from what the stages found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth import __version__
from troth.build.inputs import BuildInputs
from troth.build.prepare import Prepared
from troth.build.replacing import Duty
from troth.build.sketch import NEAR
from troth.build.words import NAME as WORDS
from troth.release.keys import key_id
from troth.release.manifest import (
    Counts,
    DeduplicatePart,
    DeniedCopies,
    Excluded,
    FilterPart,
    HistoryPart,
    MembershipPart,
    RecordsPart,
    Release,
    SecondLook,
    Shard,
    Software,
    Source,
    Statistics,
    TermsPart,
    TermsVersion,
)
from troth.release.stages import EXACT_DUPLICATE, NEAR_DUPLICATE
from troth.types.moment import format_moment

_LIBRARIES = ("pyarrow", "py3langid", "rensa")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the stages found."""

    came_in: int
    records_digest: str
    duty: Duty | None
    prepared: Prepared
    look: SecondLook | None
    """None where there is no duty."""
    findings: str
    """The hexadecimal SHA-256 of the file of findings; empty where there is none."""
    duplicates: dict[str, int]
    """Number of conversations by reason."""
    denied_copies: DeniedCopies
    excluded: tuple[Excluded, ...]
    shards: tuple[Shard, ...]
    statistics: Statistics
    membership: MembershipPart | None

    @property
    def released(self) -> int:
        """Number of rows of all shards."""
        return sum(shard.rows for shard in self.shards)


def describe(inputs: BuildInputs, found: Findings, key: Ed25519PrivateKey | None) -> Release:
    """The predicate of the manifest."""
    return Release(
        software=Software(
            name="troth", version=__version__, libraries={name: version(name) for name in _LIBRARIES}
        ),
        purpose=inputs.purpose,
        at=format_moment(inputs.at),
        seed=inputs.seed,
        sample=float(inputs.sample),
        terms=_terms(inputs),
        history=HistoryPart(digest=inputs.history_digest, as_of=format_moment(inputs.as_of)),
        records=RecordsPart(digest=found.records_digest, sources=_sources(inputs)),
        inputs_digest=inputs.digest(found.records_digest),
        counts=Counts(input=found.came_in, released=found.released, excluded=found.excluded),
        filter=_filter(found),
        deduplicate=DeduplicatePart(
            words=WORDS,
            near=NEAR,
            exact_duplicates=found.duplicates.get(EXACT_DUPLICATE, 0),
            near_duplicates=found.duplicates.get(NEAR_DUPLICATE, 0),
            denied_copies=found.denied_copies,
        ),
        shards=found.shards,
        statistics=found.statistics,
        salts="seed" if key is None else "key",
        sealed=inputs.sealing is not None,
        signed=key is not None,
        keyid=None if key is None else key_id(key.public_key()),
        ledger=None if inputs.recorded is None else inputs.recorded.ledger,
        membership=found.membership,
    )


def _terms(inputs: BuildInputs) -> TermsPart:
    terms, newest = inputs.terms, inputs.version
    versions: Sequence[TermsVersion] = [
        TermsVersion(version=one.version, effective=format_moment(one.effective), digest=one.digest)
        for one in terms.versions
    ]
    return TermsPart(
        name=terms.name,
        version=newest.version if newest else None,
        digest=terms.digest,
        versions=tuple(versions),
        options=dict(terms.options),
    )


def _sources(inputs: BuildInputs) -> tuple[Source, ...]:
    totals: dict[str, int] = {}
    for source in inputs.sources:
        totals[source.format] = totals.get(source.format, 0) + source.records
    return tuple(Source(format=name, records=totals[name]) for name in sorted(totals))


def _filter(found: Findings) -> FilterPart:
    duty, prepared = found.duty, found.prepared
    if duty is None:
        return FilterPart(required=False, name="", digest="", clauses=(), kinds=(), manners={}, records=0,
                          replaced={}, words=0, findings="", second_look=None)  # fmt: skip
    head = duty.head
    return FilterPart(
        required=True,
        name=head.name,
        digest=head.digest,
        clauses=duty.clauses,
        kinds=duty.kinds,
        manners=head.manners,
        records=prepared.changed,
        replaced=dict(prepared.replaced),
        words=prepared.words,
        findings=found.findings,
        second_look=found.look,
    )
