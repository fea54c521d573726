"""The manners in which sensitive data is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TAG: Final = "tag"
SURROGATE: Final = "surrogate"
PSEUDONYM: Final = "pseudonym"
MASK: Final = "mask"
DROP: Final = "drop"

MANNERS: Final[Mapping[str, str]] = {
    TAG: "a tag such as [PERSON_1]; the same person has the same number within a conversation",
    SURROGATE: "something of the same sort that belongs to nobody; the same within a conversation",
    PSEUDONYM: "a name of letters and digits that follows from a key and from what was found",
    MASK: "asterisks, as many as its class of length says",
    DROP: "nothing: the whole record is left out",
}
"""Every manner, and what is put in place."""

OTHERS: Final = "*"
"""Where manners are told by kind: every kind that is not named."""


def manner_of(manners: Mapping[str, str], kind: str) -> str:
    """The manner of a kind, as a manifest tells them; empty where it tells none.

    >>> manner_of({"*": "tag", "SECRET": "mask"}, "EMAIL")
    'tag'
    """
    return manners.get(kind, manners.get(OTHERS, ""))
