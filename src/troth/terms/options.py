"""Options: the declared readings of terms whose text leaves more than one open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.errors import UsageError
from troth.terms.fields import Fields, a_word, anything, some_words
from troth.terms.lines import Lines
from troth.terms.model import Option
from troth.terms.problems import Problems, did_you_mean
from troth.types.moment import MomentError, parse_period

TYPES = ("word", "duration", "rate")


def read_options(tables: Mapping[str, Any], lines: Lines, problems: Problems) -> tuple[Option, ...]:
    """Read the declared options of a file. The first value of a word option is its default."""
    options = []
    for name, table in tables.items():
        what, line = f"option {name!r}", lines.of("options", name)
        got = Fields(table, ("options", name), what, lines, problems).take(
            {
                "type": (a_word, False),
                "values": (some_words, False),
                "default": (anything, False),
                "text": (a_word, True),
            }
        )
        kind = got.get("type", "word")
        values = got.get("values", ())
        default = values[0] if values else str(got.get("default", ""))
        option = Option(name, kind, values, default, got.get("text", ""))
        if kind not in TYPES:
            problems.add(
                lines.of("options", name, "type"), f"{what}: unknown type {kind!r}", did_you_mean(kind, TYPES)
            )
        elif (kind == "word") != bool(values) or (kind != "word") != ("default" in got):
            remedy = "give values (the first is the default), or type and default"
            problems.add(line, f"{what} has no default", remedy)
        elif wrong := _wrong(option, default):
            problems.add(
                lines.of("options", name, "default"), f"{what}: its default {wrong}", "mend this line"
            )
        options.append(option)
    return tuple(options)


@dataclass(frozen=True, slots=True)
class Settled:
    """Options with a value each."""

    values: Mapping[str, str]
    declared: Mapping[str, Option]

    def resolve(self, word: str) -> str:
        """Replace ``option:NAME`` by the value of the option; every other word stays."""
        return self.values.get(word.removeprefix("option:"), word) if word.startswith("option:") else word

    def admits(self, conditions: Mapping[str, Any], line: int, what: str, problems: Problems) -> bool:
        """Tell whether a row that is limited to some values of some options is in force."""
        admitted = True
        for name, given in conditions.items():
            accepted = given if isinstance(given, list) else [given]
            option = self.declared.get(name)
            if option is None:
                problems.add(line, f"{what}: unknown option {name!r}", did_you_mean(name, self.declared))
            elif option.type != "word":
                problems.add(
                    line,
                    f"{what}: option {name!r} is a {option.type}, and no condition can be put on it",
                    f'name it as a value instead: "option:{name}"',
                )
            else:
                _check_accepted(option, accepted, line, what, problems)
            admitted = admitted and self.values.get(name) in accepted
        return admitted


def _check_accepted(option: Option, accepted: list[Any], line: int, what: str, problems: Problems) -> None:
    if not accepted:
        problems.add(
            line,
            f"{what} is admitted under no value of option {option.name!r}",
            "list the values it is about",
        )
    for value in accepted:
        if value not in option.values:
            remedy = did_you_mean(str(value), option.values)
            problems.add(line, f"{what}: option {option.name!r} is never {value!r}", remedy)


def settle(options: tuple[Option, ...], given: Mapping[str, str]) -> Settled:
    """Give every option its given value, or its default. Raises `UsageError` for what is not declared."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise UsageError(f"unknown option {name!r}", remedy=did_you_mean(name, known))
    values = {
        name: check_value(option, given[name]) if name in given else option.default
        for name, option in known.items()
    }
    return Settled(values, known)


def check_value(option: Option, value: str) -> str:
    """Give the value back, if the option may have it. Raises `UsageError`."""
    wrong = _wrong(option, value)
    if wrong:
        remedy = did_you_mean(value, option.values) if option.type == "word" else f"give a {option.type}"
        raise UsageError(f"option {option.name!r} {wrong}", remedy=remedy)
    return value


def _wrong(option: Option, value: str) -> str:
    """Say why an option cannot have a value; nothing where it can."""
    if option.type == "word":
        return "" if value in option.values else f"is never {value!r}"
    if option.type == "duration":
        try:
            parse_period(value)
        except MomentError as problem:
            return f"is no duration: {problem}"
    if option.type == "rate" and not _is_rate(value):
        return f"is {value!r}, not a number from 0 to 1"
    return ""


def _is_rate(value: str) -> bool:
    try:
        return 0.0 <= float(value) <= 1.0
    except ValueError:
        return False
