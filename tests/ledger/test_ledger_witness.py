"""A witness over real HTTP: what it cosigns, what it refuses, and that it never forgets."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from witnessed_log import NOON, SmallLog, get, lines_of, post, request, served, witness_in

from troth.errors import LedgerError, UsageError
from troth.ledger.signers import CosignatureSigner, new_log_key
from troth.ledger.witness.folder import new_witness, open_witness, trust
from troth.ledger.witness.state import origin_hash
from troth.proof.checkpoint import check_signed
from troth.proof.merkle import EMPTY_ROOT
from troth.proof.note import ED25519, make_vkey, read_note
from troth.proof.signatures import check_line

LOG = SmallLog()
FORK = SmallLog(story="lie")

# The public key of the log in FiloSottile/torchwood, cmd/litewitness/testdata/litewitness.txt (witnessctl
# add-sigsum-log -key=…), under the origin that the vectors give it.
SIGSUM_ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")

HURL = re.compile(
    r"^POST \S+(/add-checkpoint)\n```\n(.*?)```\nHTTP (\d+)\n\[Asserts\]\nbody (contains|==) \"(.*?)\"\n",
    re.S | re.M,
)


def test_every_public_vector_is_answered_as_c2sp_rules(shared: Path, tmp_path: Path) -> None:
    text = (shared / "data/vectors/torchwood/add-checkpoint.hurl.txt").read_text(encoding="utf-8")
    cases = HURL.findall(text)
    assert len(cases) == text.count("POST ") == 9
    new_witness(tmp_path / "w", "example.com/witness")
    trust(tmp_path / "w", [str(make_vkey(SIGSUM_ORIGIN, ED25519, SIGSUM_KEY))])
    with served(open_witness(tmp_path / "w", lambda: NOON)) as url:
        for path, body, told, how, wanted in cases:
            status, kind, answer = post(url, body.encode(), path)
            # The Go witness says 403 for an unknown log; C2SP tlog-witness says 404, and so do we.
            assert status == (404 if wanted == "unknown log" else int(told)), wanted
            said, words = answer.decode(), wanted.replace("\\n", "\n")
            assert said == words if how == "==" else words in said
            assert kind == ("text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "w"


def test_a_growing_log_is_cosigned_step_by_step(folder: Path) -> None:
    witness, (vkey,) = witness_in(folder, LOG)
    with served(witness) as url:
        for old, size in itertools.pairwise((0, 1, 2, 3, 8, 100)):
            status, _, body = post(url, LOG.request(old, size))
            assert status == 200
            (line,) = lines_of(LOG.note(size), body)
            assert check_line(vkey, read_note(LOG.note(size)).text, line) == NOON // 1_000_000


def test_the_same_checkpoint_is_cosigned_again(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        assert [post(url, LOG.request(old, 5))[0] for old in (0, 5, 5)] == [200, 200, 200]


def test_an_empty_log_is_cosigned(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        assert [post(url, LOG.request(0, size))[0] for size in (0, 0, 3)] == [200, 200, 200]


def test_ml_dsa_cosignatures_stand_beside_the_ed25519_ones(folder: Path) -> None:
    witness, vkeys = witness_in(folder, LOG, ml_dsa=True)
    with served(witness) as url:
        _, _, body = post(url, LOG.request(0, 4))
    signed = check_signed(LOG.note(4) + body, [LOG.signer.vkey, *vkeys])
    assert signed.cosigned == tuple((vkey, NOON // 1_000_000) for vkey in vkeys)
    assert [vkey.kind for vkey in vkeys] == [0x04, 0x06]


def test_a_fork_is_refused(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        assert post(url, LOG.request(0, 5))[0] == 200
        for size in (5, 6, 9):
            status, _, body = post(url, FORK.request(5, size))
            assert (status, b"consistency proof" in body) == (422, True)
        assert post(url, LOG.request(5, 6))[0] == 200


def test_a_rollback_is_refused_with_the_size_that_is_known(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        post(url, LOG.request(0, 5))
        for old, size in ((0, 3), (3, 4), (0, 5), (4, 9)):
            assert post(url, LOG.request(old, size)) == (409, "text/x.tlog.size", b"5\n")


def _flipped(note: bytes) -> bytes:
    """The note with another last signature, in canonical base64."""
    head, _, last = note.rpartition(b" ")
    return head + b" " + last.replace(last[20:21], b"A" if last[20:21] != b"A" else b"B", 1)


def test_every_refusal_has_the_status_that_c2sp_gives_it(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    stranger = SmallLog("example.org/stranger")
    good, note, proof = LOG.request(3, 5), LOG.note(5), LOG.proof(3, 5)
    unsigned_for_us = note.replace(b"\xe2\x80\x94 example.org/log ", b"\xe2\x80\x94 example.org/else ")
    wrong_empty = LOG.note(0).replace(b"\n0\n", b"\n0\n", 1)
    many = [bytes(32)] * 64
    cases = {
        400: [
            b"", b"\n", b"old", b"old \n\n" + note, b"old -3\n\n" + note, b"old 03\n\n" + note, b"old +3\n\n" + note,
            b"Old 3" + good[5:], b"old 3 " + good[5:], b"old  3" + good[5:], good.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + good, good[:40], good + b"\n", good.replace(b"=\n", b"\n", 1),
            b"old 3\nAAAA\n\n" + note, request(3, many, note), b"old 3\n\n", b"old 3\n\nabc\n\n\xe2\x80\x94 a b\n",
            b"old 3\n" + note, request(3, proof, note.replace(b"\n5\n", b"\n05\n")), b"\x00" * 1000, b"\xff\xfe" * 500,
            request(3, proof, note.replace(b"\n5\n", b"\n99999999999999999999\n")), LOG.request(0, 2).replace(b"old 0", b"old 3"),
            b"old 99999999999999999999\n\n" + note, "old ٣\n\n".encode() + note,
        ],
        403: [
            request(3, proof, _flipped(note)), good[:-1], good + b"x", good[:-9] + b"\n", request(3, proof, unsigned_for_us),
            request(3, proof, note.replace(b"\n5\n", b"\n6\n")), request(3, proof, note + _flipped(note).split(b"\n\n")[1]),
        ],
        404: [stranger.request(0, 5)],
        409: [LOG.request(0, 5), LOG.request(2, 5)],
        422: [
            request(3, (), note), request(3, [*proof, bytes(32)], note), request(3, proof[:-1], note),
            request(3, [bytes(32), *proof[1:]], note), request(3, proof[::-1], note), FORK.request(3, 5), FORK.request(3, 3),
            request(3, [bytes(32)], LOG.note(3)),
        ],
    }  # fmt: skip
    assert wrong_empty == LOG.note(0)
    with served(witness) as url:
        assert post(url, LOG.request(0, 3))[0] == 200
        for status, bodies in cases.items():
            for body in bodies:
                assert post(url, body)[0] == status, body[:200]
        assert post(url, good)[0] == 200


def test_an_empty_tree_with_a_root_and_a_proof_from_nothing_are_refused(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    from troth.ledger.signers import sign_checkpoint
    from troth.proof.checkpoint import Checkpoint

    rooted = sign_checkpoint(Checkpoint(LOG.origin, 0, bytes(32)), [LOG.signer], 0)
    with served(witness) as url:
        assert post(url, request(0, (), rooted))[0] == 422
        assert post(url, request(0, [bytes(32)], LOG.note(4)))[0] == 422
        assert post(url, request(0, [EMPTY_ROOT], LOG.note(0)))[0] == 422
        assert get(url, f"/{origin_hash(LOG.origin)}/checkpoint")[0] == 404
        assert post(url, LOG.request(0, 4))[0] == 200


def test_signatures_of_strangers_are_ignored(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    strange = SmallLog("example.org/stranger").note(5).split(b"\n\n")[1]
    with served(witness) as url:
        assert post(url, request(0, (), LOG.note(5) + strange))[0] == 200
        _, _, kept = get(url, f"/{origin_hash(LOG.origin)}/checkpoint")
    assert b"stranger" not in kept


def test_a_monitor_reads_the_newest_cosigned_checkpoint(folder: Path) -> None:
    witness, (vkey,) = witness_in(folder, LOG)
    path = f"/{origin_hash(LOG.origin)}/checkpoint"
    with served(witness) as url:
        assert get(url, path)[0] == 404
        post(url, LOG.request(0, 5))
        _, _, answered = post(url, LOG.request(5, 9))
        status, kind, note = get(url, path)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert note == LOG.note(9) + answered
    signed = check_signed(note, [LOG.signer.vkey, vkey])
    assert (signed.checkpoint.size, len(signed.cosigned)) == (9, 1)


def test_logs_are_remembered_one_by_one(folder: Path) -> None:
    other = SmallLog("example.org/other")
    witness, _ = witness_in(folder, LOG, other)
    with served(witness) as url:
        assert post(url, LOG.request(0, 5))[0] == 200
        assert post(url, other.request(0, 3))[0] == 200
        assert post(url, LOG.request(5, 6))[0] == 200


def test_a_witness_that_runs_takes_up_a_new_log_at_once(folder: Path) -> None:
    other = SmallLog("example.org/other")
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        assert post(url, other.request(0, 3))[0] == 404
        assert trust(folder, [str(other.signer.vkey)]) == (other.signer.vkey,)
        assert post(url, other.request(0, 3))[0] == 200


def test_a_restart_keeps_what_was_cosigned(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        post(url, LOG.request(0, 5))
    with served(open_witness(folder, lambda: NOON)) as url:
        assert post(url, LOG.request(0, 3))[0] == 409
        assert post(url, FORK.request(5, 6))[0] == 422
        assert post(url, LOG.request(5, 6))[0] == 200


def test_to_trust_a_log_again_forgets_nothing(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        post(url, LOG.request(0, 5))
        assert trust(folder, [str(LOG.signer.vkey)]) == ()
        logs = folder / "logs"
        logs.write_text("quorum none\n", encoding="utf-8")
        assert post(url, LOG.request(5, 6))[0] == 404
        trust(folder, [str(LOG.signer.vkey)])
        assert post(url, LOG.request(0, 3))[0] == 409


def test_racing_requests_never_roll_back(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    with served(witness) as url:
        for step in range(0, 40, 4):
            bodies = [LOG.request(step, step + ahead) for ahead in (1, 2, 3, 4)] * 2
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda body: post(url, body), bodies))
            won = [
                step + ahead
                for ahead, answer in zip((1, 2, 3, 4) * 2, answers, strict=True)
                if answer[0] == 200
            ]
            assert len(won) == 1
            assert {int(body) for status, _, body in answers if status == 409} == set(won)
            assert post(url, LOG.request(won[0], step + 4))[0] == 200


ANOTHER_PROCESS = """
    import sys
    from pathlib import Path
    from troth.ledger.witness.folder import open_witness
    witness = open_witness(Path(sys.argv[1]), lambda: 1764072000000000)
    for line in sys.stdin:
        print(int(witness.add_checkpoint(bytes.fromhex(line)).status), flush=True)
