"""All commands by name, as the manual names their pages."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from troth.cli.command import Command
from troth.cli.lazy import LazyGroup
from troth.cli.main import troth

MANUAL = Path(__file__).parents[2] / "docs" / "commands"


def every_command(group: LazyGroup = troth, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, LazyGroup):
            yield from every_command(found, f"{before}{name} ")
        else:
            yield f"{before}{name}", found


COMMANDS = dict(every_command())


def page(name: str) -> Path:
    return MANUAL / f"{name.replace(' ', '-')}.md"


def examples(command: Command) -> list[list[str]]:
    """The examples of a command's help, a list of words each."""
    text = "\n".join(command.examples).replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines()]
