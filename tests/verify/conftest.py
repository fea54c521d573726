from __future__ import annotations

from pathlib import Path

import pytest
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
