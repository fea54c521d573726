"""``troth terms list``."""

from __future__ import annotations

from troth.cli import options
from troth.cli.command import command as make
from troth.cli.output import say, say_json
from troth.operations.terms_list import list_terms
from troth.terms.plain import plain


@make("list", examples=("troth terms list",))
@options.as_json
def command(*, as_json: bool) -> None:
    """List the terms that come with Troth, each with its versions, oldest first."""
    found = list_terms()
    if as_json:
        say_json(plain(found))
        return
    for profile in found:
        say(f"{profile.name}: {profile.title} ({profile.controller})")
        for version in profile.versions:
            say(f"  {version.version}  published {version.published}, in force from {version.effective}")
