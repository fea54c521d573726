"""The forms of values that many endpoints take."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from troth.errors import RefusedError
from troth.history.vocabulary import DIGEST, LOCALE
from troth.types.moment import Moment, MomentError, parse_moment

_PRINTED = r"^[^\x00-\x1f\x7f\ud800-\udfff]+$"

Name = Annotated[str, Meta(min_length=1, max_length=512, pattern=_PRINTED)]
"""An id of the product's own: any characters but controls."""
Account = Annotated[
    str, Meta(min_length=1, max_length=512, pattern=_PRINTED, description="The product's id of the person.")
]
Conversation = Annotated[
    str,
    Meta(min_length=1, max_length=512, pattern=_PRINTED, description="The product's id of a conversation."),
]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_.-]*$")]
Locale = Annotated[str, Meta(min_length=2, max_length=35, pattern=f"^{LOCALE}$", description="BCP 47.")]
Digest = Annotated[str, Meta(pattern=f"^{DIGEST}$")]
Time = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=r"^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$",
        description="RFC 3339 in UTC, ending in Z.",
    ),
]
Limit = Annotated[int, Meta(ge=1, le=100, description="At most so many.")]
Cursor = Annotated[str, Meta(max_length=1024, description="From `next` of the answer before.")]
Text = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=_PRINTED)]

Purpose = Literal["train.general", "train.safety", "review.human", "serve", "share.third_party", "sell"]


def read_time(text: str) -> Moment:
    """The moment of a `Time`. Raises `RefusedError` for a day that there is not."""
    try:
        return parse_moment(text)
    except MomentError as problem:
        raise RefusedError("invalid", str(problem), remedy="all times are UTC") from None
