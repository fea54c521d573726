"""Sealing one piece of data under the key of a slot: deterministic, bound to a context, its length padded.

Whoever can write what is sealed can make it unreadable, and nothing else: changed bytes, another key and another
context are refused. The bytes are those of ``docs/formats/segments.md``, "A sealed record".
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.errors import VerificationError
from troth.vault.mac import Mac

KINDS: Final = ("segment", "event", "salt", "shard", "name", "findings")
"""What may be sealed, each in a context of its own."""

KEY_BYTES: Final = 32
LARGEST: Final = 2**31 - 4096
"""Bytes: the most that can be sealed in one piece (what AES-GCM takes at once, less the padding)."""

_VERSION: Final = b"\x01"
_COMMITMENT: Final = 16
_NONCE: Final = 12
_TAG: Final = 16
_COMMITMENT_END: Final = 1 + _COMMITMENT
_HEADER: Final = _COMMITMENT_END + _NONCE

_SMALLEST: Final = 64
_STEP: Final = 4096
_MARK: Final = b"\x80"
_PADDING: Final = _MARK + bytes(_STEP)
_NO_NONCE: Final = bytes(_NONCE)


def padded(length: int) -> int:
    """The bytes that are encrypted for a plaintext of ``length`` bytes: its bucket, with room for the end mark.

    >>> padded(0), padded(63), padded(64), padded(2048), padded(4095), padded(4096), padded(10_240)
    (64, 64, 128, 4096, 4096, 8192, 12288)
    """
    if length >= _STEP:
        return (length // _STEP + 1) * _STEP
    return max(_SMALLEST, 1 << length.bit_length())


def context(kind: str, *parts: str) -> bytes:
    r"""What sealed bytes are, and of what: ``troth:`` kind ``:1``, then each part behind its length.

    A length is four bytes, the highest first; parts are in UTF-8. Raises ``ValueError`` for a kind not in `KINDS`.

    >>> context("segment", "talk/0")
    b'troth:segment:1\x00\x00\x00\x06talk/0'
    """
    if kind not in KINDS:
        raise ValueError(f"nothing of the kind {kind!r} is sealed")
    told = [part.encode() for part in parts]
    return b"".join([f"troth:{kind}:1".encode(), *(len(part).to_bytes(4) + part for part in told)])


class Sealer:
    """Seals and opens under the key of one slot; what follows from the key is kept."""

    __slots__ = ("_aead", "_hash", "_header", "_mac")

    def __init__(self, key: bytes) -> None:
        """``key`` has 32 bytes; raises ``ValueError`` otherwise."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of a slot has {KEY_BYTES} bytes, not {len(key)}")
        self._mac = Mac(key)
        self._aead = AESGCM(self._mac.digest(b"troth:seal:1"))
        self._header = _VERSION + self._mac.digest(b"troth:commit:1")[:_COMMITMENT]
        self._hash: AESGCM | None = None

    def seal(self, context: bytes, plaintext: bytes) -> bytes:
        """The sealed bytes. The same plaintext in the same context gives the same ones.

        Raises ``ValueError`` for more than `LARGEST` bytes.
        """
        length = len(plaintext)
        if length > LARGEST:
            raise ValueError(f"{length} bytes are more than can be sealed at once ({LARGEST})")
        nonce = self._nonce(context, plaintext)
        whole = plaintext + _PADDING[: padded(length) - length]
        return self._header + nonce + self._aead.encrypt(nonce, whole, context)

    def open(self, context: bytes, sealed: bytes | memoryview) -> bytes:
        """The plaintext. Raises `VerificationError`, saying what is wrong, where these bytes were not sealed so."""
        if sealed[:_COMMITMENT_END] != self._header:
            raise self._refused(sealed)
        try:
            whole = self._aead.decrypt(sealed[_COMMITMENT_END:_HEADER], memoryview(sealed)[_HEADER:], context)
        except (InvalidTag, ValueError):
            raise VerificationError(
                "the sealed bytes were changed, or belong to another record", remedy=_RESTORE
            ) from None
        length = whole.rfind(_MARK)
        if length < 0 or len(whole) != padded(length) or not whole.endswith(_PADDING[: len(whole) - length]):
            raise VerificationError("the sealed bytes are padded in another way", remedy=_RESTORE)
        return whole[:length]

    def _nonce(self, context: bytes, plaintext: bytes) -> bytes:
        """Follows from all that is sealed, so that no two plaintexts share one.

        GMAC with a nonce that never changes is a universal hash under a secret key. Its value is never shown: only
        HMAC of it is, as AES-GCM-SIV (RFC 8452) derives its own from POLYVAL. SHA-256 would take longer than AES.
        """
        if self._hash is None:
            self._hash = AESGCM(self._mac.digest(b"troth:hash:1"))
        hashed = self._hash.encrypt(_NO_NONCE, b"", plaintext)
        return self._mac.digest(b"troth:nonce:1" + context + hashed)[:_NONCE]

    def _refused(self, sealed: bytes | memoryview) -> VerificationError:
        if len(sealed) < _HEADER + _SMALLEST + _TAG or sealed[:1] != _VERSION:
            return VerificationError("these are not sealed bytes of a form that is known", remedy=_RESTORE)
        return VerificationError("the bytes were sealed under another key", remedy=_RESTORE)


def seal(key: bytes, context: bytes, plaintext: bytes) -> bytes:
    """Seal one piece under the key of its slot: `Sealer.seal`."""
    return Sealer(key).seal(context, plaintext)


def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Open one piece with the key of its slot: `Sealer.open`. Raises `VerificationError`."""
    return Sealer(key).open(context, sealed)


def fingerprint(sealed: bytes) -> bytes:
    """12 bytes that are equal for the same plaintext in the same context under the same key: the nonce.

    Without the key they tell nothing, so that they die with it.
    """
    return sealed[_COMMITMENT_END:_HEADER]


_RESTORE = "put the file back from a backup: what is sealed is never changed"
