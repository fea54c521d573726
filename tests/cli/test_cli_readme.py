"""The README, typed by a newcomer: every command of it runs, in its order, on the examples that it names."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from troth.cli.main import troth
from troth.web.settings import read_service_settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def typed() -> list[str]:
    """The lines that are to be typed under "The main job", one command each."""
    told = README.partition("## The main job")[2].partition("\n## ")[0].replace("\\\n", " ")
    return [line.strip() for line in told.splitlines() if line.startswith("    ")]


def test_every_command_runs_in_its_order(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(here / "tmp"))  # what others left there is not looked at
    assert "`docs/commands/examples`" in README
    ran = []
    for line in typed():
        if line.startswith("printf "):
            text = re.fullmatch(r"printf '(.*)' > (\S+)", line)
            assert text is not None
            Path(text[2]).write_text(text[1].replace("\\n", "\n"), encoding="utf-8")
            continue
        program, *words = shlex.split(line, comments=True)
        assert program == "troth", line
        if words[0] == "serve":
            assert read_service_settings(Path(words[words.index("--workspace") + 1])).origin.endswith(
                words[-1]
            )
            continue
        result = CliRunner().invoke(troth, words, prog_name="troth", catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"
        ran.append(" ".join(words[:2]))
    assert len(ran) > 14


def test_its_pictures_links_and_targets_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", README):
        assert (ROOT / target).exists(), target
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\w+)|`make (\w+)", README, flags=re.MULTILINE):
        assert f"\n{''.join(target)}:" in makefile, target
    for setting in re.findall(r"`(?:make demo )?([A-Z]+)=", README):
        assert f"\n{setting} ?=" in makefile, setting
