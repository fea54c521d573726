"""Fixtures that every room's tests may use."""

from __future__ import annotations

import multiprocessing.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 — pytest makes a folder in it that is the user's alone
ROOM = 4 << 30
"""Bytes that must be free there: all that the tests write is about a quarter of it."""


def pytest_configure() -> None:
    """Folders of tests lie in memory where there is room: what is written durably, thousands of times, waits for no disk."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared facts and corpora: ``$SHARED``, or ``shared`` beside the checkout."""
    told = os.environ.get("SHARED")
    folder = Path(told) if told else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the shared corpora are not here; set SHARED to their folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Heads of ledgers are remembered in a folder of the tests; no workspace of the user is taken for a test's."""
    multiprocessing.util.get_temp_dir()  # it goes when Python ends, after all that the tests made
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.delenv("TROTH_WORKSPACE", raising=False)
        # Temporary files of its own: what is looked for there is not what other tests are just writing.
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("t")))
        patch.setattr(tempfile, "tempdir", None)
        yield
