"""Small invented terms without a problem, and a way to break them at one place."""

from __future__ import annotations

from pathlib import Path

from troth.terms.check import check
from troth.terms.problems import Problem

SMALL = """\
format = "troth.terms/1"
name = "small"
version = "2025-01-01"
title = "The terms of a small assistant"
controller = "Small Ltd"
published = 2025-01-01
effective = 2025-02-01

[plans]
covered = ["free", "paid"]
organisation = ["team"]
other = ["legacy"]

[options.reading]
values = ["narrow", "wide"]
text = "Whether uploads count as chats."

[options.api_days]
type = "duration"
default = "P30D"
text = "How long what was said by incognito is kept."

[choices.improve]
notice = "May we train on your chats?"
last_day = 2025-03-01
after_deadline = "The product asks before it goes on."

[signals.flag]
lasts = "P2Y"

[parties]
ask = "all"
purposes = ["train.general"]
clause = "s.9"
text = "Everyone in a conversation is asked."

[[rules]]
id = "never-out"
effect = "deny"
purposes = ["sell", "share.third_party", "review.human"]
reason = "not_sold"
clause = "s.1"
source = "terms"
text = "Nothing leaves the house."

[[rules]]
id = "other-plans"
effect = "deny"
purposes = ["train.general", "train.safety", "serve"]
when = { plan = ["team", "legacy"] }
reason = "plan_not_covered"
clause = "s.2"
source = "terms"
text = "Teams have terms of their own."

[[rules]]
id = "incognito"
effect = "deny"
purposes = ["train.general", "train.safety"]
when = { mode = ["incognito"] }
reason = "incognito"
clause = "s.3"
source = "terms"
text = "Incognito chats stay out."

[[rules]]
id = "chosen"
effect = "allow"
purposes = ["train.general"]
when = { kind = ["text", "code"], improve.standing = ["granted"], improve.reach = ["new"] }
reason = "choice_granted"
clause = "s.4"
source = "terms"
text = "Whoever said yes may be used."

[[rules]]
id = "chosen-uploads"
effect = "allow"
purposes = ["train.general"]
options = { reading = ["wide"] }
when = { kind = ["upload"], improve.standing = ["granted"], improve.reach = ["new"] }
reason = "choice_granted"
clause = "s.4"
source = "help"
text = "Uploads count as chats."

[[rules]]
id = "flagged"
effect = "allow"
purposes = ["train.safety"]
when = { flagged = ["yes"], deleted = ["no", "yes"], retained = ["ordinary", "exception"] }
reason = "flagged_for_safety"
clause = "s.5"
source = "terms"
text = "Flagged chats train safety models."

[[rules]]
id = "serve"
effect = "allow"
purposes = ["serve"]
reason = "needed_to_serve"
clause = "s.6"
source = "terms"
text = "To answer."

[[rules]]
id = "undecided"
effect = "otherwise"
purposes = ["train.general"]
when = { improve.standing = ["undecided"] }
reason = "undecided"
clause = "s.4"
source = "terms"
text = "Silence is no yes."

[[rules]]
id = "rest"
effect = "otherwise"
purposes = ["train.general", "train.safety", "serve"]
reason = "no_rule"
clause = "s.7"
source = "terms"
text = "Everything else stays out."

[[retention]]
id = "kept"
kind = "limit"
period = "P5Y"
from = "said"
clause = "s.8"
source = "terms"
text = "Five years."

[[retention]]
id = "incognito"
kind = "limit"
period = "option:api_days"
from = "said"
when = { mode = ["incognito"] }
clause = "s.8"
source = "terms"
text = "Thirty days."

[[retention]]
id = "deleted"
kind = "limit"
period = "P30D"
from = "deleted"
when = { deleted = ["yes"] }
clause = "s.8"
source = "terms"
text = "Thirty days after deletion."

[[retention]]
id = "flagged"
kind = "extension"
period = "P2Y"
from = "flagged"
when = { flagged = ["yes"] }
clause = "s.8"
source = "terms"
text = "Two years after a flag."

[[recipients]]
name = "Processors"
purposes = ["serve"]
clause = "s.10"
text = "They work on instructions."

[[filters]]
purposes = ["train.general"]
clause = "s.11"
text = "Sensitive data is replaced."

[[findings]]
id = "uploads"
text = "The terms speak of chats, the help page of chats and uploads."
taken = "Chats only. See the option reading."
sources = ["terms", "help"]

[[sources]]
id = "terms"
text = "Terms of Service"
confidence = "primary"

[[sources]]
id = "help"
text = "Help page"
confidence = "excerpt"
"""


def replaced(old: str, new: str, text: str = SMALL) -> str:
    """The terms with one place changed, which must be there exactly once."""
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def rule(
    name: str, effect: str, purposes: str, when: str = "", reason: str = "no_rule", *, extra: str = ""
) -> str:
    """One more rule, as text."""
    return (
        f'[[rules]]\nid = "{name}"\neffect = "{effect}"\npurposes = [{purposes}]\n'
        + (f"when = {{ {when} }}\n" if when else "")
        + extra
        + f'reason = "{reason}"\nclause = "s.99"\nsource = "terms"\ntext = "One more."\n\n'
    )


def row(name: str, kind: str, period: str, clock: str, when: str = "") -> str:
    """One more row of retention, as text."""
    return (
        f'[[retention]]\nid = "{name}"\nkind = "{kind}"\nperiod = "{period}"\nfrom = "{clock}"\n'
        + (f"when = {{ {when} }}\n" if when else "")
        + 'clause = "s.99"\nsource = "terms"\ntext = "One more."\n\n'
    )


def before(mark: str, added: str, text: str = SMALL) -> str:
    """The terms with something added before the table that has an id."""
    at = text.index(f'id = "{mark}"')
    start = text.rindex("[[", 0, at)
    return text[:start] + added + text[start:]


def line_of(text: str, words: str) -> int:
    """The line in which some words stand first."""
    return text[: text.index(words)].count("\n") + 1


def checked(folder: Path, text: str, name: str = "small.toml") -> list[Problem]:
    """What the check says of a text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return check(folder / name)
