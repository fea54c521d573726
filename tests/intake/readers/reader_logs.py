"""How the tests of single readers read a log: all that it holds, told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader, Turn
from troth.types.moment import Moment, format_moment

LOGS = Path(__file__).resolve().parents[2] / "fixtures" / "logs"
PNG = bytes.fromhex("89504e470d0a1a0a")
PNG_URL = "data:image/png;base64,iVBORw0KGgo="


@dataclass(frozen=True)
class Log:
    """What a reader makes of a log."""

    conversations: list[Conversation]
    damage: list[Damage]

    @property
    def turns(self) -> list[Turn]:
        return [turn for conversation in self.conversations for turn in conversation.turns]

    @property
    def texts(self) -> list[str | None]:
        return [turn.text for turn in self.turns]

    @property
    def ids(self) -> list[str | None]:
        return [turn.id for turn in self.turns]

    def conversation(self, own: str) -> Conversation:
        (found,) = (each for each in self.conversations if each.id == own)
        return found

    def turn(self, text: str) -> Turn:
        """The one turn that says this."""
        (found,) = (turn for turn in self.turns if turn.text == text)
        return found

    def of_kind(self, kind: str) -> list[Turn]:
        return [turn for turn in self.turns if turn.kind == kind]


def read(reader: Reader, path: Path) -> Log:
    """What a reader makes of a file; it must recognise it."""
    source = Source.at(path)
    assert reader.recognises(source.sample)
    found = list(reader.read(source))
    conversations = [each for each in found if isinstance(each, Conversation)]
    return Log(conversations, [each for each in found if isinstance(each, Damage)])


def read_fixture(reader: Reader, name: str) -> Log:
    """What a reader makes of a fixture, in which nothing is damaged."""
    log = read(reader, LOGS / name)
    assert log.damage == []
    return log


def read_lines(reader: Reader, folder: Path, *lines: Any) -> Log:
    """What a reader makes of JSON Lines; text is a line as it is."""
    path = folder / "a log"
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return read(reader, path)


def at(moment: Moment | None) -> str | None:
    """A time as text."""
    return None if moment is None else format_moment(moment)
