"""Comments and strings of openly licensed programs, as texts in which hardly anything is a name.

They are cut out of the source as the tagger will see them. What may be a name all the same, because it is written like
one, stands in a list, or its line speaks of an author, teaches nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from training.names import lists
from training.names.corpora import EVERY_TYPE, GENERATED, UNSURE, Document
from troth.detect.names.tagger import stretches
from troth.detect.text.view import view_of

PACKAGES = ("sqlalchemy", "pandas", "werkzeug", "jinja2", "flask", "click", "_pytest", "alembic", "starlette", "rich")  # fmt: skip
"""Whose source is read: under the MIT licence or the BSD licence of three clauses, and no part of CPython's library."""
PIECE = 4000
"""Characters of source that are taken at once."""
_CREDIT = re.compile(
    r"^.*(?:author|copyright|\(c\)|©|contribut|credit|thank|courtesy|maintain|written by|suggested by|reported by|found by).*$",
    re.IGNORECASE | re.MULTILINE,
)
_CAPITALS = re.compile(r"[A-Z][^\W_]+(?:[ .'’-]{1,2}[A-Z][^\W_]*)*")
_WORD = re.compile(r"[^\W_]+")
_NAMES = lists.mask(
    "first_us", "first_faker", "last_5000", "last_faker_3", "country", "state", "city_1m", "city_200k", "city_50k",
    "continent", "wn_person", "wn_place", "wn_group", "company", "title",
)  # fmt: skip
_COMMON = lists.mask("common_10", "common_35", "common_50", "common_70")


@cache
def sources(package: str) -> tuple[str, ...]:
    """The modules of a package, in order, without its tests."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package} is not here; `make venv` installs it", name=package)
    top = Path(found.submodule_search_locations[0])
    files = (file for file in sorted(top.rglob("*.py")) if "tests" not in file.parts)
    return tuple(file.read_text(encoding="utf-8") for file in files)


def programs(draw: random.Random, pieces: int, marks: Mapping[str, int]) -> list[Document]:
    """Where names would be looked for in so many pieces of source, as many of one package as of another.

    ``marks`` says in which lists a word in small letters stands.
    """
    documents: list[Document] = []
    for package in draw.choices(PACKAGES, k=pieces):
        texts = sources(package)
        text = draw.choices(texts, [len(text) for text in texts])[0]
        start = draw.randrange(max(1, len(text) - PIECE + 1))
        documents += _documents(text[start : start + PIECE], marks)
    return documents


def _documents(source: str, marks: Mapping[str, int]) -> Iterator[Document]:
    view = view_of(source)
    for start, end in stretches(view):
        text = view.folded[start:end]
        if any(letter.isalpha() for letter in text):
            yield Document(text, tuple(unsure(text, marks)), GENERATED, EVERY_TYPE)


def unsure(text: str, marks: Mapping[str, int]) -> Iterator[tuple[int, int, str]]:
    """What may be a name, and lines that speak of an author."""
    for found in _CREDIT.finditer(text):
        yield *found.span(), UNSURE
    for found in _CAPITALS.finditer(text):
        if any(_may_be_a_name(word, marks) for word in _WORD.findall(found.group())):
            yield *found.span(), UNSURE


def _may_be_a_name(word: str, marks: Mapping[str, int]) -> bool:
    """Whether a word with a capital is no common word, and is written like a name or stands in a list of names."""
    mask = marks.get(word.lower(), 0)
    if mask & _COMMON:
        return False
    return (word.istitle() and word.isalpha()) or bool(mask & _NAMES)
