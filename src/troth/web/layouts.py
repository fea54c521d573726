"""How the question is shown to whom, and the digests of every way in which it may have been."""

from __future__ import annotations

from pathlib import Path

from troth.ask.form import form_digest
from troth.ask.layout import Layout, Order, Style, order_for
from troth.canon.canonical import digest_of_file

COMPONENT = Path(__file__).parent / "static" / "troth-ask.js"
_ORDERS: tuple[Order, ...] = ("yes-first", "no-first")


class Layouts:
    """The component and the form under one style."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._component, self._form = digest_of_file(COMPONENT), form_digest()
        made = [Layout(one, order, style) for one in (self._component, self._form) for order in _ORDERS]
        self.digests = frozenset(layout.digest for layout in made)
        """Those that a choice may name."""

    def component(self, question: str, account: str) -> Layout:
        """How ``<troth-ask>`` shows a question to somebody."""
        return Layout(self._component, order_for(question, account), self._style)

    def form(self, question: str, account: str) -> Layout:
        """How the form without JavaScript shows it."""
        return Layout(self._form, order_for(question, account), self._style)
