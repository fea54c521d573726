"""Random sequences of all that people and operators do, against a model in memory: readable is exactly what may be.

Ten thousand take two hours: ``python tests/workspace/erasure_sequences.py 0 10000``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from erasure_model import Model
from erasure_sequences import sequences
from erasure_steps import step_in, steps_of

BATCHES, EACH = 4, 6


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_readable_is_exactly_what_may_be(tmp_path: Path, batch: int) -> None:
    with sequences(tmp_path) as every:
        for seed in range(batch * EACH, (batch + 1) * EACH):
            every.run_seed(seed)


def test_steps_are_done_again_from_their_words() -> None:
    for seed in range(100):
        steps = steps_of(seed)
        assert [step_in(str(step)) for step in steps] == steps == steps_of(seed)


def test_a_sequence_that_fails_is_told_by_the_steps_that_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that knows of no holds is wrong about the first erasure that a hold stops."""
    monkeypatch.setattr(Model, "held", lambda *_: False)
    needed = ["90 hours ago: ingest one 0", "60 hours ago: hold ada", "1 hours ago: erase one"]
    others = ["80 hours ago: choose ben", "30 hours ago: show one"]
    steps = [step_in(line) for line in (needed[0], others[0], needed[1], others[1], needed[2])]
    monkeypatch.setattr("erasure_sequences.steps_of", lambda _: steps)
    with sequences(tmp_path) as every, pytest.raises(AssertionError) as told:
        every.run_seed(0)
    assert str(told.value).splitlines()[1:] == needed
