"""The log formats that are known, and which of them a sample is of."""

from __future__ import annotations

from collections.abc import Iterable

from troth.intake.readers import (
    chatgpt_export,
    claude_code,
    claude_export,
    codex,
    hh_rlhf,
    langfuse,
    litellm,
    oasst,
    open_webui,
    openai_chat,
    otel_genai,
    sgd,
    sharegpt,
    swe_agent,
    taskmaster,
    tau_bench,
    troth_records,
)
from troth.intake.readers.elements import MISSHAPEN
from troth.intake.sample import Sample
from troth.intake.turns import Reader

READERS: tuple[Reader, ...] = (
    troth_records.READER,
    openai_chat.READER,
    sharegpt.READER,
    chatgpt_export.READER,
    claude_export.READER,
    claude_code.READER,
    codex.READER,
    open_webui.READER,
    langfuse.READER,
    litellm.READER,
    otel_genai.READER,
    oasst.TREES,
    oasst.FLAT,
    hh_rlhf.READER,
    taskmaster.READER,
    sgd.READER,
    tau_bench.READER,
    swe_agent.READER,
)
"""In the order in which they are listed. Recognisers are strict: at most one of them recognises a log."""


def recognised_by(sample: Sample, readers: Iterable[Reader] = READERS) -> list[Reader]:
    """The readers that recognise a sample."""
    return [reader for reader in readers if _recognises(reader, sample)]


def _recognises(reader: Reader, sample: Sample) -> bool:
    try:
        return reader.recognises(sample)
    except MISSHAPEN:
        return False


def reader_for(sample: Sample) -> Reader | None:
    """The reader of the format that a sample is of, or None where it is of no known one."""
    return next(iter(recognised_by(sample)), None)


def known_formats() -> str:
    """The titles of the known formats, for a message."""
    return ", ".join(reader.title for reader in READERS)
