"""The witnesses of a workspace are asked to cosign its newest checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from troth.errors import LedgerError
from troth.ledger.log import vkeys_of
from troth.ledger.published import CHECKPOINT, publish_cosigned, read_published
from troth.ledger.reader import TileReader
from troth.ledger.witness.ask import Cosigned, NotCosigned, ask
from troth.operations.workspace.opened import Workspace
from troth.proof.note import Note, SignatureLine, Vkey, read_note
from troth.store.interface import Head

TIMEOUT = 3.0
"""Seconds for each of the two requests to a witness."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking."""

    cosigned: tuple[str, ...]
    """The names of the witnesses whose lines the newest checkpoint carries."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Witness:
    """One that is asked: where, and by which keys it is known."""

    url: str
    vkeys: tuple[Vkey, ...]

    @property
    def name(self) -> str:
        return self.vkeys[0].name


def ask_witnesses(workspace: Workspace) -> Asked:
    """Ask every witness with a URL whose line the newest checkpoint lacks, and publish what they sign.

    Raises `LedgerError` where a witness has seen another ledger, or a larger one. A head that moved on meanwhile is
    no such thing: then the new one is asked about.
    """
    witnesses = _witnesses(workspace)
    head = workspace.store.head()
    if head is None or not witnesses or not _has_tiles(workspace, head):
        return Asked((), ())
    missing = [one for one in witnesses if not _stands(head, one)]
    try:
        lines, warnings = _ask(workspace, head, missing)
    except LedgerError:
        newer = workspace.store.head()
        if newer is None or newer.size == head.size:
            raise
        return ask_witnesses(workspace)
    if lines:
        head = _publish(workspace, head, lines)
    return Asked(tuple(one.name for one in witnesses if _stands(head, one)), warnings)


def _ask(
    workspace: Workspace, head: Head, witnesses: Sequence[_Witness]
) -> tuple[list[SignatureLine], tuple[str, ...]]:
    def one(witness: _Witness) -> Cosigned | NotCosigned:
        reader = TileReader(workspace.storage, head.size, head.root)
        return ask(
            witness.url, witness.vkeys, head.checkpoint, lambda old: reader.consistency_proof(old, head.size),
            timeout=TIMEOUT,
        )  # fmt: skip

    if not witnesses:
        return [], ()
    with ThreadPoolExecutor(len(witnesses)) as pool:
        answers = list(pool.map(one, witnesses))
    lines = [line for answer in answers if isinstance(answer, Cosigned) for line in answer.lines]
    warnings = tuple(
        f"the witness {witness.name} did not cosign: {answer.reason}"
        for witness, answer in zip(witnesses, answers, strict=True)
        if isinstance(answer, NotCosigned)
    )
    return lines, warnings


def _publish(workspace: Workspace, head: Head, lines: Sequence[SignatureLine]) -> Head:
    """Publish the cosigned checkpoint, with the lines that another process got meanwhile, and give it."""
    newest = workspace.store.head()
    note = read_note(head.checkpoint if newest is None or newest.size != head.size else newest.checkpoint)
    known = {(line.name, line.key_id) for line in note.lines}
    more = [line for line in lines if (line.name, line.key_id) not in known]
    cosigned = replace(head, checkpoint=Note(note.text, (*note.lines, *more)).data())
    publish_cosigned(workspace.store, workspace.storage, vkeys_of(workspace.signers), cosigned)
    return cosigned


def _witnesses(workspace: Workspace) -> list[_Witness]:
    """Each witness once, with all keys that it has at its address."""
    keys: dict[str, list[Vkey]] = {}
    for one in workspace.witnesses.witnesses if workspace.witnesses else ():
        if one.url is not None:
            keys.setdefault(one.url, []).append(one.vkey)
    return [_Witness(url, tuple(vkeys)) for url, vkeys in keys.items()]


def _has_tiles(workspace: Workspace, head: Head) -> bool:
    """Whether the head is published: else another process is at it, and asks for itself."""
    _, newest = read_published(workspace.storage, CHECKPOINT, vkeys_of(workspace.signers))
    return newest.size == head.size


def _stands(head: Head, witness: _Witness) -> bool:
    """Whether the checkpoint carries a line of every key of the witness."""
    lines = {(line.name, line.key_id) for line in read_note(head.checkpoint).lines}
    return lines.issuperset((vkey.name, vkey.key_id) for vkey in witness.vkeys)
