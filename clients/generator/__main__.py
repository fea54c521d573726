"""Makes both clients anew from the service's OpenAPI document: ``python clients/generator``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from python import python
from typescript import module, types

from troth.web.api.interface import ENDPOINTS
from troth.web.openapi import openapi

CLIENTS = Path(__file__).resolve().parents[1]


def made() -> dict[Path, str]:
    """Every file that is made, with its text."""
    document = openapi(ENDPOINTS)
    return {
        CLIENTS / "python/src/troth_client/interface.py": _formatted(python(document)),
        CLIENTS / "typescript/index.js": module(document),
        CLIENTS / "typescript/index.d.ts": types(document),
    }


def _formatted(text: str) -> str:
    """As the formatter of the project has it."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--config",
        str(CLIENTS.parent / "pyproject.toml"),
        "-",
    ]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=CLIENTS).stdout


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
