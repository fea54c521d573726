"""The door through which texts are filtered. The plain patterns stand behind it; a real detector can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Filtered:
    """A column of texts after the filter."""

    texts: pa.Array
    """As many as came in, in their order; null where null came in."""
    changed: int
    """How many texts are not what they were."""
    replaced: Mapping[str, int]
    """Number of replacements by kind of sensitive data; kinds without one are not in it."""


class Filter(Protocol):
    """Replaces sensitive data in texts.

    A filter is a pure function of each text: the answer for one does not depend on the others in the column,
    on their order, or on anything outside. It never raises for a text, whatever the text is. It can be sent
    to another process, and means the same there. A filter that cannot do its work must not let a text pass.
    """

    @property
    def name(self) -> str:
        """What it is called in a manifest."""

    @property
    def digest(self) -> str:
        """``sha256:`` digest of its definition: another definition has another digest."""

    def reads(self, media_type: str | None) -> bool:
        """Whether it can look into media of this type. What it cannot read stays out of a release."""

    def replace(self, texts: pa.Array) -> Filtered:
        """Every text with its sensitive data replaced by tags such as ``[EMAIL]``."""
