"""Differences of two versions: what changed in the text, and what it means, held against the tables."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from small_terms import SMALL, before, replaced, rule

from troth.terms.archive import load, shipped_names
from troth.terms.diff import Change, diff
from troth.terms.joint import Joint, join
from troth.terms.meaning import Outcome, compare
from troth.terms.model import Version
from troth.terms.parse import TermsFile
from troth.terms.plain import plain
from troth.terms.table import Table, fact_names
from troth.types.vocabulary import PURPOSES


def version(text: str, **options: str) -> Version:
    file = TermsFile(Path("small.toml"), text)
    found = file.version(options)
    assert file.problems.errors == []
    return found


def test_a_version_does_not_differ_from_itself() -> None:
    found = diff(version(SMALL), version(SMALL))
    assert found.same
    assert not found.meaning.cut


def test_what_is_added_removed_and_changed_in_the_text() -> None:
    new = replaced('text = "Silence is no yes."', 'text = "Silence is not a yes."')
    new = replaced("Nothing leaves the house.", "Nothing ever leaves the house.", new)
    new = replaced('notice = "May we', 'notice = "Would you let us', new)
    new = before("rest", rule("extra", "otherwise", '"serve"', 'kind = ["audio"]', "kind_not_covered"), new)
    start = new.index("[[findings]]")
    new = new[:start] + new[new.index("[[sources]]") :]
    found = diff(version(SMALL), version(new)).changes
    assert Change("choices", "improve", "changed", "notice", "May we train on your chats?",
                  "Would you let us train on your chats?") in found  # fmt: skip
    assert [str(c) for c in found if c.topic == "rules"] == [
        "rules never-out, text: Nothing leaves the house. → Nothing ever leaves the house.",
        "rules undecided, text: Silence is no yes. → Silence is not a yes.",
        "rules extra added: effect: otherwise; purposes: serve; when: its kind is audio; "
        "reason: kind_not_covered; clause: s.99; source: terms; text: One more.",
    ]
    assert [(c.topic, c.name, c.kind) for c in found if c.topic == "findings"] == [
        ("findings", "uploads", "removed")
    ]


def test_rows_in_another_order() -> None:
    moved = rule("one", "deny", '"serve"', 'kind = ["audio"]', "audio_not_used")
    other = rule("two", "deny", '"serve"', 'role = ["tool"]', "kind_not_covered")
    old, new = before("chosen", moved + other), before("chosen", other + moved)
    [change] = diff(version(old), version(new)).changes
    assert (change.topic, change.field) == ("rules", "order")
    assert "one, two" in change.old
    assert "two, one" in change.new


def test_a_new_allow_opens_what_an_otherwise_denied() -> None:
    new = before(
        "serve",
        rule("video", "allow", '"train.general"', 'kind = ["video"], plan = ["free"]', "public_content"),
    )
    shifts = compare(version(SMALL), version(new)).shifts
    assert {(s.sort, str(s.old), str(s.new)) for s in shifts} == {
        ("opens", "denied (no_rule)", "allowed (public_content)"),
        ("opens", "denied (undecided)", "allowed (public_content)"),
    }
    assert all(s.where["kind"] == ("video",) and s.where["plan"] == ("free",) and s.whole for s in shifts)
    assert str(shifts[0]).startswith("train.general: it was said under the plan free, and its kind is video")


def test_a_new_deny_closes() -> None:
    new = before("chosen", rule("tools", "deny", '"serve"', 'role = ["tool"]', "role_unknown"))
    [shift, *reasons] = compare(version(SMALL), version(new)).shifts
    assert (shift.sort, shift.new.rule, shift.where["role"]) == ("closes", "tools", ("tool",))
    assert all(other.sort == "reason" for other in reasons)


def test_a_period_changed() -> None:
    new = replaced('period = "P5Y"', 'period = "P1Y"')
    keeping = compare(version(SMALL), version(new)).keeping
    assert [str(k) for k in keeping] == [
        "no longer gone 5 years after it was said: everywhere",
        "now gone 1 year after it was said: everywhere",
    ]


def test_silence_that_becomes_a_yes_is_seen() -> None:
    """No rule changes: only the plans on which silence is a yes. That opens what nobody decided."""
    rules = before(
        "chosen",
        rule(
            "new", "allow", '"train.general"', 'kind = ["video"], improve.reach = ["new"]', "public_content"
        ),
    )
    new = replaced('notice = "May', 'default_on = ["free"]\nnotice = "May', rules)
    shifts = compare(version(rules), version(new)).shifts
    [opened] = [s for s in shifts if s.sort == "opens" and s.old.reason == "undecided"]
    assert opened.where["plan"] == ("free",)
    assert opened.where["improve.standing"] == ("undecided",)


def test_a_last_day_moved_shows_the_days_between() -> None:
    deny = rule(
        "late",
        "deny",
        '"serve"',
        'improve.deadline = ["passed"], improve.standing = ["undecided"]',
        "choice_required",
    )
    old = before("chosen", deny)
    new = replaced("last_day = 2025-03-01", "last_day = 2025-03-10", old)
    opened = [s for s in compare(version(old), version(new)).shifts if s.sort == "opens"]
    assert [s.where["improve.asked"] for s in opened] == [("from 2025-03-02 and before 2025-03-11",)]
    assert "the question is asked from 2025-03-02 and before 2025-03-11" in opened[0].words


def test_plans_that_only_one_version_knows() -> None:
    new = replaced('covered = ["free", "paid"]', 'covered = ["free", "paid", "gold"]')
    shifts = compare(version(SMALL), version(new)).shifts
    assert {s.where["plan"] for s in shifts} == {("gold",)}
    assert all(s.old == Outcome(False, "plan_unknown", "", "") for s in shifts)
    assert any(s.sort == "opens" and s.new.rule == "serve" for s in shifts)


def test_effort_is_bounded_and_the_cut_is_said() -> None:
    new = before("chosen", rule("tools", "deny", '"serve"', 'role = ["tool"]', "role_unknown"))
    assert compare(version(SMALL), version(new), steps=3).cut


def test_the_difference_is_plain_enough_for_json() -> None:
    terms = load("anthropic-consumer")
    found = plain(diff(terms.versions[0], terms.versions[1]))
    assert json.loads(json.dumps(found)) == found
    assert found["old"] == "anthropic-consumer@2025-05-01"
    assert found["meaning"]["cut"] is False


# --- the meaning, held against the tables themselves ----------------------------------------------


def facts_of(joint: Joint, which: int, found: Version, point: Mapping[str, str]) -> tuple[str, ...]:
    """What one version makes of a joint combination."""
    facts = []
    for fact in fact_names(found.choices):
        name, covers = joint.translations[which].get(fact, (fact, {}))
        value = point[name]
        back = [own for own, many in covers.items() if value in many]
        if fact == "plan" and value not in found.plans:
            value = "unknown"
        facts.append(back[0] if back else value)
    for choice in found.choices:
        on = joint.silence[which].get(choice.name)
        if on is not None and point["plan"] in on and point[f"{choice.name}.refused_before"] == "no":
            facts[fact_names(found.choices).index(f"{choice.name}.reach")] = "new"
    return tuple(facts)


def possible_point(
    joint: Joint, rng: random.Random, where: Mapping[str, tuple[str, ...]]
) -> Mapping[str, str]:
    """A combination that is possible: a random one, mended at random until nothing impossible holds it."""
    space = joint.space
    names = {name: where.get(name, values) for name, values in zip(space.names, space.values, strict=True)}
    point = {name: rng.choice(values) for name, values in names.items()}
    never = [space.when(box) for box in joint.never]
    while hit := next((box for box in never if holds(box, point)), {}):
        name = rng.choice(list(hit))
        point[name] = rng.choice(names[name])
    return point


def holds(where: Mapping[str, tuple[str, ...]], point: Mapping[str, str]) -> bool:
    return all(point[name] in values for name, values in where.items())


ALLOWED = rule("new", "allow", '"train.general"', 'improve.reach = ["new"]', "public_content")
DENIED = rule("past", "deny", '"train.safety"', 'improve.reach = ["past", "none"]', "undecided")
SILENT = before("chosen", ALLOWED + DENIED)
SPEAKING = replaced('notice = "May', 'default_on = ["free"]\nnotice = "May', SILENT)


def rated(rate: str) -> Version:
    return load("google-keep-activity", {"sample_rate": rate}).newest


PAIRS = {
    **{f"{name}-{new.version}": (old, new) for name in shipped_names()
       for old, new in pairwise(load(name).versions)},
    "two-profiles": (load("anthropic-consumer").newest, load("openai").newest),
    "silence": (version(SILENT), version(SPEAKING)),
    "silence-no-more": (version(SPEAKING), version(SILENT)),
    "rates": (rated("0.1"), rated("0.5")),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_shifts_are_what_the_tables_say(pair: str) -> None:
    old, new = PAIRS[pair]
    joint = join(old, new)
    shifts = compare(old, new).shifts
    tables = [Table(found, fact_names(found.choices)) for found in (old, new)]
    rng = random.Random(pair)
    places = [{}] * 300 + [shift.where for shift in shifts[:20] for _ in range(10)]
    for point in (possible_point(joint, rng, where) for where in places):
        facts = [facts_of(joint, which, found, point) for which, found in enumerate((old, new))]
        for purpose in PURPOSES:
            before_, after = (tables[i].answer(facts[i], purpose) for i in (0, 1))
            saying = [s for s in shifts if purpose in s.purposes and holds(s.where, point)]
            if (before_.allow, before_.reason) != (after.allow, after.reason):
                assert any(
                    (s.old.reason, s.new.reason, s.old.rule, s.new.rule)
                    == (before_.reason, after.reason, before_.rule, after.rule)
                    for s in saying
                ), (purpose, point, before_, after)
            for shift in saying:
                if shift.whole:
                    assert (before_.rule, after.rule) == (shift.old.rule, shift.new.rule), (shift, point)
