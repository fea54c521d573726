"""``troth formats``."""

from __future__ import annotations

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json, table
from troth.operations.formats import list_formats


@make("formats", examples=("troth formats",))
@options.as_json
def command(*, as_json: bool) -> None:
    """List the log formats that Troth reads (docs/formats/logs.md).

    What a file is, is told by its content. Any other JSON, JSON Lines, CSV or Parquet can be described in a
    mapping file (docs/formats/mapping.md).
    """
    formats = list_formats()
    if as_json:
        say_json([{"format": name, "title": title} for name, title in formats])
        return
    for line in table(formats, indent=""):
        say(line)
