"""The text of a trust policy: logs, witnesses, groups and the quorum (C2SP tlog-policy, "Syntax and structure")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from troth.errors import VerificationError
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, Vkey, read_vkey

NO_QUORUM = "none"
"""The name that stands for no quorum, and can name nothing else."""

LARGEST_POLICY = 1 << 20
"""Bytes of a policy file."""

LOG_KINDS = (ED25519, COSIGNATURE, ML_DSA_44)
"""A log may sign with any kind of key (tlog-checkpoint, "Signatures")."""
WITNESS_KINDS = (COSIGNATURE, ML_DSA_44)
"""A witness makes cosignatures (tlog-cosignature)."""

_FORBIDDEN = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_SPACE = re.compile(r"[ \t]+")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_MEND = "mend the policy file (its rules: C2SP tlog-policy) or get it again from its owner"


@dataclass(frozen=True, slots=True)
class Named:
    """A log or a witness: its name in the policy (a log's is that of its key), its key, and its URL, if any."""

    name: str
    vkey: Vkey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of witnesses and groups: it has witnessed a checkpoint when at least ``threshold`` members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to trust. ``groups`` stand in the order of the file; ``quorum`` names a witness, a group or ``none``.

    Octets of the file that are not UTF-8 stand in names as lone surrogates (``surrogateescape``).
    """

    logs: tuple[Named, ...]
    witnesses: tuple[Named, ...]
    groups: tuple[Group, ...]
    quorum: str


def check_roles(policy: Policy) -> None:
    """Raise `VerificationError` where a key of a policy is unfit for its role, or stands twice in one role."""
    draft = _Draft()
    for log in policy.logs:
        draft.add_log(log)
    for witness in policy.witnesses:
        draft.add_witness(witness)


def read_policy(text: str | bytes) -> Policy:
    """Read a policy of at most 1 MiB. Raises `VerificationError` with the number of the line that breaks a rule."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    if len(data) > LARGEST_POLICY:
        raise VerificationError("the policy is larger than 1 MiB", remedy=_MEND)
    if data and not data.endswith(b"\n"):
        raise VerificationError("the last line of the policy does not end with a newline", remedy=_MEND)
    draft = _Draft()
    for number, octets in enumerate(data.split(b"\n"), 1):
        try:
            _read_line(octets, draft)
        except VerificationError as problem:
            raise VerificationError(f"policy, line {number}: {problem.what}", remedy=_MEND) from None
    if draft.quorum is None:
        raise VerificationError(
            "the policy has no quorum line", remedy="add one; `quorum none` asks for no cosignatures"
        )
    return Policy(tuple(draft.logs), tuple(draft.witnesses), tuple(draft.groups), draft.quorum)


def _read_line(octets: bytes, draft: _Draft) -> None:
    if _FORBIDDEN.search(octets):
        raise VerificationError("there is a control character other than tab and newline")
    line = octets.decode("utf-8", "surrogateescape").strip(" \t")
    if not line or line.startswith("#"):
        return
    keyword, *items = _SPACE.split(line)
    reader = _READERS.get(keyword)
    if reader is None:
        raise VerificationError(f"{keyword!r} is none of log, witness, group and quorum")
    reader(draft, items)


@dataclass(slots=True)
class _Draft:
    """What the lines so far have defined."""

    logs: list[Named] = field(default_factory=list)
    witnesses: list[Named] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    log_keys: set[bytes] = field(default_factory=set)
    witness_keys: set[bytes] = field(default_factory=set)
    free: dict[str, bool] = field(default_factory=dict)  # by name: whether it is not yet a member of a group

    def add_log(self, log: Named) -> None:
        _check_kind(log, LOG_KINDS, "a log")
        _take_key(log, self.log_keys, "log")
        self.logs.append(log)

    def add_witness(self, witness: Named) -> None:
        _check_kind(witness, WITNESS_KINDS, "a witness")
        _take_key(witness, self.witness_keys, "witness")
        self.define(witness.name)
        self.witnesses.append(witness)

    def add_group(self, group: Group) -> None:
        for member in group.members:
            if member == NO_QUORUM:
                raise VerificationError(f"{NO_QUORUM!r} cannot be a member of a group")
            if member not in self.free:
                raise VerificationError(f"{member!r} is not defined on an earlier line")
            if not self.free[member]:
                raise VerificationError(f"{member!r} is a member of a group already")
            self.free[member] = False
        self.define(group.name)
        self.groups.append(group)

    def define(self, name: str) -> None:
        if name == NO_QUORUM:
            raise VerificationError(f"{NO_QUORUM!r} has a meaning of its own and cannot be defined")
        if name in self.free:
            raise VerificationError(f"{name!r} is defined already")
        self.free[name] = True

    def set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise VerificationError("there is a quorum line already")
        if name != NO_QUORUM and name not in self.free:
            raise VerificationError(f"{name!r} is not defined on an earlier line")
        self.quorum = name


def _check_kind(entry: Named, kinds: tuple[int, ...], role: str) -> None:
    if entry.vkey.kind not in kinds:
        raise VerificationError(
            f"the key of {entry.name!r} has kind 0x{entry.vkey.kind:02x}, which {role} cannot have",
            remedy=_MEND,
        )


def _take_key(entry: Named, taken: set[bytes], role: str) -> None:
    # Names and key ids may differ: what counts is the public key, so that nobody is asked to trust one key twice.
    if entry.vkey.public in taken:
        raise VerificationError(f"the key of {entry.name!r} is that of another {role}", remedy=_MEND)
    taken.add(entry.vkey.public)


def _read_log(draft: _Draft, items: list[str]) -> None:
    if len(items) not in (1, 2):
        raise VerificationError("a log is `log VKEY [URL]`")
    vkey = read_vkey(items[0])
    draft.add_log(Named(vkey.name, vkey, items[1] if items[1:] else None))


def _read_witness(draft: _Draft, items: list[str]) -> None:
    if len(items) not in (2, 3):
        raise VerificationError("a witness is `witness NAME VKEY [URL]`")
    draft.add_witness(Named(items[0], read_vkey(items[1]), items[2] if items[2:] else None))


def _read_group(draft: _Draft, items: list[str]) -> None:
    if len(items) < 3:
        raise VerificationError("a group is `group NAME all|any|K NAME…` with at least one member")
    name, rule, *members = items
    draft.add_group(Group(name, _threshold(rule, len(members)), tuple(members)))


def _threshold(rule: str, members: int) -> int:
    if rule in ("any", "all"):
        return 1 if rule == "any" else members
    if not _COUNT.fullmatch(rule) or int(rule) > members:
        raise VerificationError(f"{rule!r} is neither all, any nor a number from 1 to {members}")
    return int(rule)


def _read_quorum(draft: _Draft, items: list[str]) -> None:
    if len(items) != 1:
        raise VerificationError("a quorum is `quorum NAME` or `quorum none`")
    draft.set_quorum(items[0])


_READERS: Mapping[str, Callable[[_Draft, list[str]], None]] = {
    "log": _read_log,
    "witness": _read_witness,
    "group": _read_group,
    "quorum": _read_quorum,
}
