"""An ingest takes as much memory for a large log as for a small one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import in_memory, run_script

MAY_GROW = 3_000
"""KiB: some 55 bytes for each record that the larger log has more."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the most memory of a process so"
)
def test_memory_does_not_grow_with_the_log(folder: Path) -> None:
    used = []
    for name, talks in (("small", 3_000), ("large", 30_000)):
        (folder / name).mkdir()
        done = run_script(Path(__file__).with_name("ingest_memory.py"), str(folder / name), str(talks))
        assert done.returncode == 0, done.stderr
        used.append(int(done.stdout))
    assert used[1] < used[0] + MAY_GROW, used
