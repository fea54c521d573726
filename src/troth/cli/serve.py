"""``troth serve``."""

from __future__ import annotations

from pathlib import Path

import click

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say


@make(
    "serve",
    examples=(
        "troth serve --workspace shop --port 8080",
        "troth serve --workspace shop --port 8080 --log-json",
    ),
    codes={0: "told to end by SIGINT or SIGTERM; everything that was acknowledged is durable"},
)
@options.workspace
@click.option(
    "--port", required=True, type=click.IntRange(0, 65535), help="Where to listen; 0 takes a free one."
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="HOST", help="The address to listen on."
)
@click.option("--log-json", is_flag=True, help="Write the log to standard error as JSON, an object a line.")
def command(*, workspace: Path, port: int, host: str, log_json: bool) -> None:
    """Serve a workspace over HTTP: the question, choices, decisions, requests, and the ledger (docs/service.md).

    What it serves stands in service.toml of the workspace. It speaks plain HTTP: outside of one machine, put it behind a
    proxy that adds TLS. The interface is at /openapi.json, the state at /health and /ready.
    """
    # Only here: the libraries of the service take a second to load, and are an extra.
    from troth.web.pages.every import EVERY  # noqa: PLC0415
    from troth.web.serve import serve  # noqa: PLC0415
    from troth.web.settings import read_service_settings  # noqa: PLC0415

    settings = read_service_settings(workspace)
    serve(
        workspace,
        settings,
        host,
        port,
        lambda address: say(f"troth listens on {address}"),
        EVERY,
        log_json=log_json,
    )
