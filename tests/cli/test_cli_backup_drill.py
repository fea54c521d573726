"""The drill of docs/backup.md, command by command, with what each prints."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from troth.cli.main import troth

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def steps() -> list[tuple[list[str], str]]:
    """Each command with what the page says that it prints."""
    text = "".join(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    return [(shlex.split(command), wanted) for command, wanted in found]


@pytest.mark.usefixtures("here")
def test_the_drill() -> None:
    assert len(steps()) > 15
    for words, wanted in steps():
        if words[0] == "cp":
            shutil.copytree(words[2], words[3])
        elif words[0] == "rm":
            for place in words[2:]:
                shutil.rmtree(place)
        else:
            printed = run(words[1:])
            same = doctest.OutputChecker().check_output(wanted, printed, doctest.ELLIPSIS)
            assert same, f"{' '.join(words)}\n\nwanted:\n{wanted}\ngot:\n{printed}"


def run(words: list[str]) -> str:
    result = CliRunner().invoke(troth, words, prog_name="troth", catch_exceptions=False)
    return result.output + (f"[exit {result.exit_code}]\n" if result.exit_code else "")
