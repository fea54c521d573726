"""The options that several commands share, each said once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from troth.cli.command import Several
from troth.cli.output import warn
from troth.cli.values import MOMENT, PAIR, PURPOSE, TERMS, as_options
from troth.errors import UsageError

FILE = click.Path(path_type=Path)

terms = click.option(
    "--terms",
    required=True,
    type=TERMS,
    metavar="NAME|FILE|DIR",
    help="Shipped terms, a file, or a folder of versions.",
)
option = click.option(
    "--option",
    "options",
    multiple=True,
    type=PAIR,
    callback=as_options,
    metavar="NAME=VALUE",
    help="A declared option of the terms. May be given several times.",
)
history_given = click.option(
    "--history",
    cls=Several,
    type=click.Path(),
    metavar="FILE…",
    help="Events: JSON Lines or Parquet; files, folders, globs. Or give --workspace.",
)
WORKSPACE = "TROTH_WORKSPACE"
workspace_given = click.option(
    "--workspace",
    type=FILE,
    envvar=WORKSPACE,
    metavar="DIR",
    help=f"A workspace, whose events are the history. Also from {WORKSPACE}; --history goes first.",
)
workspace = click.option(
    "--workspace",
    required=True,
    type=FILE,
    envvar=WORKSPACE,
    metavar="DIR",
    help=f"The workspace. Also from {WORKSPACE}.",
)


def history(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--history`` and ``--workspace``; the command gets ``history`` and ``records``, files, in all cases.

    Where no records are given, they are those of the workspace's vault: what deciding needs of them, without a word.
    """

    @history_given
    @workspace_given
    @functools.wraps(command)
    def called(
        *, history: tuple[str, ...], workspace: Path | None, records: tuple[str, ...], **rest: Any
    ) -> Any:
        # Only here, for it takes a second to load, and every command has these options.
        from troth.cli.warnings_of import of_vault  # noqa: PLC0415
        from troth.operations.decide import silent  # noqa: PLC0415
        from troth.operations.records import record_files  # noqa: PLC0415
        from troth.operations.workspace.history import history_files  # noqa: PLC0415

        chosen = chosen_workspace(history, workspace)
        with (
            history_files(history, chosen) as events,
            record_files(records, chosen, silent, deciding=True) as taken,
        ):
            warn(of_vault(taken.gone))
            return command(history=events, records=taken.files, **rest)

    return called


def chosen_workspace(history: tuple[str, ...], workspace: Path | None) -> Path | None:
    """The workspace to take the history from; None where files were given.

    Raises `UsageError` where neither is given, or both on the command line.
    """
    source = click.get_current_context().get_parameter_source("workspace")
    if history and workspace is not None and source is not ParameterSource.ENVIRONMENT:
        raise UsageError("two histories", remedy="give --history or --workspace, not both")
    if not history and workspace is None:
        raise UsageError("no history", remedy="give --history FILE… or --workspace DIR")
    return None if history else workspace


records = click.option(
    "--records",
    cls=Several,
    type=click.Path(),
    metavar="FILE…",
    help="Logs, or record Parquet; files, folders, globs. [default: the vault of the workspace]",
)
mapping = click.option(
    "--mapping",
    type=FILE,
    metavar="FILE",
    help="A mapping file for logs of no known format, or that joins what they lack.",
)
keep_going = click.option(
    "--keep-going",
    is_flag=True,
    help="Leave damaged pieces of logs out, and report them, instead of stopping.",
)
purpose = click.option(
    "--purpose",
    required=True,
    type=PURPOSE,
    metavar="PURPOSE",
    help="What the records are wanted for, such as train.general.",
)
at = click.option(
    "--at",
    required=True,
    type=MOMENT,
    metavar="TIME",
    help="The time of the question: RFC 3339 in UTC, or a day.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Report in JSON, for machines.")


def out(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that names what is written."""
    return click.option("--out", required=True, type=FILE, metavar="FILE", help=what)
