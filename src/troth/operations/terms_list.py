"""``troth terms list``: the shipped terms."""

from __future__ import annotations

from troth.terms.show import Listed, listing


def list_terms() -> tuple[Listed, ...]:
    """Every shipped profile with its versions, oldest first."""
    return listing()
