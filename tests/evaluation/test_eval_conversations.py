"""The generated conversations: two halves that share no template and no name, and labels that stand where they say."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from training.conversations.make import conversations
from training.conversations.testing_half import TEMPLATES as TESTING
from training.conversations.training_half import TEMPLATES as TRAINING
from training.conversations.values import HALVES, Pools

from troth.detect.whole.special import CATEGORIES


def test_the_halves_share_no_turn_and_no_name() -> None:
    turns = [{turn for _, talk in half for turn in talk} for half in (TRAINING, TESTING)]
    assert not turns[0] & turns[1]
    pools = [Pools.of(half) for half in HALVES]
    for names in zip(*((pool.first, pool.last, pool.city) for pool in pools), strict=True):
        assert all(len(some) > 50 for some in names)
        assert not set(names[0]) & set(names[1])


@pytest.mark.parametrize("half", HALVES)
def test_the_same_seed_gives_the_same_and_labels_fit(half: str) -> None:
    rows = list(conversations(half, 5, 2))
    assert rows == list(conversations(half, 5, 2))
    assert rows != list(conversations(half, 6, 2))
    for row in rows:
        text, spans = row["text"], row["spans"]
        assert "{a." not in text
        for start, end, kind in spans:
            assert text[start:end].strip() == text[start:end] != ""
            assert kind in row["scope"]
            assert kind != "EMAIL" or "@" in text[start:end]
        assert set(row["flags"]) <= set(CATEGORIES)


def test_another_process_makes_the_same(tmp_path: Path) -> None:
    made = set()
    for number in ("1", "2"):
        out = tmp_path / number
        command = (sys.executable, "-m", "training.conversations.make", "testing", str(out), "5", "1")
        where = Path(__file__).parents[2]
        subprocess.run(command, check=True, cwd=where, env={**os.environ, "PYTHONHASHSEED": number})
        made.add(hashlib.sha256(out.read_bytes()).hexdigest())
    assert len(made) == 1
