"""A folder with the invented inputs of the manual, and the command line run inside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from running import Run

from troth.cli.main import troth

MANUAL = Path(__file__).parents[2] / "docs" / "commands"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with the examples of the manual, as the working folder."""
    folder = tmp_path / "here"
    shutil.copytree(MANUAL / "examples", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(here: Path) -> Run:
    """Run a command. What is no error of Troth is raised."""

    def run(*args: object, code: int = 0) -> Result:
        words = [str(arg) for arg in args]
        result = CliRunner().invoke(troth, words, prog_name="troth", catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run
