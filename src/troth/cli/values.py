"""What an option may be given: a time, ``k=v``, the name of terms, a purpose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from troth.terms.archive import shipped_names
from troth.types.moment import Moment, MomentError, parse_moment
from troth.types.vocabulary import PURPOSE_WORDS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class MomentType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """RFC 3339 in UTC, or a day, which begins at 00:00 UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        """Read a time."""
        if isinstance(value, int):
            return value
        try:
            return parse_moment(f"{value}T00:00:00Z" if _DAY.match(value) else value)
        except MomentError as problem:
            self.fail(str(problem), param, ctx)


class PairType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """``name=value``."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first ``=``."""
        if isinstance(value, tuple):
            return value
        name, is_pair, text = value.partition("=")
        if not is_pair or not name:
            self.fail(f"{value!r} is not name=value", param, ctx)
        return name, text


class TermsType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """The name of shipped terms, a file or a folder. Whether it means anything, the archive tells."""

    name = "terms"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 — click's own signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The shipped names, and files."""
        names = [CompletionItem(name) for name in shipped_names() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class PurposeType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer click
    """A purpose. One that nobody knows is not an error: it is never allowed."""

    name = "purpose"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The known purposes with their meaning."""
        return [CompletionItem(p, help=w) for p, w in PURPOSE_WORDS.items() if p.startswith(incomplete)]


def as_options(
    ctx: click.Context,
    param: click.Parameter,
    pairs: Sequence[tuple[str, str]],
) -> dict[str, str]:
    """The options of terms by name. Raises ``click.BadParameter`` where one is given two values."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if found.setdefault(name, value) != value:
            raise click.BadParameter(f"{name!r} is given twice, with different values", ctx, param)
    return found


MOMENT = MomentType()
PAIR = PairType()
TERMS = TermsType()
PURPOSE = PurposeType()
