"""The options that several commands share, each said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from troth.cli.command import Several
from troth.cli.values import MOMENT, PAIR, PURPOSE, TERMS, as_options

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
history = click.option(
    "--history",
    cls=Several,
    required=True,
    type=click.Path(),
    metavar="FILE…",
    help="Events: JSON Lines or Parquet; files, folders, globs.",
)
records = click.option(
    "--records",
    cls=Several,
    required=True,
    type=click.Path(),
    metavar="FILE…",
    help="Logs, or record Parquet; files, folders, globs.",
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
