"""Which artefacts were made from a release, over any number of steps, by the lineage entries of a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from troth.proof.payloads import LineagePayload, Payload, ReleasePayload
from troth.receipt.model import Receipt


def reached(receipt: Receipt, payloads: Sequence[Payload]) -> Mapping[int, LineagePayload]:
    """By its number in the receipt, each lineage entry that leads back to what the receipt is about.

    For a conversation that is to the releases that hold it; for a release or an artefact, to that itself.
    """
    return _descendants(_seeds(receipt, payloads), payloads)


def _seeds(receipt: Receipt, payloads: Sequence[Payload]) -> Iterable[str]:
    if receipt.subject in ("release", "lineage"):
        return (receipt.name,)
    held = (payloads[member.release] for member in receipt.memberships if member.included)
    return (payload.manifest for payload in held if isinstance(payload, ReleasePayload))


def _descendants(seeds: Iterable[str], payloads: Sequence[Payload]) -> Mapping[int, LineagePayload]:
    lineage = {n: payload for n, payload in enumerate(payloads) if isinstance(payload, LineagePayload)}
    children: dict[str, list[int]] = {}
    for number, payload in lineage.items():
        for parent in payload.parents:
            children.setdefault(parent.artefact or parent.release or "", []).append(number)
    found: set[int] = set()
    waiting = list(seeds)
    while waiting:
        for number in children.get(waiting.pop(), ()):
            if number not in found:
                found.add(number)
                waiting.append(lineage[number].artefact)
    return {number: lineage[number] for number in sorted(found)}