"""


def test_processes_that_share_a_folder_never_cosign_two_sizes_from_one(folder: Path) -> None:
    witness_in(folder, LOG)
    rounds = 25
    requests = [[LOG.request(2 * step, 2 * step + ahead) for step in range(rounds)] for ahead in (1, 2)]
    command = [sys.executable, "-c", textwrap.dedent(ANOTHER_PROCESS), str(folder)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as two,
    ):
        for step in range(rounds):
            answers = []
            for process, bodies in zip((one, two), requests, strict=True):
                assert process.stdin
                process.stdin.write(bodies[step].hex() + "\n")
                process.stdin.flush()
            for process in (one, two):
                assert process.stdout
                answers.append(int(process.stdout.readline()))
            assert sorted(answers) == [200, 409]
            if answers[0] == 200:
                witness = open_witness(folder, lambda: NOON)
                assert witness.add_checkpoint(LOG.request(2 * step + 1, 2 * step + 2)).status == 200


DIES_BEFORE_IT_ANSWERS = """
    import os, signal, sys
    from pathlib import Path
    from troth.ledger.witness.cosigner import Witness
    from troth.ledger.witness.folder import open_witness

    witness = open_witness(Path(sys.argv[1]), lambda: 1764072000000000)
    witness.add_checkpoint(sys.stdin.buffer.read())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_between_noting_and_answering_leaves_what_was_noted(folder: Path) -> None:
    witness, (vkey,) = witness_in(folder, LOG)
    command = [sys.executable, "-c", textwrap.dedent(DIES_BEFORE_IT_ANSWERS), str(folder)]
    done = subprocess.run(command, input=LOG.request(0, 5), check=False)
    assert done.returncode == -signal.SIGKILL
    with served(witness) as url:
        assert post(url, LOG.request(0, 5)) == (409, "text/x.tlog.size", b"5\n")
        assert post(url, LOG.request(0, 3))[0] == 409
        status, _, body = post(url, LOG.request(5, 5))
        assert status == 200
    check_line(vkey, read_note(LOG.note(5)).text, lines_of(LOG.note(5), body)[0])


