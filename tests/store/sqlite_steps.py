"""Ends a process at the n-th step in which SQLite changes a file: a write, a truncation, a sync or a deletion.

The functions with which SQLite reaches files (its VFS) are replaced in memory, by way of ctypes.
"""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sqlite3 as sqlite3  # noqa: PLC0414 - its library is looked for among those loaded
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any

_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(Structure):
    """The head of ``sqlite3_io_methods``, and room for the rest of it."""

    _fields_ = (
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("write", _WRITE),
        ("truncate", _TRUNCATE), ("sync", _SYNC), ("rest", c_void_p * 13),
    )  # fmt: skip


class _Vfs(Structure):
    """The head of ``sqlite3_vfs``."""

    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("longest", c_int), ("next", c_void_p), ("name", c_char_p),
        ("data", c_void_p), ("open", _OPEN), ("delete", _DELETE),
    )  # fmt: skip


class Steps:
    """Counts steps from when it is made on, and ends the process before the n-th, or in the middle of it.

    ``synced`` is told of each file that was synced, and of each that was deleted for certain.
    """

    def __init__(self, last: int | None, torn: bool, synced: Callable[[str], None] = lambda _: None) -> None:
        self.count = 0
        self._last, self._torn, self._synced = last, torn, synced
        self._kept: list[Any] = []
        library = ctypes.CDLL(_library())
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None).contents
        self._open, self._delete = _OPEN(_address(vfs.open)), _DELETE(_address(vfs.delete))
        vfs.open = self._keep(_OPEN(self._opened))
        vfs.delete = self._keep(
            _DELETE(lambda of, name, sync: self._step(lambda: self._deleted(of, name, sync)))
        )

    def _keep(self, function: Any) -> Any:
        self._kept.append(function)
        return function

    def _opened(self, of: int, name: int, file: int, flags: int, out: int) -> int:
        code = self._open(of, name, file, flags, out)
        path = ctypes.string_at(name).decode() if name else ""
        pointer = ctypes.cast(file, POINTER(c_void_p))
        if code == 0 and pointer[0]:
            real = ctypes.cast(pointer[0], POINTER(_Methods)).contents
            ours = _Methods.from_buffer_copy(real)
            ours.write = self._keep(_WRITE(self._writes(_WRITE(_address(real.write)))))
            truncate, sync = _TRUNCATE(_address(real.truncate)), _SYNC(_address(real.sync))
            ours.truncate = self._keep(_TRUNCATE(lambda f, size: self._step(lambda: truncate(f, size))))
            told = functools.partial(self._sync, sync, path)
            ours.sync = self._keep(_SYNC(lambda f, how: self._step(lambda: told(f, how))))
            self._kept += [ours, truncate, sync]
            pointer[0] = ctypes.addressof(ours)
        return int(code)

    def _sync(self, sync: Callable[[int, int], int], path: str, file: int, how: int) -> int:
        code = sync(file, how)
        if code == 0 and path:
            self._synced(path)
        return code

    def _deleted(self, of: int, name: bytes, sync: int) -> int:
        code = self._delete(of, name, sync)
        if code == 0 and sync:
            self._synced(name.decode())
        return int(code)

    def _writes(self, write: Any) -> Callable[[int, int, int, int], int]:
        def do(file: int, data: int, size: int, at: int) -> int:
            half = (lambda: write(file, data, size // 2, at)) if self._torn and size > 1 else None
            return self._step(lambda: write(file, data, size, at), half)

        self._kept.append(write)
        return do

    def _step(self, whole: Callable[[], int], half: Callable[[], int] | None = None) -> int:
        self.count += 1
        if self.count == self._last:
            self.end(half)
        return int(whole())

    def end(self, half: Callable[[], int] | None = None) -> None:
        """End the process, after half of a write where there is one."""
        if half is not None:
            half()
        os.kill(os.getpid(), signal.SIGKILL)


def _address(function: Any) -> int:
    address = ctypes.cast(function, c_void_p).value
    assert address is not None
    return address


def _library() -> str:
    """The file of the SQLite that Python's own module has loaded; empty where it is built into Python."""
    if not Path("/proc/self/maps").exists():
        return ""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return next((line.split()[-1] for line in lines if "libsqlite3" in line), "")


def can_count() -> bool:
    """Whether the steps of this Python's SQLite can be counted."""
    return bool(_library())
