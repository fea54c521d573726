"""What people are asked, in words, by version of the terms, choice and locale.

Where a choice has a question of its own (`troth.ask`), its notices are shown, in every locale. Otherwise the notice is the
question as the published terms have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from troth.ask.notice import Asked
from troth.canon.canonical import digest_of
from troth.terms.model import Choice, Terms, Version

OWN_LOCALE = "en"
"""The language of the terms files."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One question as it is shown."""

    terms: str
    version: str
    choice: str
    locale: str
    """BCP 47."""
    title: str
    """The question itself."""
    digest: str
    """What a choice names as ``notice_digest``: of all that is said."""
    question: str = ""
    """The question with its version, such as ``improve-models-1``; empty where the terms alone ask."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Everything that is said, by name; empty where the terms alone ask."""


class Notices(Protocol):
    """Where notices come from."""

    def locales(self, version: Version, choice: Choice) -> tuple[str, ...]:
        """The locales in which there is a notice, the source first; empty where there is none."""
        ...

    def notice(self, version: Version, choice: Choice, locale: str) -> Notice:
        """The notice in a locale of `locales`."""
        ...


class AskedNotices:
    """Notices of questions, and of the terms files themselves where there is no question."""

    def __init__(self, terms: Terms, questions: Sequence[Asked]) -> None:
        asked = {one.question.choice: one for one in questions if one.question.terms == terms.name}
        self._made = {
            (version.version, choice.name): _notices(terms.name, version, choice, asked.get(choice.name))
            for version in terms.versions
            for choice in version.choices
        }

    def locales(self, version: Version, choice: Choice) -> tuple[str, ...]:
        """The locales of the question; the one language of the terms where they alone ask."""
        return tuple(self._made.get((version.version, choice.name), ()))

    def notice(self, version: Version, choice: Choice, locale: str) -> Notice:
        """The notice."""
        return self._made[version.version, choice.name][locale]


def best_locale(wanted: str, offered: tuple[str, ...]) -> str:
    """The offered locale that fits a wanted one best: itself, its language, the first.

    >>> best_locale("de-AT", ("en", "de")), best_locale("pt", ("en", "de"))
    ('de', 'en')
    """
    language = wanted.partition("-")[0].lower()
    same = [one for one in offered if one.lower() == wanted.lower()]
    close = [one for one in offered if one.partition("-")[0].lower() == language]
    return (*same, *close, *offered)[0]


def title_in(notices: Notices, version: Version, choice: Choice, wanted: Sequence[str]) -> tuple[str, str]:
    """The question of a choice with its language: the first wanted one that has a notice, else as the terms put it."""
    offered = notices.locales(version, choice)
    for locale in wanted:
        found = best_locale(locale, offered) if offered else ""
        if found and found.partition("-")[0].lower() == locale.partition("-")[0].lower():
            return notices.notice(version, choice, found).title, found
    return choice.notice, OWN_LOCALE


def every_notice(terms: Terms, notices: Notices) -> Iterator[Notice]:
    """Every notice, in the order of versions and choices."""
    for version in terms.versions:
        for choice in version.choices:
            for locale in notices.locales(version, choice):
                yield notices.notice(version, choice, locale)


def _notices(terms: str, version: Version, choice: Choice, asked: Asked | None) -> dict[str, Notice]:
    if asked is None:
        return {OWN_LOCALE: _of_terms(terms, version, choice)}
    return {
        locale: Notice(
            terms, version.version, choice.name, locale, one.title, one.digest, asked.question.id, one.form()
        )
        for locale, one in asked.notices.items()
    }


def _of_terms(terms: str, version: Version, choice: Choice) -> Notice:
    said = {
        "terms": terms,
        "version": version.version,
        "choice": choice.name,
        "locale": OWN_LOCALE,
        "title": choice.notice,
    }
    return Notice(terms, version.version, choice.name, OWN_LOCALE, choice.notice, digest_of(said))
