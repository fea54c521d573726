"""``troth terms diff``: how two versions differ."""

from __future__ import annotations

from collections.abc import Mapping

from troth.operations.terms_named import named, shared
from troth.terms.diff import TermsDiff, diff


def diff_terms(old: str, new: str, options: Mapping[str, str]) -> TermsDiff:
    """Compare the versions that two names mean. Options go to those that declare them.

    Raises ``TermsError`` and ``UsageError``.
    """
    own = shared((old, new), options)
    return diff(named(old, own[0])[1], named(new, own[1])[1])
