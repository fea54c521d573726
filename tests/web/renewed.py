"""Terms that differ in substance from the ones before: whoever said yes is asked again."""

from __future__ import annotations

import re
from pathlib import Path

VERSION, EFFECTIVE = "2025-11-10", "2025-12-10"


def renewed_terms(folder: Path) -> None:
    """Add a version to a folder of the shipped terms, which keeps things for another time."""
    text = (folder / "2025-09-27.toml").read_text(encoding="utf-8")
    for old, new in (
        (r'^version = "2025-09-27"$', f'version = "{VERSION}"'),
        (r'period = "P5Y"\nfrom = "said"\nwhen', 'period = "P3Y"\nfrom = "said"\nwhen'),
        (r"^published = .*$", f"published = {VERSION}"),
        (r"^effective = .*$", f"effective = {EFFECTIVE}"),
        (r"^replaces_deadline_of = .*\n", ""),
        (r"^last_day = .*$", f"last_day = {EFFECTIVE}"),
    ):
        text, times = re.subn(old, new, text, flags=re.MULTILINE)
        assert times, f"the shipped terms have no {old}"
    (folder / f"{VERSION}.toml").write_text(text, encoding="utf-8")
