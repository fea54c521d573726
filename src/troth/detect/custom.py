"""Recognisers and allowed values that terms declare as data, beside what Troth finds by itself.

Patterns are those of RE2, which takes time linear in the text whatever the pattern is. Whoever can write the terms can make
it find more, or allow more; both stand in the terms, whose digest every release names.
"""

from __future__ import annotations

import functools
import importlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stdnum import damm, luhn, verhoeff
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_2, mod_37_36, mod_97_10

from troth.canon.canonical import digest_of
from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.manner import Manners
from troth.detect.replace.redact import Finder
from troth.detect.text.view import View, view_of
from troth.detect.whole.everywhere import everywhere
from troth.errors import Place, TermsError
from troth.terms.model import Allowed, Recogniser, Version
from troth.terms.problems import Problem, did_you_mean
from troth.types.manner import OTHERS, TAG

_RE2: Any = importlib.import_module("re2")  # it has no types

CONFIDENCE: Final = 0.95
_NEAR: Final = 60
"""Characters before and after a match in which a word of the context must stand."""
_MEMORY: Final = 8 << 20
_LONGEST: Final = 4096
"""Characters: a longer match is not taken."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What terms declare. It can be sent to another process."""

    recognisers: tuple[Recogniser, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that are found."""
        return frozenset(one.kind for one in self.recognisers)

    @property
    def definition(self) -> object:
        """What it finds and allows, for a digest; not what it says to people."""
        return [
            [[r.kind, r.pattern, r.check, list(r.context)] for r in self.recognisers],
            [[list(a.values), list(a.patterns), list(a.kinds)] for a in self.allowed],
        ]

    def find(self, text: str) -> list[Finding]:
        """What the recognisers find in a text, in order; where two overlap, the first declared counts."""
        return self.find_in(view_of(text)) if text and self.recognisers else []

    def find_in(self, view: View) -> list[Finding]:
        """The same of a view."""
        found: list[Finding] = []
        for one in self.recognisers:
            found = sorted([*found, *_beside(_found(one, view), found)])
        return found

    def allows(self, kind: str, value: str) -> bool:
        """Whether a value is one that is not to be replaced."""
        return any(
            (not one.kinds or kind in one.kinds)
            and (value in one.values or any(_compiled(p).fullmatch(_searched(value)) for p in one.patterns))
            for one in self.allowed
        )


NOTHING: Final = Declared()
"""Terms that declare nothing."""


@dataclass(frozen=True, slots=True)
class Declaring:
    """A `Finder` that finds what another does, and what terms declare, but for what they allow."""

    finder: Finder
    declared: Declared

    @property
    def digest(self) -> str:
        """The digest of both."""
        return digest_of({"declared": self.declared.definition, "finder": self.finder.digest})

    def find(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None = None
    ) -> list[list[Finding]]:
        """What is in each text. What the terms declare goes before what Troth finds by itself."""
        found = self.finder.find(texts, conversations)
        declared = self._everywhere(texts, conversations) if self.declared.recognisers else {}
        return [
            self._joined(text, own, declared.get(row, ())) if text else []
            for row, (text, own) in enumerate(zip(texts, found, strict=True))
        ]

    def _everywhere(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None
    ) -> dict[int, list[Finding]]:
        """What the terms declare, by text; what one text tells is found in all of its conversation."""
        talks: dict[object, list[tuple[int, View]]] = {}
        for row, text in enumerate(texts):
            if text:
                talk = row if conversations is None else conversations[row]
                talks.setdefault(talk, []).append((row, view_of(text)))
        found: dict[int, list[Finding]] = {}
        for talk_rows in talks.values():
            views = [view for _, view in talk_rows]
            told = [self.declared.find_in(view) for view in views]
            if any(told):
                rows = [row for row, _ in talk_rows]
                found.update(zip(rows, everywhere(views, told), strict=True))
        return found

    def strict(self) -> Declaring:
        """The same with nothing spared but what the terms allow: that is to stay."""
        return Declaring(self.finder.strict(), self.declared)

    def _joined(self, text: str, own: Sequence[Finding], first: Sequence[Finding]) -> list[Finding]:
        both = [*first, *_beside(own, first)] if first else own
        return sorted(one for one in both if not self.declared.allows(one.kind, text[one.start : one.end]))


def _beside(some: Iterable[Finding], others: Sequence[Finding]) -> Iterator[Finding]:
    """Those that overlap none of the others, which are in order and apart."""
    starts = [other.start for other in others]
    for one in some:
        before = bisect_left(starts, one.end) - 1
        if before < 0 or others[before].end <= one.start:
            yield one


def _found(recogniser: Recogniser, view: View) -> Iterator[Finding]:
    text = _searched(view.folded)
    for match in _compiled(recogniser.pattern).finditer(text):
        start, end = match.span(1 if match.re.groups else 0)
        if not 0 < end - start <= _LONGEST or not _passes(recogniser.check, text[start:end]):
            continue
        if not recogniser.context or _context(recogniser.context).search(
            text, max(0, start - _NEAR), end + _NEAR
        ):
            low, high = view.original(start, end)
            yield Finding(low, high, recogniser.kind, CONFIDENCE, _why(recogniser))


def _why(recogniser: Recogniser) -> str:
    return f"declared/{recogniser.check or ('context' if recogniser.context else 'pattern')}"


_LONE = re.compile("[\ud800-\udfff]")


def _searched(text: str) -> str:
    """The text as RE2 can read it: a lone surrogate is a character that no pattern means."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """The compiled pattern. Raises ``ValueError`` with what RE2 says where it is none."""
    options = _RE2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return _RE2.compile(pattern, options)
    except (_RE2.error, UnicodeEncodeError) as problem:
        raise ValueError(str(problem)) from None


@functools.lru_cache(maxsize=256)
def _context(words: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])", re.IGNORECASE)


def _stdnum(validate: Callable[[str], str]) -> Callable[[str], bool]:
    def passes(value: str) -> bool:
        try:
            validate(value)
        except (ValidationError, ValueError, IndexError, KeyError):
            return False
        return True

    return passes


def _weighted(value: str, weights: Sequence[int], modulus: int) -> bool:
    digits = [10 if c == "X" and place == len(value) - 1 else int(c) if c.isdecimal() else -1
              for place, c in enumerate(value)]  # fmt: skip
    repeated = [weights[place % len(weights)] for place in range(len(digits))][::-1]
    return -1 not in digits and sum(map(int.__mul__, digits, repeated)) % modulus == 0


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "luhn": _stdnum(luhn.validate),
    "verhoeff": _stdnum(verhoeff.validate),
    "damm": _stdnum(damm.validate),
    "mod-97-10": _stdnum(mod_97_10.validate),
    "mod-11-2": _stdnum(mod_11_2.validate),
    "mod-11-10": _stdnum(mod_11_10.validate),
    "mod-37-2": _stdnum(mod_37_2.validate),
    "mod-37-36": _stdnum(mod_37_36.validate),
    "mod-11": lambda value: _weighted(value, range(1, 12), 11),
    "mod-10": lambda value: "X" not in value and _weighted(value, (1, 3), 10),
}


_WITH_LETTERS: Final = frozenset(("mod-97-10", "mod-37-2", "mod-37-36"))
_NOT_ITS_OWN: Final = re.compile(r"[^0-9A-Z]")
_NO_DIGIT: Final = re.compile(r"[^0-9X]|X(?!\Z)")


def _passes(check: str, value: str) -> bool:
    """Whether a value passes a check. Only its digits count, an X at the end too, and letters where the check has them."""
    if not check:
        return True
    plain = (_NOT_ITS_OWN if check in _WITH_LETTERS else _NO_DIGIT).sub("", value.upper())
    return bool(plain) and _CHECKS[check](plain)


_BRACES = re.compile(r"\{(?P<it>[^{}]*)\}")


def problems(version: Version) -> Iterator[Problem]:
    """Everything wrong with what a version declares of sensitive data: patterns, cases, kinds, manners.

    Each problem has the line that it is about: of a case its own, else that of the table.
    """
    declared = {one.kind for one in version.recognisers}
    for recogniser in version.recognisers:
        yield from _of_recogniser(recogniser)
    for allowed in version.allowed:
        for pattern in allowed.patterns:
            yield from _of_pattern(pattern, allowed.place, "allowed")
        yield from _of_kinds(allowed.kinds, declared, allowed.place)
    for row in version.filters:
        place = row.place or version.place
        yield from _of_kinds([kind for kind in row.replace if kind != OTHERS], declared, place)
    yield from _of_manners(version)


def _of_recogniser(one: Recogniser) -> Iterator[Problem]:
    what = f"recogniser {one.kind!r}"
    if one.kind in KINDS:
        yield _problem(
            one.place, f"{what}: {KINDS[one.kind].says} is found already", "give the kind a name of its own"
        )
    bad = list(_of_pattern(one.pattern, one.place, what))
    yield from bad
    cases = [*((case, True) for case in one.finds), *((case, False) for case in one.passes)]
    for (case, finds), line in zip(cases, one.case_lines, strict=True) if not bad else ():
        yield from _of_case(one, case, Place(one.place.file, line), finds=finds)


def _of_case(one: Recogniser, case: str, place: Place, *, finds: bool) -> Iterator[Problem]:
    what = f"recogniser {one.kind!r}"
    braces = list(_BRACES.finditer(case)) if finds else []
    text = _BRACES.sub(lambda brace: brace["it"], case) if braces else case
    wanted = [(brace.start("it") - 2 * n - 1, brace.end("it") - 2 * n - 1) for n, brace in enumerate(braces)]
    found = [(f.start, f.end) for f in Declared((one,)).find(text)]
    if finds and not braces:
        yield _problem(
            place, f"{what}: the case {case!r} marks nothing to be found", "put braces around it: {…}"
        )
    elif found != wanted:
        told = ", ".join(repr(text[start:end]) for start, end in found) or "nothing"
        meant = ", ".join(repr(text[start:end]) for start, end in wanted) or "nothing"
        yield _problem(
            place,
            f"{what}: the case {case!r} finds {told}, and should find {meant}",
            "mend the pattern, or the case",
        )


def _of_pattern(pattern: str, place: Place, what: str) -> Iterator[Problem]:
    try:
        if _compiled(pattern).groups > 1:
            yield _problem(
                place,
                f"{what}: the pattern {pattern!r} has more than one group",
                "write (?:…) for the others",
            )
    except ValueError as problem:
        yield _problem(
            place, f"{what}: RE2 does not take the pattern {pattern!r}: {problem}", "see the syntax of RE2"
        )


def _of_kinds(kinds: Sequence[str], declared: set[str], place: Place) -> Iterator[Problem]:
    for kind in kinds:
        if kind not in KINDS and kind not in declared:
            yield _problem(
                place, f"there is no kind {kind!r} of sensitive data", did_you_mean(kind, {*KINDS, *declared})
            )


def _of_manners(version: Version) -> Iterator[Problem]:
    """A kind that two filters replace in different manners, for one purpose."""
    known: dict[tuple[str, str], str] = {}
    for row in version.filters:
        for purpose in row.purposes:
            for kind, manner in row.replace.items():
                if known.setdefault((purpose, kind), manner) != manner:
                    what = f"for {purpose}, {kind} is replaced by {known[purpose, kind]} and by {manner}"
                    yield _problem(row.place or version.place, what, "say it once")


def _problem(place: Place, what: str, remedy: str) -> Problem:
    return Problem(place.line or 1, what, remedy, place.file)


def declared_in(version: Version | None) -> Declared:
    """What a version declares. Raises `TermsError` for the first thing that is wrong with it."""
    if version is None:
        return NOTHING
    for problem in problems(version):
        raise TermsError(problem.what, place=Place(problem.file, problem.line), remedy=problem.remedy)
    return Declared(version.recognisers, version.allowed)


def manners_in(version: Version | None, purpose: str) -> Manners:
    """How a version says that kinds are replaced for a purpose; tags where it does not say."""
    told: dict[str, str] = {}
    for row in version.filters if version is not None else ():
        if purpose in row.purposes:
            told |= row.replace
    return Manners.of_kinds({kind: told[kind] for kind in told if kind != OTHERS}, told.get(OTHERS, TAG))
