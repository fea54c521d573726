"""The options of a profile in combinations that try every value of each."""

from __future__ import annotations

from collections.abc import Mapping

from troth.terms.archive import load, shipped_names

FREE = {"api_retention": ("P30D", "P7D", "P2Y"), "sample_rate": ("1.0", "0.5", "0.0")}
"""Values to try of options that are durations and rates."""


def options(name: str) -> Mapping[str, tuple[str, ...]]:
    """Every option of a profile with the values to try, the default first."""
    found: dict[str, tuple[str, ...]] = {}
    for version in load(name).versions:
        for option in version.options:
            others = (v for v in (*option.values, *FREE.get(option.name, ())) if v != option.default)
            found[option.name] = (option.default, *others)
    return found


def readings(name: str) -> list[dict[str, str]]:
    """The defaults, each other value alone, and the last value of all options together."""
    known = options(name)
    alone = [{option: value} for option, values in known.items() for value in values[1:]]
    together = [{option: values[-1] for option, values in known.items()}] if len(known) > 1 else []
    return [{}, *alone, *together]


READINGS = [(name, reading) for name in shipped_names() for reading in readings(name)]
NAMES = [
    "-".join([name, *(f"{key}={value}" for key, value in reading.items())]) for name, reading in READINGS
]
MOST_APART = [(name, reading) for name in shipped_names() for reading in ({}, readings(name)[-1])]
"""Of each profile the defaults, and the reading furthest from them."""
