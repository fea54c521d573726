"""``troth vault stats``: what the vault holds, how much of it is dead, due and held, and how that came and goes on.

Nothing that is sealed is opened: counts come from the index and the keys, times from the ledger and the plain columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from troth.errors import Place, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.whole_file import whole_file
from troth.operations.workspace.opened import Workspace, now, opened
from troth.operations.workspace.stats.ahead import Ahead, ahead
from troth.operations.workspace.stats.past import Past, past
from troth.operations.workspace.stats.picture import picture
from troth.operations.workspace.stats.tally import NONE, Tally
from troth.terms.archive import load
from troth.types.moment import Moment
from troth.vault.keys.keyring import KeyStats


@dataclass(frozen=True, slots=True)
class StatsRequest:
    """What is asked: a workspace, and the terms to hold it against where what is due is asked for, too."""

    workspace: Path
    terms: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    at: Moment | None = None
    """For which time the terms are asked (UTC); None: now."""
    picture: Path | None = None
    """An .svg file that is written."""


@dataclass(frozen=True, slots=True)
class VaultStats:
    """What there is."""

    origin: str
    at: Moment
    """For which time the terms were asked, UTC: now, where no other was given."""
    segments: int
    size: int
    """Bytes of the segments that are read."""
    live: Tally
    """What is stored and can be opened."""
    dead: Tally
    """What is stored, and whose keys are destroyed: it goes with the next compaction."""
    keys: KeyStats
    past: Past
    ahead: Ahead | None
    """None where no terms are given."""


def vault_stats(request: StatsRequest, progress: Progress = silent) -> VaultStats:
    """Count, and draw where that is asked for.

    Raises ``UsageError`` for a picture that is no .svg, and the errors of terms, histories, store and vault.
    """
    if request.picture is not None and request.picture.suffix != ".svg":
        raise UsageError(
            "a picture is drawn as SVG",
            place=Place(str(request.picture)),
            remedy="give it a name that ends in .svg: browsers show it, and make other formats of it",
        )
    terms = None if request.terms is None else load(request.terms, request.options)
    with opened(request.workspace) as found:
        at = now() if request.at is None else request.at
        progress("count", 0, None)
        live, dead = counted(found)
        with found.vault.standing() as segments:
            number, size = len(segments), sum(one.size for one in segments)
        coming = None if terms is None else ahead(found, terms, at, progress)
        keys = found.keyring.stats()
        told = past(found.store, keys.root_version)
        done = VaultStats(found.settings.origin, at, number, size, live, dead, keys, told, coming)
    if request.picture is not None:
        with whole_file(request.picture) as partial:
            partial.write_text(picture(done), encoding="utf-8")
    return done


def counted(workspace: Workspace) -> tuple[Tally, Tally]:
    """What is stored and lives, and what is stored and dead. The slots that are destroyed are in memory meanwhile."""
    destroyed = np.fromiter(chain.from_iterable(workspace.keyring.destroyed()), np.int64)
    live = dead = NONE
    for batch in workspace.vault.placed():
        gone = np.isin([slot for slot, _, _ in batch], destroyed, assume_unique=True).tolist()
        live += _tally(row for row, is_gone in zip(batch, gone, strict=True) if not is_gone)
        dead += _tally(row for row, is_gone in zip(batch, gone, strict=True) if is_gone)
    return live, dead


def _tally(rows: Iterable[tuple[int, int, float]]) -> Tally:
    counted = list(rows)
    sizes = round(sum(size for _, _, size in counted))
    return Tally(len(counted), sum(records for _, records, _ in counted), sizes)
