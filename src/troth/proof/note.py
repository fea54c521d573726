"""Signed notes and the keys that sign them (C2SP signed-note). Nothing here checks a signature: see `signatures`.

Somebody who can write a note can add lines of keys that nobody knows; they cannot change its text and keep a signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from troth.errors import VerificationError
from troth.proof.strict import check_characters, read_base64, to_base64, utf8

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_44 = 0x06

KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
"""The kinds of keys that Troth knows, and how many bytes the public key of each has."""

LARGEST_NOTE = 1 << 20
"""Bytes of a note with all its signatures."""
MOST_LINES = 64
"""Signature lines of a note."""

_KEY_ID = re.compile(r"[0-9a-f]{8}")
_ASK_KEY = "copy the key again, whole, from the place where its owner publishes it"
_ASK_NOTE = "get the note again from where it was published; it may have been cut or changed on the way"


@dataclass(frozen=True, slots=True)
class Vkey:
    """A verifier key: the signer's name, the 4-byte key id, the kind of signature, and the public key."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes((self.kind,)) + self.public)}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who says to have signed, with which key (4 bytes), and the signature after the id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"\N{EM DASH} {self.name} {to_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its final newline, and the signature lines under it. Nothing in it is trusted yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def data(self) -> bytes:
        """The note as a file: the text, an empty line, the signature lines."""
        return (self.text + "\n" + "".join(f"{line}\n" for line in self.lines)).encode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The 4-byte id of a key: SHA-256(name || 0x0A || kind || public key)[:4] (signed-note, "Signatures")."""
    return sha256(utf8(name, "the name of the key") + b"\n" + bytes((kind,)) + public).digest()[:4]


def make_vkey(name: str, kind: int, public: bytes) -> Vkey:
    """The verifier key of a public key. Raises `VerificationError` for a name or kind that no note can carry."""
    check_name(name)
    if len(public) != KEY_BYTES.get(kind):
        known = "0x01 (Ed25519), 0x04 (cosignature/v1) and 0x06 (ML-DSA-44)"
        raise VerificationError(
            f"the key of {name!r} has kind 0x{kind:02x} and {len(public)} bytes; known are {known}, "
            "with 32, 32 and 1312 bytes",
            remedy=_ASK_KEY,
        )
    return Vkey(name, key_id(name, kind, public), kind, public)


def read_vkey(text: str) -> Vkey:
    """Read a verifier key ``name+id+base64`` (signed-note, "Verifier keys"). Raises `VerificationError`."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise VerificationError("a verifier key is NAME+ID+KEY; here a part is missing", remedy=_ASK_KEY)
    name, told, encoded = parts
    if not _KEY_ID.fullmatch(told):
        raise VerificationError(f"the key id of {name!r} is not 8 small hexadecimal digits", remedy=_ASK_KEY)
    key = read_base64(encoded, f"the key of {name!r}")
    vkey = make_vkey(name, key[0] if key else 0, key[1:])
    if vkey.key_id.hex() != told:
        raise VerificationError(
            f"the key id of {name!r} is {vkey.key_id.hex()}, not {told}: part of the key was changed",
            remedy=_ASK_KEY,
        )
    return vkey


def check_name(name: str) -> None:
    """Raise `VerificationError` unless the name of a key is not empty and without spaces, plus or controls."""
    if not name or any(letter == "+" or letter.isspace() or letter < " " for letter in name):
        raise VerificationError(
            f"{name!r} cannot name a key: a name is not empty and holds neither spaces nor plus",
            remedy=_ASK_KEY,
        )
    utf8(name, "the name of the key")


def read_note(data: bytes) -> Note:
    """Read a signed note of at most 1 MiB and 64 signatures (signed-note, "Format"). Raises `VerificationError`."""
    if len(data) > LARGEST_NOTE:
        raise VerificationError("the note is larger than 1 MiB", remedy=_ASK_NOTE)
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise VerificationError("the note is not UTF-8", remedy=_ASK_NOTE) from None
    check_characters(whole, "the note")
    text, between, signatures = whole.rpartition("\n\n")
    if not between or not signatures.endswith("\n"):
        raise VerificationError(
            "a note is a text, an empty line, and lines of signatures, each ended; this is not",
            remedy=_ASK_NOTE,
        )
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_LINES:
        raise VerificationError(f"the note has more than {MOST_LINES} signatures", remedy=_ASK_NOTE)
    return Note(text + "\n", tuple(map(read_signature_line, lines)))


def read_signature_line(line: str) -> SignatureLine:
    """Read one signature line, without its newline. Raises `VerificationError`."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\N{EM DASH}":
        raise VerificationError(
            "a signature line is a long dash, a name and base64, with one space between; this is not",
            remedy=_ASK_NOTE,
        )
    check_name(parts[1])
    signature = read_base64(parts[2], f"the signature of {parts[1]!r}")
    if len(signature) < 5:
        raise VerificationError(f"the signature of {parts[1]!r} is too short", remedy=_ASK_NOTE)
    return SignatureLine(parts[1], signature[:4], signature[4:])
