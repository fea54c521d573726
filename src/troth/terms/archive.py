"""The archive of terms: the shipped profiles, and files and folders of a person's own.

A profile is a folder with one file for each dated version, and ``terms.lock``: the digest of each published
version. Its content may not change under an old version number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from troth.canon.canonical import digest_of
from troth.errors import Place, TermsError
from troth.terms.model import Terms
from troth.terms.parse import TermsFile
from troth.terms.problems import did_you_mean

LOCK = "terms.lock"
RESTORE = "restore the file from where it was published"


def shipped() -> Path:
    """Find the folder of the shipped profiles."""
    return Path(str(files("troth.terms") / "profiles"))


def shipped_names() -> tuple[str, ...]:
    """List the names of the shipped profiles."""
    return tuple(sorted(folder.name for folder in shipped().iterdir() if (folder / LOCK).is_file()))


def locate(name: str) -> Path:
    """Find what a name, a file or a folder means. Raises `TermsError` where it means nothing."""
    if name in shipped_names():
        return shipped() / name
    profile, _, version = name.partition("@")
    if version and profile in shipped_names():
        file = shipped() / profile / f"{version}.toml"
        if file.is_file():
            return file
        known = sorted(f"{profile}@{f.stem}" for f in (shipped() / profile).glob("*.toml"))
        raise TermsError(f"no version {version!r} of {profile!r}", remedy=did_you_mean(name, known))
    path = Path(name)
    if not path.exists():
        raise TermsError(
            f"no terms named {name!r}",
            remedy=f"give a file, a folder of versions, or one of: {', '.join(shipped_names())}",
        )
    return path


def read_files(path: Path) -> list[TermsFile]:
    """Read the terms files of a profile folder in the order of publication, or the one file."""
    if path.is_file():
        return [TermsFile.read(path)]
    found = [TermsFile.read(file) for file in sorted(path.glob("*.toml"))]
    if not found:
        raise TermsError(
            "no terms files in this folder", place=Place(str(path)), remedy="give a folder of *.toml files"
        )
    return sorted(found, key=lambda file: file.top.get("published", 0))


def load(name: str, options: Mapping[str, str] | None = None) -> Terms:
    """All versions of a profile under some options, checked.

    Raises `TermsError` for the first problem of any file, and ``UsageError`` for an option or a value that is
    not declared.
    """
    read = read_files(locate(name))
    versions = []
    for file in read:
        given = {key: value for key, value in (options or {}).items() if _declared(key, file, read)}
        version = file.version(given)
        file.problems.raise_first()
        versions.append(version)
    names = {version.name for version in versions}
    if len(names) > 1:
        raise TermsError(
            f"one folder holds several profiles: {', '.join(sorted(names))}",
            place=Place(name),
            remedy="keep the versions of one profile in one folder",
        )
    settled: dict[str, str] = {}
    for version in versions:
        settled.update(version.settled)
    digest = digest_of(
        {"name": versions[0].name, "options": settled, "versions": {v.version: v.digest for v in versions}}
    )
    return Terms(versions[0].name, tuple(versions), digest, settled)


def _declared(option: str, file: TermsFile, read: list[TermsFile]) -> bool:
    """Whether a given option goes to this file: not if only another version declares it."""
    if any(o.name == option for o in file.options):
        return True
    return not any(o.name == option for other in read for o in other.options)


def read_lock(folder: Path) -> Mapping[str, str]:
    """Read version to digest, of what has been published. Empty where nothing was. Raises `TermsError`."""
    lock = folder / LOCK
    if not lock.is_file():
        return {}
    try:
        published = tomllib.loads(lock.read_text(encoding="utf-8")).get("published", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise TermsError(f"cannot be read: {problem}", place=Place(str(lock)), remedy=RESTORE) from None
    if not isinstance(published, dict) or not all(isinstance(digest, str) for digest in published.values()):
        raise TermsError("is not a list of digests", place=Place(str(lock)), remedy=RESTORE)
    return published


def write_lock(folder: Path) -> Path:
    """Record the digest of every version in a folder. Raises `TermsError` if a published one has changed."""
    known = read_lock(folder)
    digests = dict(known)
    for file in read_files(folder):
        version = str(file.top.get("version", file.path.stem))
        if known.get(version, file.digest) != file.digest:
            raise TermsError(
                f"the text of version {version} has changed since it was published",
                place=Place(str(file.path), 1),
                remedy="give the new text a new version and date, and restore the old file",
            )
        digests[version] = file.digest
    lock = folder / LOCK
    lines = [f'"{version}" = "{digest}"' for version, digest in sorted(digests.items())]
    lock.write_text("# Digests of what was published. Made by `troth terms publish`; never edited.\n"
                    "[published]\n" + "\n".join(lines) + "\n", encoding="utf-8")  # fmt: skip
    return lock
