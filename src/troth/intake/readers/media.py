"""Pictures, sound and files in a message: each becomes a record of its own.

Bytes that a log holds inline are kept with their digest; what it only points to is kept as a path. Bytes
that cannot be decoded (logs cut long ones short) leave a record that says what was there.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from troth.canon.canonical import digest_of_bytes
from troth.intake.turns import Turn

_KINDS = {"image": "photo", "audio": "audio", "video": "video"}
_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?P<options>(?:;[^;,]*)*),", re.ASCII | re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def kind_of_media(media_type: Any, otherwise: str = "upload") -> str:
    """The kind of a record with media of this type, or of this modality (``image``, ``audio``, ``video``)."""
    if not isinstance(media_type, str):
        return otherwise
    return _KINDS.get(media_type.partition("/")[0].strip().lower(), otherwise)


def inline_media(role: str, encoded: Any, media_type: Any, kind: str | None = None, **told: Any) -> Turn:
    """A record of base64 bytes that stand in the log itself."""
    return _with_bytes(role, decoded(encoded), media_type, kind, told)


def linked_media(role: str, where: Any, media_type: Any = None, kind: str | None = None, **told: Any) -> Turn:
    """A record of what a URL, path or file id points to; a ``data:`` URL holds the bytes itself."""
    found = _DATA_URL.match(where) if isinstance(where, str) else None
    if found is None:
        media_type = _text_or_none(media_type)
        path = _text_or_none(where)
        return Turn(role, kind=kind or kind_of_media(media_type), media_type=media_type, path=path, **told)
    body = where[found.end() :]
    is_base64 = found["options"].lower().endswith(";base64")
    data = decoded(body) if is_base64 else unquote_to_bytes(body)
    return _with_bytes(role, data, found["type"] or media_type, kind, told)


def decoded(encoded: Any) -> bytes | None:
    """The bytes of base64 text of either alphabet, padded or not; None where it is damaged or cut short."""
    if not isinstance(encoded, str):
        return None
    plain = _SPACE.sub("", encoded).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _with_bytes(
    role: str, data: bytes | None, media_type: Any, kind: str | None, told: dict[str, Any]
) -> Turn:
    media_type = _text_or_none(media_type)
    return Turn(
        role,
        kind=kind or kind_of_media(media_type),
        media_type=media_type,
        data=data,
        digest=None if data is None else digest_of_bytes(data),
        **told,
    )


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
