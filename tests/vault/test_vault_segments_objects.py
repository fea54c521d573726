"""Segments on an object store: the same records come out, and what a store loses, cuts or refuses is named."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.arrow import ArrowFSWrapper
from fsspec.implementations.memory import MemoryFileSystem
from pyarrow.fs import S3FileSystem
from segment_worlds import Safe, safe, silent, talks

from troth.errors import VaultError, VerificationError
from troth.types.record import DECIDING_COLUMNS
from troth.vault.segments.chosen import open_files
from troth.vault.segments.index import Index
from troth.vault.segments.local_files import LocalFiles
from troth.vault.segments.object_files import ObjectFiles
from troth.vault.segments.plan import FEWEST

BUCKET = "talks"


class Frail(MemoryFileSystem):  # type: ignore[misc]
    """A store in memory that fails where a test tells it to."""

    protocol = "frail"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    cut: ClassVar[int] = 0
    """Bytes that are lost at the end of what is put."""
    down: ClassVar[bool] = False

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        self._reach()
        data = Path(lpath).read_bytes()
        self.pipe_file(rpath, data[: len(data) - self.cut])

    def _open(self, path: str, mode: str = "rb", **more: Any) -> Any:
        self._reach()
        return super()._open(path, mode, **more)

    def _reach(self) -> None:
        if Frail.down:
            raise RuntimeError("the connection was reset")


class S3OfArrow(ArrowFSWrapper):  # type: ignore[misc]
    """Arrow's own S3 client under fsspec: s3fs is no dependency of the tests."""

    endpoint: ClassVar[str] = ""

    def __init__(self, **_: Any) -> None:
        super().__init__(S3FileSystem(**self.settings()), skip_instance_cache=True)

    @classmethod
    def settings(cls) -> dict[str, str]:
        return {
            "access_key": "any", "secret_key": "any", "region": "eu-central-1",
            "endpoint_override": cls.endpoint, "scheme": "http",
        }  # fmt: skip


@contextmanager
def moto() -> Iterator[str]:
    """moto's server on loopback, in a process of its own: where it listens."""
    pytest.importorskip("moto.server", reason="pip install moto flask flask-cors gets moto's server")
    script = Path(__file__).with_name("moto_kms.py")
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with moto() as endpoint:
        S3OfArrow.endpoint = endpoint
        fsspec.register_implementation("s3", S3OfArrow, clobber=True)
        S3FileSystem(**S3OfArrow.settings(), allow_bucket_creation=True).create_dir(BUCKET)
        yield f"s3://{BUCKET}"


@pytest.fixture(params=["memory", "s3"])
def ours(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Safe]:
    root = request.getfixturevalue("bucket") if request.param == "s3" else "memory://here"
    with safe(tmp_path / "vault", segments=f"{root}/{uuid.uuid4().hex}/segments") as made:
        yield made


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Safe]:
    fsspec.register_implementation("frail", Frail, clobber=True)
    with safe(tmp_path / "vault", segments=f"frail://here/{uuid.uuid4().hex}") as made:
        yield made
    Frail.cut, Frail.down = 0, False


def objects(ours: Safe) -> dict[str, bytes]:
    """What lies in the store."""
    return {place.rpartition("/")[2]: copy.read_bytes() for place, copy in ours.vault.elsewhere()}


def put(ours: Safe, name: str, data: bytes) -> None:
    files, root = fsspec.core.url_to_fs(ours.segments)
    files.pipe_file(f"{root}/{name}", data)


# --- in and out ---------------------------------------------------------------------------------------------


def test_records_come_out_as_they_went_in_and_none_of_it_lies_here(ours: Safe, tmp_path: Path) -> None:
    told = talks(20)
    with safe(tmp_path / "local") as local:
        local.vault.add([told])
        wanted = local.rows()
    assert ours.vault.add([told]).new == 40
    assert ours.rows() == wanted
    assert [name for name in objects(ours) if name.endswith(".parquet")] == ["000000001.parquet"]
    assert list((ours.folder / "segments").iterdir()) == []
    assert ours.again().add([told]).repeated == 40
    assert [row["record"] for row in next(ours.vault.records(["talk-3"])).to_pylist()] == [
        "talk-3/0",
        "talk-3/1",
    ]


def test_what_is_erased_goes_out_of_the_store(ours: Safe) -> None:
    for talk in range(FEWEST):
        ours.vault.add([talks(1, first=talk)])
    ours.erase("talk-2")
    reading = ours.again().records()
    assert ours.compact().waiting == FEWEST
    assert sum(batch.num_rows for batch in reading) == 2 * (FEWEST - 1)
    done = ours.compact()
    assert (done.segments_after, done.waiting) == (1, 0)
    left = objects(ours)
    assert [name for name in left if name.endswith(".parquet")] == ["000000009.parquet"]
    assert not any(b"talk-2" in data for data in left.values())
    assert len(ours.rows()) == 2 * (FEWEST - 1)


