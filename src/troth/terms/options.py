"""Options: the declared readings of terms whose text leaves more than one open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.errors import UsageError
from troth.terms.fields import ANY, WORD, WORDS, Fields
from troth.terms.lines import Lines
from troth.terms.model import Option
from troth.terms.problems import Problems, did_you_mean
from troth.types.moment import MomentError, parse_period

TYPES = ("word", "duration", "rate")


def read_options(tables: Mapping[str, Any], lines: Lines, problems: Problems) -> tuple[Option, ...]:
    """The declared options of a file. The first value of a word option is its default."""
    options = []
    for name, table in tables.items():
        what, line = f"option {name!r}", lines.of("options", name)
        got = Fields(table, ("options", name), what, lines, problems).take(
            {"type": (WORD, False), "values": (WORDS, False), "default": (ANY, False), "text": (WORD, True)}
        )
        kind = got.get("type", "word")
        values = got.get("values", ())
        if kind not in TYPES:
            problems.add(line, f"{what}: unknown type {kind!r}", did_you_mean(kind, TYPES))
        if (kind == "word") != bool(values) or (kind != "word") != ("default" in got):
            problems.add(line, f"{what} has no default", "give values (the first is the default), or type and default")
        default = values[0] if values else str(got.get("default", ""))
        options.append(Option(name, kind, values, default, got.get("text", "")))
    return tuple(options)


@dataclass(frozen=True, slots=True)
class Settled:
    """Options with a value each."""

    values: Mapping[str, str]

    def resolve(self, word: str) -> str:
        """``option:NAME`` becomes the value of the option; every other word stays."""
        return self.values.get(word.removeprefix("option:"), word) if word.startswith("option:") else word

    def admits(
        self, conditions: Mapping[str, Any], lines: Lines, line: int, what: str, problems: Problems
    ) -> bool:
        """Whether a rule that is limited to some values of some options is in force."""
        admitted = True
        for name, given in conditions.items():
            accepted = [given] if isinstance(given, str) else given
            if name not in self.values:
                problems.add(line, f"{what}: unknown option {name!r}", did_you_mean(name, self.values))
            admitted = admitted and self.values.get(name) in accepted
        return admitted


def settle(options: tuple[Option, ...], given: Mapping[str, str]) -> Settled:
    """Every option with the given value or its default. Raises `UsageError` for a name or value not declared."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise UsageError(f"unknown option {name!r}", remedy=did_you_mean(name, known))
    return Settled({name: check_value(option, given.get(name, option.default)) for name, option in known.items()})


def check_value(option: Option, value: str) -> str:
    """The value, if the option may have it. Raises `UsageError`."""
    if option.type == "word" and value not in option.values:
        raise UsageError(
            f"option {option.name!r} is never {value!r}", remedy=did_you_mean(value, option.values)
        )
    if option.type == "duration":
        try:
            parse_period(value)
        except MomentError as problem:
            raise UsageError(f"option {option.name!r}: {problem}", remedy="give a duration") from None
    if option.type == "rate" and not _is_rate(value):
        raise UsageError(f"option {option.name!r} is {value!r}", remedy="give a number from 0 to 1")
    return value


def _is_rate(value: str) -> bool:
    try:
        return 0.0 <= float(value) <= 1.0
    except ValueError:
        return False
