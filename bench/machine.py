"""What a run was made on: no names of hosts, people or folders."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("troth", "duckdb", "pyarrow", "numpy", "msgspec", "rensa", "cedarpy", "regopy")


def machine() -> dict[str, str]:
    """Cores, memory, processor, Python and libraries."""
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{_memory_gib():.0f} GiB",
        "processor": _processor(),
        "system": f"{platform.system()} on {platform.machine()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
    }


def load() -> str:
    """How busy the machine was over the last quarter of an hour."""
    return f"{os.getloadavg()[2]:.1f}"


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
