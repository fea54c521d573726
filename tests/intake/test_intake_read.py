"""The door: which files are read, what is skipped and why, and what damage does."""

from __future__ import annotations

import gzip
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from intake_logs import OPENAI, PAIR, SHAREGPT, as_array, as_lines, records, write

from troth.errors import LogError
from troth.intake import paths, read
from troth.intake.read import read_logs

GOOD = as_lines(OPENAI)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people have them: logs, a readme, an empty file, a folder named like a log."""
    (tmp_path / "logs" / "old.jsonl").mkdir(parents=True)
    write(tmp_path / "logs", "a.txt", GOOD)
    write(tmp_path / "logs", "b.json.gz", gzip.compress(as_array(SHAREGPT)))
    write(tmp_path / "logs", "empty.jsonl", b"")
    write(tmp_path / "logs", "README.md", b"# Logs\n")
    write(tmp_path / "logs", "settings.json", b'{"theme": "dark"}')
    write(tmp_path / "logs" / "old.jsonl", "z", as_lines([PAIR]))
    return tmp_path / "logs"


def test_a_folder_is_read_to_its_last_file_and_what_is_no_log_is_listed(folder: Path) -> None:
    rows, report = records(folder)
    assert [(Path(file.path).name, file.format, file.conversations) for file in report.files] == [
        ("a.txt", "openai-chat", 2),
        ("b.json.gz", "sharegpt", 1),
        ("z", "hh-rlhf", 2),
    ]
    assert [(Path(each.path).name, each.why) for each in report.skipped] == [
        ("README.md", "is of no known shape"),
        ("empty.jsonl", "is empty"),
        ("settings.json", "is JSON Lines of no known format"),
    ]
    assert (report.records, report.conversations, report.damage_count) == (len(rows), 5, 0)


def test_a_folder_without_a_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"holds no log of a known format .* known are: .*OpenAI"):
        records(tmp_path)
    write(tmp_path, "README.md", b"# Logs\n")
    with pytest.raises(LogError, match="holds no log"):
        records(tmp_path)


@pytest.mark.parametrize("name", ["README.md", "empty.jsonl", "settings.json"])
def test_a_named_file_must_be_of_a_known_format(folder: Path, name: str) -> None:
    with pytest.raises(LogError, match=r"known are: .*ShareGPT.*; describe any other in a mapping file"):
        records(folder / name)


def test_globs_and_repeated_names_read_each_file_once(folder: Path) -> None:
    pattern = str(folder / "*.txt")
    rows, report = records(pattern, folder / "a.txt", str(folder / "old.*"))
    assert [Path(file.path).name for file in report.files] == ["a.txt", "z"]
    assert [each.why for each in report.skipped] == [f"is the same file as {folder / 'a.txt'}"]
    assert len(rows) == report.records
    _, report = records(str(folder / "**" / "z"), folder / "old.jsonl")
    assert [Path(file.path).name for file in report.files] == ["z"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"missing\.jsonl: there is no such file or folder"):
        read_logs([str(tmp_path / "missing.jsonl")])
    with pytest.raises(LogError, match="no file matches the pattern"):
        read_logs([str(tmp_path / "*.jsonl")])
    with pytest.raises(LogError, match="NUL"):
        read_logs(["a\x00b"])


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    path = write(tmp_path, "log[1].jsonl", GOOD)
    assert records(path)[1].conversations == 2


def test_links_are_followed_to_files_and_not_into_folders(folder: Path) -> None:
    (folder / "around").symlink_to(folder)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "again").symlink_to(folder / "a.txt")
    (folder / ".hidden").mkdir()
    _, report = records(folder)
    skipped = {Path(each.path).name: each.why for each in report.skipped}
    assert skipped["around"] == "is a link to a folder; name it to read it"
    assert skipped["loop"].startswith("is a link that leads nowhere")
    assert skipped["again"] == f"is the same file as {folder / 'a.txt'}"
    assert skipped[".hidden"] == "is a hidden folder; name it to read it"
    with pytest.raises(LogError, match="cannot be read"):
        read_logs([str(folder / "loop")])


def test_what_is_no_regular_file_is_never_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
    _, report = records(folder)
    assert {each.why for each in report.skipped if Path(each.path).name in ("pipe", "s")} == {
        "is not a regular file"
    }
    with pytest.raises(LogError, match="is not a regular file"):
        read_logs([str(folder / "pipe")])


def test_a_file_that_may_not_be_read_stops_the_run(folder: Path, monkeypatch: Any) -> None:
    opened = Path.open

    def refused(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(LogError, match=r"a\.txt: cannot be read: Permission denied"):
        records(folder)
    _, report = records(folder, keep_going=True)
    assert (report.files[0].format, report.files[0].damage_count) == ("unknown", 1)


def test_damage_stops_the_run_with_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, "log", GOOD + b"{broken\n" + GOOD)
    with pytest.raises(LogError) as caught:
        records(path)
    assert str(caught.value).startswith(f"{path}:3: the line is not valid JSON — mend or remove it")
    assert "broken" not in str(caught.value)


def test_damage_is_counted_and_listed_when_told_to_keep_going(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(read, "LISTED", 2)
    path = write(tmp_path, "log", GOOD + b"{broken\n" * 3 + GOOD)
    rows, report = records(path, keep_going=True)
    (file,) = report.files
    assert (file.conversations, len(rows)) == (4, file.records)
    assert file.damaged == ((3, "the line is not valid JSON"), (4, "the line is not valid JSON"))
    assert file.damage_count == report.damage_count == 3


def test_a_truncated_gzip_gives_what_it_has_and_one_damage(tmp_path: Path) -> None:
    whole = gzip.compress(as_lines([PAIR] * 1) + os.urandom(50_000).hex().encode())
    path = write(tmp_path, "log", whole[:20_000])
    with pytest.raises(LogError, match="the gzip data ends early; the file is truncated"):
        records(path)
    _, report = records(path, keep_going=True)
    assert (report.conversations, report.damage_count) == (2, 1)


def test_a_file_too_damaged_to_tell_its_format_is_damage_and_not_skipped(tmp_path: Path) -> None:
    write(tmp_path, "a", GOOD)
    write(tmp_path, "b", gzip.compress(GOOD)[:12])
    with pytest.raises(LogError, match="/b: the gzip data ends early"):
        records(tmp_path)
    _, report = records(tmp_path, keep_going=True)
    assert [(file.format, file.damage_count) for file in report.files] == [("openai-chat", 0), ("unknown", 1)]


def test_the_report_can_be_read_on_the_way(folder: Path) -> None:
    reading = read_logs([str(folder)])
    assert reading.report.files == ()
    for _ in reading:
        assert reading.report.files
    assert len(reading.report.files) == 3


def test_expanding_is_in_a_fixed_order(folder: Path) -> None:
    expansion = paths.expand([str(folder)])
    names = [found.path.relative_to(folder).as_posix() for found in expansion.files]
    assert names == ["README.md", "a.txt", "b.json.gz", "empty.jsonl", "settings.json", "old.jsonl/z"]
