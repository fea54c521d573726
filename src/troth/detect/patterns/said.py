"""Numbers that are known by the words before them: the words, what may stand between, and the number's form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.forms import FORMS, found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

BETWEEN: Final = (
    r"[\"'\]\)*_]{0,3}(?:[ _\-]{0,2}(?:numbers?|num|nos?|nr|nummer|num[eé]ro|n[uú]mero|n°|nº|id|code|card|karte)\b\.?){0,2}"
    r"[\"'\]\)*_:]{0,3}(?:[ ]{0,2}(?:is|was|ist|lautet|es|est|è|é|of|für|de|del|van|#|:|=|->|=>)){0,2}[ \t\n\"'*_`(\[]{0,4}"
)
"""What may stand between the words and the number: "no.", "is", a colon, quotation marks of JSON."""

_TAIL: Final = r"[\"']?[ _:=#.\-]{1,3}[\"']?(?:n[our\x80-\xf4]|is|code|card|[a-z]{0,5}\d{2})"
"""For the engine: what follows a word that is common in ordinary text."""
_UNSPACED: Final = re.compile(r"[\u0370-\U0010ffff]")
"""Letters of other than Latin scripts: words that stand without spaces, or that the engine knows by their bytes."""
_DIGIT: Final = re.compile(r"\d")
_REACH: Final = 48
"""How many characters after the words a number may begin."""


@dataclass(frozen=True, slots=True)
class _AfterWords:
    """The number after the words that end at a place."""

    pattern: re.Pattern[str]
    why: str
    check: Callable[[re.Match[str]], bool] | None

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        """The number, if there is one."""
        text = view.folded
        if not _DIGIT.search(text, max(0, place - 1), place + _REACH):
            return
        for match in self.pattern.finditer(text, max(0, place - 64), place + _REACH + 40):
            if match.start() >= place:
                return
            if match.start("it") + 8 >= place and (self.check is None or self.check(match)):
                yield found(*match.span("it"), self.why)


def after_words(
    name: str,
    kind_words: tuple[str, ...],
    number: str,
    why: str,
    *,
    rare: tuple[str, ...] = (),
    common: tuple[str, ...] = (),
    check: Callable[[re.Match[str]], bool] | None = None,
    case: bool = False,
) -> Recogniser:
    """A recogniser of numbers after words.

    ``kind_words`` are expressions of Python, ``rare`` and ``common`` the same or coarser ones for the engine; a
    common one must be followed by a number at once. Words of other scripts, which are exact, need neither.
    ``number`` is the form of the number; with ``case``, its letters are those of ``number`` and no others.
    """
    inner = f"(?-i:{number})" if case else number
    spaced = [word for word in kind_words if not _UNSPACED.search(word)]
    unspaced = [word for word in kind_words if _UNSPACED.search(word)]
    said = "|".join([rf"(?<![^\W_])(?:{'|'.join(spaced)})", *unspaced])
    pattern = re.compile(rf"(?:{said})(?![a-z]){BETWEEN}(?P<it>{inner})(?![\w@]|[\-/.]\w)", re.IGNORECASE)
    anchors = [rf"(?i)\b(?:{'|'.join(rare)})"] if rare else []
    anchors += [rf"(?i)\b(?:{'|'.join(common)}){_TAIL}"] if common else []
    anchors += ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in unspaced]
    return Recogniser(
        name, (FORMS[why.partition(":")[0]].kind,), tuple(anchors), _AfterWords(pattern, why, check)
    )


def digits_in(match: re.Match[str]) -> int:
    """How many digits the number has."""
    return sum(c.isdigit() for c in match["it"])
