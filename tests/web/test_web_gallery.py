"""Every page in a real browser: nothing that WCAG 2.2 objects to in any width and colour, and drawn as somebody found it good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from chromium import violations
from gallery import Gallery, Scene, opened_gallery, scenes
from pictures import (
    GOLDEN,
    VIEWS,
    View,
    differences,
    drawn,
    misplaced,
    pixels,
    places,
    probe,
    read_list,
    shown,
)
from playwright.sync_api import Browser, Page

PICTURED = tuple(view for view in VIEWS if view.pictured)
GROUPS = ("question-existing", "question-signup", "question-renewal", "form", "privacy", "console")
LIST = read_list()
OTHER_FONTS = (
    "this machine has other fonts than the golden pictures are from: places were compared, not pixels"
)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Gallery]:
    with opened_gallery(tmp_path_factory.mktemp("gallery"), browser) as found:
        yield found
        assert found.problems == []


@pytest.fixture(scope="module")
def studio(browser: Browser) -> Page:
    """A page in which pictures are looked at."""
    return browser.new_page()


@pytest.fixture(scope="module")
def same_fonts(studio: Page) -> bool:
    """Whether this machine draws letters and edges as the one that the pictures are from."""
    return probe(studio) == LIST["probe"]


def unlike(studio: Page, name: str, png: bytes) -> list[str]:
    """In what a page is drawn otherwise than in its golden picture."""
    if hashlib.sha256(png).hexdigest() == LIST["pictures"][name]:
        return []
    return differences(pixels(studio, (GOLDEN / name).read_bytes()), pixels(studio, png))


@pytest.mark.parametrize("group", GROUPS)
def test_every_page_can_be_read_by_everybody_and_looks_as_it_did(
    gallery: Gallery, studio: Page, same_fonts: bool, group: str, tmp_path: Path
) -> None:
    page = gallery.page()
    objections: dict[str, list[str]] = {}
    for scene in scenes():
        if scene.name.startswith(group):
            gallery.open(page, scene)
            for view in VIEWS:
                shown(page, view)
                if not (scene.ruled or view.pictured):
                    continue
                found = objections_to(page, studio, scene, view, tmp_path if same_fonts else None)
                if found:
                    objections[f"{scene.name} {view}"] = found
            if scene.address and (found := unreached(page)):
                objections[f"{scene.name} with the keyboard"] = found
    page.close()
    assert objections == {}, f"what was drawn lies in {tmp_path}; keep it with tests/web/keep_pictures.py"
    if not same_fonts:
        pytest.skip(OTHER_FONTS)


UNEQUAL = """() => {
  const root = document.querySelector("troth-ask")?.shadowRoot || document;
  const look = (one) => { const s = getComputedStyle(one), r = one.getBoundingClientRect();
    return [r.width, r.height, s.fontSize, s.fontWeight, s.color, s.backgroundColor, s.borderColor, s.opacity, s.zIndex].join(" "); };
  const all = [...root.querySelectorAll(".answer")].map(look);
  return all.length === 0 || (all.length === 2 && all[0] === all[1]) ? [] : [`the answers differ: ${all.join(" | ")}`];
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.disabled)"""


def unreached(page: Page) -> list[str]:
    """What the key Tab does not come to, in the order in which it stands there, from the beginning to the end of a page."""
    # A field for a date has three parts, and each takes a Tab.
    most = page.evaluate(f"({REACHABLE})().length + 5 * document.querySelectorAll('[type=date]').length")
    page.evaluate("() => { document.activeElement.blur(); window.reached = []; }")
    page.evaluate(
        "() => addEventListener('focusin', (now) => { if (window.reached.at(-1) !== now.target) window.reached.push(now.target) })"
    )
    for _ in range(most):
        page.keyboard.press("Tab")
    return page.evaluate(
        f"() => {{ const all = ({REACHABLE})(); const there = new Set(window.reached);"
        " const order = [...there].filter((one) => all.includes(one)).map((one) => all.indexOf(one));"
        " const missed = all.filter((one) => !there.has(one)).map((one) => `not reached: ${one.outerHTML.slice(0, 100)}`);"
        " return order.every((at, place) => !place || at > order[place - 1]) ? missed : [...missed, `in another order: ${order}`]; }"
    )


def objections_to(page: Page, studio: Page, scene: Scene, view: View, folder: Path | None) -> list[str]:
    """What is against a page by the rules, and in what it is not as it was: with a folder for what was drawn, to the pixel."""
    found = [*(violations(page) if scene.ruled else ()), *page.evaluate(UNEQUAL)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("it is wider than the screen")
    if not (scene.pictured and view.pictured):
        return found
    found += misplaced(LIST["places"][f"{scene.name}-{view.width}"], places(page), view.width)
    if folder is not None:
        name, png = f"{scene.name}-{view.width}-{view.scheme}.png", drawn(page, view)
        different = unlike(studio, name, png)
        if different:
            (folder / name).write_bytes(png)
        found += different
    return found


def test_every_picture_is_of_something_that_is_looked_at() -> None:
    wanted = {
        f"{one.name}-{view.width}-{view.scheme}.png" for one in scenes() if one.pictured for view in PICTURED
    }
    assert wanted == {file.name for file in GOLDEN.glob("*.png")} == set(LIST["pictures"])
    assert sum(file.stat().st_size for file in GOLDEN.iterdir()) < 1_500_000


CHANGES: Mapping[str, tuple[str, str]] = {
    "a button two pixels further": ("button.main", "e.style.position = 'relative'; e.style.left = '2px'"),
    "a button that is lower": ("button.main", "e.style.marginTop = '3px'"),
    "another colour": ("button.main", "e.style.background = e.style.borderColor = '#1f4b9c'"),
    "paler words": ("p.soft", "e.style.color = '#b0b4bc'"),
    "a word more": ("h1", "e.textContent += ' now'"),
    "a part that is gone": (".note", "e.remove()"),
    "a narrower page": ("main", "e.style.paddingLeft = '1.2rem'"),
}


@pytest.mark.parametrize("view", PICTURED[:3:2], ids=["320", "1280"])
def test_a_small_change_is_seen(gallery: Gallery, studio: Page, same_fonts: bool, view: View) -> None:
    if not same_fonts:
        pytest.skip(OTHER_FONTS)
    (scene,) = (one for one in scenes() if one.name == "privacy-choices")
    page = gallery.page()
    gallery.open(page, scene)
    shown(page, view)
    golden = pixels(studio, (GOLDEN / f"{scene.name}-{view.width}-{view.scheme}.png").read_bytes())
    page.evaluate("() => { window.kept = document.body }")
    for change, (which, what) in CHANGES.items():
        page.evaluate("() => document.body.replaceWith(window.kept.cloneNode(true))")
        assert differences(golden, pixels(studio, drawn(page, view))) == []
        page.evaluate(f"() => {{ const e = document.querySelector({which!r}); {what}; }}")
        assert differences(golden, pixels(studio, drawn(page, view))) != [], change
    page.close()


def test_shades_at_the_edges_of_letters_are_no_difference(studio: Page) -> None:
    name = "privacy-choices-320-light.png"
    golden = pixels(studio, (GOLDEN / name).read_bytes())
    softer = golden.copy()
    softer[:, 1:] = (golden[:, 1:] * 3 + golden[:, :-1]) // 4  # each edge a quarter of a pixel to the side
    flat = (golden[:, 1:] == golden[:, :-1]).all(axis=2)
    softer[:, 1:][flat] = golden[:, 1:][flat]
    assert (softer != golden).any()
    assert differences(golden, softer) == []


def test_where_fonts_differ_what_moved_or_went_is_still_found() -> None:
    was = [("h1", True, 16, 304), ("button", False, 16, 120), ("input", True, 16, 304)]
    assert (
        misplaced(was, [("h1", True, 16, 304), ("button", False, 16, 190), ("input", True, 16, 300)], 320)
        == []
    )
    assert misplaced(was, was[:2], 320)
    assert misplaced(was, [was[0], was[2], was[1]], 320)
    assert misplaced(was, [("h1", True, 56, 304), *was[1:]], 320)
    assert misplaced(was, [was[0], ("button", False, 16, 330), was[2]], 320)
