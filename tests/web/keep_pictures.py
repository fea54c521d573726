"""Keep how every page is drawn now, after somebody has looked at it: ``python tests/web/keep_pictures.py [FOLDER]``.

FOLDER takes the pictures as they were drawn, in full colours, to look at.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "store")]

from chromium import started_chromium  # noqa: E402
from gallery import opened_gallery, scenes  # noqa: E402
from pictures import GOLDEN, LIST, VIEWS, drawn, pixels, places, probe, quantised, shown  # noqa: E402

from troth.web.logs import LOG  # noqa: E402


def keep(folder: Path, full: Path | None) -> int:
    """Draw everything and keep it; gives the bytes of all that is kept."""
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.png"):
        old.unlink()
    told: dict[str, dict[str, object]] = {"pictures": {}, "places": {}}
    with started_chromium() as browser, opened_gallery(folder, browser) as gallery:
        page, studio = gallery.page(), browser.new_page()
        for scene in scenes():
            if not scene.pictured:
                continue
            gallery.open(page, scene)
            for view in VIEWS:
                shown(page, view)
                if not view.pictured:
                    continue
                name, png = f"{scene.name}-{view.width}-{view.scheme}.png", drawn(page, view)
                (GOLDEN / name).write_bytes(quantised(pixels(studio, png)))
                told["pictures"][name] = hashlib.sha256(png).hexdigest()
                told["places"][f"{scene.name}-{view.width}"] = places(page)
                if full is not None:
                    (full / name).write_bytes(png)
        lines = [f'"{part}": {_table(told[part])}' for part in told]
        LIST.write_text("{" + ",\n".join([f'"probe": "{probe(studio)}"', *lines]) + "}\n", encoding="utf-8")
    return sum(file.stat().st_size for file in GOLDEN.iterdir())


def _table(told: dict[str, object]) -> str:
    lines = (
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in told.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    LOG.configure(as_json=False, write=lambda _: None)
    looked_at = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if looked_at is not None:
        looked_at.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        sys.stdout.write(f"{keep(Path(made), looked_at):,} bytes in {GOLDEN}\n")
