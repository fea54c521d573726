"""The end of the demonstration: it starts the example product where somebody sits at a terminal, and hangs nowhere else."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

import troth as package
from short_session import write_session
from troth.cli.main import troth

INSTALLED = str(Path(sys.executable).with_name("troth"))
SERVED = re.compile(rb"the product  (http://\S+)  [^\n]*Ctrl-C ends it[^\n]*\n")


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A short session, so that the main job is done quickly."""
    return str(write_session(tmp_path))


def last_line(text: str) -> str:
    return text.rstrip("\n").rpartition("\n")[2]


class Terminal:
    """A command at a terminal of its own, and what it wrote there."""

    def __init__(self, *words: str) -> None:
        self.written = b""
        self.door, its = os.openpty()
        self.process = subprocess.Popen(words, stdin=its, stdout=its, stderr=its, start_new_session=True)
        os.close(its)

    def reads(self, wanted: re.Pattern[bytes], seconds: float = 60) -> re.Match[bytes]:
        end = time.monotonic() + seconds
        while (found := wanted.search(self.written)) is None:
            assert time.monotonic() < end, self.written.decode()
            if select.select([self.door], [], [], 0.2)[0]:
                self.written += os.read(self.door, 65_536)
        return found

    def interrupted(self) -> int:
        """Press Ctrl-C: the terminal sends the signal to every process of the command."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            while data := os.read(self.door, 65_536):
                self.written += data
        except OSError:  # what Linux says of a terminal that nobody holds any more
            pass
        os.close(self.door)
        return self.process.wait()


def test_at_a_terminal_it_ends_with_the_address_of_the_example_which_runs_until_ctrl_c(
    tmp_path: Path, log: str
) -> None:
    terminal = Terminal(INSTALLED, "demo", "--data", log, "--runs", str(tmp_path / "runs"))
    try:
        address = terminal.reads(SERVED)[1].decode()
        assert last_line(terminal.written.decode()).startswith(f"the product  {address}")
        assert "<troth-ask" in httpx.get(address).text
    finally:
        code = terminal.interrupted()
    assert code == 0
    assert b"ended; everything was removed" in terminal.written
    assert b"Traceback" not in terminal.written


def test_without_a_terminal_nothing_starts_and_the_last_line_says_how(tmp_path: Path, log: str) -> None:
    result = CliRunner().invoke(troth, ["demo", "--data", log, "--runs", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    told = last_line(result.output)
    assert told.startswith("Try it ")
    words = shlex.split(told.removeprefix("Try it").partition("  (")[0])
    assert Path(words[-1]).is_file()
    assert Path(words[-1]).name == "run.py"


def test_an_installed_package_has_no_example_and_says_so_before_it_does_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        package, "__file__", str(tmp_path / "lib" / "site-packages" / "troth" / "__init__.py")
    )
    result = CliRunner().invoke(troth, ["demo", "--serve", "--runs", str(tmp_path / "runs")])
    assert result.exit_code == 2
    assert "not part of an installed troth" in result.output
    assert not (tmp_path / "runs").exists()
    from troth.operations.demo.example import how_to_start

    assert "in a checkout of the source" in how_to_start()
