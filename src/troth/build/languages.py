"""In which languages a sample of the conversations is."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version

import py3langid
import pyarrow as pa
import pyarrow.compute as pc

from troth.build.engine import Engine
from troth.build.sampling import sample_hash

SAMPLED = 2000
"""The most conversations whose language is looked at."""
_CHARACTERS = 500
METHOD = f"py3langid {version('py3langid')}, the first {_CHARACTERS} characters of a conversation"


def choose_conversations(engine: Engine, seed: int) -> list[int]:
    """The numbers of up to `SAMPLED` kept conversations, by the smallest hash of seed and id."""
    order = sample_hash(seed, "language")
    found = engine.rows(f"SELECT number FROM kept WHERE words > 0 ORDER BY {order}, number LIMIT {SAMPLED}")
    return sorted(number for (number,) in found)


def language_counts(rows: pa.Table, wanted: pa.Array) -> Counter[str]:
    """How many of the wanted conversations among the rows are in each language."""
    chosen = rows.filter(pc.is_in(rows.column("conversation_number"), wanted))
    texts: dict[int, str] = {}
    numbers = chosen.column("conversation_number").to_pylist()
    for number, text in zip(numbers, chosen.column("text").to_pylist(), strict=True):
        so_far = texts.get(number, "")
        if text and len(so_far) < _CHARACTERS:
            texts[number] = f"{so_far}\n{text}"
    return Counter(language_of(text[1 : _CHARACTERS + 1]) for text in texts.values())


def language_of(text: str) -> str:
    """The ISO 639-1 code of the most likely language.

    >>> language_of("Je voudrais réserver une table pour deux personnes, s'il vous plaît.")
    'fr'
    """
    return str(py3langid.classify(text)[0])
