"""Machine signals in terms, and the laws that no terms file can forget: read, shown, compared, and decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_terms import SMALL, before, checked, line_of, replaced, rule

from troth.decide.versions import Timetable
from troth.terms.archive import load, shipped_names
from troth.terms.diff import diff
from troth.terms.facets import facets
from troth.terms.laws import LAW_WORDS, UNLESS_SAID, governs, law_facts, laws
from troth.terms.model import Terms, Version
from troth.terms.show import as_text, show
from troth.types.vocabulary import PURPOSES, SIGNAL_VALUES

OPT_OUT = """\
[[opt_outs]]
signal = "gpc"
purposes = ["sell", "train.general"]
clause = "s.12"
source = "help"
text = "Global Privacy Control is taken for a no to training too."

"""
SAYING = replaced("[[recipients]]\n", f"{OPT_OUT}[[recipients]]\n")
OPEN = rule("shared", "allow", '"share.third_party"', "", "choice_granted")
SHARING = before(
    "never-out", OPEN, replaced('purposes = ["sell", "share.third_party", "review.human"]', 'purposes = ["sell"]')
)  # fmt: skip


def terms(folder: Path, text: str) -> Terms:
    file = folder / "small.toml"
    file.write_text(text, encoding="utf-8")
    return load(str(file))


def version(folder: Path, text: str) -> Version:
    return terms(folder, text).newest


def answered(found: Terms, purpose: str, **changed: str) -> tuple[bool, str, str]:
    """What the table says of an ordinary chat of somebody who said yes, with some facts changed."""
    timetable = Timetable(found)
    usual = {
        "time": "known", "account": "open", "plan": "free", "channel": "first_party", "product": "chat", "kind": "text",
        "role": "user", "mode": "normal", "audience": "private", "age": "adult", "region": "none", "moved_to": "none",
        "retained": "ordinary", "improve.standing": "granted", "improve.reach": "new", "improve.at_said": "granted",
        "improve.deadline": "before", "improve.here": "none",
    }  # fmt: skip
    given = {**usual, **{name.replace("_here", ".here"): value for name, value in changed.items()}}
    facts = tuple(given.get(name, "no") for name in timetable.names)
    answer = timetable.table(found.newest).answer(facts, purpose)
    return answer.allow, answer.reason, answer.clause


def test_a_file_may_say_what_a_signal_stops(tmp_path: Path) -> None:
    assert [str(problem) for problem in checked(tmp_path, SAYING)] == []
    found = terms(tmp_path, SAYING)
    assert answered(found, "train.general") == (True, "choice_granted", "s.4")
    assert answered(found, "train.general", gpc="yes") == (False, "signal_refused", "s.12")
    assert answered(found, "train.general", aipref="yes") == (False, "signal_refused", "")


def test_what_a_file_says_of_a_signal_is_all_that_it_does(tmp_path: Path) -> None:
    """The default stands per signal: AI preferences keep theirs where only Global Privacy Control is spoken of."""
    found = terms(tmp_path, replaced("[[recipients]]\n", f"{OPT_OUT}[[recipients]]\n", SHARING))
    assert answered(found, "share.third_party", gpc="yes")[0]
    assert answered(found, "share.third_party", aipref="yes")[:2] == (False, "signal_refused")


def test_where_a_file_says_nothing_a_signal_stops_handing_on(tmp_path: Path) -> None:
    found = terms(tmp_path, SHARING)
    assert answered(found, "share.third_party")[0]
    assert answered(found, "share.third_party", gpc="yes") == (False, "signal_refused", "")
    assert answered(found, "train.general", gpc="yes")[0]
    assert answered(found, "serve", gpc="yes", aipref="yes")[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('signal = "gpc"', 'signal = "gcp"', "unknown signal 'gcp' — did you mean 'gpc'"),
        ('signal = "gpc"\n', "", "has no signal"),
        ('"sell", "train.general"]\nclause = "s.12"', '"sel"]\nclause = "s.12"', "unknown purpose 'sel'"),
        ('"sell", "train.general"]\nclause = "s.12"', ']\nclause = "s.12"', "is not a list of words"),
        ('source = "help"\ntext = "Global', 'source = "hlep"\ntext = "Global', "unknown source 'hlep'"),
        ('clause = "s.12"\n', 'clause = "s.12"\nvalue = "1"\n', "unknown key 'value'"),
        ("[[opt_outs]]", "[opt_outs]", "is not a list of tables"),
    ],
)
def test_a_broken_opt_out_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = replaced(old, new, SAYING)
    found = [problem for problem in checked(tmp_path, text) if words in str(problem)]
    assert found
    assert all(abs(problem.line - line_of(text, "opt_outs")) <= 6 for problem in found)


def test_opt_outs_are_shown_and_compared(tmp_path: Path) -> None:
    old, new = version(tmp_path, SMALL), version(tmp_path, SAYING)
    assert "gpc: no sell, train.general: Global Privacy Control is taken" in as_text(
        show(terms(tmp_path, SAYING))
    )
    assert list(facets(new)["opt-outs"]) == ["gpc (sell, train.general)"]
    assert any(change.topic == "opt-outs" and change.kind == "added" for change in diff(old, new).changes)


@pytest.mark.parametrize("place", ["conversation", "project"])
def test_a_no_for_a_place_denies_what_the_choice_is_about(tmp_path: Path, place: str) -> None:
    found = terms(tmp_path, SMALL)
    assert answered(found, "train.general", improve_here=place)[:2] == (False, f"{place}_refused")
    assert answered(found, "train.general", improve_here="lifted")[:2] == (False, "said_before_choice")
    assert answered(found, "serve", improve_here=place)[0]


def test_the_denies_of_the_file_are_cited_before_the_laws(tmp_path: Path) -> None:
    found = terms(tmp_path, SMALL)
    assert answered(found, "train.general", improve_here="conversation", mode="incognito")[1] == "incognito"
    assert answered(found, "train.general", improve_here="conversation", **{"improve.standing": "undecided"})[
        1
    ] == ("conversation_refused")


ABOUT = {
    ("amazon-alexa", "improve_alexa"): {"train.general", "review.human"},
    ("amazon-alexa", "save_recordings"): {"train.general", "review.human"},
    ("amazon-alexa", "auto_delete"): set[str](),
    ("anthropic-commercial", "development_partner"): {"train.general"},
    ("anthropic-consumer", "improve_models"): {"train.general", "review.human"},
    ("google-keep-activity", "audio"): {"train.general", "review.human"},
    ("google-keep-activity", "auto_delete"): set[str](),
    ("google-keep-activity", "keep_activity"): {"train.general", "review.human"},
    ("meta-public", "objection"): {"train.general", "train.safety", "review.human"},
    ("openai", "improve_model"): {"train.general"},
}


def test_what_each_choice_of_the_shipped_terms_is_about() -> None:
    found = {
        (name, choice.name): {p for p in PURPOSES if governs(choice, p, load(name).newest.rules)}
        for name in shipped_names()
        for choice in load(name).newest.choices
    }
    assert found == ABOUT


@pytest.mark.parametrize("name", shipped_names())
def test_no_shipped_profile_takes_global_privacy_control_for_a_no_to_training(name: str) -> None:
    for one in load(name).versions:
        assert one.opt_outs == ()
        denied = {purpose for law in laws(one) if "gpc" in law.when for purpose in law.purposes}
        assert denied == {"share.third_party", "sell"}


def test_a_no_cites_the_clause_that_says_what_a_no_does() -> None:
    found = {(law.reason, law.clause) for law in laws(load("anthropic-consumer").newest)}
    assert ("conversation_refused", "Help 10023548") in found
    assert ("project_refused", "Help 10023548") in found


def test_no_rule_and_no_row_can_name_the_facts_of_the_laws(tmp_path: Path) -> None:
    for fact in law_facts(["improve"]):
        text = replaced('when = { mode = ["incognito"] }\nreason', f'when = {{ {fact} = ["no"] }}\nreason')
        assert any(f"unknown fact {fact!r}" in str(problem) for problem in checked(tmp_path, text)), fact


def test_every_signal_of_a_history_has_a_law_and_words() -> None:
    assert set(UNLESS_SAID) == set(SIGNAL_VALUES) == set(LAW_WORDS)


def test_the_laws_are_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "terms.md").read_text(encoding="utf-8")
    part = page.partition("### Laws that no file can forget")[2].partition("\n## ")[0]
    for values in law_facts(["NAME"]).values():
        assert [value for value in values if f"`{value}`" not in part] == []
    for signal, purposes in UNLESS_SAID.items():
        (row,) = [line for line in part.splitlines() if line.startswith(f"| `{signal} = yes`")]
        assert [purpose for purpose in purposes if f"`{purpose}`" not in row] == []
