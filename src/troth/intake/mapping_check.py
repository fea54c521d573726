"""Mapping files are a closed world: what is wrong with one is said with its line and a remedy."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from troth.errors import LogError, Place
from troth.intake.mapping_file import (
    ConversationPart,
    Field,
    JoinPart,
    LogPart,
    MappingFile,
    TurnPart,
    as_field,
)
from troth.types.vocabulary import CHANNELS, KINDS, PRODUCTS, ROLES

_WORDS = {"role": ROLES, "kind": KINDS, "product": PRODUCTS, "channel": CHANNELS}


def checked(path: Path, text: str) -> MappingFile:
    """The mapping file that a text is. Raises `LogError` with the line of what is wrong."""
    try:
        file = msgspec.convert(tomllib.loads(text), MappingFile)
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"at line (\d+)", str(problem))
        place = Place(str(path), int(found[1]) if found else None)
        raise LogError(f"not valid TOML: {problem}", place=place, remedy="mend the line") from None
    except msgspec.ValidationError as problem:
        _refuse_shape(path, text, str(problem))
    _Check(path, text).file(file)
    return file


def _refuse_shape(path: Path, text: str, problem: str) -> NoReturn:
    """Say what the shape of the file should be, with the line where it is not."""
    what, _, at = problem.partition(" - at ")
    where = [*re.findall(r"(\w+|\[\d+\])", at)]
    key = re.search(r"`([^`]*)`", what)
    named = [*where, key[1]] if key and "unknown field" in what else where
    what = what.replace("Object", "the table").replace("field", "key")
    table = next((name for name in reversed(where) if name in _TABLES), None)
    known = ", ".join(_keys(_TABLES[table])) if table else ", ".join(_keys(MappingFile))
    raise LogError(
        f"{what}{f' in [{table}]' if table else ''}",
        place=Place(str(path), line_of(text, named)),
        remedy=f"known keys are: {known}",
    )


_TABLES: dict[str, type[msgspec.Struct]] = {
    "log": LogPart,
    "conversation": ConversationPart,
    "turn": TurnPart,
    "join": JoinPart,
}


def _keys(part: type[msgspec.Struct]) -> tuple[str, ...]:
    return part.__struct_encode_fields__


def line_of(text: str, where: list[str]) -> int | None:
    """The line of a key of a TOML file, by its path such as ``["join", "[1]", "key"]``; None if not found."""
    names = [name for name in where if not name.startswith("[")]
    nth = next((int(name[1:-1]) for name in where if name.startswith("[")), 0)
    if not names:
        return None
    header = re.compile(rf"^\s*\[\[?\s*{re.escape(names[0])}\b.*\]")
    key = re.compile(rf"""^\s*["']?{re.escape(names[-1])}["']?\s*=""")
    headers, inside, best = 0, False, None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            inside = bool(header.match(line)) and headers == nth
            headers += bool(header.match(line))
            best = number if inside and best is None else best
        elif key.match(line) and (inside or len(names) == 1):
            return number
    return best


@dataclass(frozen=True, slots=True)
class _Check:
    """What the shape alone does not say of a mapping file."""

    path: Path
    text: str

    def file(self, file: MappingFile) -> None:
        log = file.log
        if log is None:
            if file.turns or file.conversation != ConversationPart():
                self._refuse(
                    "[turn] and [conversation] need a table [log]", ["turn"], "add [log] with rows = …"
                )
            if not file.join:
                self._refuse("the mapping file says nothing", [], "add [log] and [turn], or [[join]]")
        elif not file.turns:
            self._refuse("a log needs at least one table [turn]", ["log"], "add [turn] with role and text")
        elif log.rows == "turns" and log.turns is not None:
            remedy = 'remove turns, or write rows = "conversations"'
            self._refuse("where one row is a turn there is no list of turns", ["log", "turns"], remedy)
        self._joins(file.join)
        self._fields("conversation", file.conversation)
        for number, turn in enumerate(file.turns):
            self._fields("turn", turn, number)
            if turn.text is None and turn.data is None and turn.path is None:
                where = ["turn", f"[{number}]"]
                self._refuse("a turn needs text, data or path", where, "say where its content is")

    def _joins(self, joins: list[JoinPart]) -> None:
        for number, join in enumerate(joins):
            where = ["join", f"[{number}]"]
            if not (join.account or join.plan or join.channel or join.time):
                remedy = "name a column for account, plan, channel or time"
                self._refuse("the join adds nothing", where, remedy)
            time = None if join.time is None else as_field(join.time)
            if time and not (isinstance(time.field, str) and time.form):
                remedy = 'write time = { field = "…", as = "rfc3339" } (or epoch_seconds, epoch_millis)'
                self._refuse("a time needs to say how it is written", [*where, "time"], remedy)

    def _fields(self, table: str, part: msgspec.Struct, number: int = 0) -> None:
        for key in part.__struct_fields__:
            where = getattr(part, key)
            if where is not None:
                self._field([table, f"[{number}]", key], key, as_field(where))

    def _field(self, where: list[str], key: str, field: Field) -> None:
        if (field.field is None) == (field.value is None):
            self._refuse(f"{key} needs either field or value", where, "write one of the two")
        if key == "time" and field.form is None:
            remedy = 'write time = { field = "…", as = "rfc3339" } (or epoch_seconds, epoch_millis)'
            self._refuse("a time needs to say how it is written", where, remedy)
        if key != "time" and field.form is not None:
            self._refuse(f"{key} is not a time", where, "remove as")
        known = _WORDS.get(key)
        said = [*field.values.values(), *([field.value] if field.value else [])]
        for word in said if known else []:
            if known and word not in known:
                self._refuse(f"{word!r} is no {key}", where, f"known are: {', '.join(known)}")

    def _refuse(self, what: str, where: list[str], remedy: str) -> NoReturn:
        raise LogError(what, place=Place(str(self.path), line_of(self.text, where)), remedy=remedy)
