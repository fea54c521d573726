"""Terms in plain English, and as plain data."""

from __future__ import annotations

import json

import pytest

from troth.terms.archive import load, read_lock, shipped, shipped_names
from troth.terms.plain import plain
from troth.terms.show import as_text, listing, show
from troth.terms.words import fact_in_words, period_in_words, when_in_words
from troth.types.moment import parse_period


def test_the_list_has_every_profile_with_versions_dates_and_digests() -> None:
    listed = {profile.name: profile for profile in listing()}
    assert tuple(listed) == shipped_names()
    consumer = listed["anthropic-consumer"]
    assert consumer.controller == "Anthropic"
    assert [(v.version, v.published, v.effective) for v in consumer.versions] == [
        ("2025-05-01", "2025-05-01", "2025-05-01"),
        ("2025-08-28", "2025-08-28", "2025-09-28"),
        ("2025-09-27", "2025-09-27", "2025-10-08"),
    ]
    lock = read_lock(shipped() / "anthropic-consumer")
    assert {v.version: v.digest for v in consumer.versions} == dict(lock)


@pytest.mark.parametrize("name", shipped_names())
def test_everything_that_a_version_says_is_shown(name: str) -> None:
    terms = load(name)
    for version in terms.versions:
        text = as_text(show(terms, version))
        rows = (*version.rules, *version.retention)
        said = [row.text for row in rows] + [row.clause for row in rows] + [c.notice for c in version.choices]
        said += [f.text for f in version.findings] + [f.taken for f in version.findings]
        said += [r.name for r in version.recipients] + [f.text for f in version.filters]
        said += [source.text for source in version.sources] + [option.text for option in version.options]
        assert [words for words in said if words not in text] == []


def test_rules_are_shown_in_the_order_in_which_they_decide() -> None:
    sections = {section.title: section.lines for section in show(load("anthropic-consumer"))}
    assert list(sections)[:4] == ["Versions", "Plans", "Options", "Choices"]
    denied = sections["What stays out, whatever was chosen"]
    assert denied[0] == (
        "1. plan-not-covered: denied for every purpose, when it was said under the plan team, enterprise, "
        "gov, education or api"
    )
    assert denied[2] == "   clause: Help 10023580, scope; source: help-10023580 [excerpt]"
    choice = "\n".join(sections["Choices"])
    assert "last day 2025-10-08; afterwards: The product asks for a choice" in choice
    assert "silence is no yes" in choice
    limits = "\n".join(sections["How long it is kept: the earliest end counts"])
    assert "deleted: gone 30 days after its deletion, where it has been deleted" in limits


@pytest.mark.parametrize("name", shipped_names())
def test_plain_versions_are_fit_for_json_and_name_no_place(name: str) -> None:
    for version in load(name).versions:
        found = plain(version)
        text = json.dumps(found)
        assert json.loads(text) == found
        assert str(shipped()) not in text
        assert [rule["id"] for rule in found["rules"]] == [rule.id for rule in version.rules]
        assert found["digest"] == version.digest


def test_a_list_is_plain_too() -> None:
    assert plain(listing())[0]["versions"][0]["version"] == "2023-12-15"


@pytest.mark.parametrize(
    ("period", "words"),
    [("P5Y", "5 years"), ("P18M", "18 months"), ("P30D", "30 days"), ("PT72H", "3 days"), ("P1M", "1 month"),
     ("PT36H", "1 day and 12 hours"), ("P0D", "no time"), ("PT90M", "PT1H30M")],
)  # fmt: skip
def test_periods_in_words(period: str, words: str) -> None:
    assert period_in_words(parse_period(period)) == words


def test_conditions_in_words() -> None:
    assert when_in_words({"kind": ("text", "code"), "plan": ("free",)}) == (
        "it was said under the plan free, and its kind is text or code"
    )
    assert fact_in_words("deleted", ["no", "yes"]) == "whether or not it has been deleted"
    assert (
        fact_in_words("region", ["eu", "none"]) == "the account has no region or the account's region is eu"
    )
    assert fact_in_words("c.deadline", ["passed"]) == "the last day of c has passed"
