"""Step 7. The terms of the manifest are the terms given, or the shipped ones of that name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.errors import InputError, UsageError
from troth.release.layout import MANIFEST
from troth.release.manifest import TermsPart
from troth.terms.archive import load, shipped_names
from troth.terms.model import Terms
from troth.types.moment import format_moment
from troth.verify.report import Notes, plural, shown

GIVE = "give the terms that the manifest names, under the options that it names"


def check_terms(told: TermsPart, given: Terms | None, notes: Notes) -> None:
    """Step 7. Without terms given, the shipped ones are tried; if they are others, nothing is shown."""
    if given is not None:
        for fault in _differences(told, given):
            notes.found(MANIFEST, fault, GIVE)
        notes.checked(f"{shown(told.name)}, {plural(len(told.versions), 'version')}, against the terms given")
        return
    shipped = _shipped(told.name, told.options)
    if shipped is None:
        notes.not_checked(f"the terms {shown(told.name)} were not given and are not shipped with Troth")
    elif any(True for _ in _differences(told, shipped)):
        notes.not_checked(
            f"the terms {shown(told.name)} were not given, and are not those shipped under that name"
        )
    else:
        notes.checked(
            f"{shown(told.name)}, {plural(len(told.versions), 'version')}: those shipped with Troth"
        )


def _shipped(name: str, options: Mapping[str, str]) -> Terms | None:
    if name not in shipped_names():
        return None
    try:
        return load(name, options)
    except (InputError, UsageError):
        return None


def _differences(told: TermsPart, given: Terms) -> Iterator[str]:
    if told.name != given.name:
        yield f"made under the terms {shown(told.name)}, and {shown(given.name)} were given"
        return
    if dict(told.options) != dict(given.options):
        yield f"made under the options {_options(told.options)}, and not {_options(given.options)}"
    versions = {one.version: (format_moment(one.effective), one.digest) for one in given.versions}
    named = {one.version: (one.effective, one.digest) for one in told.versions}
    for version in sorted({*versions, *named}):
        if version not in named:
            yield f"version {shown(version)} of the terms is given, and the manifest does not name it"
        elif version not in versions:
            yield f"version {shown(version)} of the terms is in the manifest, and was not given"
        elif versions[version] != named[version]:
            yield f"version {shown(version)} of the terms has another text or date than the one given"
    if [one.version for one in told.versions] != [one.version for one in given.versions]:
        yield "the versions of the terms are not in the order of their publication"
    if told.digest != given.digest:
        yield "the digest of the terms is not that of the terms given"


def _options(options: Mapping[str, str]) -> str:
    return shown(", ".join(f"{name}={value}" for name, value in sorted(options.items())) or "none")
