"""What sensitive data is in files: spans, counts by kind, masked examples, and a second look at a sample."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from troth.build.crew import Crew
from troth.detect.custom import NOTHING, Declared, Declaring, declared_in
from troth.detect.detector import standard
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.redact import Finder
from troth.detect.second_look import Risk, residual_risk
from troth.detect.text.view import view_of
from troth.detect.whole.special import special_categories
from troth.errors import InputError, UsageError
from troth.intake.mapping import load_mapping
from troth.intake.paths import expand
from troth.operations.decide import Progress, silent
from troth.operations.scan_input import Column, Reading, columns
from troth.operations.whole_file import whole_file
from troth.terms.archive import load

EXAMPLES = 3
"""Masked examples of each kind: the first different ones."""
_LONGEST_EXAMPLE = 40
SMALL = 8 << 20
"""Bytes of input up to which further processes take longer to start than they save."""


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is to be scanned, and what is wanted of it."""

    paths: tuple[str, ...]
    mapping: Path | None = None
    keep_going: bool = False
    out: Path | None = None
    coarse: bool = False
    """Whether kinds are written as the types of the labelled corpora."""
    jobs: int | None = None
    """Processes; None takes one for each core if there is much to do."""
    second_look: int = 0
    """How many texts are looked at again with stricter settings."""
    seed: int = 0
    """What draws them."""
    terms: str | None = None
    """Terms whose recognisers and allowed values count."""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class OfKind:
    """What was found of one kind."""

    findings: int = 0
    texts: int = 0
    """Texts that hold one or more."""
    examples: list[str] = field(default_factory=list)
    """Masked: every letter is an ``x``, every digit a ``9``."""


@dataclass(slots=True)
class Scanned:
    """What was found."""

    detector: str
    """Digest of the detector."""
    reading: Reading
    texts: int = 0
    characters: int = 0
    holding: int = 0
    """Texts that hold sensitive data."""
    kinds: dict[str, OfKind] = field(default_factory=dict)
    special: Counter[str] = field(default_factory=Counter)
    """Conversations that hint at a special category of Art. 9 GDPR, by category."""
    risk: Risk | None = None

    @property
    def findings(self) -> int:
        """How many places hold sensitive data."""
        return sum(kind.findings for kind in self.kinds.values())


def scan(request: ScanRequest, progress: Progress = silent) -> Scanned:
    """Scan files, in their order, with bounded memory.

    Raises ``LogError``, `UsageError`, ``TermsError``, and ``ReleaseError`` for ``out``.

    ``out`` appears whole, or not at all. The answer is the same for any number of processes.
    """
    _spare_input(request)
    declared = declared_in(load(request.terms, request.options).newest) if request.terms else NOTHING
    finder = _finder(declared)
    scanned = Scanned(finder.digest, Reading())
    mapping = load_mapping(request.mapping) if request.mapping else None
    sample = _Sample(request.second_look, request.seed)
    column_of = columns(request.paths, mapping, request.keep_going, scanned.reading)
    try:
        with _written(request.out) as file, Crew(_jobs(request)) as crew:
            for column, found in crew.each(_looked_at, ((column, declared) for column in column_of)):
                _count(scanned, column, found, request.coarse)
                sample.add(column.texts)
                if file is not None:
                    file.writelines(_lines(column, found, request.coarse))
                progress("scan", scanned.texts, None)
    except BrokenProcessPool:
        remedy = "give it more memory, or fewer --jobs"
        raise InputError("a process that looked for sensitive data ended early", remedy=remedy) from None
    if request.second_look:
        risk = residual_risk(sample.texts, request.seed, request.second_look, finder, declared.kinds)
        scanned.risk = replace(risk, texts=scanned.texts)
    return scanned


def _finder(declared: Declared) -> Finder:
    return standard() if declared == NOTHING else Declaring(standard(), declared)


