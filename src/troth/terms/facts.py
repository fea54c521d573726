"""The facts: everything a decision may depend on, each with a small closed set of values.

Facts are computed twice, in ``decide.point`` and in ``decide.columns``; nothing after them knows of time.
A choice named ``c`` adds ``c.standing``, ``c.reach``, ``c.at_said`` and ``c.deadline``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from troth.types.vocabulary import AUDIENCES, CHANNELS, KINDS, MODES, PRODUCTS, ROLES

UNKNOWN = "unknown"
"""The value of a fact whose source says something not in its list. Always denied."""

STANDING = ("undecided", "granted", "refused", "withdrawn")
REACH = ("new", "resumed", "past", "none")
DEADLINE = ("none", "before", "passed")
RETAINED = ("ordinary", "exception", "gone")
YES_NO = ("no", "yes")

OPEN_DOMAINS = ("region",)
"""Facts whose values no list closes: a value that no rule names is ``other``, a missing one ``none``."""

BASE_FACTS: Mapping[str, tuple[str, ...]] = {
    "time": ("known", "unknown"),
    "account": ("open", "closed", "unknown"),
    "plan": (),
    "channel": CHANNELS,
    "product": PRODUCTS,
    "kind": KINDS,
    "role": ROLES,
    "mode": MODES,
    "audience": AUDIENCES,
    "age": ("adult", "minor"),
    "region": (),
    "deleted": YES_NO,
    "flagged": YES_NO,
    "rated": YES_NO,
    "reviewed": YES_NO,
    "moved_to": (),
    "zero_retention": YES_NO,
    "files": YES_NO,
    "own_retention": YES_NO,
    "sampled": YES_NO,
    "said_since_version": YES_NO,
    "retained": RETAINED,
}
"""Name to values. ``plan`` and ``moved_to`` take the plans of the terms (``moved_to`` also ``none``)."""

FACT_WORDS: Mapping[str, str] = {
    "time": "whether the time at which the record was said is known",
    "account": "whether the account was open when the record was said, and has been closed since",
    "plan": "the plan under which the record was said",
    "channel": "the channel through which it came",
    "product": "the product in which it was said",
    "kind": "what it is",
    "role": "who spoke: the user, the assistant or a tool",
    "mode": "whether the conversation is an ordinary or an incognito (temporary) one",
    "audience": "who may see the conversation now",
    "age": "minor if the person is now known to be one, or was when the record was said",
    "region": "the account's region now",
    "deleted": "whether the record or its conversation was deleted, or its account closed",
    "flagged": "whether a safety flag on the conversation is in force",
    "rated": "whether a rating of the conversation covers the record",
    "reviewed": "whether a human reviewer has read it",
    "moved_to": "the plan of the workspace into which the conversation was moved",
    "zero_retention": "whether the organisation had zero data retention when it was said",
    "files": "whether the organisation has the files feature switched on now",
    "own_retention": "whether the organisation has set a retention of its own",
    "sampled": "whether the record falls in the sample",
    "said_since_version": "whether it was said on or after the day the terms in force took effect",
    "retained": "kept by the ordinary rule, only by an exception (a flag, rating or review), or gone",
}

NEVER_UNKNOWN = ("time", "account", "region", "moved_to", "retained")
CHECKED_FOR_UNKNOWN = ("plan", "kind", "product", "channel", "age", "role", "mode", "audience")
"""Facts whose unknown value is denied before any rule is read, in this order."""

RETENTION_CLOCKS = ("said", "deleted", "flagged", "rated", "reviewed")


def choice_facts(choice: str) -> Mapping[str, tuple[str, ...]]:
    """Give the facts that one choice adds."""
    return {
        f"{choice}.standing": STANDING,
        f"{choice}.reach": REACH,
        f"{choice}.at_said": STANDING,
        f"{choice}.deadline": DEADLINE,
    }


def domains(
    plans: Iterable[str], choices: Iterable[str], regions: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """Every fact of some terms with the values it may have."""
    plans = tuple(plans)
    space = dict(BASE_FACTS)
    space["plan"] = plans
    space["moved_to"] = ("none", *plans, UNKNOWN)
    space["region"] = (*sorted(set(regions)), "other", "none")
    for choice in choices:
        space.update(choice_facts(choice))
    return space
