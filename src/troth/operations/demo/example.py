"""The example product of a checkout: a small page that asks, with a service of its own.

It lies beside the package and is not part of it, so that an installed wheel has none. Whoever can write it can write the
package of the same checkout too.
"""

from __future__ import annotations

import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import troth
from troth.errors import Place, UsageError

_SCRIPT = Path("examples", "product", "run.py")
_NEEDS = ("fastapi", "httpx")
_INSTALL = "pip install '.[web]' clients/python"


def example_script() -> Path | None:
    """The script that runs the example, where this code runs from a checkout; None from an installed wheel."""
    script = Path(troth.__file__).resolve().parents[2] / _SCRIPT
    return script if script.is_file() else None


def require_example() -> Path:
    """The script, with everything that it needs. Raises `UsageError` where it is not here, or cannot run."""
    script = example_script()
    if script is None:
        raise UsageError(
            "the example product is not part of an installed troth",
            remedy=f"leave --serve out, or run python {_SCRIPT} in a checkout of the source",
        )
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the example product needs {' and '.join(missing)}", place=Place(str(script)), remedy=_INSTALL
        )
    return script


def how_to_start() -> str:
    """How somebody starts the example themselves: a command, and before it what is missing here."""
    script = example_script()
    if script is None:
        return f"python {_SCRIPT}  (in a checkout of the source; a chat page that asks its people)"
    missing = [name for name in _NEEDS if find_spec(name) is None]
    install = f"{_INSTALL} && " if missing else ""
    return f"{install}{shlex.join((sys.executable, str(script)))}  (a chat page that asks its people)"


def become_example(script: Path) -> NoReturn:
    """Run the example in the place of this process, so that Ctrl-C reaches it alone. It prints its addresses."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, str(script)])  # noqa: S606 - our own script, without a shell
