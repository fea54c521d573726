"""What a build is given. Deciding has happened; no stage reads a clock or makes up a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from troth.canon.canonical import digest_of
from troth.errors import UsageError
from troth.release.manifest import LedgerPart
from troth.release.rows import SAFE_INTEGER
from troth.terms.model import Filter, Terms, Version
from troth.types.moment import Moment, format_moment

Progress = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done, and how much there is in all, or None where that is not known."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """How many records came in from logs of one format."""

    format: str
    records: int


SlotKeys = Callable[[Sequence[int]], Sequence[bytes | None]]
"""The keys of slots, in their order; None for one that was destroyed."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a release is sealed with."""

    slots: Path
    """A Parquet file: ``conversation`` and its ``slot``, for every conversation of the records."""
    keys: SlotKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What ties a release to a workspace: its ledger, and the keys of its conversations."""

    ledger: LedgerPart
    """The checkpoint that names the history."""
    commitments: Path
    """A Parquet file: ``conversation`` and its 32-byte ``commitment``, for every conversation of the records."""
    sealing: Sealing


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """Everything that a release follows from, and where it is to appear."""

    records: tuple[Path, ...]
    """Parquet files in ``RECORD_SCHEMA``; how records are spread over them does not matter."""
    decisions: Path
    """One Parquet file with one row for each distinct record: the columns of a decision, and ``plan``, the
    plan in force when it was said."""
    terms: Terms
    purpose: str
    at: Moment
    seed: int
    sample: float
    """The share of the conversations that is kept, from 0 to 1."""
    history_digest: str
    as_of: Moment
    sources: tuple[LogSource, ...]
    jobs: int
    """Processes that work at once. The release does not depend on it."""
    sign_key: Path | None
    out: Path
    """The folder that appears, whole or not at all."""
    progress: Progress
    kept: Path | None = None
    """The findings of an earlier build from the same inputs, to be used in the place of looking for them again."""
    recorded: Recorded | None = None
    """What a workspace knows of the inputs; None where the release is built straight from files."""

    def check(self) -> None:
        """Raise `UsageError` for options that cannot be."""
        if not 0 <= self.seed <= SAFE_INTEGER:
            raise UsageError(f"the seed {self.seed} is not from 0 to 2^53 - 1")
        if not 0 <= self.sample <= 1:
            raise UsageError(f"the sample {self.sample} is not a share from 0 to 1")
        if self.jobs < 1:
            raise UsageError(f"{self.jobs} jobs cannot build anything", remedy="give at least 1")

    @property
    def sealing(self) -> Sealing | None:
        """What the release is sealed with; None where it is plain."""
        return None if self.recorded is None else self.recorded.sealing

    @property
    def version(self) -> Version | None:
        """The newest version of the terms that was effective for everybody at the time, if one was."""
        effective = [version for version in self.terms.versions if version.effective <= self.at]
        return effective[-1] if effective else None

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What that version requires to be filtered for the purpose."""
        version = self.version
        return tuple(one for one in (version.filters if version else ()) if self.purpose in one.purposes)

    def digest(self, records_digest: str) -> str:
        """The digest of all inputs (``docs/formats/manifest.md``, "Inputs digest")."""
        ledger = {} if self.recorded is None else {"ledger": msgspec.to_builtins(self.recorded.ledger)}
        return digest_of(
            {
                **ledger,
                "as_of": format_moment(self.as_of),
                "at": format_moment(self.at),
                "history": self.history_digest,
                "purpose": self.purpose,
                "records": records_digest,
                "sample": self.sample,
                "seed": self.seed,
                "terms": self.terms.digest,
            }
        )
