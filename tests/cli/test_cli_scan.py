"""``troth scan``: texts and logs in, spans out; damage is named and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from running import Run, own_terms

from troth.detect.kinds import COARSE

ROWS = [
    {"id": "a", "text": "Write to ann.lee@example.org, please.", "other": [1]},
    {"id": 2, "text": None},
    {"id": "c", "text": ""},
    {"id": "d", "text": "\U0001f600 at 4111 1111 1111 1111", "conversation": "x"},
    {"id": "e", "text": "log in as /home/praman/x", "conversation": "x"},
]


def write(path: str, rows: list[Any]) -> str:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    data = text.encode()
    Path(path).write_bytes(gzip.compress(data) if path.endswith(".gz") else data)
    return path


def spans(path: str) -> dict[Any, list[tuple[str, str]]]:
    """What is written, by id."""
    data = Path(path).read_bytes()
    lines = (gzip.decompress(data) if path.endswith(".gz") else data).decode().splitlines()
    return {row["id"]: row["spans"] for row in map(json.loads, lines)}


def test_a_line_for_each_text_in_their_order(run: Run) -> None:
    run("scan", write("in.jsonl", ROWS), "--out", "out.jsonl")
    assert list(spans("out.jsonl")) == ["a", 2, "c", "d", "e"]
    assert spans("out.jsonl")["a"] == [[9, 28, "EMAIL", 0.99]]
    assert spans("out.jsonl")[2] == spans("out.jsonl")["c"] == []
    [(start, end, kind, confidence)] = spans("out.jsonl")["d"]
    assert (start, end, kind) == (5, 24, "CREDIT_CARD")
    assert 0 < confidence <= 1


def test_compressed_in_and_out_is_the_same(run: Run) -> None:
    run("scan", write("in.jsonl", ROWS), "--out", "plain.jsonl")
    run("scan", write("in.jsonl.gz", ROWS), "--out", "packed.jsonl.gz")
    assert spans("plain.jsonl") == spans("packed.jsonl.gz")
    first = Path("packed.jsonl.gz").read_bytes()
    run("scan", "in.jsonl.gz", "--out", "packed.jsonl.gz")
    assert Path("packed.jsonl.gz").read_bytes() == first


def test_any_log_is_read(run: Run) -> None:
    run("scan", "chats.jsonl", "--out", "out.jsonl")
    found = spans("out.jsonl")
    assert len(found) == 10
    assert any(kind == "EMAIL" for row in found.values() for _, _, kind, _ in row)


def test_coarse_names_only_the_types_of_the_corpora(run: Run) -> None:
    run("scan", write("in.jsonl", ROWS), "--coarse", "--out", "out.jsonl")
    kinds = {kind for row in spans("out.jsonl").values() for _, _, kind, _ in row}
    assert kinds <= COARSE
    assert "PATH" not in kinds


@pytest.mark.parametrize(
    ("bad", "line", "what"),
    [
        ("{broken\n", 2, "is not valid JSON"),
        ('{"id": "x"}\n', 2, 'has no "text" that is a string or null'),
        ('{"text": "no id"}\n', 2, 'has no "id" that is a string or a whole number'),
        ('{"id": true, "text": "x"}\n', 2, 'has no "id" that is a string or a whole number'),
        ('{"id": 1, "text": 7}\n', 2, 'has no "text" that is a string or null'),
        ('{"id": 1, "text": "x", "conversation": {}}\n', 2, 'a "conversation" that is no string'),
        ("[]\n", 2, "is not as the rest"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_written(run: Run, bad: str, line: int, what: str) -> None:
    write("in.jsonl", [ROWS[0], bad, ROWS[3]])
    Path("out.jsonl").write_text("as it was")
    result = run("scan", "in.jsonl", "--out", "out.jsonl", code=2)
    assert f"in.jsonl:{line}: " in result.stderr
    assert what in result.stderr
    assert "mend or remove it" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert Path("out.jsonl").read_text() == "as it was"
    assert not list(Path().glob(".out*"))


def test_keep_going_leaves_damage_out_and_counts_it(run: Run) -> None:
    write("in.jsonl", [ROWS[0], "{broken\n", b"\xff\xfe\n".decode("latin-1"), ROWS[3]])
    result = run("scan", "in.jsonl", "--out", "out.jsonl", "--keep-going", "--json")
    assert list(spans("out.jsonl")) == ["a", "d"]
    assert json.loads(result.stdout)["damaged"] == 2
    assert "in.jsonl:2: left out" in result.stderr


def test_a_truncated_gzip_file_is_damage(run: Run) -> None:
    whole = Path(write("in.jsonl.gz", ROWS * 500)).read_bytes()
    Path("in.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    result = run("scan", "in.jsonl.gz", "--out", "out.jsonl", code=2)
    assert "truncated" in result.stderr
    assert not Path("out.jsonl").exists()


def test_the_input_is_never_written_over(run: Run) -> None:
    write("in.jsonl", ROWS)
    before = Path("in.jsonl").read_bytes()
    result = run("scan", "in.jsonl", "--out", "./in.jsonl", code=2)
    assert "one of the files to scan" in result.stderr
    assert Path("in.jsonl").read_bytes() == before


def test_lone_surrogates_and_nul_keep_their_offsets(run: Run) -> None:
    row = '{"id": "s", "text": "\\ud800 \\u0000 ann.lee@example.org"}\n'
    run("scan", write("in.jsonl", [row]), "--out", "out.jsonl")
    assert spans("out.jsonl")["s"][0][:3] == [4, 23, "EMAIL"]


def test_turns_of_one_conversation_are_looked_at_together(run: Run) -> None:
    turns = [
        {"id": 1, "text": "I am Priya Raman.", "conversation": "x"},
        {"id": 2, "text": "so priya it is", "conversation": "x"},
        {"id": 3, "text": "so priya it is", "conversation": "y"},
    ]
    run("scan", write("in.jsonl", turns), "--out", "out.jsonl")
    found = spans("out.jsonl")
    assert [3, 8, "PERSON"] in [row[:3] for row in found[2]]
    assert found[2] != found[3] or found[3]


def test_the_number_of_processes_does_not_matter(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.operations.scan_input.AT_ONCE", 200)
    write("in.jsonl", [{**row, "id": f"{row['id']}-{number}"} for number in range(8) for row in ROWS])
    run("scan", "in.jsonl", "--out", "one.jsonl", "--jobs", "1")
    run("scan", "in.jsonl", "--out", "two.jsonl", "--jobs", "2")
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()


def test_the_report_shows_no_value(run: Run) -> None:
    write("in.jsonl", [*ROWS, {"id": "f", "text": "<b>Priya Raman</b> has diabetes, I am her mother"}])
    run("scan", "in.jsonl", "--report", "report.html", "--json")
    run("scan", "in.jsonl", "--report", "report.txt")
    for name in ("report.html", "report.txt"):
        told = Path(name).read_text(encoding="utf-8")
        assert "EMAIL" in told
        assert "xxx.xxx@xxxxxxx.xxx" in told
        assert not any(value in told for value in ("ann.lee", "4111", "praman", "Priya"))
    page = Path("report.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_report_has_a_known_form(run: Run) -> None:
    result = run("scan", write("in.jsonl", ROWS), "--report", "report.pdf", code=2)
    assert ".html nor .txt" in result.stderr


def test_it_ends_with_1_only_if_asked_to(run: Run) -> None:
    write("in.jsonl", ROWS)
    write("clean.jsonl", [{"id": 1, "text": "The sky is blue."}])
    run("scan", "in.jsonl", code=0)
    run("scan", "in.jsonl", "--fail-if-found", code=1)
    run("scan", "clean.jsonl", "--fail-if-found", code=0)


def test_a_second_look_tells_an_interval(run: Run) -> None:
    write("in.jsonl", [{"id": n, "text": "[PERSON_1] said the sky is blue."} for n in range(300)])
    risk = json.loads(run("scan", "in.jsonl", "--second-look", "100", "--seed", "7", "--json").stdout)[
        "second_look"
    ]
    assert (risk["texts"], risk["looked_at"], risk["holding"], risk["low"]) == (300, 100, 0, 0.0)
    assert 0.03 < risk["high"] < 0.04
    assert "Wilson" in run("scan", "in.jsonl", "--second-look", "10").stdout


def test_a_file_of_no_known_form_is_refused(run: Run) -> None:
    Path("in.txt").write_text("hello")
    assert "known are" in run("scan", "in.txt", code=2).stderr
    assert "no such file" in run("scan", "nothing.jsonl", code=2).stderr


@pytest.mark.parametrize("command", ["scan", "redact"])
def test_an_empty_file_has_no_texts(run: Run, command: str) -> None:
    Path("empty.jsonl").write_bytes(b"")
    Path("empty.jsonl.gz").write_bytes(gzip.compress(b"\n"))
    for name in ("empty.jsonl", "empty.jsonl.gz"):
        run(command, name, "--out", "out.jsonl")
        assert Path("out.jsonl").read_bytes() == b""


def test_a_folder_with_nothing_to_look_at_is_refused(run: Run) -> None:
    """A gate that looked at nothing must not open."""
    Path("folder").mkdir()
    for _ in range(2):
        result = run("scan", "folder", "--fail-if-found", code=2)
        assert "the folder holds no texts and no log" in result.stderr
        Path("folder", "notes.bin").write_bytes(b"\x00\x01")
    write("folder/texts.jsonl", ROWS)
    result = run("scan", "folder", "--fail-if-found", code=1)
    assert "notes.bin: not read" in result.stderr


@pytest.mark.parametrize("command", ["scan", "redact"])
def test_what_is_no_file_of_texts_is_told_what_one_is(run: Run, command: str) -> None:
    Path("notes.txt").write_text("hello")
    result = run(command, "notes.txt", "--out", "out.jsonl", code=2)
    assert 'a file of texts has lines of {"id": …, "text": …}' in result.stderr


@pytest.mark.parametrize("command", ["scan", "redact"])
def test_nothing_but_a_file_is_replaced_by_what_is_written(run: Run, command: str) -> None:
    """As root, a file that takes its place by its name would take that of a device."""
    write("in.jsonl", ROWS)
    os.mkfifo("pipe")
    Path("kept.jsonl").write_text("as it was")
    Path("link").symlink_to("kept.jsonl")
    for place in ("pipe", "link", os.devnull):
        result = run(command, "in.jsonl", "--out", place, code=2)
        assert "no file takes its place" in result.stderr
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    assert Path("link").is_symlink()
    assert Path("kept.jsonl").read_text() == "as it was"


@pytest.mark.parametrize("command", ["scan", "redact"])
def test_a_pipe_is_not_read(run: Run, command: str) -> None:
    os.mkfifo("pipe")
    assert "save its content to a file" in run(command, "pipe", "--out", "out.jsonl", code=2).stderr


def test_terms_say_what_else_counts(run: Run) -> None:
    own_terms(Path("terms.toml"))
    write("in.jsonl", [{"id": 1, "text": "TKT-12345 from help@corp.com to ann@corp.com"}])
    found = []
    for options in ((), ("--terms", "terms.toml")):
        run("scan", "in.jsonl", "--out", "out.jsonl", *options)
        found.append([(row[0], row[2]) for row in spans("out.jsonl")[1]])
    assert found == [[(15, "EMAIL"), (32, "EMAIL")], [(0, "TICKET"), (32, "EMAIL")]]
