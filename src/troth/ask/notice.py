"""Notices: the words of a question in one locale, with the digest that a recorded choice bears.

Whoever can write a notice file decides what people are told; the digest in each choice shows which words it were.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from troth.canon.canonical import digest_of
from troth.errors import Place, UsageError

Direction = Literal["ltr", "rtl"]
Kind = Literal["existing", "signup", "renewal"]
KINDS: tuple[Kind, ...] = ("existing", "signup", "renewal")
"""Who is asked: somebody who has an account, somebody who makes one, or somebody whose yes has run out with new terms."""

QUESTION_FORMAT = "troth.question/1"
NOTICE_FORMAT = "troth.notice/1"
QUESTION = "question.toml"


@dataclass(frozen=True, slots=True)
class Figures:
    """What every locale must say alike: ISO 8601 durations."""

    kept_after_yes: str
    kept_after_no: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Within a version it does not change: a no is not asked again for the same version."""

    question: str
    version: str
    terms: str
    """The terms whose choice it asks for."""
    choice: str
    """The choice of the terms that the answer is recorded as."""
    purpose: str
    source: str
    """The locale that the others were written from."""
    locales: tuple[str, ...]
    figures: Figures

    @property
    def id(self) -> str:
        """Its name with its version."""
        return f"{self.question}-{self.version}"


@dataclass(frozen=True, slots=True)
class Notice:
    """The words of a question in one locale. ``{deadline}`` and ``{effective}`` stand for dates."""

    locale: str
    """A BCP 47 tag."""
    direction: Direction
    title: str
    yes: str
    no: str
    later: str
    intro_existing: str
    intro_open: str
    """The same where no deadline is set."""
    intro_signup: str
    intro_renewal: str
    gate: str
    """Said once the deadline has passed."""
    what_heading: str
    what: str
    from_heading: str
    from_when: str
    kept_heading: str
    kept_yes: str
    kept_no: str
    kept_longer: str
    deletion_heading: str
    deletion: str
    trained_heading: str
    trained: str
    not_covered_heading: str
    not_covered: str
    settings_heading: str
    settings: str
    saved_yes: str
    saved_no: str
    failed: str
    close: str

    @property
    def digest(self) -> str:
        """``sha256:`` of the canonical JSON of all its words (RFC 8785)."""
        return digest_of(self.form())

    def form(self) -> dict[str, str]:
        """Its words by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def intro(self, kind: Kind) -> str:
        """What is said first to those who are asked."""
        return {"existing": self.intro_existing, "signup": self.intro_signup, "renewal": self.intro_renewal}[
            kind
        ]


SECTIONS = (
    ("what_heading", ("what",)),
    ("from_heading", ("from_when",)),
    ("kept_heading", ("kept_yes", "kept_no", "kept_longer")),
    ("deletion_heading", ("deletion",)),
    ("trained_heading", ("trained",)),
    ("not_covered_heading", ("not_covered",)),
    ("settings_heading", ("settings",)),
)
"""The sections under the question, in their order: the field of the heading, and those of what stands under it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its notices."""

    question: Question
    notices: dict[str, Notice]
    """By locale; every locale of the question is there."""

    def notice(self, wanted: str) -> Notice:
        """The notice for a locale: that one, else its language, else the source (BCP 47 lookup, RFC 4647 s.3.4)."""
        for tag in (wanted, wanted.split("-", maxsplit=1)[0]):
            if tag in self.notices:
                return self.notices[tag]
        return self.notices[self.question.source]

    def with_digest(self, digest: str) -> Notice | None:
        """The notice that has a digest."""
        return next((one for one in self.notices.values() if one.digest == digest), None)


def read_question(folder: Path) -> Asked:
    """Read ``question.toml`` and a notice for each of its locales. Raises `UsageError` naming the file."""
    told = _toml(folder / QUESTION, QUESTION_FORMAT)
    question = _converted(told, Question, folder / QUESTION)
    if question.source not in question.locales or len(set(question.locales)) != len(question.locales):
        raise UsageError(
            "the locales do not hold the source, or one twice",
            place=Place(str(folder / QUESTION)),
            remedy="list each locale once, the source among them",
        )
    notices = {locale: read_notice(folder / f"{locale}.toml", locale) for locale in question.locales}
    return Asked(question, notices)


def read_notice(file: Path, locale: str | None = None) -> Notice:
    """Read one notice. Raises `UsageError` where a word is missing, empty or unknown, or it is of another locale."""
    told = _toml(file, NOTICE_FORMAT)
    notice = _converted(told, Notice, file)
    if locale is not None and notice.locale != locale:
        raise UsageError(
            f"this is the notice of {notice.locale!r}, not of {locale!r}",
            place=Place(str(file)),
            remedy="name the file for its locale",
        )
    for name, words in notice.form().items():
        if not words.strip():
            raise UsageError(f"{name} is empty", place=Place(str(file)), remedy="say it, in every locale")
    return notice


_Told = TypeVar("_Told")


def _toml(file: Path, wanted: str) -> dict[str, object]:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(
            f"cannot be read: {problem}", place=Place(str(file)), remedy="see docs/formats/notices.md"
        ) from None
    if told.pop("format", None) != wanted:
        raise UsageError(
            f"is not of format {wanted}", place=Place(str(file)), remedy=f'begin it with format = "{wanted}"'
        )
    return told


def _converted(told: dict[str, object], wanted: type[_Told], file: Path) -> _Told:
    known = {field.name for field in fields(wanted)}  # type: ignore[arg-type]
    for name in told:
        if name not in known:
            raise UsageError(
                f"there is no field {name!r}", place=Place(str(file)), remedy="see docs/formats/notices.md"
            )
    try:
        return msgspec.convert(told, wanted)
    except msgspec.ValidationError as problem:
        raise UsageError(str(problem), place=Place(str(file)), remedy="see docs/formats/notices.md") from None
