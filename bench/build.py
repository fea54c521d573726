"""A build from raw logs: Troth against datatrove doing the same stages, start-up apart; memory at ten times the input.

``python bench/build.py [--conversations FOLDER] [--rounds N] [--times N]``; prints JSON. Start-up is what the same
command takes for a handful of conversations. Troth decides, counts, lists what it left out and signs salts on top.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from build_input import FILES
from watch import Watched, watch

HERE = Path(__file__).parent
DATA = HERE / "data"
PEER = DATA / "datatrove-venv"
JOBS = min(os.cpu_count() or 1, 8)
FEW = 2
"""Lines of each file of the input that start-up is measured with."""


def conversations(told: str | None) -> Path:
    """The folder of real conversations: told, or in ``$SHARED``, or beside the checkout."""
    shared = os.environ.get("SHARED", str(HERE.parents[1] / "shared"))
    candidates = (
        [Path(told)] if told else [Path(shared) / "data" / "conversations", Path(shared) / "conversations"]
    )
    for folder in candidates:
        if folder.is_dir():
            return folder
    sys.exit("no conversations; name their folder with --conversations")


def peer_python() -> Path:
    """The Python of datatrove's own environment, made at the first run."""
    python = PEER / "bin" / "python"
    if not (PEER / ".ready").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        requirements = str(HERE / "requirements-datatrove.txt")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        (PEER / ".ready").touch()
    return python


def made(folder: Path, times: int) -> Path:
    """The input, ``times`` as large as the real conversations."""
    out = DATA / f"build-{times}"
    subprocess.run(
        [sys.executable, str(HERE / "build_input.py"), str(folder), str(out), str(times)], check=True
    )
    return out


def few(source: Path) -> Path:
    """The first lines of the input: what a run of nearly nothing takes is start-up."""
    out = DATA / "build-few"
    out.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        with (source / f"chats-{number}.jsonl").open(encoding="utf-8") as file:
            lines = [next(file) for _ in range(FEW)]
        (out / f"chats-{number}.jsonl").write_text("".join(lines), encoding="utf-8")
    shutil.copyfile(source / "history.jsonl", out / "history.jsonl")
    return out


def troth(source: Path) -> tuple[Watched, dict[str, Any]]:
    """One build without the verification that follows it."""
    return _run([sys.executable, str(HERE / "run_build.py")], source, "--build-only")


def datatrove(source: Path) -> tuple[Watched, dict[str, Any]]:
    """The same stages."""
    return _run([str(peer_python()), str(HERE / "run_datatrove.py")], source)


def _run(command: list[str], source: Path, *more: str) -> tuple[Watched, dict[str, Any]]:
    out = DATA / "build-out"
    shutil.rmtree(out, ignore_errors=True)
    watched = watch([*command, str(source), str(out), str(JOBS), *more])
    return watched, json.loads(watched.out.splitlines()[-1])


def compared(source: Path, rounds: int) -> dict[str, Any]:
    """Both, alternating: medians, and the ratio of each round, with start-up taken off both."""
    forms: dict[str, Callable[[Path], tuple[Watched, dict[str, Any]]]] = {
        "troth": troth,
        "datatrove": datatrove,
    }
    startup = {name: run(few(source))[0] for name, run in forms.items()}
    found: dict[str, list[tuple[Watched, dict[str, Any]]]] = {name: [] for name in forms}
    for _ in range(rounds):
        for name, run in forms.items():
            found[name].append(run(source))

    def net(name: str, measure: str) -> list[float]:
        return [getattr(w, measure) - getattr(startup[name], measure) for w, _ in found[name]]

    result: dict[str, Any] = {
        name: {
            "startup": round(startup[name].seconds, 2),
            "seconds": round(statistics.median(net(name, "seconds")), 2),
            "cpu": round(statistics.median(net(name, "cpu")), 2),
            "peak_mib": max(w.peak_mib for w, _ in runs),
            **runs[-1][1],
        }
        for name, runs in found.items()
    }
    for measure in ("seconds", "cpu"):
        pairs = zip(net("datatrove", measure), net("troth", measure), strict=True)
        result[f"ratio_{measure}"] = round(statistics.median(theirs / ours for theirs, ours in pairs), 2)
    return result


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=10)
    asked = parser.parse_args()
    folder = conversations(asked.conversations)
    source = made(folder, 1)
    result: dict[str, Any] = {"jobs": JOBS, "bytes": sum(f.stat().st_size for f in source.glob("chats-*"))}
    result |= compared(source, asked.rounds)
    whole = _run([sys.executable, str(HERE / "run_build.py")], source)[1]
    result["verify"], result["verified"] = whole["verify"], whole["verified"]
    if asked.times > 1:
        watched, told = troth(made(folder, asked.times))
        result["larger"] = {
            "times": asked.times, "seconds": round(watched.seconds, 1), "cpu": round(watched.cpu, 1),
            "peak_mib": watched.peak_mib, **told,
        }  # fmt: skip
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
