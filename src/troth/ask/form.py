"""The question as a page of plain HTML: a form that works without JavaScript, and its style sheet.

It says what ``<troth-ask>`` says, in the same order, with the same two buttons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from troth.ask.dates import date_in
from troth.ask.layout import Layout, Look, Style
from troth.ask.notice import SECTIONS, Kind, Notice
from troth.canon.canonical import digest_of_file
from troth.types.moment import Moment

_TEMPLATES = Path(__file__).parent / "templates"
FORM = "form.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form shows to one person at one time."""

    kind: Kind
    notice: Notice
    layout: Layout
    deadline: Moment | None
    effective: Moment | None
    may_defer: bool
    """Whether "later" is offered."""
    gated: bool = False
    """Whether the deadline has passed, so that the product waits for an answer."""


def form_html(shown: Shown, action: str, hidden: Mapping[str, str], style_sheet: str) -> str:
    """The page. ``action`` and ``style_sheet`` are addresses of the service; ``hidden`` goes along with the answer."""
    return _page().render(
        notice=shown.notice,
        intro=intro_of(shown),
        sections=[
            (getattr(shown.notice, heading), [getattr(shown.notice, name) for name in names])
            for heading, names in SECTIONS
        ],
        answers=_answers(shown),
        later=shown.notice.later if shown.may_defer else None,
        action=action,
        hidden=dict(hidden),
        style_sheet=style_sheet,
    )


def form_digest() -> str:
    """``sha256:`` of the template: what a layout names as its component."""
    return digest_of_file(_TEMPLATES / FORM)


def intro_of(shown: Shown) -> str:
    """What is said under the title, with its date."""
    notice = shown.notice
    text = notice.gate if shown.gated and shown.kind != "signup" else notice.intro(shown.kind)
    if shown.kind == "existing" and shown.deadline is None:
        text = notice.intro_open
    for place, moment in (("{deadline}", shown.deadline), ("{effective}", shown.effective)):
        text = text.replace(place, "" if moment is None else date_in(notice.locale, moment))
    return text


def style_sheet(style: Style) -> str:
    """The style sheet of the form under a style. Both buttons have one rule."""
    template = (_TEMPLATES / "form.css").read_text(encoding="utf-8")
    rest = f"--font: {style.font}; --size: {style.font_size}px; --radius: {style.radius}px;"
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {_look(style.dark)} }} }}"
    return f":root {{ {rest} {_look(style.light)} }}\n{dark}\n{template}"


def _look(look: Look) -> str:
    names = ("text", "background", "button_text", "button", "edge", "focus")
    return " ".join(f"--{name.replace('_', '-')}: {getattr(look, name)};" for name in names)


def _answers(shown: Shown) -> list[tuple[str, str]]:
    answers = [("granted", shown.notice.yes), ("refused", shown.notice.no)]
    return answers if shown.layout.order == "yes-first" else answers[::-1]


@cache
def _page() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        FORM
    )
