"""Makes ``common_words.txt``: words that are common enough that, alone, they are taken for no name.

``python -m training.whole.make_common_words CORPORA`` counts small and capitalised writing of every word outside the
labelled names of four corpora (gum CC BY, litbank CC BY, wikigold CC BY, sec_filings CC BY), and adds the word lists
of `faker` for other languages (MIT). The same corpora and the same version of faker give the same file.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

from training.names.corpora import read

CORPORA = ("gum", "litbank", "wikigold", "sec_filings")
LANGUAGES = "cs_CZ da_DK de_DE es_ES fr_FR it_IT nl_NL pl_PL".split()
TARGET = Path(__file__).parents[2] / "src" / "troth" / "detect" / "whole" / "common_words.txt"
LEAST, OFTEN, PART = 2, 12, 0.15
"""Times that a word must stand in small letters; from how often on that is enough; or else which part of all."""
ALWAYS = (
    "abs account admin api app april art august bash bill bot bug char chase china christian cookie cpu css data db default dev "
    "docker drew error euro event faith false frank git grace grant guest guy hash holly html http hope id info int iris "
    "ivy jack january jean jersey joy json june july jordan key lane linux log mac main march mark max may mike miles min "
    "monday none norm null object olive online page passwd password pat path paris peg penny php pierce prince python ray red reed rich rob "
    "robin rod root rose ruby rust sandy school secret self september server sky spring sql star storm string sue summer sunny "
    "tab tag team temple test token tom tony true turkey type user van victor violet wade ward web west will win www xml"
).split()
"""Words of programs, months and names that are words, whatever the corpora say."""
_WORD = re.compile(r"[^\W\d_]+")


def counted(folder: Path) -> tuple[Counter[str], Counter[str]]:
    """How often each word stands in small letters, and how often at all, outside of names."""
    small, every = Counter[str](), Counter[str]()
    for name in CORPORA:
        for document in read(folder, name):
            spans = [(start, end) for start, end, _ in document.spans]
            for match in _WORD.finditer(document.text):
                word = match.group()
                every[word.casefold()] += 1
                if word.islower() and not any(a < match.end() and match.start() < b for a, b in spans):
                    small[word] += 1
    return small, every


def other_languages() -> set[str]:
    """Words of other languages that are no first names."""
    found, people = set[str](), "faker.providers.person"
    first = {
        name.lower()
        for one in ("en_US", "es_ES")
        for name in import_module(f"{people}.{one}").Provider.first_names
    }
    for locale in LANGUAGES:
        words = import_module(f"faker.providers.lorem.{locale}").Provider.word_list
        found.update(word for word in words if word.isalpha() and word.islower() and word not in first)
    return found


def main() -> None:
    """Write the file."""
    small, every = counted(Path(sys.argv[1]))
    words = {word for word, n in small.items()
             if len(word) > 1 and n >= LEAST and (n >= OFTEN or n >= PART * every[word])}  # fmt: skip
    words |= other_languages() | set(ALWAYS)
    TARGET.write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
