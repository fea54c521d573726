"""The questions that come with Troth, and those that an organisation keeps in a folder of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from troth.ask.notice import QUESTION, Asked, read_question
from troth.errors import Place, UsageError

SHIPPED = Path(__file__).parent / "notices"


@cache
def shipped() -> tuple[Asked, ...]:
    """Every shipped question, by id."""
    return _in(SHIPPED)


def asked_in(folder: Path | None) -> tuple[Asked, ...]:
    """The questions in a folder, each in a folder of its own; None: the shipped ones.

    Raises `UsageError` where there is none, two have one id, or one cannot be read.
    """
    if folder is None:
        return shipped()
    found = _in(folder)
    if not found:
        raise UsageError(
            "holds no question", place=Place(str(folder)), remedy=f"give a folder of folders with {QUESTION}"
        )
    return found


def _in(folder: Path) -> tuple[Asked, ...]:
    found = {}
    for file in sorted(folder.glob(f"*/{QUESTION}")):
        asked = read_question(file.parent)
        if asked.question.id in found:
            raise UsageError(
                f"the question {asked.question.id!r} stands twice",
                place=Place(str(file)),
                remedy="remove one",
            )
        found[asked.question.id] = asked
    return tuple(found.values())
