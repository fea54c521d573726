"""The membership tree: building it, proofs from its file, and checking them.

``python bench/membership.py build LABELS FILE JOBS``, ``check FILE JOBS`` and ``ask LABELS FILE`` do one step in a
process of its own, so that its memory can be watched, and print what they found as JSON.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from results import Section, Target
from watch import Watched, watch

LABEL = 32
ASKED = 1_000
ROOM = 80
"""Bytes of disk for each label: the labels, and the file of the tree."""


def membership(sizes: list[int], jobs: int = 2) -> Section:
    """The membership tree at each size, with up to ``jobs`` processes."""
    with tempfile.TemporaryDirectory(prefix="troth-membership-") as folder:
        fit = [size for size in sizes if ROOM * size < shutil.disk_usage(folder).free]
        found = [_measured(Path(folder), size, jobs) for size in fit or [100_000]]
    rows = [_row(f"{one['labels']:,}", one) for one in found]
    rows += [
        _row(f"{size:,}, extrapolated", _extrapolated(found[-1], size)) for size in sizes if size not in fit
    ]
    text = (
        f"Random labels from a file, {jobs} processes; {ASKED:,} proofs for labels that are there and "
        f"{ASKED:,} for labels that are not, each from the file opened anew. Of each: mean, 99 of "
        "100, largest. Checking a file is computing all of it again. Memory is that of all processes together, "
        "building and checking. Sizes for which the disk has no room are extrapolated from the largest measured."
    )
    head = ("labels", "build s", "CPU s", "labels/s", "peak MiB", "check file s", "proof bytes", "proof as text",
            "made ms", "checked µs")  # fmt: skip
    return Section("Membership tree", text, head, rows, _targets(found))


def _targets(found: list[dict[str, Any]]) -> list[Target]:
    slowest = min(found, key=lambda one: float(one["rate"]))
    size, text = (max(one[name][-1] for one in found) for name in ("bytes", "text"))
    made, checked = (max(one[name][1] for one in found) for name in ("made_ms", "checked_us"))
    least, most = (pick(one["peak_mib"] for one in found) for pick in (min, max))
    return [
        Target("build a membership tree", "300,000 labels/s", f"{slowest['rate']:,.0f}", slowest["rate"] >= 300_000),
        Target("largest proof of membership, in bytes", "under 1,200", f"{size:,}", size < 1_200),
        Target("the same as the text of a receipt", "under 1,200", f"{text:,}", text < 1_200),
        Target("make a proof from the file, 99 of 100", "under 20 ms", f"{made:.1f} ms", made < 20),
        Target("check a proof, 99 of 100", "under 1 ms", f"{checked / 1000:.3f} ms", checked < 1_000),
        Target("memory of building and checking, smallest to largest tree", "flat",
               f"{least} to {most} MiB", most < 2 * least),
    ]  # fmt: skip


def _measured(folder: Path, size: int, jobs: int) -> dict[str, Any]:
    labels, file = folder / "labels", folder / "membership.bin"
    draw = np.random.default_rng(size)
    with labels.open("wb") as out:
        for start in range(0, size, 1 << 20):
            out.write(draw.bytes(LABEL * min(1 << 20, size - start)))
    built, checked = _step("build", labels, file, jobs), _step("check", file, jobs)
    asked = json.loads(_step("ask", labels, file).out)
    seconds, again = json.loads(built.out)["seconds"], json.loads(checked.out)["seconds"]
    labels.unlink()
    file.unlink()
    spent = {"build": seconds, "cpu": built.cpu, "rate": size / seconds, "check": again}
    return {"labels": size, **spent, "peak_mib": max(built.peak_mib, checked.peak_mib), **asked}


def _step(*arguments: object) -> Watched:
    return watch([sys.executable, __file__, *map(str, arguments)])


def _extrapolated(known: dict[str, Any], size: int) -> dict[str, Any]:
    """Times grow with the labels, a path by one sibling each time they double; memory stays."""
    times = size / known["labels"]
    more = LABEL * math.log2(times)
    return known | {
        "build": known["build"] * times,
        "cpu": known["cpu"] * times,
        "check": known["check"] * times,
        "bytes": [round(one + more) for one in known["bytes"]],
        "text": [round(one + more * 4 / 3) for one in known["text"]],
    }


def _row(name: str, one: dict[str, Any]) -> tuple[str, ...]:
    return (
        name, f"{one['build']:.1f}", f"{one['cpu']:.1f}", f"{one['rate']:,.0f}", f"{one['peak_mib']}", f"{one['check']:.1f}",
        " / ".join(f"{size:,.0f}" for size in one["bytes"]), " / ".join(f"{size:,.0f}" for size in one["text"]),
        " / ".join(f"{took:.2f}" for took in one["made_ms"]), " / ".join(f"{took:.0f}" for took in one["checked_us"]),
    )  # fmt: skip


def _build(labels: str, file: str, jobs: str) -> dict[str, float]:
    from troth.build.crew import Crew
    from troth.release.membership import build

    start = time.perf_counter()
    with Crew(int(jobs)) as crew:
        build(Path(labels), Path(file), crew.each)
    return {"seconds": time.perf_counter() - start}


def _check(file: str, jobs: str) -> dict[str, float]:
    from troth.build.crew import Crew
    from troth.release.membership import check_file

    start = time.perf_counter()
    with Crew(int(jobs)) as crew:
        check_file(Path(file), crew.each)
    return {"seconds": time.perf_counter() - start}


def _ask(labels: str, file: str) -> dict[str, list[float]]:
    from troth.proof.membership import check_excluded, check_included
    from troth.release.membership import prove
    from troth.release.membership.layout import MembershipFile

    with MembershipFile(Path(file)) as opened:
        root, count = opened.node(0, 0), opened.layout.count
    draw = random.Random(count)
    questions = [(check_excluded, draw.randbytes(LABEL)) for _ in range(ASKED)]
    with Path(labels).open("rb") as known:
        for _ in range(ASKED):
            known.seek(LABEL * draw.randrange(count))
            questions.append((check_included, known.read(LABEL)))
    draw.shuffle(questions)
    made, checked, proofs = [], [], []
    for check, label in questions:
        start = time.perf_counter()
        proof = prove(Path(file), label).proof
        done = time.perf_counter()
        check(label, proof, root)
        checked.append((time.perf_counter() - done) * 1e6)
        made.append((done - start) * 1e3)
        proofs.append(proof)
    return {
        "bytes": _spread([len(proof.data()) for proof in proofs]),
        "text": _spread([len(proof.text()) for proof in proofs]),
        "made_ms": _spread(made),
        "checked_us": _spread(checked),
    }


def _spread(values: list[Any]) -> list[Any]:
    """Mean, 99 of 100, largest."""
    return [sum(values) / len(values), sorted(values)[len(values) * 99 // 100], max(values)]


STEPS = {"build": _build, "check": _check, "ask": _ask}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
