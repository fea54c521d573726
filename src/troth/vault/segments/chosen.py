"""Which kind of place holds the segments: a folder, or an object store."""

from __future__ import annotations

from pathlib import Path

from troth.vault.segments.files import SegmentFiles
from troth.vault.segments.local_files import LocalFiles


def open_files(place: str | Path, folder: Path) -> SegmentFiles:
    """The segments at a folder or ``file://`` URL, or at any other URL that fsspec knows (``s3://…``).

    ``folder`` is where a segment for an object store is written before it is sent. Raises ``VaultError`` for a URL that
    cannot be opened.
    """
    text = str(place)
    if text.startswith("file://"):
        return LocalFiles(Path(text.removeprefix("file://")))
    if isinstance(place, str) and "://" in text:
        # fsspec takes longer to start than most commands run, and a folder needs none of it.
        from troth.vault.segments.object_files import ObjectFiles  # noqa: PLC0415

        return ObjectFiles(text, folder)
    return LocalFiles(Path(place))
