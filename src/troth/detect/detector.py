"""The doors: what sensitive data is in a text, or in a column of texts, conversation by conversation."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
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
        rows = [row for row, text in enumerate(texts) if text]
        views = [self._view(text) for text in texts if text]
        found: dict[int, list[Finding]] = {}
        for low, high in _batches(views):
            for number, findings in self._in_texts(views[low:high]):
                found[low + number] = findings
        answer: list[list[Finding]] = [[] for _ in texts]
        names = None if conversations is None else [conversations[row] for row in rows]
        for talk in _talks(found, names):
            whole = [views[number] for number in talk]
            more = everywhere(whole, [found.get(number, []) for number in talk])
            for number, view, findings in zip(talk, whole, more, strict=True):
                answer[rows[number]] = [one for one in findings if self._counts(one, view.text)]
        return answer

    def _view(self, text: str) -> View:
        view = view_of(text)
        return AllProse(view.text, view.folded, view.edits) if self.everything else view

    def _in_texts(self, views: Sequence[View]) -> Iterator[tuple[int, list[Finding]]]:
        """The numbers of the texts that have something in them by themselves, and what, settled."""
        if self.names:  # which look at the zones of every text
            cut(views)
        raw = Scanner(self.recognisers).find(views)
        names = self.names.find(views) if self.names else [[]] * len(views)
        for number, (one, other) in enumerate(zip(raw, names, strict=True)):
            if one or other:
                text = views[number].text
                kept = settle((f for f in (*one, *other) if self._counts(f, text)), text)
                if kept:
                    yield number, kept

    def _counts(self, finding: Finding, text: str) -> bool:
        if finding.confidence < self.least:
            return False
        return not (self.allow and _plain(text[finding.start : finding.end]) in self.allow)


def detect(text: str) -> list[Finding]:
    """The sensitive data in one text, as the package comes."""
    return standard().find([text])[0]


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())


def _batches(views: Sequence[View]) -> Iterator[tuple[int, int]]:
    """The first of some views, and the first after them: about `AT_ONCE` characters at a time."""
    low = size = 0
    for high, view in enumerate(views, 1):
        size += len(view.text)
        if size >= AT_ONCE:
            yield low, high
            low, size = high, 0
    if size:
        yield low, len(views)


def _talks(found: Collection[int], names: Sequence[str] | None) -> Iterable[Sequence[int]]:
    """The numbers of the texts of each conversation in which something was found."""
    if names is None:
        return [(number,) for number in found]
    talks: dict[str, list[int]] = {names[number]: [] for number in found}
    for number, name in enumerate(names) if talks else ():
        if name in talks:
            talks[name].append(number)
    return talks.values()


@functools.cache
def _names() -> Names:
    return Names.load()


@functools.cache
def standard() -> Detector:
    """The detector as the package comes, made once for each process. Raises `InputError`."""
    return Detector.standard()
