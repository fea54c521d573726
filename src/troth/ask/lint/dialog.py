"""A dialog as it is shown, described in a file, and checked against the rules of a fair question.

The description is made by whoever looks at the dialog, or by a browser that measures it: sizes in CSS pixels, colours as
``#rrggbb`` (docs/formats/notices.md, "Dialog").
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from troth.ask.colour import contrast, read_colour
from troth.ask.layout import LEAST_CONTRAST, LEAST_FONT
from troth.ask.lint.notice import words_findings
from troth.ask.lint.rules import Finding, broken
from troth.ask.lint.words import language_of
from troth.errors import Place, UsageError

FORMAT = "troth.dialog/1"
LEAST_TARGET = 44
SAYS = ("what", "from_when", "kept_yes", "kept_no", "deletion", "trained", "settings")
"""What must be said in the dialog itself."""

Does = Literal["yes", "no", "later", "accept_terms", "close", "other"]


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A control of the dialog, and what it does."""

    does: tuple[Does, ...]
    label: str
    kind: Literal["button", "link", "switch", "checkbox"]
    width: float
    height: float
    font_size: float
    font_weight: int
    colour: str
    background: str
    step: int = 1
    """1: in the dialog itself; 2: behind another click."""
    initially: Literal["none", "on", "off"] = "none"
    in_view: bool = True
    """Whether it is in the first view at 320 px of width."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text of the dialog. ``says``: one of `SAYS`, or anything else it tells."""

    says: str
    text: str
    font_size: float
    colour: str
    step: int = 1


