"""The shipped question: every locale whole, fair, and of the same figures as the terms."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from troth.ask.lint.notice import notice_findings
from troth.ask.lint.rules import RULES
from troth.ask.notice import Asked, read_question
from troth.ask.shipped import SHIPPED, asked_in, shipped
from troth.errors import UsageError

LOCALES = ("en", "de", "fr", "es", "ja", "ar")


@pytest.fixture
def asked() -> Asked:
    return shipped()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped question that a test may spoil."""
    return Path(shutil.copytree(SHIPPED / "improve-models-1", tmp_path / "improve-models-1"))


def spoil(folder: Path, locale: str, old: str, new: str) -> list[str]:
    file = folder / f"{locale}.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return [finding.rule.id for finding in notice_findings(read_question(folder), folder.name)]


def test_the_shipped_questions_break_no_rule_in_any_locale() -> None:
    for asked in shipped():
        assert tuple(asked.notices) == LOCALES
        assert [str(one) for one in notice_findings(asked, asked.question.id)] == []


def test_a_locale_falls_back_to_its_language_and_then_to_the_source(asked: Asked) -> None:
    assert asked.notice("de-AT").locale == "de"
    assert asked.notice("nl").locale == "en"
    assert asked.notice("ar").direction == "rtl"


def test_a_digest_names_the_words_and_nothing_else(asked: Asked) -> None:
    english = asked.notices["en"]
    assert asked.with_digest(english.digest) is english
    assert replace(english, no=english.no + ".").digest != english.digest
    assert asked.with_digest("sha256:" + "0" * 64) is None
    assert len({one.digest for one in asked.notices.values()}) == len(LOCALES)


@pytest.mark.parametrize(
    ("locale", "old", "new", "rule"),
    [
        ("en", "May we use your chats and coding sessions to train our models?", "Updates to our terms", "title-asks"),
        ("de", "zum Training unserer Modelle nutzen?", "nutzen?", "title-asks"),
        ("en", 'yes = "Yes, allow training"', 'yes = "Accept"', "terms-apart"),
        ("en", 'no = "No, do not use them"', 'no = "Not now"', "no-is-offered"),
        ("fr", 'no = "Non, ne pas utiliser"', 'no = "Plus tard"', "no-is-offered"),
        ("en", 'no = "No, do not use them"', 'no = "No, never do without it"', "no-double-negative"),
        ("es", "Con un sí: 5 años.", "Con un sí: 3 años.", "same-figures"),
        ("ja", "長くても30日", "長くても３０日、または90日", "same-figures"),
        ("ar", "5 سنوات", "سنوات", "same-figures"),
        ("en", "Either answer opens your account.", "Help us build the best experience for everyone.", "no-emotion"),
        ("de", "Beide Antworten öffnen Ihr Konto.", "Leider verpassen Sie sonst etwas.", "no-emotion"),
        ("en", "until {deadline}.", "soon.", "says-all"),
        ("de", 'later = "Später entscheiden"', 'later = "Decide later"', "every-word-there"),
        ("en", "Nothing of theirs is used through this question.",
         "Notwithstanding the aforementioned provisions, organisational authorisation supersedes individual determinations"
         " regarding utilisation, dissemination, retention and commercialisation of proprietary information, and additionally"
         " encompasses administrative, contractual and governmental considerations of considerable institutional complexity.",
         "plain-words"),
    ],
)  # fmt: skip
def test_words_that_are_not_fair_are_named_by_their_rule(
    folder: Path, locale: str, old: str, new: str, rule: str
) -> None:
    assert rule in spoil(folder, locale, old, new)


def test_full_width_digits_are_digits(folder: Path) -> None:
    assert spoil(folder, "ja", "長くても30日", "長くても３０日") == []


def test_a_language_that_nobody_knows_is_said_and_not_passed(folder: Path) -> None:
    question = folder / "question.toml"
    question.write_text(
        question.read_text(encoding="utf-8").replace('"ar"]', '"ar", "nl"]'), encoding="utf-8"
    )
    english = (folder / "en.toml").read_text(encoding="utf-8")
    (folder / "nl.toml").write_text(english.replace('locale = "en"', 'locale = "nl"'), encoding="utf-8")
    findings = [one for one in notice_findings(read_question(folder), "q") if "'nl'" in one.what]
    assert [one.rule.id for one in findings] == ["plain-words"]


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("en.toml", 'later = "Decide later"\n', "", "later"),
        ("en.toml", 'later = "Decide later"', 'later = " "', "later is empty"),
        ("en.toml", 'later = "Decide later"', 'later = "Decide later"\nreminder = "daily"', "reminder"),
        ("de.toml", 'locale = "de"', 'locale = "en"', "notice of 'en'"),
        ("question.toml", "troth.question/1", "troth.question/9", "troth.question/1"),
        ("question.toml", 'source = "en"', 'source = "nl"', "source"),
        ("fr.toml", "title", "ti\x00tle", "cannot be read"),
    ],
)
def test_a_damaged_question_is_refused_by_name(
    folder: Path, file: str, old: str, new: str, named: str
) -> None:
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=named) as caught:
        read_question(folder)
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_locale_and_an_empty_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "ja.toml").unlink()
    with pytest.raises(UsageError, match=r"ja\.toml"):
        asked_in(tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match="no question"):
        asked_in(tmp_path / "none")


def test_every_rule_has_a_name_of_its_own_and_a_source() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.says and rule.source for rule in RULES)
