"""Scores Troth on corpora that the names in the package are trained on, with weights that are not.

    python -m training.names.train --data ../shared/data/detect --leave-out btc_b,btc_f,btc_g --out left-out.bin
    python -m evaluation.detect.left_out --weights left-out.bin --corpora btc_b btc_f btc_g

Training takes too long to be part of `make eval-detect`: what comes out is kept in ``left_out.json``, and cited there.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.detect import ours
from evaluation.detect.corpora import Document, files, read
from evaluation.detect.quality import scored

from troth.detect.detector import Detector, standard
from troth.detect.names.tagger import Names

RECORD = Path(__file__).with_name("left_out.json")


def recorded() -> dict[str, Any]:
    """What was measured last."""
    told: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return told


def _three(documents: list[Document], detector: Detector) -> list[float]:
    found = ours.found(documents, detector)
    core = scored("Troth", documents, found.spans, found.seconds, None).core
    return [round(value, 3) for value in (core.precision, core.recall, core.f1)]


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.detect.left_out", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="weights trained without the corpora")
    parser.add_argument("--corpora", nargs="+", required=True, help="what they were trained without")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("SHARED", "../shared")))
    asked = parser.parse_args()
    names = Names.load(asked.weights)
    whole, alone = replace(standard(), names=names), Detector((), names)
    found = files(asked.shared / "data" / "detect")
    rows = {name: read(found[name]) for name in asked.corpora}
    told = {
        "date": f"{datetime.now(UTC):%d %B %Y}",
        "command": f"python -m training.names.train --leave-out {shlex.quote(','.join(asked.corpora))}",
        "weights": names.digest,
        "detector": whole.digest,
        "core": {
            name: {"detector": _three(documents, whole), "tagger": _three(documents, alone)}
            for name, documents in rows.items()
        },
    }
    RECORD.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{RECORD}\n")


if __name__ == "__main__":
    main()
