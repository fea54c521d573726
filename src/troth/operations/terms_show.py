"""``troth terms show``: what terms say, in plain English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.operations.terms_named import named
from troth.terms.model import Version
from troth.terms.show import Section, show


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of some terms."""

    version: Version
    sections: tuple[Section, ...]


def show_terms(name: str, options: Mapping[str, str]) -> Shown:
    """Say all that one version says. Raises ``TermsError`` and ``UsageError``."""
    terms, version = named(name, options)
    return Shown(version, show(terms, version))