class Dialog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dialog that asks whether something may train a model."""

    format: str
    locale: str
    title: str
    background: str
    controls: tuple[Control, ...]
    texts: tuple[Text, ...]
    escape: Literal["yes", "no", "later", "nothing"] = "later"
    clicks_to_give: int = 1
    clicks_to_take_back: int = 1
    asked_again_after_no: bool = False


def read_dialog(file: Path) -> Dialog:
    """Read a description. Raises `UsageError` naming what is wrong with it."""
    try:
        dialog = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Dialog)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise UsageError(
            f"is not a description of a dialog: {problem}",
            place=Place(str(file)),
            remedy="see docs/formats/notices.md, Dialog",
        ) from None
    if dialog.format != FORMAT:
        raise UsageError(
            f"is not of format {FORMAT}", place=Place(str(file)), remedy=f'begin it with format = "{FORMAT}"'
        )
    return dialog


def dialog_findings(dialog: Dialog, where: str) -> Iterator[Finding]:
    """Every rule that a dialog breaks."""
    yield from _words(dialog, where)
    yield from _answers(dialog, where)
    yield from _preset(dialog, where)
    yield from _bundled(dialog, where)
    yield from _said(dialog, where)
    yield from _reach(dialog, where)
    yield from _afterwards(dialog, where)


def _does(dialog: Dialog, what: Does) -> list[Control]:
    return [one for one in dialog.controls if what in one.does]


def _words(dialog: Dialog, where: str) -> Iterator[Finding]:
    language = language_of(dialog.locale)
    if language is None:
        yield broken(
            "plain-words",
            where,
            f"nothing is known of the language {dialog.locale!r}",
            "have it read by a speaker",
        )
        return
    words = {"title": dialog.title}
    for answer in ("yes", "no"):
        labels = [one.label for one in _does(dialog, answer) if one.kind in ("button", "link")]
        words[answer] = labels[0] if labels else ""
    told = {one.says: one.text for one in dialog.texts}
    others = {one.label: one.label for one in dialog.controls if one.label not in words.values()}
    yield from words_findings({**words, **told, **others}, language, where)


def _answers(dialog: Dialog, where: str) -> Iterator[Finding]:
    yes, no = _does(dialog, "yes"), _does(dialog, "no")
    if not no:
        later = " Later is not a no." if _does(dialog, "later") else ""
        yield broken("no-is-offered", where, f"nothing in it says no.{later}", "offer a no beside the yes")
    if not yes or not no:
        return
    one, other = min(yes, key=_prominence), min(no, key=_prominence)
    if (one.kind, one.step) != (other.kind, other.step):
        yield broken("same-level", where, f"yes is a {one.kind} at step {one.step}, no a {other.kind} at step {other.step}",
                     "make both buttons of one component, side by side")  # fmt: skip
    if abs(one.width - other.width) > 1 or abs(one.height - other.height) > 1:
        sizes = f"yes has {one.width:g} by {one.height:g} px, no {other.width:g} by {other.height:g}"
        yield broken("same-size", where, sizes, "give both the same size")
    if (one.font_size, one.font_weight) != (other.font_size, other.font_weight):
        each = [f"{c.font_size:g} px, weight {c.font_weight}" for c in (one, other)]
        letters = f"yes has letters of {each[0]}; no of {each[1]}"
        yield broken("same-weight", where, letters, "give both the same letters")
    ratios = [(_ratio(c.colour, c.background), _ratio(c.background, dialog.background)) for c in (one, other)]
    if any(abs(a - b) > 0.1 for a, b in zip(*ratios, strict=True)):
        told = "; ".join(
            f"{c.label!r}: letters {a:.1f}, button {b:.1f}"
            for c, (a, b) in zip((one, other), ratios, strict=True)
        )
        yield broken(
            "same-contrast", where, f"they stand out differently ({told})", "give both the same colours"
        )


def _prominence(control: Control) -> tuple[int, float]:
    return control.step, -control.width * control.height


def _ratio(one: str, other: str) -> float:
    first, second = read_colour(one), read_colour(other)
    return 1.0 if first is None or second is None else contrast(first, second)


def _preset(dialog: Dialog, where: str) -> Iterator[Finding]:
    for control in dialog.controls:
        if control.initially == "on" or (
            control.kind in ("switch", "checkbox") and control.initially == "off"
        ):
            how = f"the {control.kind} {control.label!r} stands {control.initially} before anybody chose"
            yield broken("nothing-preset", where, how, "ask with two buttons, and nothing chosen")


def _bundled(dialog: Dialog, where: str) -> Iterator[Finding]:
    switches = [one for one in _does(dialog, "yes") if one.kind in ("switch", "checkbox")]
    for control in _does(dialog, "accept_terms"):
        if "yes" in control.does or "no" in control.does or switches:
            yield broken("terms-apart", where, f"{control.label!r} accepts the terms and settles training with one click",
                         "let people accept terms in a step of its own")  # fmt: skip


def _said(dialog: Dialog, where: str) -> Iterator[Finding]:
    first = {one.says for one in dialog.texts if one.step == 1}
    missing = [name for name in SAYS if name not in first]
    if missing:
        yield broken(
            "says-all", where, f"it does not say, in the same view: {', '.join(missing)}", "say it there"
        )
    for one in dialog.texts:
        ratio = _ratio(one.colour, dialog.background)
        if one.font_size < LEAST_FONT or ratio < LEAST_CONTRAST:
            yield broken("readable", f"{where}: {one.says}", f"letters of {one.font_size:g} px, contrast {ratio:.1f}",
                         f"give it {LEAST_FONT} px and contrast {LEAST_CONTRAST}")  # fmt: skip


def _reach(dialog: Dialog, where: str) -> Iterator[Finding]:
    for control in dialog.controls:
        if not {"yes", "no", "later"} & set(control.does):
            continue
        ratio = _ratio(control.colour, control.background)
        if ratio < LEAST_CONTRAST:
            yield broken(
                "readable", where, f"{control.label!r} has contrast {ratio:.1f}", f"give it {LEAST_CONTRAST}"
            )
        if min(control.width, control.height) < LEAST_TARGET or not control.in_view:
            hidden = "" if control.in_view else ", out of the first view"
            yield broken("reachable", where, f"{control.label!r} has {control.width:g} by {control.height:g} px{hidden}",
                         f"give it {LEAST_TARGET} px, in the first view")  # fmt: skip


def _afterwards(dialog: Dialog, where: str) -> Iterator[Finding]:
    if dialog.escape == "yes":
        yield broken("escape-is-no-yes", where, "Escape counts as a yes", "let it mean later")
    if dialog.clicks_to_take_back > dialog.clicks_to_give:
        clicks = f"{dialog.clicks_to_give} clicks give, {dialog.clicks_to_take_back} take back"
        yield broken("as-easy-to-take-back", where, clicks, "make the switch as near as the question was")
    if dialog.asked_again_after_no:
        yield broken("not-asked-again", where, "whoever said no is asked again", "keep the no")
