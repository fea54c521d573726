"""The folder of a witness: its keys, the logs it knows, and what it cosigned.

    DIR/witness.key            its Ed25519 private key (PKCS #8 PEM, 0600)
    DIR/witness-mldsa44.key    its ML-DSA-44 private key, where it has one
    DIR/witness.vkey           its public keys, one vkey a line, Ed25519 first
    DIR/logs                   the logs it cosigns for: a C2SP tlog-policy file
    DIR/state/                 what it cosigned last, for each log

Who can write it can make the witness cosign a fork, or replace it by another witness that nobody trusts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from troth.disk.durable import locked, replace_whole, sync_folder, write_new
from troth.errors import LedgerError, Place, UsageError, VerificationError
from troth.ledger.signers import Signer, load_signer, new_log_key
from troth.ledger.witness.cosigner import Witness
from troth.ledger.witness.state import State
from troth.proof.note import COSIGNATURE, ML_DSA_44, Vkey, check_name, read_vkey
from troth.proof.policy import read_policy
from troth.types.moment import Moment

KEYS = {COSIGNATURE: "witness.key", ML_DSA_44: "witness-mldsa44.key"}
"""The key file for each kind of cosignature, in the order of the public keys."""
VKEYS = "witness.vkey"
LOGS = "logs"
STATE = "state"

LONGEST_NAME = 255
"""Bytes of a name or an origin that an ML-DSA-44 cosignature can carry (C2SP tlog-cosignature)."""

_HEAD = b"# The logs that this witness cosigns for (C2SP tlog-policy).\nquorum none\n"


def new_witness(folder: Path, name: str, *, ml_dsa: bool = False) -> tuple[Vkey, ...]:
    """Make the folder of a witness with new keys, and return its public keys, Ed25519 first.

    Raises `UsageError` for a name that cannot be, or a folder with something in it, and `LedgerError` where it cannot
    be written.
    """
    _check(name, "the name of a witness")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise UsageError("the folder is not empty", place=Place(str(folder)), remedy="name a new folder")
        kinds = tuple(KEYS) if ml_dsa else (COSIGNATURE,)
        for kind in kinds:
            new_log_key(folder / KEYS[kind], kind)
        vkeys = tuple(load_signer(folder / KEYS[kind], name, kind).vkey for kind in kinds)
        (folder / STATE).mkdir(mode=0o700)
        write_new(folder / LOGS, _HEAD)
        # Last, for it makes the folder one of a witness.
        write_new(folder / VKEYS, "".join(f"{vkey}\n" for vkey in vkeys).encode())
        sync_folder(folder.parent)
    except OSError as problem:
        raise _failed("the witness cannot be made", folder, problem) from problem
    return vkeys


def open_witness(folder: Path, clock: Callable[[], Moment]) -> Witness:
    """The witness of a folder. ``clock`` tells the time in microseconds since 1970, UTC.

    Raises `UsageError` where it is not a witness's folder, and `LedgerError` where its parts do not fit together.
    """
    signers = tuple(_signer(folder, vkey) for vkey in witness_keys(folder))
    return Witness(signers, folder / LOGS, State(folder / STATE), clock)


def witness_keys(folder: Path) -> tuple[Vkey, ...]:
    """The public keys of a witness. Raises `UsageError` and `LedgerError`."""
    file = folder / VKEYS
    try:
        vkeys = tuple(read_vkey(line) for line in file.read_text(encoding="utf-8").splitlines())
    except OSError as problem:
        remedy = "make one with `troth witness new DIR`"
        raise UsageError(
            "this is not the folder of a witness", place=Place(str(folder)), remedy=remedy
        ) from problem
    except (VerificationError, UnicodeDecodeError) as problem:
        raise _unfit(file, "the public keys are damaged") from problem
    if not vkeys or any(vkey.kind not in KEYS for vkey in vkeys):
        raise _unfit(file, "the public keys are damaged")
    return vkeys


def trust(folder: Path, texts: Sequence[str]) -> tuple[Vkey, ...]:
    """Let a witness cosign for logs with these vkeys, and return those that it did not know before.

    Raises `UsageError` for what is not a log's vkey, and `LedgerError` where the folder cannot be read or written.
    """
    witness_keys(folder)
    logs = folder / LOGS
    try:
        with locked(folder / ".logs.lock"):
            before = logs.read_bytes()
            known = {log.vkey for log in read_policy(before).logs}
            added = tuple(vkey for vkey in dict.fromkeys(map(_read_vkey, texts)) if vkey not in known)
            after = before + b"".join(f"log {vkey}\n".encode() for vkey in added)
            _check_policy(after)
            for vkey in added:
                State(folder / STATE).begin(vkey.name)
            replace_whole(logs, after)
    except OSError as problem:
        raise _failed("the list of logs cannot be changed", logs, problem) from problem
    except VerificationError as problem:
        raise LedgerError(problem.what, place=Place(str(logs)), remedy=problem.remedy) from problem
    return added


def _signer(folder: Path, vkey: Vkey) -> Signer:
    file = folder / KEYS[vkey.kind]
    signer = load_signer(file, vkey.name, vkey.kind)
    if signer.vkey != vkey:
        raise _unfit(file, f"the private key is not that of {VKEYS}")
    return signer


def _read_vkey(text: str) -> Vkey:
    try:
        vkey = read_vkey(text)
    except VerificationError as problem:
        raise UsageError(problem.what, remedy=problem.remedy) from problem
    _check(vkey.name, "the origin of a log")
    return vkey


def _check_policy(after: bytes) -> None:
    try:
        read_policy(after)
    except VerificationError as problem:
        raise UsageError(f"the log cannot be added: {problem.what}", remedy=problem.remedy) from problem


def _check(name: str, what: str) -> None:
    try:
        check_name(name)
    except VerificationError as problem:
        raise UsageError(problem.what, remedy="give one such as example.org/w1") from problem
    if len(name.encode()) > LONGEST_NAME:
        raise UsageError(f"{what} has at most {LONGEST_NAME} bytes", remedy="give a shorter one")


def _unfit(file: Path, what: str) -> LedgerError:
    return LedgerError(what, place=Place(str(file)), remedy="put the file back from where it is kept safe")


def _failed(what: str, path: Path, problem: OSError) -> LedgerError:
    remedy = "make room or mend the permissions, and try again"
    return LedgerError(f"{what}: {problem.strerror}", place=Place(str(path)), remedy=remedy)
