"""``troth formats``: the log formats that are read."""

from __future__ import annotations

from troth.intake.formats import READERS


def list_formats() -> tuple[tuple[str, str], ...]:
    """Name and title of each format, in the order in which they are documented."""
    return tuple((reader.name, reader.title) for reader in READERS)
