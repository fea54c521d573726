"""Golden pictures: how a page is drawn, kept small, and whether it is drawn as it was.

Two machines draw one page alike where they have the same fonts and a browser that draws alike: a probe, a page of letters and
edges that no change of ours can reach, tells whether this one does. Everywhere else the places of things are compared.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

GOLDEN = Path(__file__).parent / "golden"
LIST = GOLDEN / "list.json"
WIDTHS = (320, 1280)
HEIGHT = 800
TALLEST = 1800
"""Of a longer page the beginning is kept."""
FLAT = 1000
"""A colour whose areas fill one part in so many of a picture is kept, and compared, to the bit."""
MOST_AREAS = 12
NEAR = 96
"""By how much a channel of a kept picture may differ from what was drawn where it is no such colour: shades at the edges of letters."""
MOST_PIXELS = 40
"""So many pixels may differ by more than that: a button that has moved by one pixel changes more."""
BLOCK, MOST_MEAN = 32, 6
"""The mean colour of a square of so many pixels may differ by so much: paler words change more, softer edges less."""

SCROLL_BAR = 16
"""Pixels by which a place may differ: something scrolls where letters are larger."""

PROBE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 8px; width: 600px; background: #fff; color: #111; font: 16px/1.5 system-ui, sans-serif }
b { font-weight: 600 } code { font: 14px ui-monospace, monospace } i { display: inline-block; border: 2px solid #1f4b99; border-radius: 8px;
padding: 5px }</style><p>Quick <b>brown fox</b> jumps <code>0x1F</code> <i>Ja, nein – 1,234.50 %</i></p>
<p dir="rtl">هل نستخدم <b>محادثاتك</b> لتدريب</p><p>学習に<b>使って</b>もよいですか</p><button>OK</button> <input value="1"> <select><option>x</select>
<svg width="90" height="20"><text y="15" font-size="13">svg 2025</text><path d="M60 2 L88 18" stroke="#000"/></svg>"""

_DECODE = """async (data) => {
  const found = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
  const canvas = new OffscreenCanvas(found.width, found.height).getContext("2d", { willReadFrequently: true });
  canvas.drawImage(found, 0, 0);
  const bytes = canvas.getImageData(0, 0, found.width, found.height).data;
  const parts = [];
  for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  return [found.width, found.height, btoa(parts.join(""))];
}"""

Pixels = NDArray[np.int16]
"""Rows of columns of red, green and blue."""


@dataclass(frozen=True)
class View:
    """How wide a page is looked at, and in which colours."""

    width: int
    scheme: Any
    forced: Any = "none"

    @property
    def pictured(self) -> bool:
        """Whether a picture of it is kept."""
        return self.width in WIDTHS and self.forced == "none"

    @property
    def scale(self) -> float:
        """The narrow light picture is kept in full; of the others half the size shows what there is to see."""
        return 1.0 if (self.width, self.scheme) == (WIDTHS[0], "light") else 0.5


VIEWS = tuple(
    View(width, *colours)
    for width in (320, 768, 1280)
    for colours in (("light",), ("dark",), ("light", "active"))
)
"""In the order in which they are looked at: where a page was wider before, a line may lie half a pixel elsewhere."""


def shown(page: Page, view: View) -> None:
    """Look at a page so."""
    page.set_viewport_size({"width": view.width, "height": HEIGHT})
    page.emulate_media(color_scheme=view.scheme, forced_colors=view.forced)
    # A frame in which it has arrived.
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


def drawn(page: Page, view: View) -> bytes:
    """The page as it stands in the view, as PNG: down to its end, or to `TALLEST`."""
    height = min(max(page.evaluate("document.documentElement.scrollHeight"), HEIGHT), TALLEST)
    session = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "width": view.width, "height": height, "scale": view.scale}
    answer = session.send(
        "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": height > HEIGHT}
    )
    session.detach()
    return base64.b64decode(answer["data"])


def probe(page: Page) -> str:
    """SHA-256 of how this machine draws the probe."""
    page.set_viewport_size({"width": 640, "height": 240})
    page.emulate_media(color_scheme="light", forced_colors="none")
    page.set_content(PROBE)
    return hashlib.sha256(page.screenshot()).hexdigest()


def pixels(page: Page, png: bytes) -> Pixels:
    """The pixels of a picture; ``page`` is any page whose policy lets it read them."""
    width, height, told = page.evaluate(_DECODE, base64.b64encode(png).decode())
    found = np.frombuffer(base64.b64decode(told), np.uint8).reshape(height, width, 4)
    return found[:, :, :3].astype(np.int16)


def differences(golden: Pixels, now: Pixels) -> list[str]:
    """In what two pictures differ, in words; nothing where a person would see no difference."""
    if golden.shape != now.shape:
        return [f"it is {now.shape[1]}x{now.shape[0]}, and was {golden.shape[1]}x{golden.shape[0]}"]
    found = [f"the colour {_hex(one)} is new" for one in sorted(_areas(now) - _colours(golden))]
    found += [f"the colour {_hex(one)} is gone" for one in sorted(_areas(golden) - _colours(now))]
    found += _where(np.abs(golden - now).max(axis=2) > NEAR, MOST_PIXELS, "pixels")
    # In the few colours of the kept picture, so that one that is drawn alike has no difference at all.
    apart = np.abs(_means(golden) - _means(_in_colours_of(golden, now))).max(axis=2)
    return found + _where(apart > MOST_MEAN, 0, f"squares of {BLOCK} pixels")


