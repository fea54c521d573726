"""``python -m fuzz LAW [options of libFuzzer]``: looks for a text for which a law does not hold."""

from __future__ import annotations

import importlib
import sys
from typing import Any

# What is compiled when it is first used cannot be followed: it is imported first.
import troth.detect.names.tagger
import troth.detect.text.view  # noqa: F401

atheris: Any = importlib.import_module("atheris")  # it has no types

with atheris.instrument_imports(include=["troth"]):
    from fuzz.laws import LAWS
    from troth.detect.detector import standard


def main() -> None:
    """Fuzz one law until it breaks, or until the options say that it is enough."""
    if len(sys.argv) < 2 or sys.argv[1] not in LAWS:
        sys.exit(f"{__doc__}\nLAW is one of {', '.join(LAWS)}")
    law = LAWS[sys.argv.pop(1)]
    standard().find(["compile"])
    atheris.Setup(sys.argv, law)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
