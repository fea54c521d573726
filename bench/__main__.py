"""Every benchmark, or some: ``python bench``, ``python -m bench``. Writes ``bench/RESULTS.md``, part by part."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import parts  # noqa: E402
from audit import audited  # noqa: E402
from build import conversations  # noqa: E402
from erasing import erasing  # noqa: E402
from keys import keys  # noqa: E402
from ledger import ledger  # noqa: E402
from membership import membership  # noqa: E402
from receipts import receipts  # noqa: E402
from results import Section, keep, kept, markdown, table, target_rows  # noqa: E402
from seal import seal  # noqa: E402
from sealed_release import sealed_release  # noqa: E402
from sealed_store import sealed_store  # noqa: E402
from service import service  # noqa: E402
from service_pages import service_pages  # noqa: E402
from store import store  # noqa: E402
from vault_logs import vault_logs  # noqa: E402

PEERS = {"point": ("cedarpy", "regopy"), "store": ("dpdpkit",)}
"""What is installed for a part beside Troth: bench/requirements.txt."""


VAULT = ("keys", "seal", "vault-logs", "sealed-release", "sealed-store", "erasing")
"""The parts of the vault: ``--only vault`` runs them all."""


SERVICE = ("service", "service-pages")
"""The parts of the service: ``--only service`` runs both."""


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python bench", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=(*RUNS, "vault"),
        default=tuple(RUNS),
        help="the parts to run (all); vault stands for: "
        + ", ".join(VAULT)
        + "; service for: "
        + ", ".join(SERVICE),
    )
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
    parser.add_argument(
        "--largest", type=int, default=10_000_000,
        help="events, entries and labels of store, ledger and membership (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: whether it runs")
    asked = parser.parse_args()
    if "vault" in asked.only:
        asked.only = [*asked.only, *VAULT]
    if "service" in asked.only:
        asked.only = [*asked.only, *SERVICE]
    if asked.quick:
        asked.sizes, asked.rounds, asked.point, asked.times = [100_000], 1, 20_000, 1
        asked.largest = 100_000
    return asked


def _vault_logs(asked: argparse.Namespace) -> Section:
    folder = conversations(None)
    return vault_logs(folder, 1, (2, 4), 1_000) if asked.quick else vault_logs(folder, asked.rounds)


RUNS: Mapping[str, Callable[[argparse.Namespace], Section]] = {
    "columns": lambda asked: parts.columns(asked.sizes, asked.rounds),
    "point": lambda asked: parts.point(asked.point),
    "terms": lambda _: parts.terms(parts.shared_scenarios()),
    "build": lambda asked: parts.build(asked.rounds, asked.times),
    "store": lambda asked: store(asked.rounds, largest=asked.largest),
    "ledger": lambda asked: ledger(asked.largest),
    "membership": lambda asked: membership([max(asked.largest // 10, 1_000), asked.largest]),
    "receipts": lambda _: receipts(),
    "keys": lambda asked: keys(max(asked.largest, 1_000_000), max(asked.largest // 10, 100_000)),
    "seal": lambda asked: seal(2_000, 3, 200) if asked.quick else seal(),
    "vault-logs": _vault_logs,
    "sealed-release": lambda asked: (
        sealed_release(200, (2_048,), 1)
        if asked.quick
        else sealed_release(asked.largest // 2_000, rounds=asked.rounds)
    ),
    "sealed-store": lambda asked: sealed_store(4_000, 100, 1) if asked.quick else sealed_store(),
    "erasing": lambda asked: erasing(2_000, 3) if asked.quick else erasing(asked.largest // 10),
    "service": lambda asked: service(asked.largest // 10, 2.0 if asked.quick else 5.0),
    "service-pages": lambda asked: service_pages(1 if asked.quick else 5),
    "audit": lambda asked: audited([asked.largest // 100, asked.largest // 10]),
}


def main() -> None:
    """Run what is asked for, show it and write it down."""
    asked = arguments()
    missing = [peer for name in asked.only for peer in PEERS.get(name, ()) if find_spec(peer) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing: pip install -r bench/requirements.txt")
    command = " ".join(["python bench", *sys.argv[1:]])
    sections = []
    for name in RUNS:
        if name in asked.only:
            sections.append(RUNS[name](asked))
            if not asked.quick:
                keep(name, sections[-1], command)
            print(f"\n{sections[-1].title}\n\n{table(sections[-1].head, sections[-1].rows)}", flush=True)
    print("\n" + table(("work", "aim", "reached", "met"), target_rows(sections)))
    if not asked.quick:
        (HERE / "RESULTS.md").write_text(markdown(kept(tuple(RUNS))), encoding="utf-8")


if __name__ == "__main__":
    main()
