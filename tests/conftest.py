"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared facts and corpora: ``$SHARED``, or ``shared`` beside the checkout."""
    told = os.environ.get("SHARED")
    folder = Path(told) if told else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the shared corpora are not here; set SHARED to their folder")
    return folder
