"""JSON values as logs really contain them.

Decided here, for every reader alike: ``NaN`` and the infinities are read as null; half a surrogate pair,
which cannot be written as UTF-8, becomes U+FFFD; of two equal keys the last one counts; a NUL byte is damage.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

_SURROGATE = re.compile("[\ud800-\udfff]")


class NotJsonError(Exception):
    """A piece of text is not JSON. The message says why without quoting it."""


class Decoder:
    """Decodes JSON, to plain values or to a type of which only the fields that it names are read."""

    def __init__(self, shape: Any = Any) -> None:
        self._shape = shape
        self._one = msgspec.json.Decoder(shape).decode
        self._many = msgspec.json.Decoder(list[shape]).decode

    def one(self, data: bytes) -> Any:
        """One JSON value. Raises `NotJsonError`."""
        try:
            return self._one(data)
        except UnicodeDecodeError:
            _refuse("is not valid UTF-8")
        except RecursionError:
            _refuse("is nested too deeply")
        except msgspec.MsgspecError:
            return self._shaped(_decode_odd(data))

    def many(self, data: bytes) -> list[Any]:
        """The elements of one array. Raises `NotJsonError` where any of them needs a closer look."""
        try:
            return self._many(data)
        except (UnicodeDecodeError, RecursionError, msgspec.MsgspecError):
            _refuse("is not a plain array")

    def _shaped(self, value: Any) -> Any:
        if self._shape is Any:
            return value
        try:
            return msgspec.convert(value, self._shape)
        except (msgspec.ValidationError, RecursionError):
            _refuse("is not as the rest of the log is")


PLAIN = Decoder()


def decode(data: bytes) -> Any:
    """One JSON value. Raises `NotJsonError`."""
    return PLAIN.one(data)


def _decode_odd(data: bytes) -> Any:
    """What the strict decoder refuses although it is common: NaN, and halves of surrogate pairs."""
    try:
        text = data.decode("utf-8")
        return without_surrogates(json.loads(text, parse_constant=lambda _: None))
    except UnicodeDecodeError:
        _refuse("is not valid UTF-8")
    except RecursionError:
        _refuse("is nested too deeply")
    except ValueError:
        _refuse("is not valid JSON")


def _refuse(why: str) -> NoReturn:
    raise NotJsonError(why) from None


def without_surrogates(value: Any) -> Any:
    """The same value with every half of a surrogate pair as U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(each) for key, each in value.items()}
    return value
