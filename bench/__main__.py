"""Every benchmark, or some: ``python bench``, ``python -m bench``. Writes ``bench/RESULTS.md``."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import parts  # noqa: E402
from results import Section, markdown, table  # noqa: E402

PEERS = ("cedarpy", "regopy")
PARTS = ("columns", "point", "terms", "build")


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="the parts to run (all)")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000_000, 10_000_000],
                        help="conversations to decide in columns (%(default)s)")  # fmt: skip
    parser.add_argument(
        "--rounds", type=int, default=3, help="alternating rounds of columns and build (%(default)s)"
    )
    parser.add_argument(
        "--point", type=int, default=200_000, help="conversations of the point world (%(default)s)"
    )
    parser.add_argument(
        "--times", type=int, default=10, help="how much larger the second build is (%(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: whether it runs")
    parser.add_argument(
        "--out", type=Path, default=HERE / "RESULTS.md", help="where to write (bench/RESULTS.md)"
    )
    asked = parser.parse_args()
    if asked.quick:
        asked.sizes, asked.rounds, asked.point, asked.times = [100_000], 1, 20_000, 1
    return asked


def run(name: str, asked: argparse.Namespace) -> Section:
    """One part."""
    if name == "columns":
        return parts.columns(asked.sizes, asked.rounds)
    if name == "point":
        return parts.point(asked.point)
    if name == "terms":
        return parts.terms(parts.shared_scenarios())
    return parts.build(asked.rounds, asked.times)


def main() -> None:
    """Run what is asked for, show it and write it down."""
    asked = arguments()
    missing = [name for name in PEERS if find_spec(name) is None]
    if "point" in asked.only and missing:
        sys.exit(
            f"{' and '.join(missing)} missing: pip install -r bench/requirements.txt, or leave point out"
        )
    sections = []
    for name in PARTS:
        if name in asked.only:
            sections.append(run(name, asked))
            print(f"\n{sections[-1].title}\n\n{table(sections[-1].head, sections[-1].rows)}", flush=True)
    targets = [(t.work, t.aim, t.reached, "yes" if t.met else "no") for s in sections for t in s.targets]
    print("\n" + table(("work", "aim", "reached", "met"), targets))
    words = [
        w for w, before in zip(sys.argv[1:], ["", *sys.argv[1:]], strict=False) if "--out" not in (w, before)
    ]
    command = " ".join(["python bench", *words])
    asked.out.write_text(markdown(sections, command), encoding="utf-8")


if __name__ == "__main__":
    main()
