"""Computes the root of a small ledger with pymerkle 7: python roots_with_pymerkle.py LEDGER (up to 256,000 entries)."""

import base64
import sys
from pathlib import Path

from pymerkle import InmemoryTree

ledger = Path(sys.argv[1])
_, size, root = (ledger / "checkpoint").read_text().split("\n")[:3]
tree = InmemoryTree(algorithm="sha256")
for start in range(0, int(size), 256):
    partial = f".p/{int(size) - start}" if int(size) - start < 256 else ""
    bundle = (ledger / f"tile/entries/{start // 256:03}{partial}").read_bytes()
    while bundle:
        end = 2 + int.from_bytes(bundle[:2], "big")
        tree.append_entry(bundle[2:end])
        bundle = bundle[end:]
if base64.b64encode(tree.get_root()).decode() != root:
    sys.exit("pymerkle computes another root")
print(f"{tree.get_size()} entries, root {root}")  # noqa: T201
