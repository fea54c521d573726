"""Words, sketches, clusters and samples, each against its definition in docs/formats/manifest.md."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_worlds import built, excluded_rows, released_rows, talk

from troth.build import duplicates
from troth.build.duplicates import Clusters, _join_similar
from troth.build.sketch import BANDS, PERMUTATIONS, SHINGLE, THRESHOLD, sketch
from troth.build.words import words_of

ALONE = (
    "CJK UNIFIED",
    "HIRAGANA",
    "KATAKANA LETTER",
    "THAI CHARACTER",
    "LAO LETTER",
    "KHMER LETTER",
    "MYANMAR L",
)
LETTERS = "ab Zé\t日本のไทย\n\u00a0 ÀE\u0301."


def words_by_definition(text: str | None) -> list[str]:
    folded = unicodedata.normalize("NFC", text or "").lower()
    spaced = (f" {c} " if unicodedata.name(c, "").startswith(ALONE) else c for c in folded)
    return "".join(spaced).split()


@given(st.lists(st.one_of(st.none(), st.text(LETTERS, max_size=20)), max_size=6))
@settings(deadline=None)
def test_words_are_made_as_the_page_says(texts: list[str | None]) -> None:
    words, counts = words_of(pa.array(texts, pa.string()))
    expected = [words_by_definition(text) for text in texts]
    assert words.to_pylist() == [word for one in expected for word in one]
    assert counts.tolist() == [len(one) for one in expected]


def sketch_of(*texts: str):
    return sketch(*words_of(pa.array(texts)))


def test_the_exact_digest_is_of_the_words_with_spaces() -> None:
    found = sketch_of("Hello  There\nyou", "", "你好")
    assert found.exact == [
        hashlib.sha256(b"hello there you").digest(),
        None,
        hashlib.sha256("你 好".encode()).digest(),
    ]


def test_a_signature_depends_on_the_text_alone() -> None:
    texts = ["one two three four five six seven", "short text", "a b c d e", "x " * 50]
    together = sketch_of(*texts)
    for place, text in enumerate(texts):
        alone = sketch_of(text)
        assert (alone.signatures[0] == together.signatures[place]).all()
        assert (alone.bands()[0] == together.bands()[place]).all()
    assert together.bands().shape == (4, BANDS)


def test_signatures_are_pinned() -> None:
    """Another library, or another version of it, that signs differently must not pass unseen."""
    signature = sketch_of("it was the best of times it was the worst of times").signatures[0]
    assert len(signature) == PERMUTATIONS
    assert hashlib.sha256(signature.astype("<u4").tobytes()).hexdigest()[:16] == "e4b3b72050e1e8e9"


@pytest.mark.parametrize("similarity", [0.5, 0.7, 0.8, 0.9])
def test_signatures_estimate_the_share_of_common_shingles(similarity: float) -> None:
    rng = random.Random(3)
    errors = []
    for _ in range(30):
        words = [f"w{rng.randrange(10**6)}" for _ in range(300)]
        cut = int(300 * 2 * similarity / (1 + similarity))
        other = words[:cut] + [f"v{rng.randrange(10**6)}" for _ in range(300 - cut)]
        one, two = ({tuple(t[i : i + SHINGLE]) for i in range(len(t) - SHINGLE + 1)} for t in (words, other))
        found = sketch_of(" ".join(words), " ".join(other)).signatures
        errors.append(float((found[0] == found[1]).mean()) - len(one & two) / len(one | two))
    assert abs(float(np.mean(errors))) < 0.03
    assert max(map(abs, errors)) < 0.2


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20), st.randoms())
def test_clusters_do_not_depend_on_the_order_of_pairs(
    pairs: list[tuple[int, int]], rng: random.Random
) -> None:
    clusters, shuffled = Clusters(), Clusters()
    for one, other in pairs:
        clusters.join(one, other)
    for one, other in rng.sample(pairs, len(pairs)):
        shuffled.join(other, one)
    assert clusters.others() == shuffled.others()
    assert [clusters.smallest(n) for n in range(13)] == [shuffled.smallest(n) for n in range(13)]


@given(st.integers(0, 2**32 - 1), st.integers(2, 14))
@settings(deadline=None)
def test_a_bucket_joins_exactly_what_near_pairs_connect(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    signatures = rng.integers(0, 2, (size, PERMUTATIONS)).astype(np.uint32)
    for row in range(1, size):
        close = rng.random(PERMUTATIONS) < rng.choice([0.5, 0.75, 0.9])
        signatures[row, close] = signatures[rng.integers(0, row), close]
    clusters, expected = Clusters(), Clusters()
    _join_similar(clusters, list(range(size)), signatures)
    for one in range(size):
        for other in range(one):
            if (signatures[one] == signatures[other]).mean() >= THRESHOLD:
                expected.join(one, other)
    assert clusters.others() == expected.others()


def test_a_chain_of_near_duplicates_is_one_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each link is near the next; the smallest id of all stays, in whatever slices buckets are worked off."""
    words = [f"word{n}" for n in range(400)]
    chain = {name: words[shift : shift + 300] for name, shift in zip("fbdaec", range(0, 72, 12), strict=True)}
    rows = [turn for name, said in chain.items() for turn in talk(name, " ".join(said))]
    for folder, size in (("whole", 4096), ("slices", 2)):
        monkeypatch.setattr(duplicates, "_SLICE", size)
        release = built(tmp_path / folder, rows)
        assert {row["conversation"] for row in released_rows(tmp_path / folder / "release")} == {"a"}
        assert {row["reason"] for row in excluded_rows(tmp_path / folder / "release")} == {"near_duplicate"}
        assert release.deduplicate.near_duplicates == 5


def test_the_sample_is_the_one_that_the_page_describes(tmp_path: Path) -> None:
    rows = [turn for n in range(60) for turn in talk(f"conversation é {n}", f"question {n}")]
    built(tmp_path, rows, sample=0.3, seed=11)

    def inside(conversation: str) -> bool:
        hashed = hashlib.sha256(b"troth:sample:1\x0011\x00" + conversation.encode()).hexdigest()
        return int(hashed[:13], 16) < int(0.3 * 2**52)

    found = {row["conversation"] for row in released_rows(tmp_path / "release")}
    assert found == {row["conversation"] for row in rows if inside(row["conversation"])}
