"""``<troth-ask>`` in a real browser, against the real service: fair, readable and reachable for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from chromium import Shop, opened_shop, until, violations
from playwright.sync_api import Browser, Page, Route

from troth.ask.lint.dialog import Control, Dialog, Text, dialog_findings
from troth.types.moment import DAY, as_datetime, parse_moment

LOCALES = ("en", "de", "fr", "es", "ja", "ar")
BEFORE = parse_moment("2025-09-10T12:00:00Z")
LAST_DAY = {"en": "September 28, 2025", "de": "28. September 2025", "fr": "28 septembre 2025",
            "es": "28 de septiembre de 2025", "ja": "2025年9月28日", "ar": "سبتمبر"}  # fmt: skip
ANSWER = "troth-ask .answer[data-answer={}]"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A day before the deadline."""
    with opened_shop(tmp_path_factory.mktemp("component")) as found:
        found.world.stands_on(BEFORE)
        yield found
        assert found.problems == []


@pytest.fixture
def page(shop: Shop, browser: Browser) -> Iterator[Page]:
    made = shop.page(browser)
    yield made
    made.context.close()


@pytest.fixture
def late(shop: Shop) -> Iterator[Shop]:
    """After the deadline."""
    shop.world.clock.stands_at = parse_moment("2025-11-22T00:00:00Z")
    yield shop
    shop.world.stands_on(BEFORE)


MEASURE = """(dialog) => {
  const look = (e) => { const s = getComputedStyle(e), r = e.getBoundingClientRect(); return { text: e.textContent,
    width: r.width, height: r.height, size: parseFloat(s.fontSize), weight: Number(s.fontWeight), colour: s.color,
    background: s.backgroundColor, says: e.id, answer: e.dataset.answer || "later", tag: e.tagName.toLowerCase(),
    seen: r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth
      && e.getRootNode().elementFromPoint(r.left + r.width / 2, r.top + r.height / 2) === e }; };
  return { title: dialog.querySelector("h2").textContent, background: getComputedStyle(dialog).backgroundColor,
    controls: [...dialog.querySelectorAll("button")].map(look), texts: [...dialog.querySelectorAll("p")].map(look) };
}"""


