"""What every command has: options that take several values, examples and exit codes in its help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

CODES: Mapping[int, str] = {
    0: "done",
    2: "it cannot be run: one line on stderr says what, where and what to do",
}


class Several(click.Option):
    """An option that takes several values: ``--records a b`` is ``--records a --records b``."""

    def __init__(self, *names: Any, **settings: Any) -> None:
        super().__init__(*names, **{**settings, "multiple": True})


class Command(click.Command):
    """A command with examples and exit codes at the end of its help."""

    def __init__(
        self, *names: Any, examples: Sequence[str] = (), codes: Mapping[int, str] = CODES, **settings: Any
    ) -> None:
        super().__init__(*names, **settings)
        self.examples = tuple(examples)
        self.codes = codes

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the name of an option that takes several values before each of them."""
        names = {name for option in self.params if isinstance(option, Several) for name in option.opts}
        return super().parse_args(ctx, spread(args, names))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the examples and the exit codes."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{' ' * formatter.current_indent}{example}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in sorted(self.codes.items())])


def spread(args: Sequence[str], names: set[str]) -> list[str]:
    """Put the name of an option before each value that follows it, up to the next option.

    >>> spread(["--records", "a", "b", "--json"], {"--records"})
    ['--records', 'a', '--records', 'b', '--json']
    """
    found: list[str] = []
    open_option, fresh = "", False
    for place, arg in enumerate(args):
        if arg == "--":
            return [*found, *args[place:]]
        if arg.startswith("-") and arg != "-":
            name, is_given, _ = arg.partition("=")
            open_option, fresh = (name, not is_given) if name in names else ("", False)
        elif open_option and not fresh:
            found.append(open_option)
        else:
            fresh = False
        found.append(arg)
    return found


def command(
    name: str,
    *,
    examples: Sequence[str],
    codes: Mapping[int, str] | None = None,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function. ``codes`` are its exit codes beside 0 and 2."""
    return click.command(name, cls=Command, examples=examples, codes={**CODES, **(codes or {})})
