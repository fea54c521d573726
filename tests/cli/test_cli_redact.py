"""``troth redact``: texts and logs in, redacted lines out; twice is once, and what cannot be read is one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from running import Run, own_terms

LINES: list[dict[str, Any]] = [
    {"id": 1, "text": "I am John Smith, born 1980-02-03; mail john.smith@corp.com.", "author": "John Smith"},
    {"id": "b", "conversation": "talk", "text": "Call me on +49 30 1234567, says Mary Jones."},
    {
        "id": "c",
        "conversation": "talk",
        "text": '{"name": "Mary Jones", "phone": "+49 30 1234567", "n": 4929123412341234}',
    },
    {"id": "d", "text": None},
    {"id": "e", "text": ""},
]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def read(path: str) -> list[dict[str, Any]]:
    data = Path(path).read_bytes()
    text = gzip.decompress(data) if path.endswith(".gz") else data
    return [json.loads(line) for line in text.splitlines()]


def test_tags_in_the_place_of_what_was_found(run: Run) -> None:
    write(Path("in.jsonl"), LINES)
    run("redact", "in.jsonl", "--out", "out.jsonl")
    first, second, third, *rest = read("out.jsonl")
    assert first == {"id": 1, "text": "I am [PERSON_1], born [DATE_OF_BIRTH_1]; mail [EMAIL_1]."}
    assert second["text"] == "Call me on [PHONE_1], says [PERSON_1]."
    assert json.loads(third["text"])["name"] == "[PERSON_1]"
    assert rest == [{"id": "d", "text": None}, {"id": "e", "text": ""}]
    assert "John" not in Path("out.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("manner", ["tag", "surrogate", "pseudonym", "mask"])
def test_twice_is_once(run: Run, manner: str) -> None:
    write(Path("in.jsonl"), LINES)
    run("redact", "in.jsonl", "--out", "once.jsonl", "--as", manner, "--seed", "5")
    result = run("redact", "once.jsonl", "--out", "twice.jsonl", "--as", manner, "--seed", "5", "--json")
    assert Path("once.jsonl").read_bytes() == Path("twice.jsonl").read_bytes()
    assert json.loads(result.output)["replaced"] == {}
    for line in read("once.jsonl"):
        assert not any(word in (line["text"] or "") for word in ("Smith", "Jones", "corp.com", "1234567"))
    json.loads(read("once.jsonl")[2]["text"])


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(run: Run) -> None:
    write(Path("in.jsonl"), LINES)
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        run("redact", "in.jsonl", "--out", name, "--as", "surrogate", "--seed", seed)
    assert Path("a").read_bytes() == Path("b").read_bytes() != Path("c").read_bytes()


def test_without_a_seed_surrogates_are_drawn_anew(run: Run) -> None:
    write(Path("in.jsonl"), LINES)
    for name in "ab":
        run("redact", "in.jsonl", "--out", name, "--as", "surrogate")
    assert Path("a").read_bytes() != Path("b").read_bytes()


def test_what_stands_in_another_line_does_not_change_a_text(run: Run) -> None:
    write(Path("all.jsonl"), LINES)
    write(Path("one.jsonl"), LINES[1:3])
    for name in ("all", "one"):
        run("redact", f"{name}.jsonl", "--out", f"{name}.out", "--as", "surrogate", "--seed", "5")
    assert read("one.out") == read("all.out")[1:3]


def test_some_kinds_alone(run: Run) -> None:
    write(Path("in.jsonl"), LINES[:1])
    run("redact", "in.jsonl", "--out", "out.jsonl", "--kinds", "EMAIL")
    assert read("out.jsonl")[0]["text"] == "I am John Smith, born 1980-02-03; mail [EMAIL_1]."
    told = run("redact", "in.jsonl", "--out", "out.jsonl", "--kinds", "EMAILS", code=2).output
    assert "there is no kind 'EMAILS'" in told


def test_records_are_left_out_and_counted(run: Run) -> None:
    write(Path("in.jsonl"), LINES[:2])
    result = run("redact", "in.jsonl", "--out", "out.jsonl", "--kinds", "EMAIL", "--as", "drop")
    assert [line["id"] for line in read("out.jsonl")] == ["b"]
    assert "1 text left out" in result.output


def test_terms_say_what_else_is_found_and_how_it_is_replaced(run: Run) -> None:
    own_terms(Path("terms.toml"))
    write(Path("in.jsonl"), [{"id": 1, "text": "TKT-12345 from help@corp.com to ann@corp.com"}])
    run("redact", "in.jsonl", "--out", "out.jsonl", "--terms", "terms.toml", "--purpose", "train.general")
    assert read("out.jsonl")[0]["text"] == "**************** from help@corp.com to [EMAIL_1]"


def test_several_files_go_into_a_folder_and_logs_are_read(run: Run) -> None:
    Path("out").mkdir()
    with gzip.open("in.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(LINES[0]))
    run("redact", "in.jsonl.gz", "chats.jsonl", "--out", "out")
    assert read("out/in.jsonl.gz")[0]["id"] == 1
    texts = [line["text"] for line in read("out/chats.jsonl")]
    assert "Write to [EMAIL_1] about the pears." in texts


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("not json", "in.jsonl:2"),
        ('{"id": 1}', "in.jsonl:2"),
        ('{"id": 1, "text": 7}', "in.jsonl:2"),
        (
            '{"id": "x", "text": "a", "conversation": "talk"}\n{"id": 1, "text": ""}\n{"id": "y", "text": "b", "conversation": "talk"}',
            "comes a second time",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_and_nothing_is_written(run: Run, line: str, what: str) -> None:
    Path("in.jsonl").write_text(json.dumps(LINES[0]) + f"\n{line}\n", encoding="utf-8")
    result = run("redact", "in.jsonl", "--out", "out.jsonl", code=2)
    assert what in result.output
    assert not Path("out.jsonl").exists()
    assert not list(Path().glob(".out*"))


def test_places_that_cannot_be_are_refused(run: Run) -> None:
    write(Path("in.jsonl"), LINES)
    assert "one name" in run("redact", "in.jsonl", "--out", "in.jsonl", code=2).output
    assert "there is no folder" in run("redact", "in.jsonl", "chats.jsonl", "--out", "nowhere", code=2).output
    assert "there is no such file" in run("redact", "missing.jsonl", "--out", "out", code=2).output
