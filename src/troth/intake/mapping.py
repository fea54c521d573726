"""Mapping files: a log of a format that nobody has met before, described in a few lines of TOML.

``docs/formats/mapping.md`` is the reference. A mapping file may also, or only, join what a log does not tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from troth.errors import LogError, Place
from troth.intake.joins import Join, JoinTable, load_join
from troth.intake.mapped import needed_paths, reader_of
from troth.intake.mapping_check import checked, line_of
from troth.intake.mapping_file import JoinPart, as_field
from troth.intake.turns import Reader


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, checked and ready to use."""

    reader: Reader | None
    """Reads the log that the file describes; None where it only joins."""
    joins: tuple[Join, ...]
    names: tuple[tuple[str, ...], ...] = ()
    """The paths that a log must have to be the one that the file describes."""


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file, and the tables that it joins. Raises `LogError` with the line."""
    text = _text(path)
    file = checked(path, text)
    joins = tuple(_join(path, text, number, part) for number, part in enumerate(file.join))
    if file.log is None:
        return Mapping(None, joins)
    return Mapping(reader_of(file), joins, needed_paths(file))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as problem:
        what = f"the mapping file cannot be read: {problem.strerror or problem}"
        raise LogError(what, place=Place(str(path)), remedy="check the path") from None
    except UnicodeDecodeError:
        what = "the mapping file is not valid UTF-8"
        raise LogError(what, place=Place(str(path)), remedy="save it as UTF-8") from None


def _join(path: Path, text: str, number: int, part: JoinPart) -> Join:
    columns = {name: getattr(part, name) for name in ("account", "plan", "channel") if getattr(part, name)}
    form = None
    if part.time is not None:
        time = as_field(part.time)
        columns["at"], form = str(time.field), time.form
    asked = Place(str(path), line_of(text, ["join", f"[{number}]", "file"]))
    return load_join(JoinTable(path.parent / part.file, part.by, part.key, columns, form, asked))
