"""The language of a person: which of their languages there are words in, and the question in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from troth.operations.live.laid import Laid
from troth.operations.live.notices import title_in
from troth.types.moment import Moment
from troth.web.api.question import QuestionQuery
from troth.web.pages.page import Visit

_MOST_LANGUAGES = 8


def languages(visit: Visit) -> Iterator[str]:
    """The languages that a person reads, best first: the one that the address names, then those that the browser names."""
    named = visit.request.query_params.get("locale", "")
    listed = visit.request.headers.get("accept-language", "").split(",")[:_MOST_LANGUAGES]
    for tag in (named, *(one.partition(";")[0].strip() for one in listed)):
        try:
            yield msgspec.convert({"locale": tag}, QuestionQuery).locale
        except msgspec.ValidationError:
            continue


def titles(visit: Visit, laid: Laid, at: Moment) -> dict[str, tuple[str, str]]:
    """Of each choice of the newest published terms the question with its language (`title_in`)."""
    place = laid.standpoint.timetable.published(at)
    if place < 0:
        return {}
    version, wanted = laid.terms.versions[place], tuple(languages(visit))
    return {one.name: title_in(laid.notices, version, one, wanted) for one in version.choices}
