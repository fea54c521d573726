"""What is wrong with a vault whose plain columns cannot be read."""

from __future__ import annotations

from troth.errors import Place, VerificationError
from troth.operations.workspace.opened import Workspace


def damage_of(workspace: Workspace, problem: Exception) -> VerificationError:
    """The error to raise where DuckDB cannot read the segments: by the names of those that are damaged, if any is."""
    try:
        for _ in workspace.vault.deciding():
            pass
    except VerificationError as named:
        return named
    return VerificationError(
        f"what the vault holds cannot be read: {str(problem).splitlines()[0]}",
        place=Place(str(workspace.settings.folder)),
        remedy="make room for files of the run, and do it again",
    )
