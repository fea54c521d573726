"""The manual: a page for each command, every option on it, and examples that still say what they say."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import click
import pytest
from commands import COMMANDS, MANUAL, page
from running import Run

from troth.cli.command import Command

BLOCK = re.compile(r"```console(?: exit=(\d+))?\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_its_place_in_the_manual(name: str) -> None:
    text = page(name).read_text(encoding="utf-8")
    command = COMMANDS[name]
    assert f"# troth {name}\n" in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert re.search(rf"`{parameter.opts[0]}[ `]", text), parameter.opts[0]
    assert isinstance(command, Command)
    for code in command.codes:
        assert f"| {code} |" in text


def test_the_manual_lists_every_page() -> None:
    text = (MANUAL / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"({page(name).name})" in text, name


DOCS = MANUAL.parent
PAGES = [*sorted(MANUAL.glob("*.md")), *sorted(DOCS.glob("detection*.md")), DOCS.parent / "README.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_examples_of_the_manual_say_what_they_say(path: Path, run: Run) -> None:
    for code, block in BLOCK.findall(path.read_text(encoding="utf-8")):
        command, wanted = _parts(block)
        result = run(*command[1:], code=int(code or 0))
        same = doctest.OutputChecker().check_output(wanted, result.output, doctest.ELLIPSIS)
        assert same, f"{' '.join(command)}\n\nwanted:\n{wanted}\ngot:\n{result.output}"


def _parts(block: str) -> tuple[list[str], str]:
    """The words of the command after the ``$``, and what it is to print."""
    lines = block.replace("\\\n", " ").splitlines(keepends=True)
    assert lines[0].startswith("$ troth ")
    return shlex.split(lines[0][2:]), "".join(lines[1:])
