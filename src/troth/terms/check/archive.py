"""A published text may not change under its version number; and how the versions of a folder fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path

from troth.errors import TermsError
from troth.terms.archive import LOCK, read_lock, shipped, shipped_names
from troth.terms.check.impossible import Around
from troth.terms.model import Version
from troth.terms.parse import TermsFile
from troth.terms.problems import Problem, did_you_mean
from troth.terms.words import day_in_words

Read = Sequence[tuple[TermsFile, Version]]


def locks(file: TermsFile) -> Iterator[Problem]:
    """Compare a file with what was published under its name and version."""
    name, version = str(file.top.get("name", "")), str(file.top.get("version", ""))
    line = file.lines.of("version")
    beside = file.path.parent
    try:
        published = read_lock(beside)
    except TermsError as problem:
        yield Problem(1, problem.what, problem.remedy, str(beside / LOCK))
        published = {}
    if published.get(version, file.digest) != file.digest:
        yield Problem(
            line,
            f"the text of version {version!r} has changed since it was published ({LOCK})",
            "give the new text a new version and date, and restore the old file",
            str(file.path),
        )
    elif _shipped(name, beside).get(version, file.digest) != file.digest:
        yield Problem(
            line,
            f"{name} {version!r} is a shipped version, and this is another text",
            "give your terms a name of their own, or a version of their own",
            str(file.path),
        )


def _shipped(name: str, beside: Path) -> Mapping[str, str]:
    """Read the lock of the shipped profile of a name, unless that is the folder looked at."""
    if name not in shipped_names() or beside.resolve() == (shipped() / name).resolve():
        return {}
    return read_lock(shipped() / name)


def dates(file: TermsFile, version: Version) -> Iterator[Problem]:
    """Look at the dates of one version."""
    if version.published and version.effective and version.effective < version.published:
        yield Problem(
            file.lines.of("effective"),
            f"in force from {day_in_words(version.effective)}, before it was published "
            f"({day_in_words(version.published)})",
            "terms bind nobody before they are published; mend one of the dates",
            str(file.path),
        )


def folder(path: Path, read: Read) -> Iterator[Problem]:
    """Look at the versions of a folder together, in the order of publication."""
    for (one, _), (other, later) in combinations(read, 2):
        yield from _pair(one, other, later)
    for (one, before), (other, after) in pairwise(read):
        yield from _order(one, before, other, after)
    for file, version in read:
        if file.path.stem != version.version:
            yield Problem(
                file.lines.of("version"),
                f"the file is named {file.path.name!r}, its version {version.version!r}",
                f'name the file "{version.version}.toml", so that NAME@VERSION finds it',
                str(file.path),
                note=True,
            )
        yield from _replaced(file, version, read)
    yield from _missing(path, read)


def _pair(one: TermsFile, other: TermsFile, later: Version) -> Iterator[Problem]:
    first, second = one.top.get("name", ""), later.name
    if first != second:
        what = f"the name is {second!r}, but {first!r} in {one.path.name}"
        remedy = "keep the versions of one profile in one folder"
        yield Problem(other.lines.of("name"), what, remedy, str(other.path))
    if one.top.get("version") == later.version:
        what = f"version {later.version!r} stands in {one.path.name} too"
        yield Problem(
            other.lines.of("version"), what, "give each version a number of its own", str(other.path)
        )
    earlier = {option.name: option for option in one.options}
    for option in other.options:
        before = earlier.get(option.name)
        if before is not None and (before.type, before.values) != (option.type, option.values):
            yield Problem(
                other.lines.of("options", option.name),
                f"option {option.name!r} is declared otherwise than in {one.path.name}",
                "declare it alike in every version, so that one value goes for all",
                str(other.path),
            )


def _order(one: TermsFile, before: Version, other: TermsFile, after: Version) -> Iterator[Problem]:
    if before.published == after.published:
        what = f"published on the same day as {one.path.name}, so neither is the newer"
        yield Problem(other.lines.of("published"), what, "mend one of the dates", str(other.path))
    elif after.effective < before.effective:
        yield Problem(
            other.lines.of("effective"),
            f"in force from {day_in_words(after.effective)}, earlier than {one.path.name} "
            f"({day_in_words(before.effective)}), which so never takes effect",
            "mend one of the dates, if that is not what was announced",
            str(other.path),
            note=True,
        )


def _replaced(file: TermsFile, version: Version, read: Read) -> Iterator[Problem]:
    line = file.lines.of("replaces_deadline_of")
    known = {other.version: other for _, other in read if other.version != version.version}
    for name in version.replaces_deadline_of:
        other = known.get(name)
        if other is None:
            remedy = did_you_mean(name, known) if known else "name an earlier version of the same folder"
            yield Problem(
                line,
                f"replaces the deadline of {name!r}, which is no other version here",
                remedy,
                str(file.path),
            )
        elif other.published >= version.published:
            what = f"replaces the deadline of {name!r}, which is not older"
            yield Problem(line, what, "name an earlier version", str(file.path))


def _missing(path: Path, read: Read) -> Iterator[Problem]:
    try:
        published = read_lock(path)
    except TermsError:
        return
    for name in sorted(set(published) - {version.version for _, version in read}):
        what = f"version {name!r} was published, and its file is gone"
        yield Problem(1, what, "restore the file: people may still be under it", str(path / LOCK))


def around(version: Version, versions: Sequence[Version]) -> Around:
    """Say what the other versions add to one: plans of organisations, and deadlines set anew."""
    plans = {plan for other in versions for plan in other.organisation_plans}
    replacing = [other for other in versions if version.version in other.replaces_deadline_of]
    deadlines: Mapping[str, frozenset[str]] = {
        choice.name: frozenset().union(*(_deadline(other, choice.name) for other in (version, *replacing)))
        for choice in version.choices
    }
    return Around(frozenset(plans), deadlines)


def _deadline(version: Version, name: str) -> frozenset[str]:
    choice = next((c for c in version.choices if c.name == name), None)
    dated = choice is not None and choice.deadline is not None
    return frozenset({"before", "passed"}) if dated else frozenset({"none"})
