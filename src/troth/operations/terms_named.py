"""What a person means by terms: a profile, one version of it, a file, or a folder of versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from troth.canon.canonical import digest_of
from troth.errors import UsageError
from troth.terms.archive import load, locate, read_files, shipped_names
from troth.terms.model import Terms, Version
from troth.terms.problems import did_you_mean
from troth.types.moment import FIRST


def named(name: str, options: Mapping[str, str]) -> tuple[Terms, Version]:
    """All versions, and the one that is meant: the one named, else the newest.

    Raises ``TermsError`` and ``UsageError``.
    """
    profile, _, version = name.partition("@")
    if version and profile in shipped_names():
        locate(name)
        terms = load(profile, options)
        return terms, next(one for one in terms.versions if one.version == version)
    terms = load(name, options)
    return terms, terms.newest


def shared(names: Sequence[str], options: Mapping[str, str]) -> list[dict[str, str]]:
    """Give each option to those terms that declare it. Raises `UsageError` where none of them does."""
    declared = [_declared(name) for name in names]
    known = set().union(*declared)
    for option in options:
        if option not in known:
            raise UsageError(f"unknown option {option!r}", remedy=did_you_mean(option, known))
    return [{name: value for name, value in options.items() if name in own} for own in declared]


def _declared(name: str) -> set[str]:
    profile = name.partition("@")[0]
    path = locate(profile if profile in shipped_names() else name)
    return {option.name for file in read_files(path) for option in file.options}


def in_force(name: str, options: Mapping[str, str]) -> Terms:
    """Terms to decide with. A version that is given alone is taken as in force, and published, since ever.

    What a rule makes of the day on which its version took effect then means: since ever.
    """
    terms = load(name, options)
    if len(terms.versions) > 1:
        return terms
    alone = replace(terms.newest, published=FIRST, effective=FIRST)
    digest = digest_of({"alone": alone.digest, "options": dict(terms.options)})
    return Terms(terms.name, (alone,), digest, terms.options)
