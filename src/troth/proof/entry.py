"""Entries of the ledger and the commitments in them (``docs/formats/ledger.md``, "Entries").

An entry says of what kind it is, when it was logged, and commits to a payload that only who has the salt can open.
It holds no personal data. Whoever can read the ledger learns how many entries of each kind there were, and when.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import msgspec

from troth.errors import VerificationError
from troth.types.moment import Moment, MomentError, format_moment, parse_moment

KINDS = (
    "terms", "choice", "deletion", "hold", "event", "intake", "build", "release", "withdrawal", "lineage",
    "erasure", "export", "compaction", "restore", "keeper", "access",
)  # fmt: skip
"""Every kind of entry there is."""

SALT_BYTES = 32
LARGEST_ENTRY = 65_535
"""Bytes: what the length of an entry bundle can say (C2SP tlog-tiles)."""

_ENTRY = b"troth:entry:1\x00"
_CONVERSATION = b"troth:conversation:1\x00"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: when it was logged (UTC), its kind, and the 32-byte commitment."""

    at: Moment
    kind: str
    commitment: bytes


def commit(salt: bytes, payload: bytes) -> bytes:
    """The commitment to the payload of an entry: SHA-256(``troth:entry:1`` || 0x00 || salt || payload).

    ``salt`` is 32 bytes; raises ``ValueError`` otherwise.
    """
    return _commit(_ENTRY, salt, payload)


def commit_conversation(salt: bytes, conversation: str) -> bytes:
    """The commitment to a conversation's id: SHA-256(``troth:conversation:1`` || 0x00 || salt || id in UTF-8).

    It is the label of the conversation in the membership tree of every release. ``salt`` is 32 bytes.
    """
    return _commit(_CONVERSATION, salt, conversation.encode())


def _commit(label: bytes, salt: bytes, content: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(label + salt + content).digest()


def check_opening(commitment: bytes, salt: bytes, payload: bytes) -> None:
    """Raise `VerificationError` unless the salt and payload open the commitment of an entry."""
    if len(salt) != SALT_BYTES or not hmac.compare_digest(commit(salt, payload), commitment):
        raise VerificationError(
            "the salt and the payload do not open the commitment of the entry",
            remedy="get the receipt again; if it stays, what it says was not what was logged",
        )


def entry_bytes(entry: Entry) -> bytes:
    """The canonical bytes (RFC 8785) of an entry: what its leaf hash is taken of.

    >>> entry_bytes(Entry(0, "choice", bytes(32)))[:61]
    b'{"at":"1970-01-01T00:00:00Z","commitment":"000000000000000000'
    """
    return (
        f'{{"at":"{format_moment(entry.at)}","commitment":"{entry.commitment.hex()}",'
        f'"kind":"{entry.kind}","v":1}}'
    ).encode()


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: str
    commitment: str
    kind: str
    v: int


def read_entry(data: bytes) -> Entry:
    """Read an entry. Raises `VerificationError` unless it is one in canonical form."""
    try:
        form = msgspec.json.decode(data, type=_Form)
        entry = Entry(parse_moment(form.at), form.kind, bytes.fromhex(form.commitment))
    except (msgspec.MsgspecError, MomentError, ValueError) as problem:
        raise VerificationError(f"this is not an entry: {problem}", remedy=_ASK) from None
    if entry.kind not in KINDS:
        raise VerificationError(f"there is no kind of entry {entry.kind!r}", remedy=_ASK)
    if entry_bytes(entry) != data or len(entry.commitment) != 32:
        raise VerificationError("the entry is not in canonical form", remedy=_ASK)
    return entry


_ASK = "the log holds what its format does not allow: ask its operator"
