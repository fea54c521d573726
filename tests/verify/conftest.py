from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_ledger import W1, W2, SmallLedger, entries
from small_release import Made, make


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A signed release of the small world. Not to be changed: take a ``copy``."""
    return make(tmp_path_factory.mktemp("signed"))


@pytest.fixture(scope="session")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The same without a signature."""
    return make(tmp_path_factory.mktemp("unsigned"), signed=False)


@pytest.fixture
def release(honest: Made, tmp_path: Path) -> Made:
    """A release to tamper with."""
    return honest.copy(tmp_path / "release")


@pytest.fixture(scope="session")
def honest_ledger(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    """A ledger of 700 entries with some checkpoints, and what smaller sizes left behind. Not to be changed."""
    return small_ledger(tmp_path_factory.mktemp("honest-ledger"))


@pytest.fixture
def ledger(honest_ledger: SmallLedger, tmp_path: Path) -> SmallLedger:
    """The same, to damage."""
    folder = tmp_path / "ledger"
    shutil.copytree(honest_ledger.folder, folder)
    return replace(honest_ledger, folder=folder)


def small_ledger(folder: Path) -> SmallLedger:
    found = SmallLedger(
        folder, entries(700), published=(0, 1, 2, 100, 256, 257, 300, 512, 600), witnesses=(W1, W2)
    ).write()
    smaller = SmallLedger(folder / "smaller", entries(300)).write()
    for path in ("tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"):
        found.put(path, (smaller.folder / path).read_bytes())
    shutil.rmtree(smaller.folder)
    return found