def test_what_deciding_reads_is_fetched_without_what_is_sealed(ours: Safe) -> None:
    ours.vault.add([talks(3)])
    ours.vault.add([talks(3, first=3)])
    with ours.vault.plain_files() as files:
        assert len(files) == 2
        table = pq.read_table(files)
        assert table.column_names == [*DECIDING_COLUMNS, "slot"]
        assert table.num_rows == 12
    assert not any(file.exists() for file in files)


def test_a_place_is_a_folder_or_a_store(tmp_path: Path) -> None:
    assert isinstance(open_files(tmp_path, tmp_path), LocalFiles)
    assert isinstance(open_files(f"file://{tmp_path}", tmp_path), LocalFiles)
    assert isinstance(open_files("memory://bucket/segments", tmp_path), ObjectFiles)
    with pytest.raises(VaultError, match="no way to the place of the segments"):
        open_files("nowhere://bucket", tmp_path)


# --- what goes wrong ----------------------------------------------------------------------------------------


def test_a_store_that_keeps_less_than_it_was_given_is_told_and_nothing_is_stored(frail: Safe) -> None:
    Frail.cut = 10
    with pytest.raises(VaultError, match=r"000000001\.parquet: the store gave [\d,]+ bytes back for [\d,]+"):
        frail.vault.add([talks(2)])
    assert frail.rows() == []
    Frail.cut = 0
    assert frail.again().add([talks(2)]).new == 4
    assert len(frail.rows()) == 4
    assert list(objects(frail)) == ["000000002.parquet"]


def test_a_failed_put_is_told_and_the_same_logs_again_add_the_rest(frail: Safe) -> None:
    frail.vault.add([talks(1)])
    Frail.down = True
    with pytest.raises(VaultError, match="the segment cannot be written: the connection was reset"):
        frail.vault.add([talks(2)])
    Frail.down = False
    assert list((frail.folder / "segments").iterdir()) == []
    added = frail.vault.add([talks(2)])
    assert (added.new, added.repeated) == (2, 2)


def test_a_connection_that_is_down_is_not_taken_for_damage(frail: Safe) -> None:
    frail.vault.add([talks(1)])
    Frail.down = True
    with pytest.raises(VaultError, match=r"000000001\.parquet: the segment cannot be fetched: .*reset"):
        list(frail.vault.records())
    with pytest.raises(VaultError, match="plain columns cannot be read"), frail.vault.plain_files():
        pass
    frail.erase("talk-0")
    with pytest.raises(VaultError, match="cannot be fetched"):
        frail.compact()
    Frail.down = False
    assert frail.compact().removed == 2


def test_a_missing_object_is_named_and_the_others_are_read(ours: Safe) -> None:
    ours.vault.add([talks(1)])
    ours.vault.add([talks(1, first=1)])
    files, root = fsspec.core.url_to_fs(ours.segments)
    files.rm_file(f"{root}/000000001.parquet")
    reading = ours.vault.records()
    with pytest.raises(VerificationError, match=r"000000001\.parquet: it cannot be read"):
        list(reading)
    assert reading.opened == 2


@pytest.mark.parametrize("left", [0, 3, 700])
def test_a_truncated_object_is_named_and_compaction_leaves_it(ours: Safe, left: int) -> None:
    ours.vault.add([talks(2)])
    (whole,) = objects(ours).values()
    put(ours, "000000001.parquet", whole[:left])
    with pytest.raises(VerificationError, match=r"000000001\.parquet: it is not the file that was written"):
        list(ours.vault.records())
    ours.erase("talk-1")
    with pytest.raises(VerificationError, match=r"000000001\.parquet: it is not the file that was written"):
        ours.compact()
    put(ours, "000000001.parquet", whole)
    assert ours.compact().removed == 2
    assert len(ours.rows()) == 2


def test_objects_that_killed_writers_left_are_removed_and_newer_ones_are_refused(ours: Safe) -> None:
    Index(ours.folder).reserve()
    put(ours, "000000001.parquet", b"whole, but not committed")
    (ours.folder / "segments" / ".000000001.parquet.partial").write_bytes(b"half")
    ours.vault.add([talks(1)])
    assert [name for name in objects(ours) if name.endswith(".parquet")] == ["000000002.parquet"]
    assert list((ours.folder / "segments").iterdir()) == []
    put(ours, "000000007.parquet", b"of a newer index")
    with pytest.raises(VaultError, match="segment 7, and the index ends with 2"):
        ours.again().compact(silent)
