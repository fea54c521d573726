"""How the question looks: the few things that a product may style, one look for both buttons, and the digest of it all.

Both buttons take every value from one place, so that no styling can tell them apart; what is left to check is whether
people can read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Literal

from troth.ask.colour import contrast, read_colour
from troth.canon.canonical import digest_of
from troth.errors import UsageError

Order = Literal["yes-first", "no-first"]

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text on its background."""
LEAST_EDGE = 3.0
"""WCAG 2.2, 1.4.11: the edge of a control, and the mark of the focus."""
LEAST_FONT, MOST_FONT = 16, 32
"""Pixels."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a product may choose in one colour scheme: colours as ``#rrggbb``."""

    text: str
    background: str
    button_text: str
    button: str
    edge: str
    focus: str


@dataclass(frozen=True, slots=True)
class Style:
    """What a product may choose. There is one button colour: both buttons have it."""

    light: Look = Look("#1a1a1a", "#ffffff", "#ffffff", "#1f4b99", "#5c5c5c", "#8a2be2")
    dark: Look = Look("#f2f2f2", "#1b1b1f", "#10131a", "#9cc1ff", "#a8a8a8", "#ffb454")
    font: str = "system-ui, sans-serif"
    font_size: int = 16
    """Pixels, of all that is said."""
    radius: int = 8
    """Pixels, of the corners of both buttons."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which the question is shown."""

    component: str
    """``sha256:`` of the file of the component, or of the form's template."""
    order: Order
    style: Style

    @property
    def digest(self) -> str:
        """``sha256:`` of its canonical JSON."""
        return digest_of(asdict(self))


def order_for(question: str, person: str) -> Order:
    """Which answer stands first for somebody: half of the people see the other order, each of them always the same."""
    return "yes-first" if sha256(f"{question}\x00{person}".encode()).digest()[0] % 2 else "no-first"


def read_style(told: Mapping[str, object]) -> Style:
    """A style from what a product wrote; what is left out is as it comes. Raises `UsageError` with an objection."""
    light, dark = Style().light, Style().dark
    known = {field.name for field in fields(Style)}
    for name in told:
        if name not in known:
            raise UsageError(
                f"the style has no {name!r}",
                remedy=f"it has {', '.join(sorted(known))}: nothing that only one button would have",
            )
    style = Style(
        _look(told.get("light", {}), light, "light"),
        _look(told.get("dark", {}), dark, "dark"),
        _font(told.get("font", Style().font)),
        _pixels(told.get("font_size", Style().font_size), "font_size"),
        _pixels(told.get("radius", Style().radius), "radius"),
    )
    for what in objections(style):
        raise UsageError(f"the style is refused: {what}", remedy="see docs/formats/notices.md, Style")
    return style


def objections(style: Style) -> Iterator[str]:
    """What makes a style unfit: too little contrast, too small a font."""
    if not LEAST_FONT <= style.font_size <= MOST_FONT:
        yield f"the font has {style.font_size} px; it takes {LEAST_FONT} to {MOST_FONT}"
    if not 0 <= style.radius <= LEAST_FONT * 2:
        yield f"corners of {style.radius} px; it takes 0 to {LEAST_FONT * 2}"
    for scheme, look in (("light", style.light), ("dark", style.dark)):
        pairs = (
            ("text", look.text, look.background, LEAST_CONTRAST),
            ("the words on the buttons", look.button_text, look.button, LEAST_CONTRAST),
            ("the buttons on the page", look.button, look.background, LEAST_EDGE),
            ("the edge", look.edge, look.background, LEAST_EDGE),
            ("the focus on the page", look.focus, look.background, LEAST_EDGE),
        )
        for what, one, other, least in pairs:
            found = _contrast(one, other)
            if found is None:
                yield f"{scheme}: {one} or {other} is not a colour as #rrggbb"
            elif found < least:
                yield f"{scheme}: {what}: contrast {found:.2f}, at least {least} is wanted"


def _contrast(one: str, other: str) -> float | None:
    first, second = read_colour(one), read_colour(other)
    return None if first is None or second is None else contrast(first, second)


def _look(told: object, ordinary: Look, name: str) -> Look:
    if not isinstance(told, Mapping):
        raise UsageError(f"{name} is not a table", remedy=f"write [{name}] with colours as #rrggbb")
    known = asdict(ordinary)
    for key, value in told.items():
        if key not in known or not isinstance(value, str):
            raise UsageError(
                f"{name} has no colour {key!r}", remedy=f"it has {', '.join(known)}, each as #rrggbb"
            )
    return Look(**{**known, **told})


def _pixels(told: object, name: str) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        raise UsageError(f"{name} is not a whole number of pixels", remedy=f"write {name} = 16")
    return told


def _font(told: object) -> str:
    allowed = isinstance(told, str) and all(part.isalnum() or part in " ,'-" for part in told)
    if not isinstance(told, str) or not allowed or not told.strip():
        raise UsageError(
            "font is not a list of font names", remedy="write font = \"'Source Sans', sans-serif\""
        )
    return told
