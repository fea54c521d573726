"""Step 4. The log that the reader trusts signed each checkpoint, and the witnesses that the reader asks for did too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.proof.checkpoint import Signed
from troth.proof.policy import Policy, check_policy
from troth.receipt.phrases import counted, listed
from troth.receipt.quoting import quoted
from troth.receipt.stated import Stated
from troth.verify.receipts.noting import Noting
from troth.verify.receipts.report import Cosigned


@dataclass(frozen=True, slots=True)
class Trust:
    """Who signed, as far as the reader's keys tell."""

    origin: str = ""
    """The log that the receipt names."""
    established: bool = False
    signers: tuple[str, ...] = ()
    cosigned: tuple[Cosigned, ...] = ()
    unchecked: tuple[str, ...] = ()


def check_signers(stated: Mapping[bytes, Stated], policy: Policy | None, notes: Noting) -> Trust:
    """Step 4. Without a policy nothing is established, whatever the lines say."""
    origin = next(iter(stated.values())).checkpoint.origin
    if policy is None:
        names = tuple(dict.fromkeys(name for one in stated.values() for name in one.lines))
        notes.not_checked(
            f"log not established: no trusted key was given; lines of {listed(names)} not checked"
        )
        return Trust(origin, unchecked=names)
    signed: list[Signed] = []
    for data, one in stated.items():
        with notes.catching(f"the checkpoint of {counted(one.checkpoint.size, 'entry')}"):
            signed.append(check_policy(data, policy))
    for checked in signed:
        _tell(checked, notes)
    return Trust(
        origin,
        established=not notes.failed,
        signers=tuple(dict.fromkeys(str(key) for given in signed for key in given.signers)),
        cosigned=tuple(
            Cosigned(key.name, one.checkpoint.size, at) for one in signed for key, at in one.cosigned
        ),
        unchecked=tuple(dict.fromkeys(name for one in signed for name in one.unchecked)),
    )


def _tell(signed: Signed, notes: Noting) -> None:
    size = counted(signed.checkpoint.size, "entry")
    cosigners = listed(key.name for key, _ in signed.cosigned)
    witnesses = f", cosigned by {cosigners}" if signed.cosigned else ""
    notes.checked(
        f"the checkpoint of {size}: signed by the log {quoted(signed.checkpoint.origin)}{witnesses}"
    )
    if signed.unchecked:
        notes.not_checked(f"lines for which no key was given, under {size}: {listed(signed.unchecked)}")
