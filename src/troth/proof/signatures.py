"""What each kind of key signs, and checking one signature line (C2SP signed-note and tlog-cosignature)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from troth.errors import VerificationError
from troth.proof.checkpoint_text import read_checkpoint
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, SignatureLine, Vkey
from troth.proof.strict import LARGEST_NUMBER, utf8

SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 8 + 64, ML_DSA_44: 8 + 2420}
"""How long a signature of each kind is, after the key id; cosignatures start with a timestamp of 8 bytes."""

_SUBTREE = b"subtree/v1\n\x00"
_DENY = "do not rely on this note; get it again from its publisher and check that the key is the right one"


def signed_message(vkey: Vkey, text: str, timestamp: int | None) -> bytes:
    """The bytes that the key signs for a note's text (with its final newline).

    ``timestamp`` is in POSIX seconds; a cosignature (0x04 or 0x06) needs one, and 0x01 does not look at it. Raises
    `VerificationError` where the text is no checkpoint that the kind can sign.
    """
    if vkey.kind == ED25519:
        return utf8(text, "the note")
    if timestamp is None or not 0 <= timestamp <= LARGEST_NUMBER:
        raise VerificationError(
            f"the cosignature of {vkey.name!r} needs a time from 0 to 2^63 - 1 seconds", remedy=_DENY
        )
    checkpoint = read_checkpoint(text)
    if vkey.kind == COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    if vkey.kind == ML_DSA_44:
        return b"".join(
            (
                _SUBTREE,
                _short(vkey.name),
                timestamp.to_bytes(8, "big"),
                _short(checkpoint.origin),
                bytes(8),  # the start of the subtree: a checkpoint speaks of the whole tree
                checkpoint.size.to_bytes(8, "big"),
                checkpoint.root,
            )
        )
    raise VerificationError(f"there is no known kind of signature 0x{vkey.kind:02x}", remedy=_DENY)


def _short(name: str) -> bytes:
    """A name after its length in one byte: ``opaque<1..2^8-1>``."""
    data = utf8(name, "the name")
    if not 1 <= len(data) <= 255:
        raise VerificationError(
            f"a name in an ML-DSA-44 signature has 1 to 255 bytes, not {len(data)}", remedy=_DENY
        )
    return bytes((len(data),)) + data


def check_line(vkey: Vkey, text: str, line: SignatureLine) -> int | None:
    """Check one signature line of a note's text, and return when it was cosigned.

    The time is in POSIX seconds, as the cosigner says; None for kind 0x01, which has none. Raises
    `VerificationError` where the line is another key's or the signature does not hold.
    """
    if (line.name, line.key_id) != (vkey.name, vkey.key_id):
        raise VerificationError(f"the line of {line.name!r} is not of the key {vkey.name!r}", remedy=_DENY)
    if len(line.signature) != SIGNATURE_BYTES.get(vkey.kind):
        raise VerificationError(f"the signature of {vkey.name!r} has the wrong length", remedy=_DENY)
    timestamp, signature = None, line.signature
    if vkey.kind != ED25519:
        timestamp, signature = int.from_bytes(signature[:8], "big"), signature[8:]
    message = signed_message(vkey, text, timestamp)
    try:
        if vkey.kind == ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(vkey.public).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(vkey.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise VerificationError(
            f"the signature of {vkey.name!r} does not hold: the text or the signature was changed",
            remedy=_DENY,
        ) from None
    return timestamp
