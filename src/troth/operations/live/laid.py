"""Terms in service: their files are copied, checked and laid out, and what was checked is what is served.

Whoever can write the files decides what people are asked from then on; the ledger has the digest of whatever is served.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.ask.notice import Asked
from troth.ask.shipped import shipped
from troth.errors import Place, TermsError, TrothError
from troth.operations.live.notices import AskedNotices, Notices, every_notice
from troth.operations.live.own_notices import check_fit
from troth.operations.live.standpoint import Standpoint
from troth.operations.terms_check import check_terms
from troth.terms.archive import LOCK, load, locate
from troth.terms.model import Terms
from troth.types.moment import Moment

MOST_TOLD = 5
"""Problems that a refusal names one by one."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Terms, laid out for questions. It never changes: who takes it once has one state of all of it."""

    terms: Terms
    standpoint: Standpoint
    notices: Notices
    digests: frozenset[str]
    """Of every notice: those that a choice may name."""
    source: str
    """The copy of the files that it was made from: what operations take as the terms' name."""


class TermsFiles:
    """The files of the terms that are served, and copies of those that were taken up."""

    def __init__(
        self, name: str, options: Mapping[str, str], copies: Path, questions: Sequence[Asked] = ()
    ) -> None:
        """``name`` is a name, a file or a folder of versions; copies go into a folder of the service's own.

        ``questions`` are the organisation's own: each is asked in place of a shipped one for the same choice.
        """
        self._name, self._options, self._copies = name, options, copies
        self._questions = tuple(questions)
        self._judged = self._glimpsed = b""

    def first(self) -> Laid:
        """The terms as they are when the service starts. Raises `TermsError`, and ``UsageError`` for an option."""
        files = self._read()
        self._judged = self._glimpsed = _digest(files)
        return self._laid(self._copy(files))

    def have_changed(self) -> bool:
        """Whether the files are others than when they were judged last, and the same at two looks: nobody is at them."""
        now = self._now()
        settled, self._glimpsed = now == self._glimpsed, now
        return settled and now != self._judged

    def again(self, served: Laid, at: Moment) -> Laid | None:
        """The terms as they are now; None where they are those that are served. Each state of the files is judged once.

        Raises `TermsError` where `troth terms check` finds an error, and where a version that is served and was published
        by ``at`` is another one or gone; ``UsageError`` for an option.
        """
        self._judged = self._now()
        files = self._read()
        copy = self._copy(files)
        try:
            _check(copy)
            laid = self._laid(copy)
            _check_kept(served.terms, laid.terms, at)
        except TrothError as problem:
            raise self._in_their_place(problem, copy) from None
        return None if laid.terms.digest == served.terms.digest else laid

    def _laid(self, copy: Path) -> Laid:
        terms = load(str(copy), self._options)
        check_fit(self._questions, terms)
        notices = AskedNotices(terms, (*shipped(), *self._questions))
        digests = frozenset(one.digest for one in every_notice(terms, notices))
        return Laid(terms, Standpoint(terms), notices, digests, str(copy))

    def _now(self) -> bytes:
        """The digest of the files; of nothing where they cannot be read, which is another state of them."""
        try:
            return _digest(self._read())
        except TermsError as problem:
            return str(problem).encode()

    def _read(self) -> dict[str, bytes]:
        """Everything that the terms are read from."""
        path = locate(self._name)
        folder = path if path.is_dir() else path.parent
        paths = [*(sorted(path.glob("*.toml")) if path.is_dir() else [path]), folder / LOCK]
        try:
            return {file.name: file.read_bytes() for file in paths if file.name != LOCK or file.is_file()}
        except OSError as problem:
            raise TermsError(
                f"cannot be read: {problem.strerror}", place=Place(str(path)), remedy="put the files back"
            ) from None

    def _copy(self, files: Mapping[str, bytes]) -> Path:
        """The files in a folder of their own; the one file in it where the terms are one. No copy ever changes."""
        path = locate(self._name)
        whole = self._copies / _digest(files).hex()
        folder = whole / path.name if path.is_dir() else whole
        if not whole.exists():
            made = Path(tempfile.mkdtemp(dir=self._copies))
            inside = made / folder.relative_to(whole)
            inside.mkdir(exist_ok=True)
            for name, data in files.items():
                (inside / name).write_bytes(data)
            made.rename(whole)
        return folder if path.is_dir() else folder / path.name

    def _in_their_place(self, problem: TrothError, copy: Path) -> TrothError:
        """The same, speaking of the files and not of their copies."""
        files = str(locate(self._name))
        place = problem.place and Place(problem.place.file.replace(str(copy), files), problem.place.line)
        what, remedy = (text.replace(str(copy), files) for text in (problem.what, problem.remedy))
        return TermsError(what, place=place, remedy=remedy)


def _digest(files: Mapping[str, bytes]) -> bytes:
    told = hashlib.sha256()
    for name, data in sorted(files.items()):
        told.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(data).digest())
    return told.digest()


def _check(copy: Path) -> None:
    """Raise `TermsError` for all that `troth terms check` calls an error."""
    errors = [str(problem) for problem in check_terms(str(copy)).problems if not problem.note]
    if errors:
        more = f"; and {len(errors) - MOST_TOLD} more" if len(errors) > MOST_TOLD else ""
        raise TermsError(
            f"{len(errors)} found: {'; '.join(errors[:MOST_TOLD])}{more}",
            place=Place(str(copy)),
            remedy="mend it: troth terms check",
        )


def _check_kept(served: Terms, new: Terms, at: Moment) -> None:
    """Raise `TermsError` where published terms would not be what people were told."""
    if new.name != served.name:
        raise TermsError(
            f"these are the terms {new.name!r}, and {served.name!r} are served",
            remedy="serve other terms by naming them in service.toml, and start the service again",
        )
    known = {version.version: version.digest for version in new.versions}
    for version in served.versions:
        if version.published <= at and known.get(version.version) != version.digest:
            raise TermsError(
                f"version {version.version} is published and served, and would be another one or gone",
                remedy="restore its file; what is new gets a version and a date of its own",
            )
