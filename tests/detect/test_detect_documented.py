"""What the pages on sensitive data say is so: their examples run, and the attacks they name are tried."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("detection*.md"))
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_in_python_say_what_they_say(page: Path) -> None:
    for number, block in enumerate(EXAMPLE.findall(page.read_text(encoding="utf-8"))):
        example = doctest.DocTestParser().get_doctest(block, {}, f"{page.name} {number}", str(page), 0)
        told: list[str] = []
        doctest.DocTestRunner(verbose=False).run(example, out=told.append)
        assert not told, "".join(told)


def test_each_part_is_reached_from_the_page_for_newcomers_and_leads_back() -> None:
    first = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if page.name != "detection.md":
            assert f"]({page.name})" in first, page.name
            assert "](detection.md)" in text, page.name
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_attack_on_the_filter_has_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = text.partition("## Attacks on the filter")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    files = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
    for row in rows:
        named = re.findall(r"`(test_\w+)::(test_\w+)`", row)
        assert named, f"no test stands beside: {row}"
        for file, name in named:
            assert f"def {name}(" in files[file].read_text(encoding="utf-8"), f"{file}::{name}"