DIES_WHILE_IT_WRITES = """
    import os, signal, sys
    from pathlib import Path
    from troth.ledger.witness.folder import open_witness

    steps = int(sys.argv[2])
    def counted(call):
        def stop(*args, **named):
            global steps
            steps -= 1
            if steps < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **named)
        return stop

    witness = open_witness(Path(sys.argv[1]), lambda: 1764072000000000)
    body = sys.stdin.buffer.read()
    for name in ("open", "fsync", "close", "replace", "fdopen"):
        setattr(os, name, counted(getattr(os, name)))
    witness.add_checkpoint(body)
"""


def test_a_kill_at_any_step_leaves_the_old_or_the_new_checkpoint(folder: Path) -> None:
    witness, _ = witness_in(folder, LOG)
    assert witness.add_checkpoint(LOG.request(0, 3)).status == 200
    sizes = []
    for steps in range(20):
        known = 3 if not sizes else sizes[-1]
        command = [sys.executable, "-c", textwrap.dedent(DIES_WHILE_IT_WRITES), str(folder), str(steps)]
        done = subprocess.run(command, input=LOG.request(known, known + 1), check=False)
        told = witness.add_checkpoint(LOG.request(0, 1))
        assert told.status == 409
        sizes.append(int(told.body))
        assert sizes[-1] in (known, known + 1)
        if done.returncode == 0:
            break
    assert done.returncode == 0
    assert len(sizes) > 5
    assert 3 in sizes


