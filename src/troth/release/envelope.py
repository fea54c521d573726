"""The DSSE envelope (secure-systems-lab/dsse, version 1.0.2) around the statement of a release."""

from __future__ import annotations

import base64
import binascii

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.canon.canonical import canonical_bytes
from troth.errors import ReleaseError
from troth.release.keys import key_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature: who says to have made it, and its bytes in base64."""

    keyid: str
    sig: str


class Envelope(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"payload_type": "payloadType"}
):
    """A payload in base64, its type, and signatures; no signatures in an unsigned release."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...]

    def body(self) -> bytes:
        """The payload's bytes. Raises `ReleaseError` where it is not base64."""
        return _decode(self.payload, "payload")


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """What is signed: ``DSSEv1`` and both parts, each with its length.

    >>> pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, key: Ed25519PrivateKey | None) -> bytes:
    """The file ``manifest.json``: the envelope around a payload, signed where there is a key."""
    signatures = []
    if key is not None:
        signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
        signatures = [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}]
    return canonical_bytes(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": signatures,
        }
    )


def open_envelope(data: bytes) -> Envelope:
    """Read an envelope; signatures are not checked here. Raises `ReleaseError` where it is none."""
    try:
        envelope = msgspec.json.decode(data, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise ReleaseError(f"the manifest is not a DSSE envelope: {problem}") from problem
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ReleaseError(f"the envelope carries {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}")
    return envelope


def signature_bytes(signature: Signature) -> bytes:
    """The bytes of a signature. Raises `ReleaseError` where it is not base64."""
    return _decode(signature.sig, "signature")


def _decode(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ReleaseError(f"the {what} of the envelope is not base64") from problem
