"""The pages about terms and reasons say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_terms import checked

from troth.terms import choices, parse, promises, rules, sensitive
from troth.terms.check.impossible import CHOICE, CLOSED, NOT_READ
from troth.terms.facts import BASE_FACTS, RETENTION_CLOCKS, choice_facts
from troth.terms.table import SAFE_ALLOW
from troth.types.manner import MANNERS
from troth.types.reasons import REASONS
from troth.types.vocabulary import PURPOSES

DOCS = Path(__file__).parents[2] / "docs"
TERMS = (DOCS / "formats" / "terms.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"^```toml\n(.*?)^```$", TERMS, re.MULTILINE | re.DOTALL)


def test_the_worked_example_has_no_problem_and_not_even_a_note(tmp_path: Path) -> None:
    assert [str(problem) for problem in checked(tmp_path, EXAMPLE)] == []


SHAPES = {
    "the top": parse.TOP,
    "plans": parse.PLANS,
    "organisation": parse.ORGANISATION,
    "choices": choices.CHOICE,
    "signals": choices.SIGNAL,
    "parties": choices.PARTIES,
    "rules": rules.RULE,
    "retention": rules.RETENTION,
    "recipients": promises.RECIPIENT,
    "opt_outs": promises.OPT_OUT,
    "filters": promises.FILTER,
    "recognisers": sensitive.RECOGNISER,
    "allowed": sensitive.ALLOWED,
    "findings": promises.FINDING,
    "sources": promises.SOURCE,
}


@pytest.mark.parametrize("table", SHAPES)
def test_every_key_is_on_the_page(table: str) -> None:
    assert [key for key in SHAPES[table] if not re.search(rf"[`.\[]{key}\b", TERMS)] == []


def test_every_fact_is_on_the_page_with_its_values() -> None:
    rows = {row[0]: row[1] for row in re.findall(r"^\| `([\w.]+)` \| ([^|]*) \|", TERMS, re.MULTILINE)}
    for fact, values in BASE_FACTS.items():
        assert [value for value in values if f"`{value}`" not in rows[fact]] == [], fact
    for fact, values in choice_facts("NAME").items():
        assert [v for v in values if f"`{v}`" not in rows[fact] and rows[fact] != "as `standing`"] == [], fact


def test_every_word_of_a_closed_list_is_on_the_page() -> None:
    lists = (PURPOSES, RETENTION_CLOCKS, rules.EFFECTS, rules.KINDS_OF_ROW, choices.SIGNALS, choices.ASK,
             promises.CONFIDENCE, sensitive.CHECKS, tuple(MANNERS), *choices.CHOICE_WORDS.values(), choices.ACTS)  # fmt: skip
    assert [word for words in lists for word in words if word not in TERMS] == []


def test_what_is_impossible_is_on_the_page_with_its_reason() -> None:
    whys = [entry.why for entry in (*NOT_READ, *CLOSED)] + [why for _, why in CHOICE]
    assert [why for why in whys if why not in TERMS] == []


def test_the_laws_of_an_allow_are_on_the_page() -> None:
    for fact, values in SAFE_ALLOW.items():
        assert f'{fact} = ["{next(iter(values))}"]' in TERMS


def test_the_reasons_are_the_page_of_reasons() -> None:
    text = (DOCS / "reasons.md").read_text(encoding="utf-8")
    allowed, denied = text.split("## Denied")
    for part, allows in ((allowed, True), (denied, False)):
        rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", part, re.MULTILINE))
        assert rows == {code: reason.text for code, reason in REASONS.items() if reason.allows == allows}