@pytest.mark.parametrize("damage", [b"", b"x", b"\xff\xfe", None])
def test_a_witness_whose_memory_is_damaged_cosigns_nothing(damage: bytes | None, folder: Path) -> None:
    log: list[str] = []
    witness, _ = witness_in(folder, LOG)
    file = folder / "state" / origin_hash(LOG.origin)
    with served(witness, log=log) as url:
        post(url, LOG.request(0, 5))
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage)
        status, _, body = post(url, LOG.request(5, 6))
        assert (status, body.count(b"\n")) == (500, 1)
        assert str(folder).encode() not in body
    assert "put the newest file back" in log[-1]


def test_the_memory_of_another_log_or_another_witness_is_refused(folder: Path, tmp_path: Path) -> None:
    other = SmallLog("example.org/other")
    witness, _ = witness_in(folder, LOG, other)
    foreign, _ = witness_in(tmp_path / "foreign", LOG)
    ours = folder / "state" / origin_hash(LOG.origin)
    for state, at_work in ((folder / "state" / origin_hash(other.origin), witness),
                           (tmp_path / "foreign/state" / ours.name, foreign)):  # fmt: skip
        at_work.add_checkpoint((other if at_work is witness else LOG).request(0, 2))
        ours.write_bytes(state.read_bytes())
        with pytest.raises(LedgerError, match="damaged"):
            witness.add_checkpoint(LOG.request(2, 4))


