"""Groups of commands that are imported only when called, so that ``troth --help`` is there at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from troth.terms.problems import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Door:
    """Where a command is: a module of this package with the name ``command``, and what it does in a line."""

    module: str
    summary: str


@dataclass(frozen=True, slots=True)
class Doors:
    """A group of commands, and what they are for in a line."""

    summary: str
    doors: Mapping[str, Door]


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports one when it is called."""

    def __init__(self, *, rooms: Mapping[str, Door | Doors], **settings: Any) -> None:
        super().__init__(**settings)
        self.rooms = rooms

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's own signature
        """The names, in the order in which they are listed."""
        return list(self.rooms)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        room = self.rooms.get(cmd_name)
        if isinstance(room, Doors):
            return LazyGroup(rooms=room.doors, name=cmd_name, help=room.summary)
        if room is None:
            return None
        found: click.Command = import_module(f"troth.cli.{room.module}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called. Raises ``click.UsageError`` with the nearest name."""
        name = args[0]
        if name not in self.rooms and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"no command {name!r}: {did_you_mean(name, self.rooms)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, room.summary) for name, room in self.rooms.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command without importing any."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 — only when a shell asks

        found = [CompletionItem(n, help=r.summary) for n, r in self.rooms.items() if n.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]
