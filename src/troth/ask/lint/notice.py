"""The words of a question, checked in every locale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from troth.ask.lint.reading import grade, mean_length
from troth.ask.lint.rules import Finding, broken
from troth.ask.lint.words import Language, language_of
from troth.ask.notice import Asked, Notice, Question

HIGHEST_GRADE = 9.0
"""Of all that is said."""
HARDEST_TEXT = 14.0
"""Of one text of it: a short one scatters."""
LABELS = ("title", "yes", "no", "later")
_DURATION = re.compile(r"P(\d+)[YMWD]\Z", re.ASCII)
_NUMBER = re.compile(r"\d+")
_PLACES = {"intro_existing": "{deadline}", "gate": "{deadline}", "intro_renewal": "{effective}"}
"""The date that a text must give."""


def notice_findings(asked: Asked, folder: str) -> Iterator[Finding]:
    """What is wrong with the words of a question, locale by locale."""
    for locale, notice in asked.notices.items():
        where = f"{folder}/{locale}.toml"
        yield from _figures(asked.question, notice, where)
        yield from _dates(notice, where)
        language = language_of(locale)
        if language is None:
            remedy = "have it read by somebody who speaks it; add its words to the checks"
            yield broken("plain-words", where, f"nothing is known of the language {locale!r}", remedy)
            continue
        yield from words_findings(notice.form(), language, where)
        yield from _untranslated(asked, notice, where)


def words_findings(words: dict[str, str], language: Language, where: str) -> Iterator[Finding]:
    """What is wrong with words by themselves: title, labels, tone, length."""
    yield from _title(words.get("title", ""), language, where)
    yield from _labels(words, language, where)
    for name, text in words.items():
        yield from _tone(text, language, f"{where}: {name}", label=name in LABELS)
        if language is language_of("en") and grade(text) > HARDEST_TEXT:
            yield broken(
                "plain-words", f"{where}: {name}", f"it reads at grade {grade(text):.1f}", "use shorter words"
            )
    body = "\n".join(text for name, text in words.items() if name not in LABELS)
    yield from _reading(body, language, where)


def _title(title: str, language: Language, where: str) -> Iterator[Finding]:
    if not title.rstrip()[-1:] or title.rstrip()[-1] not in language.question_marks:
        yield broken(
            "title-asks", where, f"the title {title!r} asks nothing", "put the question into the title"
        )
    if not _has(title, language.training):
        yield broken(
            "title-asks", where, f"the title {title!r} does not speak of training", "name what is asked for"
        )


def _labels(words: dict[str, str], language: Language, where: str) -> Iterator[Finding]:
    for name, starts in (("yes", language.yes), ("no", language.no)):
        label = words.get(name, "")
        if label and not label.lower().startswith(starts):
            remedy = f"begin it with {starts[0]!r}, then say to what"
            yield broken("labels-answer", where, f"the {name} reads {label!r}", remedy)
        if label and _starts(label, language.accept):
            yield broken(
                "terms-apart",
                where,
                f"the {name} reads {label!r}, which accepts something",
                "answer the question",
            )
    if _starts(words.get("no", ""), language.later):
        yield broken("no-is-offered", where, f"the no reads {words['no']!r}: that is later", "offer a no")


def _tone(text: str, language: Language, where: str, *, label: bool) -> Iterator[Finding]:
    for word in language.pushing:
        if _has(text, (word,)):
            yield broken("no-emotion", where, f"{word!r} pushes", "say what happens, and nothing else")
    if label:
        found = [word for word in language.negatives if _has(text, (word,))]
        own = {word for word in found if language.no[0].startswith(word.strip())}
        if len(set(found) - own) > 1:
            yield broken(
                "no-double-negative",
                where,
                f"{text!r} negates twice",
                "say it without negating what is negated",
            )


def _reading(body: str, language: Language, where: str) -> Iterator[Finding]:
    length = mean_length(body, spaced=language.spaced)
    if length > language.longest:
        unit = "words" if language.spaced else "letters"
        yield broken("plain-words", where, f"sentences have {length:.0f} {unit} on average, wanted: {language.longest}",
                     "shorten them")  # fmt: skip
    if language is language_of("en") and grade(body) > HIGHEST_GRADE:
        yield broken("plain-words", where, f"it reads at grade {grade(body):.1f} (Flesch-Kincaid), at most 9 is wanted",
                     "use shorter words and sentences")  # fmt: skip


def _figures(question: Question, notice: Notice, where: str) -> Iterator[Finding]:
    figures = (("kept_yes", question.figures.kept_after_yes), ("kept_no", question.figures.kept_after_no))
    for name, duration in figures:
        text = getattr(notice, name)
        found = _DURATION.match(duration)
        number = found[1] if found is not None else None
        told = ["".join(str(unicodedata.digit(one)) for one in digits) for digits in _NUMBER.findall(text)]
        if number is None or told != [number]:
            yield broken("same-figures", f"{where}: {name}", f"it says {told}, and the question {duration}",
                         "say the figure of question.toml, in digits, and no other")  # fmt: skip


def _dates(notice: Notice, where: str) -> Iterator[Finding]:
    for name, text in notice.form().items():
        wanted = {_PLACES[name]} if name in _PLACES else set()
        found = set(re.findall(r"\{[^}]*\}", text))
        if found != wanted:
            yield broken("says-all", f"{where}: {name}", f"it has {', '.join(sorted(found)) or 'no date'}",
                         f"give {', '.join(wanted) or 'no place for a date'}")  # fmt: skip


def _untranslated(asked: Asked, notice: Notice, where: str) -> Iterator[Finding]:
    source = asked.notices[asked.question.source]
    if notice is source:
        return
    for name, text in notice.form().items():
        if name not in ("locale", "direction") and text == getattr(source, name):
            yield broken("every-word-there", f"{where}: {name}", "it stands as in the source", "translate it")


def _has(text: str, starts: tuple[str, ...]) -> bool:
    """Whether a word of the text begins so; in scripts without spaces, whether it stands there."""
    low = text.lower()
    return any(
        re.search(rf"(?<!\w){re.escape(one)}", low) or (not one.isascii() and one in low) for one in starts
    )


def _starts(text: str, starts: tuple[str, ...]) -> bool:
    return text.lower().startswith(starts)
