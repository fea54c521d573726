"""Each part of the benchmarks, run and put into words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from columns import compared
from results import Section, Target
from watch import watch

HERE = Path(__file__).parent
GIB = 1024


def columns(sizes: list[int], rounds: int) -> Section:
    """Deciding in columns."""
    found = [compared(size, rounds) for size in sizes]
    rows = [
        (f"{r['conversations']:,}", form, f"{r[form]['seconds']:.2f}", f"{r[form]['cpu']:.2f}",
         f"{r[form]['peak_mib']:.0f}", *_ratios(r, form), "yes" if r["same"] else "NO")
        for r in found for form in ("ours", "interval", "asof")
    ]  # fmt: skip
    return Section(
        "Columns",
        f"Medians of {rounds} alternating rounds; a ratio is Troth's figure by the other's of the same round. "
        "`same` is the equality of answer and reason, record by record.",
        ("conversations", "form", "s", "CPU s", "peak MiB", "ratio, s", "ratio, CPU", "same"),
        rows,
        list(_column_targets(found)),
    )


def _ratios(found: dict[str, Any], form: str) -> tuple[str, str]:
    if form == "ours":
        return "", ""
    return f"{found[f'ratio_{form}_seconds']:.2f}", f"{found[f'ratio_{form}_cpu']:.2f}"


def _column_targets(found: list[dict[str, Any]]) -> Iterator[Target]:
    largest, smallest = found[-1], found[0]
    for form in ("interval", "asof"):
        ratio = largest[f"ratio_{form}_seconds"]
        what = f"decide {largest['conversations']:,} conversations, against hand-written SQL ({form})"
        yield Target(what, "at most 1.0x its time", f"{ratio:.2f}x", ratio <= 1)
    peak = max(r["ours"]["peak_mib"] for r in found)
    yield Target("memory of that", "under 1 GiB", f"{peak / GIB:.2f} GiB", peak < GIB)
    each = [r["ours"]["cpu"] / r["conversations"] * 1e6 for r in (smallest, largest)]
    if smallest is not largest:
        what = f"CPU for each record, {smallest['conversations']:,} to {largest['conversations']:,}"
        reached = f"{each[0]:.2f} to {each[1]:.2f} microseconds"
        yield Target(what, "flat", reached, each[1] <= each[0] * 1.1)


def point(conversations: int) -> Section:
    """Deciding one record."""
    found = _told("point.py", str(conversations))
    rates, ratios = found["rates"], found["ratios"]
    rows = [
        (name, f"{rate:,}", "" if name.startswith("troth") else f"{ratios[name]:g}")
        for name, rate in rates.items()
    ]
    text = (
        f"Decisions in a CPU second. Troth: {found['records']:,} records of {found['accounts']:,} accounts with "
        f"{found['events']:,} events in memory, each asked about once, the reason and retention with it. The "
        "peers are given the facts ready-made, and only permit or forbid; every answer is the same. The ratio is "
        "Troth's rate from the history by that of the row."
    )
    peers = {"cedarpy, one call, policies as text": 20, "cedarpy, one call, policies parsed once": 20,
             "regopy, one query": 20}  # fmt: skip
    targets = [
        Target(f"decide one record from its history, against {name}", f"{aim}x", f"{ratios[name]:g}x", ratios[name] >= aim)
        for name, aim in peers.items()
    ]  # fmt: skip
    parsed = "cedarpy, one call, policies parsed once"
    alike = rates["troth, facts ready-made"] / rates[parsed]
    targets.append(
        Target(f"the same with ready-made facts, against {parsed}", "20x", f"{alike:.0f}x", alike >= 20)
    )
    return Section("Point", text, ("form", "decisions a second", "ratio"), rows, targets)


def terms(scenarios: Path | None) -> Section:
    """Checking terms, and running scenarios."""
    from troth.terms.archive import shipped_names

    rows = []
    for name in shipped_names():
        took = watch([*_troth(), "terms", "check", name])
        rows.append((f"terms check {name}", f"{took.seconds:.2f}", f"{took.cpu:.2f}"))
    if scenarios is not None:
        took = watch([*_troth(), "scenarios", str(scenarios)])
        rows.append(("scenarios, all of the shared ones", f"{took.seconds:.2f}", f"{took.cpu:.2f}"))
    text = "The whole command, its start included. No peer does either."
    return Section("Terms and scenarios", text, ("command", "s", "CPU s"), rows)


def _troth() -> list[str]:
    return [sys.executable, "-c", "from troth.cli.main import main; main()"]


def shared_scenarios() -> Path | None:
    """The shared scenarios, where they are."""
    folder = Path(os.environ.get("SHARED", str(HERE.parents[1] / "shared"))) / "scenarios"
    return folder if folder.is_dir() else None


def build(rounds: int, times: int) -> Section:
    """Building from raw logs."""
    found = _told("build.py", "--rounds", str(rounds), "--times", str(times))
    rows = [
        (name, f"{found[name]['startup']:.1f}", f"{found[name]['seconds']:.1f}", f"{found[name]['cpu']:.1f}",
         f"{found[name]['peak_mib']}", _stages(found[name]["stages"]))
        for name in ("troth", "datatrove")
    ]  # fmt: skip
    targets = [
        Target("build a release from logs, against datatrove doing the same stages, start-up apart", "5x",
               f"{found['ratio_seconds']:.1f}x", found["ratio_seconds"] >= 5),
    ]  # fmt: skip
    text = (
        f"{found['bytes'] / 1e6:.0f} MB of JSON Lines, {found['jobs']} processes, medians of {rounds} alternating "
        f"rounds; start-up is taken off s and CPU s, not off the stages. Ratio of CPU seconds: "
        f"{found['ratio_cpu']:.1f}x. Verifying the release, every decision again, one by one: "
        f"{found['verify']:.1f} s."
    )
    larger = found.get("larger")
    if larger:
        grew = larger["peak_mib"] / found["troth"]["peak_mib"]
        rows.append((f"troth, {larger['times']} times the input", "", f"{larger['seconds']:.1f}", f"{larger['cpu']:.1f}",
                     f"{larger['peak_mib']}", _stages(larger["stages"])))  # fmt: skip
        targets.append(Target(f"memory of a build, {larger['times']} times the input", "much less than that",
                              f"{grew:.1f} times", grew < larger["times"] / 2))  # fmt: skip
    head = ("form", "start-up s", "s", "CPU s", "peak MiB", "stages, s")
    return Section("Build", text, head, rows, targets)


def _stages(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {took:.1f}" for name, took in seconds.items() if took >= 0.05)


def _told(script: str, *arguments: str) -> Any:
    """What a script prints, which is JSON."""
    command = [sys.executable, str(HERE / script), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
