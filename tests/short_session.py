"""A short coding session of five questions, so that a demo of it is done quickly."""

from __future__ import annotations

import json
from pathlib import Path


def write_session(folder: Path) -> Path:
    """Write it as Claude Code does; gives the file."""
    lines = [
        {"type": "user", "uuid": f"0000000{n}-0000-4000-8000-000000000000", "sessionId": "s", "timestamp": f"2025-12-0{n}T10:00:00Z",
         "message": {"role": "user", "content": f"Question {n} about ferns."}}
        for n in range(1, 6)
    ]  # fmt: skip
    file = folder / "session.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file
