"""What the shards of one build are salted with and, where there is a workspace, sealed with: in memory only."""

from __future__ import annotations

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


class Secrets:
    """The secrets of one build."""

    def __init__(self, inputs: BuildInputs, key: Ed25519PrivateKey | None, inputs_digest: str) -> None:
        secret = secret_of_seed(inputs.seed) if key is None else secret_of_key(key)
        self.salt_key = salt_key(secret, inputs_digest)
        self._sealing, self._inputs_digest = inputs.sealing, inputs_digest

    def of(self, planned: Planned) -> ShardKeys | None:
        """The keys of a shard; None where the release is plain.

        Raises `ReleaseError` where a conversation has no slot, or a slot no key any more.
        """
        if self._sealing is None:
            return None
        slots = tuple(slot for slot in planned.slots if slot is not None)
        if len(slots) != len(planned.slots):
            raise ReleaseError(
                "a released conversation has no slot", remedy="report this: it is a bug of the intake"
            )
        found = tuple(key for key in self._sealing.keys(slots) if key is not None)
        if len(found) != len(slots):
            raise ReleaseError(
                "a conversation that was to be released is erased: its key is gone",
                remedy="build again; logs that still hold it are copies to be removed",
            )
        keys = tuple(release_key(key, self._inputs_digest) for key in found)
        return ShardKeys(self._inputs_digest, slots, keys)
