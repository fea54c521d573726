"""The doors: what sensitive data is in a text, or in a column of texts, conversation by conversation."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from troth.detect.definition import definition_of
from troth.detect.finding import Finding
from troth.detect.names.tagger import Names
from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.patterns.scan import Scanner
from troth.detect.secrets.all import SECRETS
from troth.detect.text.view import AllProse, View, cut, view_of
from troth.detect.whole.everywhere import everywhere
from troth.detect.whole.settle import settle

AT_ONCE = 2 << 20
"""Characters of text that are worked on at once: enough that what each call costs is small."""
LEAST = 0.4


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds sensitive data. It can be sent to another process, and finds the same there."""

    recognisers: tuple[Recogniser, ...]
    names: Names | None = None
    """None looks for no names of people, places and organisations."""
    allow: frozenset[str] = frozenset()
    """Values that are nobody's secret, such as an organisation's own name and addresses: in any case, whole."""
    least: float = LEAST
    """The confidence that a finding has at least."""
    everything: bool = False
    """Whether code, paths and data are looked at as if they were prose: for a second look, not for use."""

    @classmethod
    def standard(cls, allow: Iterable[str] = ()) -> Self:
        """The detector of the package. Raises `InputError` where the weights in the package are damaged."""
        return cls((*PATTERNS, *SECRETS), _names(), frozenset(_plain(value) for value in allow))

    def strict(self) -> Self:
        """The same detector with nothing spared: no least confidence, no allowed value, code read as prose."""
        return replace(self, allow=frozenset(), least=0.0, everything=True)

    @property
    def digest(self) -> str:
        """``sha256:`` digest of everything that decides: expressions, weights, tables, code and settings."""
        return definition_of(self)

    def find(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None = None
    ) -> list[list[Finding]]:
        """What is in each text, ordered, none overlapping; nothing in None.

        ``conversations`` names the conversation of each text; without it, each is one of its own. Give all texts of
        a conversation at once: what is found in one is found in the others. The answer for a conversation does not
        depend on the others, nor on their order. Any string is a text; none raises.
        """
        views = [None if text is None else self._view(text) for text in texts]
        found: list[list[Finding]] = [[] for _ in views]
        for rows in _batches(views):
            some = [view for row in rows if (view := views[row]) is not None]
            for row, findings in zip(rows, self._in_texts(some), strict=True):
                found[row] = findings
        for talk in _talks(views, found, conversations):
            whole = [view for row in talk if (view := views[row]) is not None]
            for row, findings in zip(talk, everywhere(whole, [found[row] for row in talk]), strict=True):
                found[row] = [one for one in findings if self._counts(one, texts[row])]
        return found

    def _view(self, text: str) -> View:
        view = view_of(text)
        return AllProse(view.text, view.folded, view.edits) if self.everything else view

    def _in_texts(self, views: Sequence[View]) -> Iterator[list[Finding]]:
        """What is in each text by itself, settled."""
        if self.names:  # which look at the zones of every text
            cut(views)
        raw = Scanner(self.recognisers).find(views)
        names = self.names.find(views) if self.names else [[] for _ in views]
        for view, one, other in zip(views, raw, names, strict=True):
            kept = [f for f in (*one, *other) if self._counts(f, view.text)] if one or other else []
            yield settle(kept, view.text) if kept else kept

    def _counts(self, finding: Finding, text: str | None) -> bool:
        if finding.confidence < self.least or text is None:
            return False
        return not (self.allow and _plain(text[finding.start : finding.end]) in self.allow)


def detect(text: str) -> list[Finding]:
    """The sensitive data in one text, as the package comes."""
    return standard().find([text])[0]


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())


def _batches(views: Sequence[View | None]) -> Iterator[list[int]]:
    """Rows that have a text, about `AT_ONCE` characters at a time."""
    rows: list[int] = []
    size = 0
    for row, view in enumerate(views):
        if view is None or not view.text:
            continue
        rows.append(row)
        size += len(view.text)
        if size >= AT_ONCE:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _talks(
    views: Sequence[View | None], found: Sequence[list[Finding]], conversations: Sequence[str] | None
) -> Iterable[list[int]]:
    """The rows with a text of each conversation in which something was found."""
    rows = [row for row, findings in enumerate(found) if findings]
    if conversations is None:
        return ([row] for row in rows)
    talks: dict[str, list[int]] = {conversations[row]: [] for row in rows}
    for row, (view, name) in enumerate(zip(views, conversations, strict=True)) if talks else ():
        if name in talks and view is not None and view.text:
            talks[name].append(row)
    return talks.values()


@functools.cache
def _names() -> Names:
    return Names.load()


@functools.cache
def standard() -> Detector:
    """The detector as the package comes, made once for each process. Raises `InputError`."""
    return Detector.standard()
