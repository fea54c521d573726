"""Credentials whose form a service has published: a beginning that nothing else has, and so many characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.broken import joined
from troth.detect.secrets.forms_business import MESSAGING, OFFICE, PAYMENT
from troth.detect.secrets.forms_cloud import CLOUD, INTELLIGENCE
from troth.detect.secrets.forms_code import CODE
from troth.detect.secrets.found import secret
from troth.detect.secrets.placeholders import is_sample
from troth.detect.secrets.random_look import entropy, in_steps, looks_random

if TYPE_CHECKING:
    from troth.detect.text.view import View

_ALONE: Final = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=[0-9]m)|(?<=%[2-7][0-9A-Fa-f]))"
"""A token begins where no word goes on; the ``n`` of an escaped line break is no word, nor the ``m`` of a colour, nor
a character that is URL-encoded."""
_ENDS: Final = r"(?![A-Za-z0-9_])"
_LONGEST: Final = 2_100
_LINES: Final = 5
"""Over how many lines a token may be broken."""


@dataclass(frozen=True, slots=True)
class Token:
    """Confirms one form: what follows the anchor, and perhaps what stands before it."""

    why: str
    form: re.Pattern[str]
    """Matches from the end of the anchor; its first group is the anchor."""
    lead: re.Pattern[str] | None
    """What must stand before the anchor."""
    strict: bool
    """Whether it must look random besides, because its beginning is short."""

    def __call__(self, view: View, place: int) -> Iterator[Finding]:
        """The token whose beginning ends at a place, whole or broken over lines."""
        text = view.folded
        match = self.form.match(text, place, place + _LONGEST)
        if match:
            yield from self._judged(text, match.start(1), match.end(), text[match.start(1) : match.end()])
            return
        yield from self._over_lines(text, place)

    def _over_lines(self, text: str, place: int) -> Iterator[Finding]:
        whole = joined(text, place, _LINES, 400)
        if whole is None:
            return
        before = text[max(0, place - 80) : place]
        found, last = None, 0
        for reached in whole.ends:
            if found and not looks_random(
                whole.text[last:reached]
            ):  # the text goes on, and no longer the token
                break
            match = self.form.match(before + whole.text[:reached], len(before))
            if match and match.end() == len(before) + reached:
                found, last = match, reached
        if found:
            start = place - len(before) + found.start(1)
            yield from self._judged(text, start, whole.ends[last], found.group(1) + found.group(), split=True)

    def _judged(
        self, text: str, start: int, end: int, token: str, *, split: bool = False
    ) -> Iterator[Finding]:
        if self.lead:
            low = max(0, start - 60)
            lead = self.lead.search(text[low:start])
            if not lead:
                return
            start, token = low + lead.start(), lead.group() + token
        if self.strict and not looks_random(token[3:]):
            return
        if is_sample(token) or entropy(token) < 2.6 or in_steps(token) > 0.5:
            return
        yield secret(start, end, f"secret/{'split-' if split else ''}token:{self.why}")


def _recogniser(row: str) -> Recogniser:
    name, beginning, rest = row.split()
    lead, _, beginning = beginning.rpartition("<")
    service = name.removesuffix("?")
    alone = "" if lead or beginning[0] in "/_[" else _ALONE
    return Recogniser(
        f"secret-{service}",
        ("SECRET",),
        (beginning,),
        Token(
            service,
            re.compile(rf"(?<={alone}({beginning}))(?:{rest}){_ENDS}", re.ASCII),
            re.compile(rf"{_ALONE}(?:{lead})\Z", re.ASCII) if lead else None,
            name.endswith("?"),
        ),
    )


TOKENS: Final = tuple(
    _recogniser(row)
    for table in (CLOUD, INTELLIGENCE, CODE, PAYMENT, MESSAGING, OFFICE)
    for row in table.strip().splitlines()
)
"""One recogniser for each form."""
