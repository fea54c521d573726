"""What stands around a name in a program: who wrote it, whom to ask, under which key a value stands, an e-mail address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BEFORE, _AFTER = 120, 48

IDENTIFIER: Final = re.compile(
    r"\b(?:class|def|func|function|fn|struct|enum|interface|type|import|module|package|var|let|const|new)[ \t]+(\w{2,64})"
    r"|\b(\w{2,64})(?=\(|::|->|\[|\.\w)|(?:::|->|[.@$&])(\w{2,64})"
)
"""Words that a program gives a meaning: declared, called, or part of a longer name."""

_WITHIN: Final = re.compile(r"[\d_\\@$%^&*+=<>(){}\[\]|~`\"#/:;!?]")
_ONLY_IN_CODE: Final = re.compile(
    r"[_\\{}\[\]=<>|$]|[A-Za-z]\d{2}|\d[A-Za-z]{2,}\d|0x[0-9A-Fa-f]|[a-z][A-Z]\w*[a-z][A-Z]"
)
_BESIDE: Final = frozenset("_$\\{}[]")
_CREDIT: Final = re.compile(
    r"copyright|\(c\)|©|\bauthor|\bby\b|maintain|\bcontribut|\bcredit|\bthank|courtesy|suggest|report|"
    r"\binspired|\bdue to|\bpatch|\bcontact|\bTODO\b|\bFIXME\b|\bask\b|\bcc:|\bfrom:|\bto:|\bowner|\bhelp(?:ed)? |"
    r"\bsee also|\bdear\b|\bsigned",
    re.IGNORECASE,
)
_LED: Final = re.compile(
    r"(?:(?<![\w.])(?:authors?|by|maintainers?|contributors?|credits?(?: to)?|thanks(?: to| go to)?|courtesy of|"
    r"suggested by|contact|ask|copyright|dear|hello|hi|mr|mrs|ms|dr|prof|owner|reviewers?|assignees?|from|to|cc"
    r"|TODO|FIXME|XXX|HACK|NOTE)[.:]?|\(c\)|©)[ \t:(\-\"'<\d,]{0,16}\Z",
    re.IGNORECASE,
)
_PLACED: Final = re.compile(r"(?:[a-z]|,)[ ](?:in|at|from|near|to|of|outside|around)[ ]\Z|\w,[ ]\Z")
_KEY: Final = re.compile(
    r"(?P<key>[A-Za-z][\w\-]{1,40})[\"'\]]{0,2}[ \t]*(?:=>|:=|={1,3}|:|>|\(|,(?=[ ]*[\"']))"
    r"[ \t]*[\[({]?[ \t]*[bfru]?[\"'>]?[ ]?\Z"
)
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PERSON: Final = (
    "firstname", "lastname", "surname", "fullname", "givenname", "familyname", "middlename", "first", "last", "family",
    "given", "author", "authors", "maintainer", "maintainers", "contributor", "contributors", "owner", "customer",
    "client", "employee", "patient", "assignee", "reviewer", "applicant", "passenger", "guest", "student", "teacher",
    "doctor", "manager", "recipient", "sender", "committer", "creator", "contact", "holder", "payee", "nachname",
    "vorname", "nombre", "apellido", "apellidos", "prenom", "nom", "cognome", "nome",
)  # fmt: skip
_NAME: Final = (
    "name", "names", "user", "users", "username", "person", "people", "member", "members", "who", "hello", "hi",
    "dear", "greet",
)  # fmt: skip
_PLACE: Final = (
    "city", "town", "country", "state", "province", "county", "village", "address", "location", "birthplace",
    "residence", "region", "ort", "stadt", "ville", "ciudad", "citta", "land", "pais", "pays",
)  # fmt: skip
_ORG: Final = ("company", "organisation", "organization", "employer", "firm", "supplier", "vendor", "org")
_KEYS: Final = {
    **dict.fromkeys(_PERSON, "person"),
    **dict.fromkeys(_NAME, "name"),
    **dict.fromkeys(_PLACE, "place"),
    **dict.fromkeys(_ORG, "org"),
}
"""What keys and variables are called that hold a person, any name, a place or an organisation."""
_MAIL: Final = re.compile(
    r"[ \t]{0,2}[\"']?[ \t]{0,2}[<(\[,]{0,2}[ ]?[\w.+\-]{1,40}(?:@|[ ]at[ ]|[ ]?[(\[<]at[)\]>][ ]?)[A-Za-z]"
    r"|[\"'][ ]?<|,[ \t]*[\"']?e?mail\b"
)


@dataclass(frozen=True, slots=True)
class Around:
    """What speaks for a name."""

    credit: bool
    """The line speaks of who wrote or found something, or of whom to ask."""
    led: bool
    """And does so right before the name."""
    placed: bool
    """A word of place stands right before it ("in")."""
    mail: bool
    """An e-mail address follows."""
    keys: frozenset[str]
    """What the key or variable is called that it is the value of: person, name, place, org."""


def around(text: str, start: int, end: int) -> Around:
    """What stands around a name, in its line."""
    line = text.rfind("\n", max(0, start - _BEFORE), start) + 1 or max(0, start - _BEFORE)
    stop = text.find("\n", end, end + _AFTER)
    before, after = text[line:start], text[end : stop if stop >= 0 else end + _AFTER]
    return Around(
        credit=_CREDIT.search(before) is not None,
        led=_LED.search(before) is not None,
        placed=_PLACED.search(before) is not None,
        mail=_MAIL.match(after) is not None,
        keys=_keys(before),
    )


def _keys(before: str) -> frozenset[str]:
    match = _KEY.search(before)
    if match is None:
        return frozenset()
    parts = [part.lower() for part in _PART.findall(match["key"])]
    return frozenset(_KEYS[part] for part in (*parts, "".join(parts[-2:])) if part in _KEYS)


def is_free(text: str, start: int, end: int) -> bool:
    """Whether what stands there is no part of a longer identifier, path or expression, and has no sign of one in it."""
    if _WITHIN.search(text, start, end):
        return False
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if before and (before.isalnum() or before in "_@$%&\\~#/.-"):
        return False
    if not after:
        return True
    if after[0].isalnum() or after[0] in "_(=[/@" or after in ("::", "->"):
        return False
    if after[0] == "\\":
        return after[1:] in ("n", "r", "t", '"', "'", "\\")
    return not (after[0] in ".-" and after[1:].isalnum() and not after[1:].isupper())


def is_plain(text: str, start: int, end: int) -> bool:
    """Whether what stands there has no sign in it or beside it that only a program has."""
    return not (
        _ONLY_IN_CODE.search(text, start, end)
        or text[start - 1 : start] in _BESIDE
        or text[end : end + 1] in _BESIDE
    )
