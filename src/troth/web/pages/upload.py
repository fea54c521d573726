"""Forms that bring a file: read whole, bounded, and as text."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from troth.errors import RefusedError
from troth.web.dispatch import read_body
from troth.web.settings import Limits

FORM = "multipart/form-data"


async def read_upload(request: Request, limits: Limits) -> dict[str, str]:
    """The fields of a form and the content of its files, each once. Raises `RefusedError` for all that is no such text."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise RefusedError("media-type", "this is no form with a file", remedy=f"send Content-Type: {FORM}")
    data = await read_body(request, limits.body, limits.body_seconds)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield data

    try:
        parser = MultiPartParser(
            request.headers, stream(), max_files=1, max_fields=20, max_part_size=len(data)
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise RefusedError("invalid", "this form cannot be read", remedy="send it again") from None
    try:
        names = [name for name, _ in form.multi_items()]
        return {name: await _text(value) for name, value in form.multi_items() if names.count(name) == 1}
    finally:
        await form.close()


async def _text(value: UploadFile | str) -> str:
    if isinstance(value, str):
        return value
    try:
        return (await value.read()).decode()
    except UnicodeDecodeError:
        raise RefusedError("invalid", "the file is not text (UTF-8)", remedy="choose another file") from None
