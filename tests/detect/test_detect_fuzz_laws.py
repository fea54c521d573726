"""The laws that ``python -m fuzz`` looks to break, against texts that hypothesis chooses.

``FUZZ_EXAMPLES=5000`` tries as many for each law; without it there are few, for every run of the tests counts.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from fuzz.laws import LAWS
from fuzz.texts import PIECES, text_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
BYTES = st.lists(st.one_of(st.integers(0, len(PIECES) - 1), st.integers(0, 255)), max_size=40).map(bytes)


@pytest.mark.parametrize("law", LAWS)
def test_no_text_breaks_a_law(law: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BYTES)
    def holds(data: bytes) -> None:
        LAWS[law](data)

    holds()


def test_any_bytes_stand_for_a_text_and_every_piece_can_be_had() -> None:
    assert "".join(PIECES) == text_of(bytes(range(len(PIECES))))
    assert text_of(b"\xfe\xff\xff\xff\xfe") == chr(0xFFFFFF % 0x110000) + "\0"
