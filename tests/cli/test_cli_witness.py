"""The witness at the command line: made, told of a ledger, run, asked, and ended."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from running import Run

from troth.ledger.signers import Ed25519Signer, sign_checkpoint
from troth.ledger.witness.ask import Cosigned, NotCosigned, ask
from troth.proof.checkpoint import Checkpoint
from troth.proof.merkle import leaf_hash
from troth.proof.note import read_vkey

TROTH = str(Path(sys.executable).with_name("troth"))
LOG = Ed25519Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOTE = sign_checkpoint(Checkpoint("example.org/log", 1, leaf_hash(b"first")), [LOG], 0)
LISTENS = re.compile(r"witness example\.org/w1 listens on (http://\S+)\n")


def no_proof(old: int) -> Sequence[bytes]:
    raise AssertionError(f"no proof from {old} is needed")


@contextmanager
def running(
    *options: str, code: int = 0, told: signal.Signals = signal.SIGTERM
) -> Iterator[tuple[str, list[str]]]:
    """The installed command, running the witness w1: its URL, and its log once it has ended."""
    log: list[str] = []
    with subprocess.Popen(
        [TROTH, "witness", "run", "w1", "--listen", "127.0.0.1:0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        found = LISTENS.fullmatch(process.stdout.readline())
        assert found
        try:
            yield found[1], log
        finally:
            process.send_signal(told)
            _, errors = process.communicate(timeout=10)
            log.extend(errors.splitlines())
        assert process.returncode == code


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_witness_is_made_told_run_and_ended(told: signal.Signals, run: Run) -> None:
    made = run("witness", "new", "w1", "--name", "example.org/w1", "--ml-dsa", "--json")
    vkeys = [read_vkey(text) for text in json.loads(made.stdout)["vkeys"]]
    assert [vkey.kind for vkey in vkeys] == [0x04, 0x06]
    trusted = run("witness", "trust", "w1", LOG.vkey)
    assert trusted.stdout == "added  example.org/log\nthe witness cosigns for 1 log\n"
    with running(told=told) as (url, log):
        answer = ask(url, vkeys, NOTE, no_proof)
    assert isinstance(answer, Cosigned)
    assert len(answer.lines) == 2
    assert len(log) == 1
    assert log[0].endswith('127.0.0.1 "POST /add-checkpoint HTTP/1.1" 200 example.org/log: cosigned 1')


def test_a_witness_can_be_told_while_it_runs(run: Run) -> None:
    run("witness", "new", "w1", "--name", "example.org/w1")
    vkeys = [read_vkey(Path("w1/witness.vkey").read_text(encoding="utf-8").strip())]
    with running() as (url, _):
        assert ask(url, vkeys, NOTE, no_proof) == NotCosigned("it answered 404: unknown log")
        run("witness", "trust", "w1", LOG.vkey)
        assert isinstance(ask(url, vkeys, NOTE, no_proof), Cosigned)


def test_what_is_trusted_is_told_in_json(run: Run) -> None:
    run("witness", "new", "w1", "--name", "example.org/w1")
    for added in (["example.org/log"], []):
        told = json.loads(run("witness", "trust", "w1", LOG.vkey, "--json").stdout)
        assert told == {"added": added, "logs": ["example.org/log"]}


def test_what_cannot_be_is_one_line_with_what_to_do(run: Run, here: Path) -> None:
    run("witness", "new", "w1", "--name", "example.org/w1")
    for words, wanted in (
        (("new", "w1", "--name", "example.org/w1"), "the folder is not empty"),
        (("new", "w2", "--name", "a b"), "give one such as example.org/w1"),
        (("new", "chats.jsonl", "--name", "a"), "the witness cannot be made"),
        (("trust", "w1", "what"), "a verifier key is NAME+ID+KEY"),
        (("trust", "w9", str(LOG.vkey)), "troth witness new"),
        (("run", "w9"), "troth witness new"),
        (("run", "w1", "--listen", "here"), "HOST:PORT"),
        (("run", "w1", "--listen", "127.0.0.1:99999"), "cannot listen"),
    ):
        result = run("witness", *words, code=2)
        assert wanted in result.stderr, result.stderr
        assert result.stderr.count("\n") == 1


def test_a_damaged_list_of_logs_is_told_at_the_start(run: Run, here: Path) -> None:
    run("witness", "new", "w1", "--name", "example.org/w1")
    (here / "w1/logs").write_text("log what\nquorum none\n", encoding="utf-8")
    result = run("witness", "run", "w1", code=2)
    assert result.stderr.startswith("troth: w1/logs: ")
