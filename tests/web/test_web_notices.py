"""An organisation's own questions: asked of people in their words, in every language they are in, and never with a dark pattern."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from web_worlds import LOOSE, World, make_keys, serving, settings_of

import troth.ask
from troth.errors import UsageError
from troth.operations.workspace.init import init_workspace
from troth.web.access.callers import Caller
from troth.web.access.sessions import COOKIE, new_session
from troth.web.service import open_service
from troth.web.settings import read_service_settings

SHIPPED = Path(troth.ask.__file__).parent / "notices" / "improve-models-1"
TERMS = Path(troth.ask.__file__).parents[1] / "terms" / "profiles" / "anthropic-consumer"
OWN = "May we use your chats and drafts to train our models?"
TROTH = Path(sys.executable).with_name("troth")
TITLES = {"en": OWN, "de": "Dürfen wir mit Ihren Chats und Entwürfen unsere Modelle trainieren?"}


def own_question(folder: Path, terms: str = "corner-shop", name: str = "our-models") -> Path:
    """A question of the organisation's own, in English and German."""
    made = folder / name
    made.mkdir(parents=True)
    told = (SHIPPED / "question.toml").read_text(encoding="utf-8")
    told = told.replace('question = "improve-models"', f'question = "{name}"')
    told = told.replace('terms = "anthropic-consumer"', f'terms = "{terms}"')
    told = told.replace('["en", "de", "fr", "es", "ja", "ar"]', '["en", "de"]')
    (made / "question.toml").write_text(told, encoding="utf-8")
    for locale, title in TITLES.items():
        words = (SHIPPED / f"{locale}.toml").read_text(encoding="utf-8").splitlines()
        words = [f'title = "{title}"' if line.startswith("title = ") else line for line in words]
        (made / f"{locale}.toml").write_text("\n".join(words) + "\n", encoding="utf-8")
    return made


def own_terms(folder: Path) -> None:
    """Terms of another name than the ones that come with notices."""
    folder.mkdir()
    for file in TERMS.glob("*.toml"):
        text = file.read_text(encoding="utf-8").replace('name = "anthropic-consumer"', 'name = "corner-shop"')
        (folder / file.name).write_text(text, encoding="utf-8")


def a_shop(folder: Path) -> Path:
    """A workspace whose settings name its own terms, and a folder for its notices."""
    workspace = folder / "shop"
    init_workspace(workspace, "example.org/shop")
    own_terms(workspace / "terms")
    settings_of(workspace, {**LOOSE, "terms": "terms", "ask": {"notices": "notices"}})
    return workspace


def start_of(workspace: Path) -> None:
    with open_service(workspace, read_service_settings(workspace)):
        pass


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    workspace = a_shop(tmp_path_factory.mktemp("own"))
    own_question(workspace / "notices")
    with serving(workspace, make_keys(workspace)) as found:
        found.open_account("gerda", age="adult")
        yield found


@pytest.mark.parametrize(("wanted", "given"), [("en", "en"), ("de-AT", "de"), ("fr", "en")])
def test_people_are_asked_in_the_organisations_own_words(shop: World, wanted: str, given: str) -> None:
    asked = shop.ask("gerda", locale=wanted)["notice"]
    assert (asked["locale"], asked["words"]["title"], asked["question"]) == (
        given,
        TITLES[given],
        "our-models-1",
    )
    listed = shop.as_("nobody").get("/notices.json").json()["notices"]
    assert asked["digest"] in {one["digest"] for one in listed}


def test_a_choice_names_the_words_that_were_shown_and_no_others(shop: World) -> None:
    shop.open_account("digest", age="adult")
    digest = shop.ask("digest")["notice"]["digest"]
    unknown = shop.choose("digest", "refused", notice_digest=f"sha256:{'0' * 64}")
    assert unknown.status_code in (409, 422)
    assert shop.choose("digest", "refused", notice_digest=digest, locale="en").status_code == 201


@pytest.mark.parametrize(
    ("languages", "title"),
    [
        ("de-DE,de;q=0.9", TITLES["de"]),
        ("fr,de;q=0.5", TITLES["de"]),
        ("pt", "Allow the use of your chats and coding sessions"),
        ("", "Allow the use of your chats and coding sessions"),
        ("en-GB", OWN),
    ],
)
def test_the_privacy_centre_asks_as_the_notice_does_where_there_is_one_in_the_persons_language(
    shop: World, languages: str, title: str
) -> None:
    service = shop.application.service
    assert service is not None
    made = new_session(service.tables, Caller("person", "person:1", "gerda", key="1"), service.now(), 1800)
    answer = httpx.get(
        f"{shop.address}/privacy", cookies={COOKIE: made.cookie}, headers={"Accept-Language": languages}
    )
    assert answer.status_code == 200
    language = "de" if title == TITLES["de"] else "en"
    assert f'lang="{language}" dir="auto">{title}' in answer.text


DARK = {
    "no-emotion": ("yes = ", 'yes = "Yes, of course, help us"'),
    "no-is-offered": ("no = ", 'no = "Not now"'),
    "title-asks": ("title = ", 'title = "Updates to our terms"'),
    "same-figures": ("kept_yes = ", 'kept_yes = "With a yes: 3 years."'),
    "says-all": ("gate = ", 'gate = "Please choose."'),
}
"""A rule, and words that break it."""


@pytest.mark.parametrize("rule", DARK)
def test_a_dark_pattern_refuses_the_start_and_names_its_rule(tmp_path: Path, rule: str) -> None:
    workspace = a_shop(tmp_path)
    file = own_question(workspace / "notices") / "en.toml"
    start, dark = DARK[rule]
    lines = file.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith(start) for line in lines) == 1
    lines = [dark if line.startswith(start) else line for line in lines]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f"breaks {rule} "):
        start_of(workspace)


@pytest.mark.parametrize(
    "how", ["missing", "empty", "of other terms", "twice", "damaged", "a locale is gone", "of no choice"]
)
def test_a_folder_that_would_not_be_asked_as_it_stands_refuses_the_start(tmp_path: Path, how: str) -> None:
    workspace = a_shop(tmp_path)
    notices = workspace / "notices"
    if how == "empty":
        notices.mkdir()
    elif how == "of other terms":
        own_question(notices, terms="anthropic-consumer")
    elif how != "missing":
        made = own_question(notices)
        if how == "twice":
            shutil.copytree(made, notices / "again")
            told = (made / "question.toml").read_text(encoding="utf-8")
            (notices / "again" / "question.toml").write_text(
                told.replace('version = "1"', 'version = "2"'), encoding="utf-8"
            )
        if how == "damaged":
            (made / "de.toml").write_bytes(b"\xff\xfe")
        if how == "a locale is gone":
            (made / "de.toml").unlink()
        if how == "of no choice":
            told = (made / "question.toml").read_text(encoding="utf-8")
            (made / "question.toml").write_text(
                told.replace('choice = "improve_models"', 'choice = "sell"'), encoding="utf-8"
            )
    with pytest.raises(UsageError) as problem:
        start_of(workspace)
    assert problem.value.remedy


def test_the_command_that_serves_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    workspace = a_shop(tmp_path)
    file = own_question(workspace / "notices") / "de.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(TITLES["de"], "Neues aus unseren Bedingungen"), encoding="utf-8")
    command = [TROTH, "serve", "--workspace", workspace, "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "title-asks" in done.stderr
    assert "Traceback" not in done.stderr
