"""The lines of a receipt, taken one by one: each must start as the format says, or the reader stops and says where."""

from __future__ import annotations

from typing import NoReturn

from troth.errors import VerificationError

GET_AGAIN = "get the receipt again, or ask who gave it to you"


class Lines:
    """A cursor over lines. What it raises is a `VerificationError`; ``number`` tells at which line, from 1."""

    __slots__ = ("_at", "_lines")

    def __init__(self, lines: list[str]) -> None:
        self._lines, self._at = lines, 0

    @property
    def number(self) -> int:
        """The number of the line that was taken last, or should have been; from 1."""
        return max(self._at, 1)

    @property
    def ended(self) -> bool:
        """Whether every line was taken."""
        return self._at >= len(self._lines)

    def starts_with(self, word: str) -> bool:
        """Whether the next line starts with this."""
        return not self.ended and self._lines[self._at].startswith(word)

    def take(self, word: str) -> str:
        """The rest of the next line after this word; the word must be there."""
        if not self.starts_with(word):
            self._at += 1
            self.refuse(
                f"{word.strip()!r} is not where it should be" if word else "the receipt ends too early"
            )
        line = self._lines[self._at]
        self._at += 1
        return line[len(word) :]

    def exactly(self, line: str) -> None:
        """Take one line that must be this one."""
        if self.take(line):
            self.refuse(f"more than {line!r} stands here")

    def many(self, count: int) -> list[str]:
        """Take so many lines."""
        if count > len(self._lines) - self._at:
            self._at = len(self._lines)
            self.refuse("the receipt ends too early")
        found = self._lines[self._at : self._at + count]
        self._at += count
        return found

    def until(self, line: str) -> list[str]:
        """Take the lines before the next one that is this, and that one too, which is not returned."""
        try:
            end = self._lines.index(line, self._at)
        except ValueError:
            self.refuse(f"there is no line {line!r} after this")
        found = self._lines[self._at : end]
        self._at = end + 1
        return found

    def refuse(self, what: str) -> NoReturn:
        """Raise a `VerificationError` about what was taken last."""
        raise VerificationError(what, remedy=GET_AGAIN)