def _looked_at(task: tuple[Column, Declared]) -> tuple[Column, list[list[Finding]]]:
    """A column and what is in its texts; each process has a detector of its own."""
    column, declared = task
    return column, _finder(declared).find(column.texts, column.conversations)


def name_of(finding: Finding, coarse: bool) -> str:
    """What a finding's kind is called; kinds that no corpus labels keep their name."""
    kind = KINDS.get(finding.kind)
    return kind.coarse if coarse and kind else finding.kind


def masked(value: str) -> str:
    """A value of which only the form is left.

    >>> masked("Ann Lee +49 30 123")
    'Xxx Xxx +99 99 999'
    """
    shown = "".join(_mask(character) for character in value[:_LONGEST_EXAMPLE])
    return shown + "…" * (len(value) > _LONGEST_EXAMPLE)


def _mask(character: str) -> str:
    if character.isalpha():
        return "X" if character.isupper() else "x"
    if character.isdigit():
        return "9"
    return character if character.isascii() and character.isprintable() else " "


def _count(scanned: Scanned, column: Column, found: Sequence[Sequence[Finding]], coarse: bool) -> None:
    for text, findings in zip(column.texts, found, strict=True):
        scanned.texts += 1
        scanned.characters += len(text or "")
        scanned.holding += bool(findings)
        for name in {name_of(one, coarse) for one in findings}:
            scanned.kinds.setdefault(name, OfKind()).texts += 1
        for one in findings:
            kind = scanned.kinds[name_of(one, coarse)]
            kind.findings += 1
            if len(kind.examples) < EXAMPLES and text is not None:
                example = masked(text[one.start : one.end])
                if example not in kind.examples:
                    kind.examples.append(example)
    hints: dict[str, set[str]] = {}
    views = [view_of(text or "") for text in column.texts]
    for talk, categories in zip(column.conversations, special_categories(views), strict=True):
        hints.setdefault(talk, set()).update(categories)
    scanned.special.update(category for categories in hints.values() for category in categories)


def _lines(column: Column, found: Sequence[Sequence[Finding]], coarse: bool) -> Iterator[str]:
    for own, findings in zip(column.ids, found, strict=True):
        spans = [[one.start, one.end, name_of(one, coarse), round(one.confidence, 4)] for one in findings]
        yield json.dumps({"id": own, "spans": spans}, ensure_ascii=False, separators=(",", ":")) + "\n"


@contextmanager
def _written(out: Path | None) -> Iterator[TextIO | None]:
    """The file of spans, compressed where its name ends in ``.gz``; the same content gives the same bytes."""
    if out is None:
        yield None
        return
    with whole_file(out) as partial:
        if out.suffix != ".gz":
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        with (
            partial.open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
            io.TextIOWrapper(packed, encoding="utf-8", newline="") as file,
        ):
            yield file


def _spare_input(request: ScanRequest) -> None:
    for found in expand(request.paths).files:
        if request.out is not None and request.out.exists() and found.path.samefile(request.out):
            raise UsageError(
                f"{request.out} is one of the files to scan", remedy="write the spans somewhere else"
            )


def _jobs(request: ScanRequest) -> int:
    if request.jobs is not None:
        return request.jobs
    size = sum(found.path.stat().st_size for found in expand(request.paths).files)
    return 1 if size < SMALL else (os.cpu_count() or 1)


class _Sample:
    """So many texts out of a stream, each as likely as any other (Vitter's algorithm R); the same for the same seed."""

    def __init__(self, size: int, seed: int) -> None:
        self.texts: list[str] = []
        self._size, self._seen, self._draw = size, 0, random.Random(seed)  # noqa: S311 — a sample, not a secret

    def add(self, texts: Sequence[str | None]) -> None:
        """See some texts."""
        for text in texts if self._size else ():
            self._seen += 1
            if len(self.texts) < self._size:
                self.texts.append(text or "")
            elif (place := self._draw.randrange(self._seen)) < self._size:
                self.texts[place] = text or ""
