"""What other tools make of a release: Hugging Face datasets, mlcroissant, and the card's header."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
from release_worlds import PLAIN, built, photo, talk

ROWS = [
    *talk("a", "Wo ist der Bahnhof?", "Gleich um die Ecke."),
    photo("a", 2, b"GIF89a"),
    *talk("b", "Thanks!"),
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    built(tmp_path, ROWS, purpose=PLAIN)
    return tmp_path / "release"


@pytest.mark.parametrize("by_card", [False, True])
def test_datasets_opens_it(release: Path, tmp_path: Path, by_card: bool) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    datasets.disable_progress_bars()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if by_card:
            found = datasets.load_dataset(str(release), cache_dir=str(tmp_path / "cache"))["train"]
        else:
            files = str(release / "shards" / "*.parquet")
            found = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))[
                "train"
            ]
        rows = found.to_list()
    assert [row["text"] for row in rows] == ["Wo ist der Bahnhof?", "Gleich um die Ecke.", None, "Thanks!"]
    assert rows[2]["bytes"] == b"GIF89a"
    assert all(len(row["salt"]) == 32 for row in rows)


def test_mlcroissant_loads_it(release: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlcroissant = pytest.importorskip("mlcroissant", reason="the package mlcroissant is not installed")
        dataset = mlcroissant.Dataset(jsonld=str(release / "croissant.json"))
        records = list(dataset.records("records"))
        excluded = list(dataset.records("excluded"))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert [row["records/record"] for row in records] == [b"a/0", b"a/1", b"a/2", b"b/0"]
    assert excluded == []


def test_mlcroissant_loads_an_empty_release(tmp_path: Path) -> None:
    built(tmp_path, talk("a", "Hello."), deny={"a": "refused"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlcroissant = pytest.importorskip("mlcroissant", reason="the package mlcroissant is not installed")
        dataset = mlcroissant.Dataset(jsonld=str(tmp_path / "release" / "croissant.json"))
        (excluded,) = dataset.records("excluded")
    assert excluded["excluded/reason"] == b"refused"


def test_the_card_says_what_it_is(release: Path) -> None:
    text = (release / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\npretty_name: Conversations for review.human under anthropic-consumer\n")
    assert "path: shards/*.parquet" in text
    assert "**Unsigned**" in text
    assert "| **records released** | 4 |" in text
    assert "account-of-a" not in text


def test_the_manifest_names_nobody(release: Path) -> None:
    files = [release / name for name in ("manifest.json", "README.md", "croissant.json")]
    assert not any("account-of" in file.read_text(encoding="utf-8") for file in files)


def test_statistics(tmp_path: Path) -> None:
    found = built(tmp_path, ROWS, purpose=PLAIN).statistics
    assert (found.conversations, found.records, found.words) == (2, 4, 10)
    assert found.text_bytes == sum(len(row["text"] or "") for row in ROWS)
    assert (found.media_records, found.media_bytes) == (1, 6)
    assert (found.products, found.kinds) == ({"chat": 4}, {"photo": 1, "text": 3})
    assert (found.plans, found.months) == ({"pro": 4}, {"2025-10": 4})
    assert found.languages.sampled == 2
    assert found.languages.conversations["de"] == 1
    assert (found.contributors.accounts, found.contributors.largest_1) == (2, 0.75)
    assert json.loads(json.dumps(found.contributors.largest_100)) == 1.0
