"""Step 2. Who signed the manifest: one Ed25519 signature under the key that the verifier brings along.

The statement and the envelope name a key too. That is a hint by whoever wrote them, and never trusted.
"""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from troth.errors import ReleaseError, VerificationError
from troth.release.envelope import Envelope, Signature, pre_authentication_encoding, signature_bytes
from troth.release.keys import check_signature, key_id
from troth.release.layout import MANIFEST
from troth.verify.report import Notes, shown
from troth.verify.statement import GET_AGAIN, Manifest

OTHER_KEY = "get the public key from the publisher by a way of its own, or do not trust this release"


def establish_signer(manifest: Manifest, key: Ed25519PublicKey | None, notes: Notes) -> str:
    """Step 2. The id of the trusted key that signed; empty where no signer is established."""
    envelope, payload, statement = manifest.envelope, manifest.payload, manifest.statement
    if envelope is None or payload is None:
        notes.not_checked("signer not established: there is no envelope to check a signature of")
        return ""
    if statement is not None:
        _require_agreement(envelope, statement.predicate.signed, statement.predicate.keyid, notes)
    if key is None:
        _without_key(envelope, notes)
        return ""
    if not envelope.signatures:
        notes.found(MANIFEST, "no signature: nobody has signed this release", OTHER_KEY)
        return ""
    if len(envelope.signatures) > 1:
        notes.found(MANIFEST, f"{len(envelope.signatures)} signatures, where a release has one", GET_AGAIN)
        return ""
    _check(envelope, payload, envelope.signatures[0], key, notes)
    if notes.failed:
        return ""
    notes.checked(f"signed with the trusted key {key_id(key)[:16]}…")
    return key_id(key)


def _require_agreement(envelope: Envelope, signed: bool, keyid: str | None, notes: Notes) -> None:
    """What the statement says of its signature, and what the envelope carries."""
    if signed and not envelope.signatures:
        notes.found(MANIFEST, "no signature, although the statement says that it is signed", GET_AGAIN)
    if not signed and envelope.signatures:
        notes.found(MANIFEST, "a signature, although the statement says that it is not signed", GET_AGAIN)
    for signature in envelope.signatures:
        if signed and signature.keyid != keyid:
            notes.found(MANIFEST, "the statement and the signature name different keys", GET_AGAIN)


def _without_key(envelope: Envelope, notes: Notes) -> None:
    names = ", ".join(f"{signature.keyid[:16]}…" for signature in envelope.signatures)
    told = (
        f"it says it was signed with the key {shown(names)}, and that was not checked"
        if names
        else "unsigned"
    )
    notes.not_checked(f"signer not established: no trusted key was given; {told}")


def _check(
    envelope: Envelope, payload: bytes, signature: Signature, key: Ed25519PublicKey, notes: Notes
) -> None:
    try:
        raw = signature_bytes(signature)
    except ReleaseError as problem:
        notes.found(MANIFEST, problem.what, GET_AGAIN)
        return
    if b64encode(raw).decode() != signature.sig or b64encode(payload).decode() != envelope.payload:
        notes.found(MANIFEST, "the base64 of the envelope is not in its one form", GET_AGAIN)
    ours, theirs = key_id(key), signature.keyid
    try:
        check_signature(key, raw, pre_authentication_encoding(envelope.payload_type, payload))
    except VerificationError:
        if theirs == ours:
            what = f"bad signature: it names the trusted key {ours[:16]}…, which did not sign these bytes"
            notes.found(MANIFEST, what, GET_AGAIN)
        else:
            other = shown(f"{theirs[:16]}…")
            what = f"other key: signed with {other}, and not with the trusted key {ours[:16]}…"
            notes.found(MANIFEST, what, OTHER_KEY)
        return
    if theirs != ours:
        notes.found(MANIFEST, "the signature is the trusted key's and names another key", GET_AGAIN)
