"""Secrets given to commands: options, definitions, the name and password of curl and its like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from troth.detect.finding import Finding
from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.found import secret
from troth.detect.secrets.judge import is_secret
from troth.detect.secrets.left import Left
from troth.detect.secrets.names import class_of
from troth.detect.secrets.placeholders import is_placeholder
from troth.detect.secrets.values import value_at

if TYPE_CHECKING:
    from troth.detect.text.view import View

_OPTION: Final = re.compile(
    r"(?:(?<![\w\-])--?(?P<option>[A-Za-z][\w\-]{0,40})"
    r"|(?:[#%]\s{0,2}(?:define|global)|\b(?:SET|set|setx|setenv|export|ENV|ARG|env|password"
    r"|user))[ \t]{1,4}(?P<name>[A-Za-z_]\w{0,60}))"
    r"(?:[ ]{1,4}|\t|\\t)\\?[\"']?\Z"
)
_REACH: Final = 120


def _option(view: View, place: int) -> Iterator[Finding]:
    """The value of an option or definition, which begins before a place."""
    text = view.folded
    start = place - 1
    match = _OPTION.search(text[max(0, start - _REACH) : start])
    if not match:
        return
    name = match["option"] or match["name"]
    kind = class_of(name)
    opened = text[start - 1] if text[start - 1] in "\"'" else ""
    if opened and text[start - 2 : start - 1] == "\\":
        opened = "\\" + opened
    value = value_at(text, start, opened, " ") if kind else None
    if value is None or kind is None or text.startswith(("-", "="), start):
        return
    # People type what they choose: there are no names of variables on a command line, but words of a manual.
    left = Left((name,), "or", opened, True, "")
    if is_secret(text[value.start : value.end], kind, left, value.quoted):
        yield secret(value.start, value.end, "secret/option")


_USER: Final = re.compile(
    r"(?<![^\s\"'`(,])(?:-u|-U|--user|--proxy-user|--userpwd|--auth|-a)(?:="
    r"|[ ]{0,3})(?P<mark>\\?[\"']?)(?P<user>[^\s:\"'\\]{0,80}(?:[\"'](?=:))?):"
    r"(?P<it>[^\s\"'\\]{1,120}|(?<=[\"'])[^\"'\\\n]{1,120}|[\"'][^\"'\n]{1,120})(?=[\s\"'\\]|$)"
)
_TOOLS: Final = re.compile(r"\b(?:curl|wget|http|https|xh|ab|lftp|smbclient|wrk)\b")


def _user(view: View, place: int) -> Iterator[Finding]:
    """The password after the name of a user, in a command."""
    text = view.folded
    low = max(0, place - 400)
    for match in _USER.finditer(text, max(0, place - 110), place + 130):
        if match.start() >= place:
            return
        start, end = match.span("it")
        start += text[start] in "\"'"
        word = text[start:end]
        braced = word.startswith("{") and word.endswith("}") and len(word) > 10 and "." not in word
        word = word[1:-1] if braced else word
        if end < place or len(word) < 4 or is_placeholder(word) or word == match["user"]:
            continue
        if word.startswith(("$", "//")):  # a variable, an address
            continue
        if _TOOLS.search(text, low, match.start()):
            yield secret(start, end, "secret/option")


_FLAG: Final = re.compile(r"[ ](?P<flag>-pw?|-a|-w|-P)[ ]{0,2}[\"']?\Z")
_TOOL: Final = re.compile(
    r"\b(?:(?P<p>mysql\w*|mariadb\w*|sshpass|docker|podman|helm|oc|az)|(?P<pw>plink|pscp)|(?P<a>redis-cli)"
    r"|(?P<w>ldap\w{3,8})|(?P<P>(?:un)?zip))\b"
)
_WORDS: Final = re.compile(r"[^\s\"'\\;|&]{4,80}")


def _short(view: View, place: int) -> Iterator[Finding]:
    """The password after the short option of a few commands."""
    text, start = view.folded, place - 1
    line = max(text.rfind("\n", max(0, start - 160), start) + 1, start - 160, 0)
    flag = _FLAG.search(text[max(0, start - 8) : start])
    tools = {name for match in _TOOL.finditer(text, line, start) for name in match.groupdict() if match[name]}
    word = _WORDS.match(text, start)
    if (
        flag
        and word
        and flag["flag"][1:] in tools
        and not is_placeholder(word.group())
        and word.group()[0] != "-"
    ):
        yield secret(start, word.end(), "secret/option")


_WORD: Final = r"(?:pass(?:w(?:or)?d|phrase|code)?|pwd|pw|secret|token|key|bearer|credential|auth)"
OPTION: Final = Recogniser(
    "secret-option",
    ("SECRET",),
    (
        rf"(?i)[ \n\t\"'(`]--?[A-Za-z0-9_\-]{{0,24}}{_WORD}[A-Za-z0-9_\-]{{0,12}}[ ]{{1,4}}\\?[\"']?"
        rf"[!#%*+./0-9@A-Z^_a-z~]",
        rf"(?i)(?:[#%][ ]?(?:define|global)|\bset|\bsetx|\bsetenv|\bexport|\benv|\barg)(?:[ \t]{{1,4}}"
        rf"|\\t)[A-Za-z0-9_]{{0,24}}{_WORD}"
        r"[A-Za-z0-9_]{0,12}(?:[ \t]{1,4}|\\t)\\?[\"'][!#%*+./0-9@A-Z^_a-z~]",
    ),
    _option,
)
USER: Final = Recogniser(
    "secret-user",
    ("SECRET",),
    (
        r"(?:-[ua]|-U|--user|--proxy-user|--userpwd|--auth)(?:="
        r"|[ ]{0,3})\\?[\"']?[!#-&*-9;-\[\]-~]{0,60}[\"']?:[!-~]{4}",
    ),
    _user,
)
SHORT: Final = Recogniser(
    "secret-short-option",
    ("SECRET",),
    (
        r"\bsshpass[ ]{1,2}-p[ ]{0,2}[\"']?[!#%-&*-~]",
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb|plink|pscp)\b[ -:<-{}~]{0,80}[ ]-(?:p"
        r"|pw )[\"']?[!#%-&*-,.-~]",
        r"\b(?:docker|podman|helm|oc|az) login\b[ -:<-{}~]{0,80}[ ]-p [\"']?[!#%-&*-,.-~]",
        r"\b(?:redis-cli\b[ -:<-{}~]{0,60} -a|ldap[a-z]{3,8}\b[ -:<-{}~]{0,120} -w"
        r"|zip\b[ -:<-{}~]{0,60} -P) [\"']?[!#%-&*-,.-~]",
    ),
    _short,
)
