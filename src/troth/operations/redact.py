"""``troth redact``: texts in, the same texts out with their sensitive data replaced."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from troth.build.crew import Crew
from troth.build.words import words_of
from troth.detect.custom import declared_in, manners_in
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.manner import Manners
from troth.detect.replace.redact import Finder, Redactor
from troth.errors import InputError, UsageError
from troth.intake.mapping import load_mapping
from troth.intake.paths import expand
from troth.operations.decide import Progress, silent
from troth.operations.finder import finder_with
from troth.operations.scan_input import Column, Reading, columns
from troth.operations.whole_file import whole_file
from troth.terms.archive import load
from troth.types.manner import TAG


@dataclass(frozen=True, slots=True)
class RedactRequest:
    """What a person asks for."""

    files: tuple[Path, ...]
    out: Path
    key: bytes = field(repr=False)
    """What surrogates and pseudonyms are drawn with: the key of each conversation follows from it."""
    manner: str | None = None
    """None: the terms', or else tags."""
    kinds: tuple[str, ...] = ()
    """The kinds to replace; empty: all."""
    terms: str | None = None
    """Terms whose recognisers, allowed values and manners count."""
    options: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    mapping: Path | None = None
    keep_going: bool = False
    """Whether damaged lines are left out and counted."""
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class FileRedacted:
    """What became of one file."""

    path: str
    out: str
    texts: int
    changed: int
    dropped: int
    """Texts that were left out."""


@dataclass(frozen=True, slots=True)
class RedactedFiles:
    """What became of all files."""

    files: tuple[FileRedacted, ...]
    replaced: Mapping[str, int]
    """Number of replacements by kind."""
    words: int
    """Words of all texts, counted as in a manifest (``troth-words/1``)."""
    words_replaced: int
    digest: str
    """Of what found them."""
    reading: Reading
    """Damaged pieces that were left out."""


@dataclass(frozen=True, slots=True)
class _Task:
    """Whole conversations."""

    column: Column
    redactor: Redactor
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    lines: bytes
    texts: int
    changed: int
    dropped: int
    replaced: Mapping[str, int]
    words: int
    words_replaced: int


@dataclass(frozen=True, slots=True)
class OnlyKinds:
    """A finder of some kinds alone."""

    finder: Finder
    kinds: frozenset[str]

    @property
    def digest(self) -> str:
        """That of the finder: what is left out is told beside it."""
        return self.finder.digest

    def find(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None = None
    ) -> list[list[Finding]]:
        """What is in each text, of these kinds."""
        found = self.finder.find(texts, conversations)
        return [[one for one in own if one.kind in self.kinds] for own in found]

    def strict(self) -> OnlyKinds:
        """The same with nothing spared of these kinds."""
        return OnlyKinds(self.finder.strict(), self.kinds)


def redact_files(asked: RedactRequest, progress: Progress = silent) -> RedactedFiles:
    """Redact every file. What is written appears whole, or not at all.

    Raises `UsageError`, `InputError` for a conversation in two parts, ``LogError`` for a damaged line, ``TermsError``,
    and ``ReleaseError`` where a file cannot be written.
    """
    redactor = _redactor(asked)
    mapping = None if asked.mapping is None else load_mapping(asked.mapping)
    targets = _targets(asked)
    files: list[FileRedacted] = []
    totals, reading = _Totals(), Reading()
    with Crew(asked.jobs) as crew, ExitStack() as stack:
        for path, out in targets:
            partial = stack.enter_context(whole_file(out))
            before = totals.copy()
            with _writing(partial, out) as target:
                read = columns([str(path)], mapping, asked.keep_going, reading)
                for answer in crew.each(_redact, _tasks(read, redactor, asked.key)):
                    target.write(answer.lines)
                    totals.add(answer)
                    progress("redact", totals.texts, None)
            files.append(
                FileRedacted(str(path), str(out), totals.texts - before.texts, totals.changed - before.changed,
                             totals.dropped - before.dropped)
            )  # fmt: skip
    replaced = dict(sorted(totals.replaced.items()))
    return RedactedFiles(tuple(files), replaced, totals.words, totals.words_replaced, redactor.finder.digest,
                         reading)  # fmt: skip


@dataclass(slots=True)
class _Totals:
    texts: int = 0
    changed: int = 0
    dropped: int = 0
    words: int = 0
    words_replaced: int = 0
    replaced: Counter[str] = field(default_factory=Counter)

    def copy(self) -> _Totals:
        """The sums so far."""
        return _Totals(self.texts, self.changed, self.dropped)

    def add(self, answer: _Answer) -> None:
        """Take in what came of some conversations."""
        self.texts += answer.texts
        self.changed += answer.changed
        self.dropped += answer.dropped
        self.words += answer.words
        self.words_replaced += answer.words_replaced
        self.replaced.update(answer.replaced)


