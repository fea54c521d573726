"""The keys of the conversations of one chunk: what takes the place of sensitive data is drawn, and findings are sealed."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from troth.build.engine import Engine, literal
from troth.build.shard_keys import Secrets

_LABEL = b"troth:replace:1\x00"


@dataclass(frozen=True, slots=True)
class TalkKeys:
    """The keys of some conversations. They go to the process that filters these, and into no file."""

    draw: Mapping[str, bytes] = field(repr=False)
    """Of each conversation, the key with which surrogates and pseudonyms are drawn."""
    slots: Mapping[str, int]
    """Where the release is sealed: the slot of each."""
    seal: Mapping[int, bytes] = field(repr=False)
    """Where the release is sealed: the key of each slot in this release."""


def talk_keys(engine: Engine, chunk: Path, secrets: Secrets, slots: Path | None) -> TalkKeys:
    """The keys of the conversations of a chunk.

    With a workspace they follow from the keys of the conversations, and end with them; else from the seed of the
    build and, where there is one, its signing key. Raises `ReleaseError` where the key of one is gone.
    """
    with pa.memory_map(str(chunk)) as source:
        named = pa.ipc.open_file(source).read_all().column("conversation")
        conversations = pc.unique(named).to_pylist()
    if slots is None:
        return TalkKeys({one: secrets.draw_key(one.encode()) for one in conversations}, {}, {})
    known = dict(
        engine.rows(
            f"SELECT conversation, slot FROM read_parquet({literal(str(slots))})"
            " WHERE conversation IN (SELECT unnest(?))",
            [conversations],
        )
    )
    keys = secrets.slot_keys([known.get(one) for one in conversations])
    draw = {
        one: hmac.digest(key.of_slot, _LABEL, "sha256") for one, key in zip(conversations, keys, strict=True)
    }
    return TalkKeys(draw, known, {key.slot: key.in_release for key in keys})
