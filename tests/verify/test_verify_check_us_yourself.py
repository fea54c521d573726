"""The page "Check us yourself": its commands run, print what it says, and fail on a ledger that is not right."""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from example_ledger import write_example
from small_ledger import LOG, SmallLedger, entries

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "check-us-yourself.md").read_text(encoding="utf-8")
COMMANDS = [block.partition("\n") for block in re.findall(r"```console\n\$ (.*?)```", PAGE, re.DOTALL)]
NEEDS = ("sh", "openssl", "sha256sum", "xxd", "base64", "mktemp")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The folder in which the page's commands run."""
    shutil.copytree(DOCS / "commands" / "examples", tmp_path / "commands" / "examples")
    shutil.copytree(DOCS / "check", tmp_path / "check")
    return tmp_path


def ran(docs: Path, command: str) -> subprocess.CompletedProcess[str]:
    missing = [tool for tool in NEEDS if command.startswith("sh ") and shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing: install them to run this example")
    beside = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        ["sh", "-c", command], cwd=docs, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("command", "_", "wanted"), COMMANDS, ids=[command[:40] for command, _, _ in COMMANDS]
)
def test_the_commands_of_the_page_print_what_it_says(docs: Path, command: str, _: str, wanted: str) -> None:
    done = ran(docs, command)
    assert done.returncode == 0, done.stderr
    assert doctest.OutputChecker().check_output(wanted, done.stdout, doctest.ELLIPSIS), done.stdout


BY_HAND = "python check/audit_by_hand.py commands/examples/shop-ledger commands/examples/shop-log.vkey"
BY_OPENSSL = "sh check/with_openssl.sh commands/examples/shop-ledger commands/examples/shop-log.vkey 000.p/6"
LEDGER = "commands/examples/shop-ledger"


@pytest.mark.parametrize("path", ["checkpoint", "checkpoints/002", "tile/0/000.p/6", "tile/entries/000.p/6"])
def test_the_page_of_python_refuses_what_was_changed(docs: Path, path: str) -> None:
    file = docs / LEDGER / path
    data = file.read_bytes()
    file.write_bytes(
        data[:60].replace(b"6", b"7").replace(b"shop", b"shot") + bytes([data[60] ^ 1]) + data[61:]
    )
    assert ran(docs, BY_HAND).returncode != 0


def test_openssl_refuses_a_changed_checkpoint(docs: Path) -> None:
    file = docs / LEDGER / "checkpoint"
    file.write_bytes(file.read_bytes().replace(b"\n6\n", b"\n7\n"))
    assert ran(docs, BY_OPENSSL).returncode != 0


def test_the_page_of_python_reads_a_larger_ledger(docs: Path) -> None:
    shutil.rmtree(docs / LEDGER)
    SmallLedger(docs / LEDGER, entries(1500), published=(0, 1, 255, 256, 257, 1024, 1499)).write()
    done = ran(docs, BY_HAND)
    assert done.stdout.startswith("shop.example/ledger: 1500 entries"), done.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("pymerkle") is None, reason="pymerkle is not here: pip install pymerkle"
)
def test_pymerkle_computes_the_same_root(docs: Path) -> None:
    done = ran(docs, f"python check/roots_with_pymerkle.py {LEDGER}")
    assert done.stdout.startswith("6 entries, root ubRcQ"), done.stderr


def test_the_example_ledger_is_what_the_small_writer_writes(tmp_path: Path) -> None:
    write_example(tmp_path)
    written = {
        path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    examples = DOCS / "commands" / "examples"
    assert {path: (examples / path).read_bytes() for path in written} == written
    assert written[Path("shop-log.vkey")] == f"{LOG.vkey}\n".encode()
