"""``make eval-detect``: scores Troth and its peers on every corpus, and writes RESULTS.md and picture.svg."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from evaluation.detect import ours
from evaluation.detect.beside import DETECT_SECRETS, PRESIDIO, Answers, Peer, answers, gitleaks
from evaluation.detect.corpora import Document, document_of, files, read
from evaluation.detect.left_out import recorded
from evaluation.detect.picture import picture
from evaluation.detect.quality import CODE, rows
from evaluation.detect.report import in_text, markdown
from evaluation.detect.speed import WAYS, measured, mixed
from training.conversations.make import conversations

from troth.detect.detector import standard

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "bench"))

from machine import load, machine  # noqa: E402

SIZE, PEER_SIZE = 24_000_000, 200_000
"""Characters that speed is measured on."""


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.detect", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("SHARED", "../shared")))
    parser.add_argument(
        "--build", type=Path, default=Path("build/eval-detect"), help="the peers and their answers"
    )
    parser.add_argument("--gitleaks", type=Path, help="a gitleaks.toml; without it, its figures are cited")
    parser.add_argument("--only", nargs="+", default=(), help="corpora to score (all)")
    parser.add_argument("--quick", action="store_true", help="measure speed on little")
    parser.add_argument("--out", type=Path, default=HERE, help="where RESULTS.md and picture.svg go")
    return parser.parse_args()


def main() -> None:
    """Measure and write."""
    asked = arguments()
    corpora = asked.shared / "data" / "detect"
    if not corpora.is_dir():
        sys.exit(f"{corpora} is not there; set SHARED to the folder of the corpora")
    scored = list(rows(corpora, asked.build, asked.gitleaks, asked.only))
    talks = [document_of(row) for row in conversations("testing")]
    flags = ours.flagged(talks)
    code = read(files(corpora)[CODE])
    texts = mixed(talks, code, SIZE // 10 if asked.quick else SIZE)
    speeds = [measured(way, texts) for way in WAYS]
    beside = _peers(mixed(talks, code, PEER_SIZE), asked.build, asked.gitleaks)
    told = {
        "date": f"{datetime.now(UTC):%d %B %Y}",
        **machine(),
        "load, last quarter of an hour": load(),
        "hyperscan": version("hyperscan"),
        "detector": standard().digest,
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    bars = [
        (row.name, row.scores["troth"].core.f1, row.scores["presidio"].core.f1) for row in in_text(scored)
    ]
    (asked.out / "picture.svg").write_text(picture("Core span F1", bars), encoding="utf-8")
    page = markdown(scored, told, speeds, beside, flags, "picture.svg", recorded())
    (asked.out / "RESULTS.md").write_text(page, encoding="utf-8")


def _peers(texts: list[str], build: Path, rules: Path | None) -> dict[str, tuple[int, Answers]]:
    """How long the peers take for some texts, measured anew each time."""
    documents = [Document(str(number), text, (), frozenset()) for number, text in enumerate(texts)]
    size = sum(map(len, texts))
    batch = Peer("presidio", "", PRESIDIO.script, ("--batch",))
    asked = {"Presidio": PRESIDIO, "Presidio, in batches of 64": batch, "detect-secrets": DETECT_SECRETS}
    if rules:
        asked["gitleaks' rules"] = gitleaks(rules)
    return {name: (size, answers(peer, documents, build, anew=True)) for name, peer in asked.items()}


if __name__ == "__main__":
    main()
