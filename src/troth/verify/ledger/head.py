"""Step 1. The newest checkpoint: its form, whose signatures it carries, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable

from troth.errors import LedgerError, Place, VerificationError
from troth.proof.checkpoint import Signed
from troth.proof.note import LARGEST_NOTE
from troth.proof.policy import NO_QUORUM
from troth.proof.strict import to_base64
from troth.types.moment import Moment
from troth.verify.ledger.paths import CHECKPOINT, LOG_VKEY
from troth.verify.ledger.points import AGAIN, CLOCK, Head, when
from troth.verify.ledger.report import entries_of
from troth.verify.ledger.source import Source, look
from troth.verify.ledger.trust import CLOCKS_APART, Trust, key_name, read_unsigned, read_vkeys
from troth.verify.report import Notes, shown

LARGEST_KEYS = 1 << 16
_KEYS = "give the log's key by --log-key, and ask the log's operator for the file"


def read_head(source: Source, trust: Trust, notes: Notes, now: Moment) -> tuple[Head | None, Trust]:
    """Take step 1. Give the newest checkpoint, None where there is none that can be read, and the keys to go on with.

    Raises `LedgerError` where there is no ledger at all.
    """
    found = look(source, CHECKPOINT, LARGEST_NOTE)
    if found.data is None and found.problem is None:
        raise LedgerError(
            "there is no ledger: the file `checkpoint` is missing",
            place=Place(source.place),
            remedy="give the folder or address that holds `checkpoint` and `tile`",
        )
    trust = _with_own_keys(source, trust, notes)
    if found.data is None:
        notes.found(CHECKPOINT, found.fault, AGAIN)
        return None, trust
    try:
        checkpoint = read_unsigned(found.data)
    except VerificationError as problem:
        notes.found(CHECKPOINT, problem.what, problem.remedy)
        return None, trust
    root = to_base64(checkpoint.root)
    notes.checked(f"a checkpoint of {shown(checkpoint.origin)}: {entries_of(checkpoint.size)}, root {root}")
    signed = _signed(found.data, trust, notes)
    if signed is not None:
        _tell_signers(signed, trust, notes)
        _tell_witnesses(signed, notes, now)
    return Head(checkpoint, signed), trust


def _with_own_keys(source: Source, trust: Trust, notes: Notes) -> Trust:
    """Read the keys that the ledger names; take them where the auditor brought none."""
    found = look(source, LOG_VKEY, LARGEST_KEYS)
    if found.data is None:
        notes.found(LOG_VKEY, found.fault, _KEYS)
        return trust
    try:
        own = read_vkeys(found.data)
        given = trust if trust.established else trust.with_logs(own)
    except VerificationError as problem:
        notes.found(LOG_VKEY, problem.what, problem.remedy)
        return trust
    if trust.established and not set(trust.logs) & set(own):
        notes.found(
            LOG_VKEY, "names none of the keys that were given", "ask the log's operator which key is its own"
        )
    return given


def _signed(data: bytes, trust: Trust, notes: Notes) -> Signed | None:
    """Check the signatures, and the quorum apart from them, so that the report can say which of both fails."""
    try:
        signed = trust.check_without_quorum(data)
    except VerificationError as problem:
        notes.found(CHECKPOINT, problem.what, problem.remedy)
        return None
    if trust.policy.quorum == NO_QUORUM:
        notes.not_checked("a quorum of witnesses: no policy asks for one")
        return signed
    try:
        trust.check(data)
        notes.checked(f"the quorum {shown(trust.policy.quorum)} is met")
    except VerificationError as problem:
        notes.found(CHECKPOINT, problem.what, problem.remedy)
    return signed


def _tell_signers(signed: Signed, trust: Trust, notes: Notes) -> None:
    for key in signed.signers:
        if trust.established:
            notes.checked(f"signed with the trusted key {key_name(key)}")
        else:
            notes.checked(f"signed with a key that the ledger itself names: {key_name(key)}")
            notes.not_checked("whose key that is: give the log's key by --log-key, got by another way")
    if signed.unchecked:
        notes.not_checked(no_key(signed.unchecked))


def _tell_witnesses(signed: Signed, notes: Notes, now: Moment) -> None:
    for key, seconds in signed.cosigned:
        notes.checked(f"cosigned by {key_name(key)} at {when(seconds)}")
        if seconds * 1_000_000 > now + CLOCKS_APART:
            what = f"cosigned by {shown(key.name)} at {when(seconds)}, which has not come yet"
            notes.found(CHECKPOINT, what, CLOCK)


def no_key(names: Iterable[str]) -> str:
    """Why some signature lines were not checked."""
    return f"lines for which no key was given: {', '.join(map(shown, sorted(set(names))))}"
