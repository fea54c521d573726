"""What jobs do: one function for each kind, from what it was given to a result in JSON."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from troth.errors import StoreError, UsageError
from troth.operations.decide import Progress, silent
from troth.operations.live.building import Building, build_apart, newest_checkpoint
from troth.operations.live.chosen import chosen_over_time
from troth.operations.live.exporting import export_of
from troth.operations.live.reached import reached
from troth.operations.live.running import Live
from troth.operations.records import record_files
from troth.operations.terms_impact import ImpactInputs, terms_impact
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.erasure.erase import Erased, ErasureRequest, erase
from troth.operations.workspace.erasure.retain import RetainRequest, retain
from troth.operations.workspace.history import history_files
from troth.operations.workspace.opened import now, opened
from troth.types.moment import Moment, format_moment

BUILD = "build"
SKEW = 1_000_000
"""Microseconds by which stamps may be ahead of the machine's clock."""
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Working:
    """What a job may use."""

    live: Live
    at: Moment
    stop: threading.Event
    """Set when the service ends: what takes long stops then with ``StoppedError``, and is taken up again."""
    progress: Progress
    keep: Callable[[Mapping[str, Any]], None]
    """Keeps what the job is to be taken up again with."""


def _erase(working: Working, given: Mapping[str, Any]) -> bytes:
    """Destroy the keys of what a person asks to go; what stays, and why, is told.

    Where the machine's clock was set back, a hold may bear a later stamp than it: nothing is erased until it has caught up.
    """
    if working.at > now() + SKEW:
        raise StoreError(
            "the clock of this machine is behind what was recorded, and nobody can tell what is held",
            remedy="set the clock right, and erase again",
        )
    request = ErasureRequest(
        working.live.folder,
        working.live.terms_name,
        given["why"],
        working.live.options,
        conversation=given.get("conversation"),
        account=given.get("account"),
    )
    return _ENCODER.encode(_erased(erase(request)))


def _erased(done: Erased) -> dict[str, Any]:
    return {
        "at": format_moment(done.at),
        "conversations": done.conversations,
        "records": done.records,
        "account": done.account,
        "stays": done.stays,
        "staying": [
            {
                "conversation": one.conversation,
                "records": one.records,
                "why": one.why,
                "clause": one.clause,
                "until": None if one.until is None else format_moment(one.until),
            }
            for one in done.staying
        ],
        "entries": [list(pair) for pair in done.entries],
    }


def _export(working: Working, given: Mapping[str, Any]) -> bytes:
    """Everything that is held of a person."""
    account, at = given["account"], working.at
    return working.live.read(lambda workspace: export_of(workspace, account, at)).result()


def _simulate(working: Working, given: Mapping[str, Any]) -> bytes:
    """What other terms would change for the records of the vault."""
    live = working.live
    with tempfile.TemporaryDirectory(prefix="troth-simulate-") as made:
        new = Path(made) / "proposed.toml"
        new.write_text(given["terms"], encoding="utf-8")
        with (
            history_files((), live.folder) as history,
            record_files((), live.folder, silent, deciding=True) as taken,
        ):
            found = terms_impact(
                ImpactInputs(
                    live.terms_name,
                    str(new),
                    live.options,
                    history,
                    taken.files,
                    tuple(given["purposes"]),
                    working.at,
                )
            )
    told = {
        "records": found.records,
        "purposes": [asdict(one) for one in found.purposes],
        "kept": asdict(found.kept),
    }
    return _ENCODER.encode(told)


def _verify(working: Working, given: Mapping[str, Any]) -> bytes:
    """Whether a release of the workspace is what it says it is."""
    live, manifest = working.live, given["release"]
    releases = live.read(lambda workspace: dict(workspace.store.releases())).result()
    folder = releases.get(manifest)
    if folder is None:
        raise UsageError("there is no such release", remedy="name the digest of a manifest")
    report = verify_all(VerifyRequest(Path(folder), workspace=live.folder)).release
    if report is None:
        raise UsageError("there is nothing to verify", remedy="name the digest of a manifest")
    steps = [
        {
            "number": one.number,
            "title": one.title,
            "outcome": one.outcome.value,
            "findings": [str(found) for found in one.findings],
            "not_checked": list(one.not_checked),
        }
        for one in report.steps
    ]
    sound, verdict = report.exit_code == 0, report.verdict
    return _ENCODER.encode({"release": manifest, "sound": sound, "verdict": verdict, "steps": steps})


def _chosen(working: Working, given: Mapping[str, Any]) -> bytes:  # noqa: ARG001 - the form of all kinds
    """How many chose what over time."""
    with opened(working.live.folder) as workspace:
        return _ENCODER.encode(chosen_over_time(workspace, working.live.terms, working.at))


def _reach(working: Working, given: Mapping[str, Any]) -> bytes:
    """What of the vault may be used for a purpose."""
    live = working.live
    return _ENCODER.encode(reached(live.folder, live.terms_name, live.options, given["purpose"], working.at))


def _retain(working: Working, given: Mapping[str, Any]) -> bytes:  # noqa: ARG001 - the form of all kinds
    """What is past its date, and would be destroyed; nothing is."""
    live = working.live
    return _ENCODER.encode(retain(RetainRequest(live.folder, live.terms_name, working.at, live.options)))


def _build(working: Working, given: Mapping[str, Any]) -> bytes:
    """A sealed release from the vault. What names its history is fixed when it begins, and stays when it is begun again."""
    live = working.live
    if "checkpoint" not in given:
        given = {**given, "checkpoint": live.read(newest_checkpoint).result()}
        working.keep(given)
    asked = Building(
        live.folder, live.terms_name, live.options, given["name"], given["purpose"], given["at"], given["seed"],
        given["sample"], given["checkpoint"],
    )  # fmt: skip
    return _ENCODER.encode(build_apart(asked, working.progress, working.stop))


KINDS: Mapping[str, Callable[[Working, Mapping[str, Any]], bytes]] = {
    BUILD: _build,
    "chosen": _chosen,
    "erase": _erase,
    "export": _export,
    "reach": _reach,
    "retain": _retain,
    "simulate": _simulate,
    "verify": _verify,
}
"""By the kind of a job."""
