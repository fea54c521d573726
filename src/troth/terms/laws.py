"""Denies that hold under every terms file: a no for one conversation or project, and what machine signals say.

They are looked at after the denies of the file and before anything that allows, so nothing allows against them.
No terms file names their facts, and the retention table does not see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from troth.terms.model import Choice, Rule, Version
from troth.types.vocabulary import PURPOSES, SIGNAL_NOES

HERE = ("none", "lifted", "project", "conversation")
"""What stands against a record where it was said: no no; one that was lifted after it; one that stands."""

YES_NO = ("no", "yes")

HERE_REASONS: Mapping[str, str] = {
    "conversation": "conversation_refused",
    "project": "project_refused",
    "lifted": "said_before_choice",
}

HANDED_ON = ("share.third_party", "sell")
"""The purposes that hand content to somebody."""

UNLESS_SAID: Mapping[str, tuple[str, ...]] = {
    "gpc": HANDED_ON,
    "aipref": ("train.general", "train.safety", *HANDED_ON),
}
"""What the no of a signal denies where the terms say nothing of that signal: what its own text speaks of."""

LAW_WORDS: Mapping[str, str] = {
    "gpc": "whether Global Privacy Control said no, for the account or for the conversation",
    "aipref": "whether an AI preference (AIPREF) said no, for the account or for the conversation",
}


def law_facts(choices: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Give the facts that the laws add, with the values that each may have."""
    return {**{f"{choice}.here": HERE for choice in choices}, **dict.fromkeys(SIGNAL_NOES, YES_NO)}


def laws(version: Version) -> tuple[Rule, ...]:
    """Give the laws of one version as denies without an id."""
    return (*_of_choices(version), *_of_signals(version))


def _of_choices(version: Version) -> Iterator[Rule]:
    for choice in version.choices:
        for purpose in PURPOSES:
            if governs(choice, purpose, version.rules):
                clause = _clause(choice, purpose, version.rules)
                for value, reason in HERE_REASONS.items():
                    yield _deny(version, f"{choice.name}.here", value, purpose, reason, clause)


def governs(choice: Choice, purpose: str, rules: Sequence[Rule]) -> bool:
    """Whether a choice is about a purpose: some allow rests on it, or some deny on its no."""
    parts = [f"{choice.name}.{part}" for part in ("standing", "reach", "at_said")]
    return any(
        any(part in rule.when for part in parts) if rule.effect == "allow" else _on_a_no(rule, choice)
        for rule in rules
        if purpose in rule.purposes and rule.effect != "otherwise"
    )


def _on_a_no(rule: Rule, choice: Choice) -> bool:
    return "refused" in rule.when.get(f"{choice.name}.standing", ())


def _clause(choice: Choice, purpose: str, rules: Sequence[Rule]) -> str:
    """The clause in which the terms say what a no to the choice does; empty where none does."""
    saying = [r for r in rules if purpose in r.purposes and r.effect != "allow" and _on_a_no(r, choice)]
    return saying[0].clause if saying else ""


def _of_signals(version: Version) -> Iterator[Rule]:
    for signal, purposes in UNLESS_SAID.items():
        said = [each for each in version.opt_outs if each.signal == signal]
        for each in said:
            for purpose in each.purposes:
                yield _deny(version, signal, "yes", purpose, "signal_refused", each.clause)
        for purpose in () if said else purposes:
            yield _deny(version, signal, "yes", purpose, "signal_refused", "")


def _deny(version: Version, fact: str, value: str, purpose: str, reason: str, clause: str) -> Rule:
    when = {fact: frozenset({value})}
    return Rule("", "deny", (purpose,), when, reason, clause, "", "", version.place)
