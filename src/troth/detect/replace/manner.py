"""Which kind of sensitive data is replaced in which manner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from troth.types.manner import MANNERS, OTHERS, TAG


@dataclass(frozen=True, slots=True)
class Manners:
    """Which kind is replaced in which manner."""

    otherwise: str = TAG
    """The manner of every kind that has none of its own."""
    own: tuple[tuple[str, str], ...] = ()
    """Kind and manner, ordered by kind."""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a manner that there is not."""
        for manner in (self.otherwise, *dict(self.own).values()):
            if manner not in MANNERS:
                raise ValueError(f"there is no manner of replacing called {manner!r}")

    @classmethod
    def of_kinds(cls, own: Mapping[str, str], otherwise: str = TAG) -> Manners:
        """Manners from a mapping of kind to manner."""
        return cls(otherwise, tuple(sorted(own.items())))

    def of(self, kind: str) -> str:
        """The manner of a kind."""
        return dict(self.own).get(kind, self.otherwise)

    def told(self) -> dict[str, str]:
        """Kind to manner, for a manifest."""
        return {OTHERS: self.otherwise, **dict(self.own)}


TAGS: Final = Manners()
"""Everything becomes a tag."""
