"""Figures of weights that were not trained on some corpora: recorded, whole, and cited on the page of results."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from evaluation.detect.left_out import recorded
from evaluation.detect.report import left_out
from training.names.corpora import TRAINED

ROOT = Path(__file__).parents[2]
TOLD = recorded()


def test_every_section_of_tweets_that_trains_is_among_them() -> None:
    assert {name for name in TRAINED if name.startswith("btc_")} == set(TOLD["core"])
    assert f"--leave-out {','.join(TOLD['core'])}" in TOLD["command"]
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", TOLD[name]) for name in ("weights", "detector"))


def test_f1_is_that_of_precision_and_recall() -> None:
    for figures in TOLD["core"].values():
        for precision, recall, f1 in figures.values():
            assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=0.0011)


def test_the_page_says_that_they_were_not_measured_in_its_run() -> None:
    page = "\n".join(left_out({}, TOLD))
    assert "not measured in this run" in page
    assert TOLD["weights"] in page
    results = (ROOT / "evaluation" / "detect" / "RESULTS.md").read_text(encoding="utf-8")
    assert TOLD["weights"] in results
    for name, figures in TOLD["core"].items():
        row = f"| {name} | " + " | ".join(
            "{:.3f} / {:.3f} / **{:.3f}**".format(*figures[who]) for who in ("detector", "tagger")
        )
        assert row in page
        assert row in results
