"""Whether two texts differ in nothing but what a filter replaced by tags.

The filter is not run here. So it is shown that nothing else was changed; not that everything was found which
should have been, nor that what stands behind a tag was sensitive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Tags:
    """The tags of a filter, such as ``[EMAIL_1]``; without brackets within a word, in quotes in the place of a number."""

    def __init__(self, kinds: Iterable[str]) -> None:
        words = "|".join(sorted((re.escape(kind) for kind in kinds), key=len, reverse=True))
        tag = rf"(?:{words})_[1-9][0-9]{{0,6}}"
        self._pattern = re.compile(rf"\"\[{tag}\]\"|\[{tag}\]|{tag}") if words else None

    def explain(self, before: str, after: str) -> bool:
        """Whether ``after`` is ``before`` with tags in the place of parts that are not empty.

        The parts between tags must stand in ``before`` in their order, the first at its beginning and the
        last at its end. The leftmost place for each is always good enough, so nothing is tried twice.

        >>> Tags(["EMAIL"]).explain("write to ann@example.org now", "write to [EMAIL_1] now")
        True
        >>> Tags(["EMAIL"]).explain("write to ann@example.org now", "never write to [EMAIL_1] now")
        False
        """
        if self._pattern is None:
            return before == after
        first, *between = self._pattern.split(after)
        if not between:
            return before == after
        last = between.pop()
        place, end = len(first), len(before) - len(last)
        if place >= end or not before.startswith(first) or not before.endswith(last):
            return False
        for part in between:
            found = before.find(part, place + 1, end)
            if found < 0:
                return False
            place = found + len(part)
        return place < end
