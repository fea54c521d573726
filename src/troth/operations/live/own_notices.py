"""The questions that an organisation keeps in a folder of its own: read and checked before anybody is shown one.

Whoever can write the folder decides what people are told; the digest in each recorded choice shows which words it were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from troth.ask.lint.notice import notice_findings
from troth.ask.notice import Asked
from troth.ask.shipped import asked_in
from troth.errors import Place, UsageError
from troth.terms.model import Terms


def own_questions(folder: Path | None) -> tuple[Asked, ...]:
    """The questions in a folder of folders, each with a notice for each of its locales; none where there is no folder.

    Raises `UsageError` where one cannot be read, breaks a rule of `troth notice lint`, or asks for what another asks for.
    """
    if folder is None:
        return ()
    found = asked_in(folder)
    for one in found:
        _check_fair(one, folder)
    about = [(one.question.terms, one.question.choice) for one in found]
    for one, pair in zip(found, about, strict=True):
        if about.count(pair) > 1:
            raise UsageError(
                f"{one.question.id!r} is not the only question for the choice {pair[1]!r} of {pair[0]!r}",
                place=Place(str(folder)),
                remedy="leave the one that people are to be asked",
            )
    return found


def check_fit(questions: Sequence[Asked], terms: Terms) -> None:
    """Raise `UsageError` unless each question asks for a choice of these terms: what nobody is ever asked is a mistake."""
    choices = {choice.name for version in terms.versions for choice in version.choices}
    for one in questions:
        told = one.question
        if told.terms != terms.name or told.choice not in choices:
            raise UsageError(
                f"the question {told.id!r} asks for {told.choice!r} of the terms {told.terms!r},"
                f" and the choices of {terms.name!r} are: {', '.join(sorted(choices)) or 'none'}",
                remedy="mend terms and choice in its question.toml, or take it out of the folder of notices",
            )


def _check_fair(asked: Asked, folder: Path) -> None:
    findings = list(notice_findings(asked, asked.question.id))
    if findings:
        first = findings[0]
        more = f"; {len(findings) - 1} more findings" if len(findings) > 1 else ""
        raise UsageError(
            f"{first.where}: {first.what}; that breaks {first.rule.id} ({first.rule.says}){more}",
            place=Place(str(folder)),
            remedy=f"{first.remedy}; troth notice lint names all that is found",
        )