def test_a_disk_that_is_full_cosigns_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness, _ = witness_in(folder, LOG)
    witness.add_checkpoint(LOG.request(0, 5))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with served(witness) as url:
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            assert post(url, LOG.request(5, 6))[0] == 500
        assert post(url, LOG.request(5, 7))[0] == 200


def test_a_witness_is_not_made_twice_nor_over_something_else(folder: Path, tmp_path: Path) -> None:
    witness_in(folder)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(UsageError, match="not empty"):
        new_witness(folder, "example.org/w2")
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    with pytest.raises(LedgerError, match="cannot be made"):
        new_witness(folder / "logs" / "w", "example.org/w2")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "x" * 256])
def test_a_name_that_no_note_can_carry_is_refused_before_anything_is_made(name: str, folder: Path) -> None:
    with pytest.raises(UsageError):
        new_witness(folder, name)
    assert not folder.exists()


def test_only_keys_of_logs_are_trusted(folder: Path) -> None:
    witness_in(folder, LOG)
    before = (folder / "logs").read_bytes()
    long = SmallLog("x" * 256).signer.vkey
    renamed = make_vkey("example.org/renamed", ED25519, LOG.signer.vkey.public)
    for text in (
        "",
        "log",
        str(LOG.signer.vkey)[:-2],
        str(long),
        str(renamed),
        f"{LOG.signer.vkey}\nquorum none",
    ):
        with pytest.raises(UsageError):
            trust(folder, [text])
    assert (folder / "logs").read_bytes() == before


def test_a_folder_that_is_no_witness_is_named(folder: Path) -> None:
    for call in (lambda: open_witness(folder, lambda: NOON), lambda: trust(folder, [])):
        with pytest.raises(UsageError, match="troth witness new"):
            call()


def test_a_swapped_key_file_is_noticed(folder: Path) -> None:
    witness_in(folder, LOG)
    (folder / "witness.key").unlink()
    new_log_key(folder / "witness.key", ED25519)
    with pytest.raises(LedgerError, match=r"not that of witness\.vkey"):
        open_witness(folder, lambda: NOON)


def test_threads_that_trust_at_the_same_time_lose_no_log(folder: Path) -> None:
    witness, _ = witness_in(folder)
    logs = [SmallLog(f"example.org/{number}") for number in range(8)]
    threads = [threading.Thread(target=trust, args=(folder, [str(log.signer.vkey)])) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {vkey.name for vkey in witness.known_logs()} == {log.origin for log in logs}


def test_two_organisations_witness_each_other(tmp_path: Path) -> None:
    from troth.ledger.witness.ask import Cosigned, ask

    logs = [SmallLog("one.example.org/log"), SmallLog("two.example.net/log")]
    (first, first_keys), (second, second_keys) = (
        witness_in(tmp_path / name, log) for name, log in zip(("one", "two"), logs[::-1], strict=True)
    )
    with served(first) as first_url, served(second) as second_url:
        for log, url, keys in ((logs[0], second_url, second_keys), (logs[1], first_url, first_keys)):
            for old, size in itertools.pairwise((0, 4, 9)):
                note = log.note(size)
                answer = ask(url, keys, note, lambda o, log=log, size=size: log.proof(o, size), old_size=old)  # type: ignore[misc]
                assert isinstance(answer, Cosigned)
                whole = note + "".join(f"{line}\n" for line in answer.lines).encode()
                assert len(check_signed(whole, [log.signer.vkey, *keys]).cosigned) == 1
        assert post(first_url, logs[0].request(0, 1))[0] == 404


def test_the_time_of_a_cosignature_is_the_clock_s(folder: Path) -> None:
    witness_in(folder, LOG)
    times = iter((NOON, NOON + 5_000_000))
    witness = open_witness(folder, lambda: next(times))
    signer = witness.signers[0]
    assert isinstance(signer, CosignatureSigner)
    for size, wanted in ((3, 0), (4, 5)):
        body = witness.add_checkpoint(LOG.request(size - 1 if size == 4 else 0, size)).body
        (line,) = lines_of(LOG.note(size), body)
        assert check_line(signer.vkey, read_note(LOG.note(size)).text, line) == NOON // 1_000_000 + wanted
