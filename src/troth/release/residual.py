"""What a second look says of what a filter left, in words."""

from __future__ import annotations

from troth.release.manifest import Release, SecondLook
from troth.types.interval import LEVEL, METHOD


def residual_risk(manifest: Release) -> str:
    """What a second look found in the filtered texts that were released, in sentences; empty without a filter."""
    look = manifest.filter.second_look
    if look is None:
        return ""
    kinds = ", ".join(f"{places:,} {kind}" for kind, places in look.kinds.items())
    return (
        f"A second look at {look.looked_at:,} of the {look.texts:,} filtered texts, with stricter settings, found"
        f" something in {look.holding:,}{f' ({kinds})' if kinds else ''}. So between {look.low:.2%} and {look.high:.2%}"
        f" of them may still hold sensitive data ({METHOD}, {LEVEL:.0%}). Stricter settings also take for something what"
        " is nothing; and what no setting finds is not counted."
    )


def in_short(look: SecondLook) -> str:
    """The same in one line."""
    if not look.looked_at:
        return "no filtered text was released"
    return (
        f"a stricter look at {look.looked_at:,} of {look.texts:,} texts found something in {look.holding:,}:"
        f" {look.low:.2%} to {look.high:.2%} ({LEVEL:.0%})"
    )
