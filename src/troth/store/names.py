"""Names and ids as the bytes that the tables hold."""

from __future__ import annotations

from troth.errors import StoreError


def not_text(problem: UnicodeEncodeError) -> StoreError:
    """What is said of a name that has no UTF-8."""
    return StoreError(f"the name {problem.object!r} is not text in UTF-8", remedy="give it as UTF-8")


def name_bytes(name: str) -> bytes:
    """A name in UTF-8. Raises `StoreError` where it has none: half of a surrogate pair, or bytes of another encoding."""
    try:
        return name.encode()
    except UnicodeEncodeError as problem:
        raise not_text(problem) from problem


def bytes_of(name: str | None) -> bytes | None:
    """As `name_bytes`, where there is a name."""
    return None if name is None else name_bytes(name)
