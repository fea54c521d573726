"""Help, examples, completion, and that nothing heavy is loaded before it is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import COMMANDS, examples
from plain_shops import open_plain_shop
from running import Run

from troth import __version__
from troth.cli.command import Command, spread
from troth.cli.main import troth

INSTALLED = str(Path(sys.executable).with_name("troth"))
"""The command beside the Python that runs the tests."""

OF_ITS_OWN = {"demo", "serve", "witness run"}
"""Commands that report no JSON, and whose examples are run by tests of their own."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_its_exit_codes(name: str) -> None:
    result = CliRunner().invoke(troth, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert f"Examples:\n  troth {name}" in result.output
    assert re.search(r"Exit codes:\n  0 ", result.output)
    assert "  2  " in result.output


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - OF_ITS_OWN))
def test_the_examples_of_the_help_run(name: str, run: Run) -> None:
    command = COMMANDS[name]
    assert isinstance(command, Command)
    if name == "verify":
        run("keys", "new", "signer")
        run(*examples(COMMANDS["build"])[0][1:], "--sign-key", "signer.key")
    if name in OF_WORKSPACES:
        _workspace(run, name)
    if name == "migrate":
        open_plain_shop(Path("shop"), "")
    if name == "witness trust":
        run("witness", "new", "w1", "--name", "example.org/w1")
    number = _key(run) if name.startswith("key ") else ""
    for words in examples(command):
        run(*(number if word == "a2b3c4d5e6" else word for word in words[1:]))


def _key(run: Run) -> str:
    """The number of a key of the workspace of the examples."""
    run("init", "shop", "--origin", "example.org/shop")
    return str(
        json.loads(run("key", "new", "--workspace", "shop", "--role", "product", "x", "--json").output)["id"]
    )


OF_WORKSPACES = {
    "backup", "restore", "build", "erase", "export", "history export", "ingest", "lineage add", "lineage of", "read", "receipt", "record", "release withdraw",
    "retain", "sequence", "show", "vault compact", "vault keeper", "vault stats", "verify", "verify-erasure",
}  # fmt: skip


def _workspace(run: Run, name: str) -> None:
    """The workspace of the examples, as far as the example of a command finds it."""
    run("init", "shop", "--origin", "example.org/shop")
    run("record", "--workspace", "shop", "history.jsonl")
    Path("model.safetensors").write_bytes(b"weights")
    if name in ("erase", "retain", "show", "vault compact", "vault stats", "verify-erasure"):
        run(*examples(COMMANDS["ingest"])[0][1:])
    if name == "restore":
        run(*examples(COMMANDS["backup"])[0][1:])
    if name.startswith("vault ") or name in (
        "backup",
        "restore",
        "build",
        "erase",
        "record",
        "retain",
        "ingest",
        "show",
        "verify-erasure",
    ):
        return
    signed = ("--sign-key", "signer.key") if name == "verify" else ()
    run(*examples(COMMANDS["build"])[1][1:], *signed)
    if name == "verify":
        run(*examples(COMMANDS["receipt"])[0][1:])


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - OF_ITS_OWN))
def test_every_command_reports_in_json(name: str) -> None:
    assert any("--json" in option.opts for option in COMMANDS[name].params)


def test_all_commands_are_listed_without_loading_any() -> None:
    script = (
        "import sys\n"
        "from troth.cli.main import troth\n"
        "try:\n    troth.main(['--help'], prog_name='troth')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'duckdb', 'pyarrow', 'numpy', 'cryptography', 'jinja2', 'msgspec'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_command_is_installed() -> None:
    done = subprocess.run([INSTALLED, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"troth {__version__}\n"


@pytest.mark.parametrize(
    ("words", "place", "wanted"),
    [
        ("troth ", 1, "decide"),
        ("troth terms ", 2, "impact"),
        ("troth terms show anth", 3, "anthropic-consumer"),
        ("troth decide --purpose tr", 3, "train.general"),
        ("troth decide --keep", 2, "--keep-going"),
    ],
)
def test_shells_can_complete(words: str, place: int, wanted: str) -> None:
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(place), "_TROTH_COMPLETE": "bash_complete"}
    result = CliRunner().invoke(troth, [], prog_name="troth", env=environment)
    assert f"plain,{wanted}" in result.output.splitlines()


def test_a_misspelt_command_is_named_with_the_nearest() -> None:
    result = CliRunner().invoke(troth, ["decid"], prog_name="troth")
    assert (result.exit_code, result.stderr) == (
        2,
        "troth: no command 'decid': did you mean 'decide'? — see `troth --help`\n",
    )


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ("--records a b --json", "--records a --records b --json"),
        ("--records=a b c", "--records=a --records b --records c"),
        ("--records a --records b c", "--records a --records b --records c"),
        ("OLD NEW --records a -- b", "OLD NEW --records a -- b"),
        ("--records a - --json x", "--records a --records - --json x"),
        ("--json --records", "--json --records"),
    ],
)
def test_an_option_takes_several_values(args: str, wanted: str) -> None:
    assert spread(args.split(), {"--records"}) == wanted.split()
