"""The table of kinds in the documentation is the table of the code."""

from __future__ import annotations

import re
from pathlib import Path

from troth.detect.kinds import KINDS

DOCS = Path(__file__).parents[2] / "docs" / "detection.md"
ROW = re.compile(r"^\| ([A-Z_]+) \| ([A-Z_]+) \| (.+) \|$", re.MULTILINE)


def test_the_table_of_kinds_is_documented() -> None:
    written = [row for row in ROW.findall(DOCS.read_text(encoding="utf-8")) if row[0] in KINDS]
    assert written == [(kind.name, kind.coarse, kind.says) for kind in KINDS.values()]
