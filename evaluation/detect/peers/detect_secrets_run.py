"""detect-secrets with its default settings, run in an environment of its own. In and out as in ``presidio_run.py``.

Each text is a Python file of its own: detect-secrets goes by the ending, and with this one the reference figures
of the corpora come out.
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


def say(answer: object) -> None:
    """One line of the answer."""
    sys.stdout.write(json.dumps(answer) + "\n")


def main() -> None:
    """Read all texts, answer one by one, say how long it took."""
    texts = [json.loads(line)["text"] for line in sys.stdin]
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        for number, text in enumerate(texts):
            say({"spans": spans_of(Path(folder), number, text)})
        say({"seconds": time.process_time() - began, "started": 0.0})


if __name__ == "__main__":
    main()
