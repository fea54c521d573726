"""Whom a verifier trusts: logs, witnesses and a quorum (C2SP tlog-policy), and checking a checkpoint under them.

Somebody who can write a policy file decides which ledger is believed: keep it where only its owner can write.
"""

from __future__ import annotations

from collections.abc import Sequence

from troth.errors import VerificationError
from troth.proof.checkpoint import Signed, check_known_lines
from troth.proof.checkpoint_text import read_checkpoint
from troth.proof.note import Vkey, read_note
from troth.proof.policy_text import NO_QUORUM, Group, Named, Policy, check_roles, read_policy

__all__ = ["NO_QUORUM", "Group", "Named", "Policy", "check_policy", "policy_of", "read_policy"]

_DENY = "do not rely on this checkpoint; ask the log for one that its key and enough witnesses signed"


def policy_of(log_keys: Sequence[Vkey], witnesses: Sequence[Vkey] = ()) -> Policy:
    """The policy without a quorum: any of the logs' keys, and cosignatures checked where they are there.

    Raises `VerificationError` where a key is of a kind that its role cannot have, or stands twice.
    """
    policy = Policy(
        logs=tuple(Named(key.name, key, None) for key in log_keys),
        witnesses=tuple(Named(str(number), key, None) for number, key in enumerate(witnesses, 1)),
        groups=(),
        quorum=NO_QUORUM,
    )
    check_roles(policy)
    return policy


def check_policy(data: bytes, policy: Policy) -> Signed:
    """Check a checkpoint under a policy, and return it with its signers.

    A listed log whose key name is the origin signed it, every line of a listed log of that origin and of a listed
    witness holds, and the quorum is met. Raises `VerificationError`, which says what is missing.
    """
    note = read_note(data)
    checkpoint = read_checkpoint(note.text)
    logs = {log.vkey for log in policy.logs if log.vkey.name == checkpoint.origin}
    if not logs:
        raise VerificationError(
            f"the policy lists no log {checkpoint.origin!r}",
            remedy="add the log's key if you trust it, else do not rely on this checkpoint",
        )
    witnesses = {witness.vkey: witness.name for witness in policy.witnesses}
    checked, unchecked = check_known_lines(note, logs | witnesses.keys())
    signers = tuple(key for key in checked if key in logs)
    if not signers:
        raise VerificationError(
            f"no listed key of the log {checkpoint.origin!r} signed the checkpoint", remedy=_DENY
        )
    cosigned = tuple((key, time) for key, time in checked.items() if time is not None and key in witnesses)
    _check_quorum(policy, frozenset(witnesses[key] for key, _ in cosigned))
    return Signed(checkpoint, note, signers, cosigned, unchecked)


def _check_quorum(policy: Policy, cosigners: frozenset[str]) -> None:
    """Raise `VerificationError` unless the witnesses of these names meet the quorum."""
    if policy.quorum == NO_QUORUM:
        return
    met = set(cosigners)
    for group in policy.groups:  # a group names only what stands before it, so that one pass is enough
        if sum(member in met for member in group.members) >= group.threshold:
            met.add(group.name)
    if policy.quorum not in met:
        had = ", ".join(map(repr, sorted(cosigners))) or "no listed witness"
        raise VerificationError(
            f"the quorum {policy.quorum!r} is not met: cosigned by {had}{_lacking(policy, met)}", remedy=_DENY
        )


def _lacking(policy: Policy, met: set[str]) -> str:
    """Which groups on the way to the quorum lack how many."""
    needed, lacking = {policy.quorum}, []
    for group in reversed(policy.groups):
        if group.name in needed and group.name not in met:
            needed.update(group.members)
            present = sum(member in met for member in group.members)
            lacking.append(f"; group {group.name!r} has {present} of {group.threshold}")
    return "".join(lacking)