def _redactor(asked: RedactRequest) -> Redactor:
    version = None if asked.terms is None else load(asked.terms, asked.options).newest
    declared = declared_in(version)
    known = frozenset(KINDS) | declared.kinds
    unknown = sorted(set(asked.kinds) - known)
    if unknown:
        raise UsageError(
            f"there is no kind {unknown[0]!r}", remedy=f"use some of: {', '.join(sorted(known))}"
        )
    finder = finder_with(declared)
    if asked.kinds:
        finder = OnlyKinds(finder, frozenset(asked.kinds))
    manners = Manners(asked.manner) if asked.manner else manners_in(version, asked.purpose)
    return Redactor(finder, manners if version or asked.manner else Manners(TAG), known)


def _targets(asked: RedactRequest) -> list[tuple[Path, Path]]:
    """Each file, and where it goes. Raises `UsageError` where that cannot be."""
    for path in asked.files:
        if path.is_dir():
            raise UsageError(
                f"{path} is a folder", remedy="name the files in it: each becomes a file of its own"
            )
        expand([str(path)])  # raises where there is no such file, or it is none
    if len(asked.files) == 1 and not asked.out.is_dir():
        targets = [(asked.files[0], asked.out)]
    else:
        if not asked.out.is_dir():
            raise UsageError(
                f"there is no folder {asked.out}", remedy="make it first: several files go into one"
            )
        targets = [(path, asked.out / _name(path)) for path in asked.files]
    outs = [out.resolve() for _, out in targets]
    if len(set(outs)) < len(outs) or {path.resolve() for path, _ in targets} & set(outs):
        raise UsageError("two files would have one name", remedy="choose another place, or redact them apart")
    return targets


def _name(path: Path) -> str:
    zipped = ".gz" if path.suffix == ".gz" else ""
    stem = path.name.removesuffix(".gz")
    return f"{stem.rsplit('.', 1)[0]}.jsonl{zipped}"


def _writing(partial: Path, out: Path) -> gzip.GzipFile:
    """A file for lines, gzipped where its name says so; the same lines are the same bytes."""
    if out.suffix == ".gz":
        return gzip.GzipFile(partial, "wb", compresslevel=6, mtime=0)
    return partial.open("wb")  # type: ignore[return-value]  # both are written to in the same way


def _tasks(read: Iterable[Column], redactor: Redactor, key: bytes) -> Iterator[_Task]:
    seen: set[bytes] = set()
    for column in read:
        before: str | None = None
        for talk, named in zip(column.conversations, column.named, strict=True):
            if named is not None and talk != before:
                _require_new(named, seen)
            before = talk
        yield _Task(column, redactor, key)


def _require_new(named: str | int, seen: set[bytes]) -> None:
    """Raise `InputError` where a conversation comes a second time: its people would be numbered anew."""
    mark = hashlib.sha256(json.dumps(named).encode()).digest()[:16]
    if mark in seen:
        raise InputError(
            f"the conversation {named!r} comes a second time, and others stand between",
            remedy="sort the lines by conversation: one person has one number in it",
        )
    seen.add(mark)


def _redact(task: _Task) -> _Answer:
    column = task.column
    told = list(zip(column.ids, column.named, strict=True))
    keys = {talk: _key(task.key, *one) for talk, one in zip(column.conversations, told, strict=True)}
    redacted = task.redactor.redact(column.texts, column.conversations, keys)
    lines = b"".join(
        _line(*one, result.text) for one, result in zip(told, redacted, strict=True) if not result.drop
    )
    pieces = [
        (text or "")[edit.start : edit.end]
        for text, result in zip(column.texts, redacted, strict=True)
        for edit in result.edits
    ]
    return _Answer(
        lines,
        len(redacted),
        sum(bool(result.edits) and not result.drop for result in redacted),
        sum(result.drop for result in redacted),
        Counter(edit.kind for result in redacted for edit in result.edits),
        _words(column.texts),
        _words(pieces),
    )


def _key(key: bytes, id_: str | int, named: str | int | None) -> bytes:
    """The key of a text's conversation: it follows from the conversation's id, or from the text's own."""
    about = ["text", id_] if named is None else ["conversation", named]
    return hmac.digest(key, json.dumps(about).encode(), "sha256")


def _words(texts: Sequence[str | None]) -> int:
    readable = ["" if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    return int(words_of(pa.array(readable, pa.string()))[1].sum())


def _line(id_: str | int, named: str | int | None, text: str | None) -> bytes:
    """One line. A lone surrogate, which UTF-8 cannot write, makes it one in ASCII."""
    told: dict[str, object] = {"id": id_} if named is None else {"id": id_, "conversation": named}
    told["text"] = text
    line = json.dumps(told, ensure_ascii=False)
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(told).encode() + b"\n"
