"""Where the files of a ledger lie: a folder, and object stores through fsspec."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.errors import LedgerError
from troth.ledger.local_storage import LocalStorage
from troth.ledger.object_storage import ObjectStorage
from troth.ledger.storage import Storage, open_storage

Opener = Callable[[], Storage]


@pytest.fixture(params=["folder", "memory", "file"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same place anew each time."""
    if request.param == "folder":
        return lambda: LocalStorage(tmp_path / "ledger")
    url = f"memory://{uuid.uuid4()}/ledger" if request.param == "memory" else f"file://{tmp_path}/ledger"
    return lambda: ObjectStorage(url)


def test_what_was_written_is_there_for_who_opens_it_next(opened: Opener) -> None:
    opened().write_all([("tile/0/000", b"a"), ("tile/0/x001/000", b"b"), ("checkpoints/000", b"")])
    again = opened()
    assert again.read("tile/0/x001/000") == b"b"
    assert again.read("checkpoints/000") == b""
    assert again.read("tile/0/001") is None
    assert again.read("tile/0/000/000") is None
    assert list(again.list("")) == ["checkpoints/000", "tile/0/000", "tile/0/x001/000"]
    assert list(again.list("tile/0")) == list(again.list("tile/0/")) == ["tile/0/000", "tile/0/x001/000"]
    assert list(again.list("nothing/here")) == []


def test_an_immutable_file_may_be_written_again_and_never_changed(opened: Opener) -> None:
    storage = opened()
    storage.write("tile/0/000", b"first")
    storage.write("tile/0/000", b"first")
    with pytest.raises(
        LedgerError, match=r"ledger/tile/0/000: the file is there with other content — .*restore"
    ):
        storage.write_all([("tile/0/001", b"other"), ("tile/0/000", b"second")])
    assert opened().read("tile/0/000") == b"first"


def test_a_checkpoint_is_replaced(opened: Opener) -> None:
    for text in (b"old", b"new", b"new"):
        opened().replace("checkpoint", text)
    assert opened().read("checkpoint") == b"new"


def test_what_is_removed_is_gone_and_may_be_written_anew(opened: Opener) -> None:
    storage = opened()
    storage.write("tile/0/000.p/1", b"partial")
    storage.delete("tile/0/000.p/1")
    storage.delete("tile/0/000.p/1")
    storage.delete("never/there")
    assert list(storage.list("")) == []
    storage.write("tile/0/000.p/2", b"other")
    assert list(storage.list("")) == ["tile/0/000.p/2"]


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["write", "replace", "delete"]),
            st.sampled_from(["a", "b/c", "b/d", "e/f/g"]),
            st.binary(max_size=3),
        ),
        max_size=12,
    )
)
def test_a_storage_behaves_like_a_table(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bytes]]
) -> None:
    places: list[Storage] = [
        LocalStorage(tmp_path_factory.mktemp("table") / "ledger"),
        ObjectStorage(f"memory://{uuid.uuid4()}"),
    ]
    table: dict[str, bytes] = {}
    for step, path, data in steps:
        refused = step == "write" and table.get(path, data) != data
        for storage in places:
            call = {"write": storage.write, "replace": storage.replace}.get(step)
            if refused:
                with pytest.raises(LedgerError, match="other content"):
                    storage.write(path, data)
            elif call is None:
                storage.delete(path)
            else:
                call(path, data)
        if step == "delete":
            table.pop(path, None)
        elif not refused:
            table[path] = data
        for storage in places:
            assert {found: storage.read(found) for found in storage.list("")} == table


def test_the_place_decides_which_storage_it_is(tmp_path: Path) -> None:
    assert isinstance(open_storage(tmp_path), LocalStorage)
    assert isinstance(open_storage(str(tmp_path)), LocalStorage)
    assert isinstance(open_storage(f"file://{tmp_path}"), LocalStorage)
    assert isinstance(open_storage("memory://bucket/ledger"), ObjectStorage)
    open_storage(f"file://{tmp_path}/x").write("a", b"1")
    assert (tmp_path / "x" / "a").read_bytes() == b"1"


def test_a_url_that_nothing_knows_is_refused_with_a_remedy() -> None:
    with pytest.raises(LedgerError, match=r"nosuch://bucket.* cannot be opened.* — "):
        open_storage("nosuch://bucket/ledger")


def test_what_a_killed_writer_left_is_no_file_of_the_ledger_and_is_tidied(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("tile/0/000", b"a")
    # The same process id, and the number that comes next: the name is taken.
    left = tmp_path / ".new" / f"{os.getpid()}-1"
    left.write_bytes(b"half")
    assert list(storage.list("")) == ["tile/0/000"]
    storage.write("tile/0/001", b"b")
    assert storage.read("tile/0/001") == b"b"
    assert left.exists()
    storage.tidy()
    assert list((tmp_path / ".new").iterdir()) == []
    LocalStorage(tmp_path / "not there yet").tidy()


def test_who_writes_without_the_lock_is_not_hurt_by_the_tidying_of_its_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, rename = LocalStorage(tmp_path), Path.rename
    tidied = iter([True])

    def after_tidying(self: Path, target: Path) -> Path:
        if next(tidied, False):
            LocalStorage(tmp_path).tidy()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", after_tidying)
    storage.replace("checkpoints/005", b"cosigned")
    assert storage.read("checkpoints/005") == b"cosigned"


def test_a_folder_where_there_should_be_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    storage = LocalStorage(tmp_path)
    with pytest.raises(LedgerError, match=r"checkpoint: the file cannot be read: Is a directory — "):
        storage.read("checkpoint")
    with pytest.raises(LedgerError, match=r"checkpoint: the file cannot be put in its place: .* — "):
        storage.replace("checkpoint", b"new")


def test_a_file_is_durable_before_its_name_and_its_name_before_the_call_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().relative_to(tmp_path)}")
        fsync(descriptor)

    def noted_rename(self: Path, target: Path) -> Path:
        done.append(f"name {target.relative_to(tmp_path)}")
        return rename(self, target)

    storage = LocalStorage(tmp_path / "l")
    storage.write("tile/0/000", b"a")
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    storage.write_all([("tile/0/001", b"b"), ("tile/1/000.p/1", b"c")])
    kinds = [step.split()[0] for step in done if ".new/" in step or step.startswith("name")]
    assert kinds == ["sync", "sync", "name", "name"]
    assert set(done[-2:]) == {"sync l/tile/0", "sync l/tile/1/000.p"}
    assert "sync l/tile/1" in done[: done.index("name l/tile/0/001")]  # a new folder's name
    assert "sync l/tile" in done[: done.index("name l/tile/0/001")]
    # Whoever finds them there makes sure of their names: a writer may have been killed before it did.
    done.clear()
    storage.write_all([("tile/0/001", b"b"), ("tile/1/000.p/1", b"c")])
    assert set(done) == {"sync l/tile/0", "sync l/tile/1/000.p"}
