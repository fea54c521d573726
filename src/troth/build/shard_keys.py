"""What the shards of one build are salted with and, where there is a workspace, sealed with: in memory only."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.build.inputs import BuildInputs
from troth.errors import ReleaseError
from troth.release.keys import secret_of_key
from troth.release.salts import salt_key, secret_of_seed
from troth.release.sealed_rows import release_key


@dataclass(frozen=True, slots=True)
class Planned:
    """The conversations of one shard: their numbers in order and, where the release is sealed, their slots."""

    conversations: tuple[int, ...]
    slots: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ShardKeys:
    """What one shard is sealed with. It goes to the process that writes the shard, and into no file."""

    inputs_digest: str
    slots: tuple[int, ...]
    """The slot of each conversation of the shard, in their order."""
    keys: tuple[bytes, ...] = field(repr=False)
    """The key of each in this release."""


@dataclass(frozen=True, slots=True)
class SlotKey:
    """The key of a slot, and what follows from it for this release."""

    slot: int
    of_slot: bytes = field(repr=False)
    in_release: bytes = field(repr=False)


class Secrets:
    """The secrets of one build."""

    def __init__(self, inputs: BuildInputs, key: Ed25519PrivateKey | None, inputs_digest: str) -> None:
        secret = secret_of_seed(inputs.seed) if key is None else secret_of_key(key)
        self.salt_key = salt_key(secret, inputs_digest)
        self._draw = hmac.digest(secret, _DRAW + str(inputs.seed).encode(), "sha256")
        self._sealing, self._inputs_digest = inputs.sealing, inputs_digest

    def draw_key(self, conversation: bytes) -> bytes:
        """Where there is no workspace: the key with which a conversation's surrogates are drawn.

        It follows from the seed and, where there is one, the signing key: HMAC-SHA256(HMAC-SHA256(secret,
        ``troth:replace:1`` || 0x00 || seed), id), the secret being that of the salts.
        """
        return hmac.digest(self._draw, conversation, "sha256")

    def of(self, planned: Planned) -> ShardKeys | None:
        """The keys of a shard; None where the release is plain.

        Raises `ReleaseError` where a conversation has no slot, or a slot no key any more.
        """
        if self._sealing is None:
            return None
        keys = self.slot_keys(planned.slots)
        slots, of_release = tuple(key.slot for key in keys), tuple(key.in_release for key in keys)
        return ShardKeys(self._inputs_digest, slots, of_release)

    def slot_keys(self, wanted: Sequence[int | None]) -> tuple[SlotKey, ...]:
        """The keys of the slots of some conversations, in their order.

        Raises `ReleaseError` where a conversation has no slot, or a slot no key any more, or nothing is sealed.
        """
        slots = tuple(slot for slot in wanted if slot is not None)
        if len(slots) != len(wanted) or self._sealing is None:
            raise ReleaseError(
                "a released conversation has no slot", remedy="report this: it is a bug of the intake"
            )
        found = tuple(key for key in self._sealing.keys(slots) if key is not None)
        if len(found) != len(slots):
            raise ReleaseError(
                "a conversation that was to be released is erased: its key is gone",
                remedy="build again; logs that still hold it are copies to be removed",
            )
        return tuple(
            SlotKey(slot, key, release_key(key, self._inputs_digest))
            for slot, key in zip(slots, found, strict=True)
        )


_DRAW = b"troth:replace:1\x00"
