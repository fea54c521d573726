"""Runs the peers in their own environment, and keeps their answers: they are slow, and do not change."""

from __future__ import annotations

import hashlib
import json
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.detect.corpora import Document, Span

HERE = Path(__file__).parent / "peers"
REQUIREMENTS = HERE / "requirements.txt"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a system found in each document of a corpus, and the processor seconds that it took."""

    spans: list[list[Span]]
    seconds: float
    started: float
    """Processor seconds until it was ready."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A system to compare with."""

    name: str
    says: str
    script: str
    arguments: tuple[str, ...] = ()
    edition: int = 1
    """To be counted up where its script changes what it answers: earlier answers are then not used."""


def environment(build: Path) -> Path:
    """The Python of the peers' environment, made if it is not there or is of other requirements."""
    folder = build / "venv"
    python, ready = folder / "bin" / "python", folder / ".ready"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        install = (
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            REQUIREMENTS,
        )
        subprocess.run(install, check=True)
        ready.write_text(wanted, encoding="utf-8")
    return python


def answers(peer: Peer, documents: Sequence[Document], build: Path, anew: bool = False) -> Answers:
    """What a peer finds in some documents; from an earlier run, unless ``anew``, where nothing has changed."""
    lines = "".join(json.dumps({"id": one.id, "text": one.text}) + "\n" for one in documents)
    told = [lines, REQUIREMENTS.read_text(encoding="utf-8"), str(peer.edition)]
    told += [Path(one).read_text(encoding="utf-8") if Path(one).is_file() else one for one in peer.arguments]
    kept = build / "answers" / f"{peer.name}-{hashlib.sha256(repr(told).encode()).hexdigest()[:20]}.jsonl"
    if anew or not kept.exists():
        command = [environment(build), HERE / peer.script, *peer.arguments]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{peer.name} failed:\n{done.stderr[-2000:]}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(done.stdout, encoding="utf-8")
    *rows, last = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    if len(rows) != len(documents):
        raise SystemExit(f"{kept} has {len(rows)} answers for {len(documents)} texts: remove it")
    return Answers(
        [[(a, b, kind) for a, b, kind in row["spans"]] for row in rows], last["seconds"], last["started"]
    )


PRESIDIO = Peer("presidio", "Presidio 2.2.366, en_core_web_sm 3.8.0, score 0.4", "presidio_run.py")
DETECT_SECRETS = Peer("detect-secrets", "detect-secrets 1.5.0", "detect_secrets_run.py")


def gitleaks(rules: Path) -> Peer:
    """Gitleaks' rules of a file."""
    return Peer(
        "gitleaks", "gitleaks' rules under RE2, without allow-lists", "gitleaks_run.py", (str(rules),)
    )
