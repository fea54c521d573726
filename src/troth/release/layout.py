"""The files of a release, by name. A release folder holds these and nothing else."""

from __future__ import annotations

MANIFEST = "manifest.json"
CARD = "README.md"
CROISSANT = "croissant.json"
EXCLUDED = "excluded.parquet"
MEMBERSHIP = "membership.bin"
"""Only where the release was built from a workspace."""
COMPACTED = "compacted.receipt"
"""Only where rows were removed since; the manifest does not name it (``docs/formats/sealed-shards.md``)."""
SHARDS = "shards"
FINDINGS = ".findings"
"""The end of the name of the file beside the folder, where a filter was used (``docs/formats/findings.md``)."""


def shard_name(number: int) -> str:
    """The path of a shard inside the release, with ``/`` on every system.

    >>> shard_name(7)
    'shards/part-00007.parquet'
    """
    return f"{SHARDS}/part-{number:05d}.parquet"
