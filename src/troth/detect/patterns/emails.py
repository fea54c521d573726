"""E-mail addresses, of other scripts too, and those spelled out with "at" and "dot"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_ADDRESS = re.compile(
    r"(?<![\w%+\-])(?P<local>[\w%+\-][\w.%+\-'&=]{0,63}+)@"
    r"(?P<domain>(?:[^\W_][\w\-]{0,62}+\.){1,8}(?P<top>[^\W\d_][\w\-]{1,62}))(?![\w\-@])"
)
_ENCODED = re.compile(
    r"(?:(?<![\w%+\-])|(?<=%20)|(?<=%2[Cc])|(?<=%3[AaCcDd])|(?<=%22))"
    r"(?P<local>[\w+\-](?:[\w.+\-]|%2[Bb]){0,63}+)%40"
    r"(?P<domain>(?:[^\W_][\w\-]{0,62}+\.){1,8}(?P<top>[^\W\d_][\w\-]{1,62}))(?![\w\-@])"
)
"""An address in the address of a page."""
_FILES = (
    "png jpg jpeg gif svg webp ico js jsx mjs ts tsx css scss json xml yml yaml toml py pyc rb php java class jar"
    " html htm md txt log csv service socket timer target mount lock local localhost internal"
)
"""Ends of file names and of names of machines, which no public address has."""
_LOGIN = re.compile(r"://[^\s/@]*:\Z|%3A%2F%2F[^\s/@]*%3A\Z", re.IGNORECASE)
_ROBOTS = frozenset(("git", "hg", "svn"))
"""Accounts that programs share."""
_BRACKETED = r"[ ]?[\[({<][ ]?(?:%s)[ ]?[\])}>][ ]?"
_DOT = rf"(?:\.|{_BRACKETED % 'dot|punkt|punto|point|ponto'}|[ ]dot[ ])"
_SPELLED = re.compile(
    rf"(?<![\w.%+\-])[\w%+\-]{{1,32}}(?:{_DOT}[\w%+\-]{{1,32}}){{0,3}}"
    rf"(?P<at>{_BRACKETED % 'at|@|arroba|ät'}|[ ](?:at|@)[ ])"
    rf"[\w\-]{{1,62}}(?P<dots>(?:{_DOT}[\w\-]{{2,62}}){{1,4}})(?![\w\-])",
    re.IGNORECASE,
)
_TOPS = "com org net edu gov info io co me de uk fr es it nl pt eu us ca au ch at be se no dk fi pl br jp in cn ru"


def _confirm(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    form = _ENCODED if text.startswith("%40", place - 4) else _ADDRESS
    for match in form.finditer(text, max(0, place - 68), place + 260):
        if match.end("local") >= place:
            return
        if match.start("domain") + 1 < place or not _is_address(match, text):
            continue
        yield found(match.start(), match.end(), "email/form")


def _is_address(match: re.Match[str], text: str) -> bool:
    if match["top"].lower() in _FILES.split() or match["local"].lower() in _ROBOTS:
        return False
    # In https://name:word@host, what stands before the @ is a password.
    return not _LOGIN.search(text, max(0, match.start() - 80), match.start())


def _spelled_out(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _SPELLED.finditer(text, max(0, place - 110), place + 80):
        if match.start() >= place:
            return
        bracketed = match["at"].strip() not in {"at", "@"}
        plain_dot = " dot" in match["dots"].lower()
        top = re.split(r"[^\w\-]+", match["dots"])[-1].lower()
        if match.end() >= place and top in _TOPS.split() and (bracketed or plain_dot):
            yield found(match.start(), match.end(), "email/spelled-out")


EMAIL = Recogniser(
    "email",
    ("EMAIL",),
    (r"[\w.+%'&=\x80-\xf4\-]@[\w\x80-\xf4]", r"[\w\-]%40\w"),
    _confirm,
)
SPELLED_OUT = Recogniser(
    "email-spelled-out",
    ("EMAIL",),
    (
        r"(?i)(?:\(at\)|\[at\]|\{at\}|<at>|\( at \)|\[ at \]|\(arroba\)|\[arroba\]|\(@\)|\[@\])[ ]?[\w\x80-\xf4]",
        r"(?i) (?:at|@) [\w\-]{1,62} dot (?:com|org|net|edu|de|uk|fr|co|io)\b",
    ),
    _spelled_out,
)
