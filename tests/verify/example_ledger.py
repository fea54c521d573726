"""The example ledger of the manual, ``docs/commands/examples/shop-ledger``, and what its auditor has beside it.

To write it again: ``python tests/verify/example_ledger.py docs/commands/examples``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from small_ledger import LOG, W1, SmallLedger, entries


def write_example(folder: Path) -> None:
    """Six entries, cosigned by one witness, with the checkpoints of the sizes 0, 2 and 6."""
    ledger = SmallLedger(folder / "shop-ledger", entries(6), published=(0, 2), witnesses=(W1,)).write()
    (folder / "shop-log.vkey").write_text(f"{LOG.vkey}\n")
    (folder / "shop.policy").write_text(f"log {LOG.vkey}\nwitness w1 {W1.vkey}\nquorum w1\n")
    (folder / "shop-older.checkpoint").write_bytes(ledger.checkpoint(2))


if __name__ == "__main__":
    write_example(Path(sys.argv[1]))