def colour(told: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", told)[:3])


def measured(page: Page, locale: str, words: dict[str, str]) -> Dialog:
    """The dialog as it is drawn, in the form that the lint reads."""
    told = page.eval_on_selector("troth-ask dialog", MEASURE)
    named = {text: name for name, text in words.items()}
    controls = tuple(
        Control((one["answer"],), one["text"], one["tag"], one["width"], one["height"], one["size"], one["weight"],
                colour(one["colour"]), colour(one["background"] if one["answer"] != "later" else told["background"]),
                in_view=one["seen"])
        for one in told["controls"]
    )  # fmt: skip
    texts = tuple(
        Text(named.get(one["text"], one["says"] or "other"), one["text"], one["size"], colour(one["colour"]))
        for one in told["texts"]
        if one["text"]
    )
    return Dialog("troth.dialog/1", locale, told["title"], colour(told["background"]), controls, texts)


@pytest.mark.parametrize("locale", LOCALES)
def test_in_every_language_the_lint_finds_nothing_against_what_is_drawn(
    shop: Shop, page: Page, locale: str
) -> None:
    account = f"reader-{locale}"
    shop.world.open_account(account)
    page.set_viewport_size({"width": 320, "height": 640})
    shop.asked(page, account, locale)
    words = shop.world.ask(account, locale=locale)["notice"]["words"]
    found = measured(page, locale, words)
    assert [one.rule.name for one in dialog_findings(found, locale)] == []
    yes, no = (next(one for one in found.controls if one.does == (name,)) for name in ("yes", "no"))
    assert (yes.width, yes.height, yes.font_size, yes.font_weight) == (
        no.width,
        no.height,
        no.font_size,
        no.font_weight,
    )
    assert (yes.colour, yes.background) == (no.colour, no.background)
    assert LAST_DAY[locale] in page.inner_text("troth-ask #intro")
    assert page.eval_on_selector("troth-ask dialog", "(d) => [d.dir, d.lang]") == [
        "rtl" if locale == "ar" else "ltr",
        locale,
    ]


def test_the_keyboard_alone_reads_puts_off_and_answers(shop: Shop, page: Page) -> None:
    shop.world.open_account("keys")
    shop.asked(page, "keys")
    where = """() => { const e = document.querySelector("troth-ask").shadowRoot.activeElement;
      return e ? e.dataset.answer || e.className || e.localName : document.activeElement.id || "the page"; }"""
    assert page.evaluate(where) == "h2"
    ring = []
    for _ in range(10):
        page.keyboard.press("Tab")
        ring.append(page.evaluate(where))
    order = shop.world.ask("keys")["layout"]["order"]
    first, second = ("yes", "no") if order == "yes-first" else ("no", "yes")
    assert ring[:4] == ["says", first, second, "later"]
    assert "own" not in ring, "the page behind the question is reached"
    page.keyboard.press("Escape")
    until(page, "window.told.length === 1")
    assert [one["value"] for one in shop.history("keys")] == ["deferred"]
    assert page.evaluate("document.activeElement.id") == "own", "the focus returns to where it was"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_both_keys_press_the_button_that_has_the_focus(shop: Shop, page: Page, key: str) -> None:
    account = f"presses-{key}"
    shop.world.open_account(account)
    shop.asked(page, account)
    page.focus(ANSWER.format("no"))
    page.keyboard.press(key)
    page.wait_for_selector("troth-ask [role=status]")
    assert violations(page) == []
    assert [one["value"] for one in shop.history(account)] == ["refused"]
    page.keyboard.press(key)
    until(page, "document.activeElement.id === 'own'")
    assert page.evaluate("window.told[0][1].value") == "refused"


def test_after_the_deadline_closing_is_no_answer_and_nobody_is_let_past(page: Page, late: Shop) -> None:
    late.world.open_account("gated")
    late.asked(page, "gated")
    assert page.query_selector("troth-ask .later") is None
    for _ in range(3):  # a browser closes a dialog that is cancelled twice whatever the page says
        page.keyboard.press("Escape")
    page.wait_for_selector("troth-ask dialog[open]")
    assert page.eval_on_selector("troth-ask dialog", "(d) => d.matches(':modal')")
    assert violations(page) == []
    assert late.history("gated") == []
    page.click(ANSWER.format("yes"))
    page.wait_for_selector("troth-ask [role=status]")
    page.keyboard.press("Escape")
    until(page, "document.querySelector('troth-ask').shadowRoot.childElementCount === 0")
    assert [one["value"] for one in late.history("gated")] == ["granted"]


def test_the_record_says_what_was_shown_how_it_stood_and_when(shop: Shop, page: Page) -> None:
    shop.world.open_account("recorded")
    asked = shop.world.ask("recorded", locale="de")
    shop.asked(page, "recorded", "de-AT")
    page.click(ANSWER.format("yes"))
    page.wait_for_selector("troth-ask [role=status]")
    (made,) = shop.history("recorded")
    assert made["notice_digest"] == asked["notice"]["digest"]
    assert made["layout_digest"] == asked["layout"]["digest"]
    assert (made["locale"], made["notice"], made["mechanism"]) == ("de", "2025-08-28", "dialog")
    assert made.get("initial_state", "none") == "none"
    assert parse_moment(made["shown_at"]) <= parse_moment(made["at"])


HOSTILE = {
    "smaller letters": "troth-ask { font-size: 4px !important; letter-spacing: 9px; text-transform: uppercase }",
    "everything smaller": "* { font-size: 8px !important; width: 10px !important; opacity: .2 !important }",
    "parts and buttons": "troth-ask::part(answer), .answer, [data-answer=no], button, dialog { display: none !important; "
    "color: #eee !important; font-weight: 100 !important }",
    "faint and unclickable": "troth-ask { opacity: .1; color: #eee; pointer-events: none; user-select: none; "
    "font-weight: 100; -webkit-text-stroke: 3px #fff; text-shadow: 0 0 9px #000; visibility: hidden }",
    "moved and mirrored": "troth-ask { position: fixed; left: -9999px; transform: scale(.2); filter: blur(9px); direction: rtl }",
    "its own colours": ":root, troth-ask { --button: #eee !important; --button-text: #eee !important; --size: 3px !important }",
}  # fmt: skip


@pytest.mark.parametrize("how", HOSTILE)
def test_styles_of_the_page_do_not_reach_the_question(shop: Shop, page: Page, how: str) -> None:
    account = f"hostile-{how}"
    shop.world.open_account(account)
    shop.asked(page, account)
    plain, picture = (
        page.eval_on_selector("troth-ask dialog", MEASURE),
        page.locator("troth-ask dialog").screenshot(),
    )
    shop.product_page(page, account, style=HOSTILE[how])
    page.wait_for_selector("troth-ask dialog[open]")
    assert page.eval_on_selector("troth-ask dialog", MEASURE) == plain
    assert page.locator("troth-ask dialog").screenshot() == picture


@pytest.mark.parametrize(
    ("style", "why"),
    [
        ("troth-ask { display: none !important }", "they cannot be seen"),
        ("troth-ask { zoom: .4 }", "they are too small"),
        ("body { zoom: .9 }", "they are too small"),
    ],
)
def test_where_a_page_hides_or_shrinks_the_question_nothing_is_asked(
    shop: Shop, page: Page, style: str, why: str
) -> None:
    shop.world.open_account("shrunk")
    shop.product_page(page, "shrunk", style=style)
    until(page, "window.told.length > 0")
    assert page.evaluate("window.told") == [["troth-refused", {"reason": why}]]
    assert page.query_selector("troth-ask dialog") is None
    assert shop.history("shrunk") == []


def test_buttons_that_were_made_different_are_not_shown(shop: Shop, page: Page) -> None:
    shop.world.open_account("unequal")
    page.add_init_script("""const show = HTMLDialogElement.prototype.showModal;
      HTMLDialogElement.prototype.showModal = function () {
        this.querySelector("[data-answer=no]").style.opacity = ".5"; show.call(this); };""")
    shop.product_page(page, "unequal")
    until(page, "window.told.length > 0")
    assert page.evaluate("window.told") == [["troth-refused", {"reason": "they differ in opacity"}]]


def test_an_answer_whose_acknowledgement_was_lost_is_sent_again_and_counts_once(
    shop: Shop, page: Page
) -> None:
    shop.world.open_account("cut-off")
    shop.asked(page, "cut-off")
    keys: list[str | None] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            keys.append(route.request.headers.get("idempotency-key"))
            if len(keys) == 1:
                route.fetch()  # the service records it; the answer never arrives
                route.abort()
                return
        route.continue_()

    page.route(f"{shop.service}/v1/choices", lose)
    page.click(ANSWER.format("no"))
    until(page, "window.told.length === 1")
    words = shop.world.ask("reader-en")["notice"]["words"]
    assert page.inner_text("troth-ask [role=alert]") == words["failed"]
    assert violations(page) == []
    page.click(ANSWER.format("no"))
    page.wait_for_selector("troth-ask [role=status]")
    assert page.inner_text("troth-ask [role=status]") == words["saved_no"]
    assert keys[0] is not None
    assert keys == [keys[0]] * 2
    assert [one["value"] for one in shop.history("cut-off")] == ["refused"]


def test_a_token_that_ran_out_is_replaced_and_the_same_question_answered(shop: Shop, page: Page) -> None:
    shop.world.open_account("slow")
    shop.asked(page, "slow")
    shop.world.clock.stands_at = BEFORE + 3600_000_000
    try:
        page.click(ANSWER.format("yes"))
        until(page, "window.told.length === 1")
        assert page.evaluate("window.told[0]") == ["troth-failed", {"status": 401}]
        page.evaluate(
            "(token) => { document.querySelector('troth-ask').token = token }", shop.world.token("slow")
        )
        page.click(ANSWER.format("yes"))
        page.wait_for_selector("troth-ask [role=status]")
    finally:
        shop.world.stands_on(BEFORE)
    assert [one["value"] for one in shop.history("slow")] == ["granted"]


def test_who_has_answered_is_shown_nothing(shop: Shop, page: Page) -> None:
    shop.world.open_account("done")
    shop.world.choose("done", "refused")
    shop.product_page(page, "done")
    until(page, "window.told.length > 0")
    assert page.evaluate("window.told") == [["troth-none", {"reason": "answered"}]]


def test_a_style_of_the_product_reaches_both_buttons_alike(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    style = {"font_size": 20, "radius": 0, "light": {"button": "#0b6b3a", "text": "#202020"}}
    with opened_shop(tmp_path_factory.mktemp("styled"), style=style) as shop:
        page = shop.page(browser, 320)
        shop.asked(page, "new-here")
        looks = page.eval_on_selector_all(
            "troth-ask .answer",
            "(all) => all.map((e) => { const s = getComputedStyle(e); return [s.backgroundColor, s.fontSize] })",
        )
        assert looks == [["rgb(11, 107, 58)", "20px"]] * 2
        assert violations(page) == []
        page.context.close()


def test_somebody_whose_clock_is_ahead_can_answer_and_nothing_is_shown_after_its_answer(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    with opened_shop(tmp_path_factory.mktemp("ahead")) as shop:
        page = shop.page(browser)
        page.clock.set_fixed_time(as_datetime(shop.world.clock() + 366 * DAY))
        shop.asked(page, "ahead")
        page.click(ANSWER.format("yes"))
        page.wait_for_selector("troth-ask [role=status]")
        (made,) = shop.history("ahead")
        lasted = parse_moment(made["at"]) - parse_moment(made["shown_at"])
        assert 0 <= lasted < 60_000_000
        page.context.close()


def test_the_component_weighs_less_than_fifteen_kilobytes(shop: Shop) -> None:
    answer = shop.world.as_("nobody").get("/static/troth-ask.js")
    assert len(answer.content) < 15_000
    assert not re.search(rb"https?://(?!privacy\.example\.org)", answer.content), "it asks nobody else"
