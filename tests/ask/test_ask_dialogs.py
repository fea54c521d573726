"""Dialogs as they are shown: the criticised one is named rule by rule, a fair one passes, and each change is caught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from troth.ask.lint.dialog import SAYS, Control, Dialog, Text, dialog_findings, read_dialog
from troth.errors import UsageError

CRITICISED = Path(__file__).parents[2] / "docs" / "commands" / "examples" / "criticised.toml"


def button(does: str, label: str, **told: Any) -> Control:
    ordinary: dict[str, Any] = {
        "kind": "button", "width": 280, "height": 48, "font_size": 16, "font_weight": 600, "colour": "#ffffff",
        "background": "#1f4b99",
    }  # fmt: skip
    return Control(does=(does,), label=label, **{**ordinary, **told})


def fair() -> Dialog:
    return Dialog(
        format="troth.dialog/1", locale="en", title="May we use your chats to train our models?", background="#ffffff",
        controls=(button("yes", "Yes, allow training"), button("no", "No, do not use them"), button("later", "Decide later")),
        texts=tuple(Text(says=name, text="Chats are kept for 30 days.", font_size=16, colour="#1a1a1a") for name in SAYS),
    )  # fmt: skip


def rules(dialog: Dialog) -> set[str]:
    return {finding.rule.id for finding in dialog_findings(dialog, "dialog")}


def with_no(**told: Any) -> Dialog:
    """The fair dialog with another no."""
    yes, _, later = fair().controls
    return msgspec.structs.replace(fair(), controls=(yes, button("no", "No, do not use them", **told), later))


def test_a_fair_dialog_breaks_no_rule() -> None:
    assert rules(fair()) == set()


def test_the_criticised_dialog_breaks_these_rules() -> None:
    assert rules(read_dialog(CRITICISED)) == {
        "title-asks", "no-is-offered", "nothing-preset", "terms-apart", "says-all", "readable", "reachable", "no-emotion",
        "as-easy-to-take-back", "not-asked-again",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"kind": "link"}, "same-level"),
        ({"step": 2}, "same-level"),
        ({"width": 277.9}, "same-size"),
        ({"height": 50}, "same-size"),
        ({"font_weight": 400}, "same-weight"),
        ({"font_size": 15}, "same-weight"),
        ({"background": "#335b9f"}, "same-contrast"),
        ({"colour": "#e0e0e0"}, "same-contrast"),
        ({"initially": "on"}, "nothing-preset"),
        ({"height": 30}, "reachable"),
        ({"in_view": False}, "reachable"),
        ({"colour": "#5c7fb9"}, "readable"),
    ],
)
def test_a_no_that_is_not_the_equal_of_the_yes_is_named(told: dict[str, Any], rule: str) -> None:
    assert rule in rules(with_no(**told))


def test_a_pixel_and_a_tenth_of_contrast_are_allowed() -> None:
    assert rules(with_no(width=281, height=47.2)) == set()


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"title": "Important changes"}, "title-asks"),
        ({"escape": "yes"}, "escape-is-no-yes"),
        ({"clicks_to_take_back": 2}, "as-easy-to-take-back"),
        ({"asked_again_after_no": True}, "not-asked-again"),
        ({"locale": "nl"}, "plain-words"),
        ({"texts": fair().texts[1:]}, "says-all"),
    ],
)
def test_what_surrounds_the_buttons_is_held_to_the_rules_too(told: dict[str, Any], rule: str) -> None:
    assert rule in rules(msgspec.structs.replace(fair(), **told))


def test_what_is_said_behind_a_click_is_not_said() -> None:
    hidden = tuple(msgspec.structs.replace(one, step=2) for one in fair().texts)
    assert "says-all" in rules(msgspec.structs.replace(fair(), texts=hidden))


@pytest.mark.parametrize(
    "text", ["", "title = 1", 'format = "troth.dialog/1"', "\x00", "[[controls]]\nsurprise = 1"]
)
def test_what_is_no_description_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dialog.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_dialog(file)
    assert "dialog.toml" in str(caught.value)
