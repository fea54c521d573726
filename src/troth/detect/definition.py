"""The digest of a detector: of all that decides what it finds, so that another detector has another one."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from troth.canon.canonical import digest_of

if TYPE_CHECKING:
    from troth.detect.detector import Detector

_ROOMS = ("text", "patterns", "secrets", "names", "whole")
"""Folders whose files decide: code, tables, words and weights."""
_FILES = ("detector.py", "finding.py", "kinds.py", "custom.py")
_TABLES = ("phonenumbers", "python-stdnum")
"""Packages whose tables decide which numbers there are. What is found does not depend on the pattern engine."""


def definition_of(detector: Detector) -> str:
    """The ``sha256:`` digest of a detector."""
    return digest_of(
        {
            "code": dict(_code()),
            "tables": {name: version(name) for name in _TABLES},
            "recognisers": [described(one) for one in detector.recognisers],
            "names": detector.names.digest if detector.names else None,
            "allow": sorted(detector.allow),
            "least": f"{detector.least:.6f}",
            "everything": detector.everything,
        }
    )


@functools.cache
def _code() -> Mapping[str, str]:
    """The SHA-256 of every file of the package that decides, by its place in it."""
    home = Path(__file__).parent
    found = [home / name for name in _FILES if (home / name).exists()]
    for room in _ROOMS:
        found += [
            path for path in (home / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(found)
    }


def described(thing: object) -> object:
    """What a recogniser is made of, in plain values: expressions, words and numbers; functions by their name.

    Raises ``TypeError`` for what cannot be told apart by its parts: such a thing must not decide.
    """
    found: object
    match thing:
        case None | bool() | int() | str():
            found = thing
        case float():
            found = repr(thing)
        case re.Pattern():
            found = [thing.pattern, int(thing.flags)]
        case frozenset() | set():
            found = sorted(map(str, thing))
        case tuple() | list():
            found = [described(one) for one in thing]
        case Mapping():
            found = [[str(key), described(value)] for key, value in thing.items()]
        case functools.partial():
            found = [described(thing.func), described(thing.args), described(thing.keywords)]
        case _ if is_dataclass(thing) and not isinstance(thing, type):
            found = [
                type(thing).__qualname__,
                *(described(getattr(thing, one.name)) for one in fields(thing)),
            ]
        case Callable():
            found = f"{thing.__module__}.{thing.__qualname__}"
        case _:
            raise TypeError(f"{type(thing).__name__} cannot be part of a definition")
    return found
