"""The reader that a mapping file describes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from troth.intake.declared import TimeFormError, time_in_form
from troth.intake.json_text import NotJsonError, decode
from troth.intake.mapping_file import Field, MappingFile, TurnPart, Where, as_field
from troth.intake.readers.elements import MISSHAPEN, told
from troth.intake.readers.media import decoded, kind_of_media
from troth.intake.readers.tools import as_json
from troth.intake.records import turn_digest
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn
from troth.types.moment import Moment

_ABSENT = object()
Path = tuple[str, ...]


def at_path(value: Any, path: Path) -> Any:
    """What lies at a path, or `_ABSENT`. Text that is JSON is entered like the value that it holds."""
    for key in path:
        held = _entered(value)
        if isinstance(held, dict):
            value = held.get(key, _ABSENT)
        elif isinstance(held, list) and key.isdecimal() and int(key) < len(held):
            value = held[int(key)]
        else:
            return _ABSENT
        if value is _ABSENT:
            return _ABSENT
    return value


def _entered(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return decode(value.encode("utf-8"))
        except NotJsonError:
            return value
    return value


@dataclass(frozen=True, slots=True)
class _Pick:
    """One value of a row: found by its path, translated by the words of the mapping."""

    path: Path
    constant: str | None
    words: dict[str, str]
    form: str | None

    @classmethod
    def of(cls, where: Where | None) -> _Pick | None:
        field = Field() if where is None else as_field(where)
        return None if where is None else cls(field.path, field.value, field.values, field.form)

    def raw(self, row: Any) -> Any:
        if self.constant is not None:
            return self.constant
        value = at_path(row, self.path)
        return None if value is _ABSENT else value


def _name(pick: _Pick | None, row: Any) -> str | None:
    found = None if pick is None else told(pick.raw(row))
    return found if found is None or pick is None else pick.words.get(found, found)


def _time(pick: _Pick | None, row: Any) -> Moment | None:
    return None if pick is None or pick.form is None else time_in_form(pick.raw(row), pick.form)


class _TurnPicks:
    """A ``[turn]`` table."""

    def __init__(self, part: TurnPart) -> None:
        self._pick = {name: _Pick.of(getattr(part, name)) for name in part.__struct_fields__}

    def turn(self, row: Any) -> Turn | None:
        """The turn of a row; None where the row holds no content for it."""
        pick = self._pick
        text, data, path = self._raw("text", row), self._data(row), _name(pick["path"], row)
        if text is None and data is None and path is None:
            return None
        role = _name(pick["role"], row)
        if role is None:
            raise TimeFormError("a turn has no role")
        media_type, position = _name(pick["media_type"], row), self._raw("position", row)
        kind = _name(pick["kind"], row)
        is_media = data is not None or path is not None
        return Turn(
            role,
            text=None if text is None else as_json(text),
            id=_name(pick["id"], row),
            parent=_name(pick["parent"], row),
            position=None if position in (None, "") else int(position),
            at=_time(pick["time"], row),
            kind=kind or (kind_of_media(media_type) if is_media else "text"),
            account=_name(pick["account"], row),
            model=_name(pick["model"], row),
            tool=_name(pick["tool"], row),
            media_type=media_type,
            data=data,
            path=path,
        )

    def _raw(self, name: str, row: Any) -> Any:
        pick = self._pick[name]
        return None if pick is None else pick.raw(row)

    def _data(self, row: Any) -> bytes | None:
        held = self._raw("data", row)
        if held is None or held == "" or isinstance(held, bytes):
            return held or None
        found = decoded(held)
        if found is None:
            raise TimeFormError("the data is not base64")
        return found


class _Mapped:
    """The whole mapping, ready to be applied to rows."""

    def __init__(self, file: MappingFile) -> None:
        if file.log is None:
            raise ValueError("the mapping describes no log")
        about = file.conversation
        self._about = {name: _Pick.of(getattr(about, name)) for name in about.__struct_fields__}
        self._turns = [_TurnPicks(part) for part in file.turns]
        self._list = Field(field=file.log.turns).path if file.log.turns is not None else None
        self._rows_are_turns = file.log.rows == "turns"
        self._needed = needed_paths(file)

    def recognises(self, sample: Sample) -> bool:
        """Whether a sample has everything that the mapping cannot do without."""
        return sample.shape not in ("sqlite", "unknown") and not missing(sample, self._needed)

    def read(self, source: Source) -> Iterator[Conversation | Damage]:
        """The conversations of a source; neighbouring rows of one conversation are read together."""
        pieces = self._pieces(source)
        if not self._rows_are_turns:
            yield from pieces
            return
        for together, group in groupby(pieces, _belonging):
            if together is None:
                yield from group
                continue
            parts = [part for part in group if isinstance(part, Conversation)]
            yield replace(parts[0], turns=tuple(turn for part in parts for turn in part.turns))

    def _pieces(self, source: Source) -> Iterator[Conversation | Damage]:
        is_json = source.sample.shape in JSON_SHAPES
        for element in source.json_elements() if is_json else source.rows():
            if isinstance(element, Damage):
                yield element
                continue
            number, row = element
            try:
                yield replace(self._conversation(row), line=number)
            except TimeFormError as problem:
                yield Damage(number, str(problem))
            except MISSHAPEN:
                yield Damage(number, "the row is not as the mapping file describes it")

    def _conversation(self, row: Any) -> Conversation:
        about, at = self._about, _time(self._about["time"], row)
        turns = tuple(self._dated(turn, at) for turn in self._found(row))
        if not turns:
            raise TimeFormError("the row holds no turn where the mapping file says")
        return Conversation(
            turns,
            id=_name(about["id"], row),
            account=_name(about["account"], row),
            plan=_name(about["plan"], row),
            channel=_name(about["channel"], row) or "first_party",
            product=_name(about["product"], row) or "chat",
        )

    def _found(self, row: Any) -> Iterable[Turn]:
        items = [row] if self._list is None else _entered(at_path(row, self._list))
        if not isinstance(items, list):
            raise TimeFormError("the row has no list of turns where the mapping file says")
        for item in items:
            for picks in self._turns:
                turn = picks.turn(item)
                if turn is not None:
                    yield turn

    def _dated(self, turn: Turn, at: Moment | None) -> Turn:
        dated = replace(turn, at=at) if turn.at is None and at is not None else turn
        # Rows of one conversation may lie apart, so that a place among neighbours would not be an id.
        return replace(dated, id=turn_digest(dated)) if self._rows_are_turns and dated.id is None else dated


def _belonging(piece: Conversation | Damage) -> tuple[Any, ...] | None:
    """What neighbouring rows must share to be one conversation; None for what stands alone."""
    if isinstance(piece, Damage) or piece.id is None:
        return None
    return piece.id, piece.account, piece.plan, piece.channel, piece.product


def needed_paths(file: MappingFile) -> tuple[Path, ...]:
    """The paths without which a log is not the one that the mapping describes."""
    log = file.log
    if log is None:
        return ()
    about = [] if file.conversation.id is None else [as_field(file.conversation.id).path]
    if log.turns is not None:
        return tuple(path for path in [*about, Field(field=log.turns).path] if path)
    said = [where for turn in file.turns for where in (turn.role, turn.text) if where is not None]
    return tuple(dict.fromkeys(path for path in [*about, *(as_field(where).path for where in said)] if path))


def missing(sample: Sample, needed: tuple[Path, ...]) -> list[str]:
    """The paths that a sample lacks: columns of a table, or keys in every one of the sampled objects."""
    if sample.shape in ("csv", "parquet"):
        return [".".join(path) for path in needed if path[0] not in sample.columns]
    objects = sample.objects
    return [".".join(path) for path in needed if all(at_path(value, path) is _ABSENT for value in objects)]


def reader_of(file: MappingFile) -> Reader:
    """A reader like the others, made from a mapping file."""
    mapped = _Mapped(file)
    name = file.log.name if file.log else "mapped"
    return Reader(name, f"{name} (mapping file)", mapped.recognises, mapped.read)
