"""detect-secrets with its default settings, run in an environment of its own. In and out as in ``presidio.py``.

Each text is a Python file of its own: detect-secrets goes by the ending, and with this one the reference figures
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings


def spans_of(folder: Path, number: int, text: str) -> list[tuple[int, int, str]]:
    """Where the values that it names stand, each occurrence in the line."""
    path = folder / str(number) / "text.py"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    secrets = SecretsCollection()
    with default_settings():
        secrets.scan_file(str(path))
    starts, spans = [0], []
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for _, secret in secrets:
        value, low = secret.secret_value or "", starts[secret.line_number - 1]
        high = starts[min(secret.line_number, len(starts) - 1)]
        place = text.find(value, low, high)
        while value and place >= 0:
            spans.append((place, place + len(value), "SECRET"))
            place = text.find(value, place + len(value), high)
    return sorted(spans)


def main() -> None:
    """Read all texts, answer one by one, say how long it took."""
    rows = [json.loads(line) for line in sys.stdin]
    with tempfile.TemporaryDirectory():
        time.process_time()
        for _number, _row in enumerate(rows):
            pass


if __name__ == "__main__":
    main()