def _where(differ: NDArray[np.bool_], most: int, what: str) -> list[str]:
    rows, columns = np.nonzero(differ)
    if len(rows) <= most:
        return []
    return [
        f"{len(rows)} {what} differ, from ({columns.min()}, {rows.min()}) to ({columns.max()}, {rows.max()})"
    ]


def _means(found: Pixels) -> NDArray[np.float64]:
    height, width, _ = found.shape
    edged = np.pad(found.astype(float), ((0, -height % BLOCK), (0, -width % BLOCK), (0, 0)))
    return edged.reshape(len(edged) // BLOCK, BLOCK, -1, BLOCK, 3).mean(axis=(1, 3))


def _in_colours_of(golden: Pixels, found: Pixels) -> Pixels:
    palette = _rgb(np.unique(_numbers(golden)))
    values, inverse = np.unique(_numbers(found), return_inverse=True)
    nearest = _nearest(_rgb(values), palette)
    return palette[nearest][inverse].reshape(found.shape).astype(np.int16)


def quantised(found: Pixels) -> bytes:
    """A small PNG of at most sixteen colours: those that fill areas as they are, shades to the nearest."""
    height, width, _ = found.shape
    numbers = _numbers(found)
    values, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    rgb, areas = _rgb(values), _areas(found)
    palette = _palette(rgb, counts, [place for place, value in enumerate(values) if int(value) in areas])
    rows = _nearest(rgb, rgb[palette])[inverse].reshape(height, width).astype(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, width % 2)))
    packed = (rows[:, 0::2] << 4) | rows[:, 1::2]
    above = packed.copy()
    above[1:] = packed[1:] - packed[:-1]
    data = min((_compressed(packed, 0), _compressed(above, 2)), key=len)
    head = struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)
    colours = rgb[palette].astype(np.uint8).tobytes()
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _palette(rgb: NDArray[Any], counts: NDArray[Any], areas: list[int]) -> list[int]:
    """Which colours are kept: those of areas, then what is farthest from all that are kept."""
    kept = list(areas)
    while len(kept) < 16:
        far = np.abs(rgb[:, None, :] - rgb[kept][None]).max(axis=2).min(axis=1)
        worth = np.where(far > NEAR * 2 // 3, far * np.sqrt(counts), 0)
        if not worth.any():
            break
        kept.append(int(worth.argmax()))
    return kept


def _numbers(found: Pixels) -> NDArray[Any]:
    wide = found.astype(np.uint32)
    return (wide[:, :, 0] << 16) | (wide[:, :, 1] << 8) | wide[:, :, 2]


def _colours(found: Pixels) -> set[int]:
    return set(np.unique(_numbers(found)).tolist())


def _areas(found: Pixels) -> set[int]:
    """The colours that fill areas, not the shades of letters: of a pixel and of those beside and below it."""
    numbers = _numbers(found)
    inside = (numbers[:-1, :-1] == numbers[1:, :-1]) & (numbers[:-1, :-1] == numbers[:-1, 1:])
    values, counts = np.unique(numbers[:-1, :-1][inside], return_counts=True)
    most = np.argsort(-counts)[:MOST_AREAS]
    return {int(values[one]) for one in most if counts[one] * FLAT >= numbers.size}


def _rgb(numbers: NDArray[Any]) -> NDArray[Any]:
    return np.stack([(numbers >> 16) & 255, (numbers >> 8) & 255, numbers & 255], axis=1).astype(int)


def _nearest(colours: NDArray[Any], palette: NDArray[Any]) -> NDArray[Any]:
    """For each colour the place of the nearest one of a palette."""
    return np.abs(colours[:, None, :] - palette[None]).sum(axis=2).argmin(axis=1)


def _hex(colour: int) -> str:
    return f"#{colour:06x}"


def _compressed(rows: NDArray[np.uint8], kind: int) -> bytes:
    marks = np.full((len(rows), 1), kind, np.uint8)
    return zlib.compress(np.concatenate([marks, rows], axis=1).tobytes(), 9)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


_PLACES = """() => {
  const root = document.querySelector("troth-ask")?.shadowRoot || document;
  const block = "h1, h2, h3, :is(input, select, textarea):not(.fields *), .card, .answer, .later, .close";
  return [...root.querySelectorAll(`${block}, button, .button, table, svg, nav a`)]
    .map((one) => [one, one.getBoundingClientRect()]).filter(([one, at]) => at.width && at.height)
    .map(([one, at]) => [one.localName, one.matches(block), Math.round(at.left), Math.round(at.right)]);
}"""
Place = tuple[str, bool, int, int]
"""What it is, whether its place follows from the width alone and from no font, and its left and right in pixels."""


def places(page: Page) -> list[Place]:
    """Where what one reads and presses stands, in the order of the document."""
    return [tuple(one) for one in page.evaluate(_PLACES)]


def misplaced(golden: Sequence[Sequence[Any]], now: Sequence[Place], width: int) -> list[str]:
    """What is gone, new, in another order, outside of the page or elsewhere, as far as it can be told with other fonts."""
    was, there = [one[0] for one in golden], [one[0] for one in now]
    if was != there:
        return [f"it has {' '.join(there)}, and had {' '.join(was)}"]
    found = []
    for (name, block, left, right), (_, _, now_left, now_right) in zip(golden, now, strict=True):
        if block and max(abs(left - now_left), abs(right - now_right)) > SCROLL_BAR:
            found.append(f"{name} reaches from {now_left} to {now_right}, and did from {left} to {right}")
        if not block and right <= width < now_right:
            found.append(f"{name} reaches to {now_right}, out of the page")
    return found


def read_list() -> Mapping[str, Any]:
    """What is known of the kept pictures: the probe, and of each its digest as drawn, and its places."""
    told: Mapping[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return told
