"""The console over HTTP: who sees and does what, that each act is logged, and that nothing foreign becomes code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from consoles import HOSTILE, PURPOSE, ROLES, Operator, office
from store_servers import postgres_server
from web_worlds import World

from troth.web.access.rights import RIGHTS
from troth.web.access.sessions import COOKIE
from troth.web.pages.console.rights import CONSOLE
from waiting import awaited

PAGES = {
    "/console": "console.overview", "/console/terms": "terms.list", "/console/terms/2025-09-27": "terms.show",
    "/console/reach": "console.reach", "/console/releases": "console.releases", "/console/retention": "console.retention",
    "/console/requests": "requests.list", "/console/receipt": "console.receipt", "/console/keys": "keys.list",
    "/console/webhooks": "webhooks.list", "/console/acts": "acts.list",
}  # fmt: skip
FORMS = {
    "/console/reach": ("console.reach.count", {"purpose": PURPOSE}),
    "/console/releases": ("builds.make", {"name": "", "purpose": PURPOSE, "seed": "1", "share": "1"}),
    "/console/retention/look": ("console.retention.look", {}),
    "/console/holds": ("holds.place", {"hold": "matrix", "accounts": "nobody"}),
    "/console/holds/release": ("holds.release", {"hold": "no-such-hold"}),
    "/console/requests": ("requests.close", {"request": "none", "state": "answered"}),
    "/console/keys": ("keys.revoke", {"number": "none"}),
    "/console/webhooks": ("webhooks.end", {"webhook": "none"}),
    "/console/webhooks/none": ("deliveries.replay", {"delivery": "none"}),
}
"""What is sent to each address, and the act that it is."""
EVERY = {**RIGHTS, **CONSOLE}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with office(tmp_path_factory.mktemp("console"), releases=("first", "second")) as found:
        yield found


@pytest.fixture(scope="module")
def operators(shop: World) -> Iterator[dict[str, Operator]]:
    found = {role: Operator(shop, role) for role in ROLES}
    yield found
    for one in found.values():
        one.client.close()


@pytest.fixture
def owner(operators: dict[str, Operator]) -> Operator:
    return operators["owner"]


def may(role: str, act: str) -> bool:
    return role in (*EVERY[act].every, *EVERY[act].own)


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


class Tags(HTMLParser):
    """The elements of a page with their attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.found}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def once(see: Callable[[], str], there: str) -> str:
    """A page as soon as something stands on it."""
    return awaited(see, lambda page: there in page)


def acts(owner: Operator) -> set[tuple[str, str, str]]:
    """Each act in the ledger: what, as which role, and the answer."""
    rows = re.findall(r"<tr><td.*?</tr>", owner.see("/console/acts"), re.S)
    found = [re.findall(r">([^<>\n]+)<", row) for row in rows]
    return {(one[1], one[3], one[4]) for one in found}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_the_roles_that_may_and_is_offered_to_them_alone(
    operators: dict[str, Operator], path: str, role: str
) -> None:
    answer = operators[role].get(path)
    allowed = may(role, PAGES[path])
    assert answer.status_code == (200 if allowed else 403), words(answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    if path.count("/") < 3:
        links = operators[role].see("/console")
        assert (f'<a href="{path}"' in links) == allowed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", FORMS)
def test_a_form_does_what_the_role_may_and_refuses_the_rest(
    operators: dict[str, Operator], path: str, role: str
) -> None:
    act, form = FORMS[path]
    answer = operators[role].send(path, **form)
    if may(role, act):
        assert answer.status_code in (303, 404, 409, 422), words(answer.text)
    else:
        assert answer.status_code == 403
        assert f"The role {role} may not do this" in words(answer.text)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Operator]]:
    """The owner of one shop with SQLite, and of the same with PostgreSQL, in which nobody has done anything."""
    with ExitStack() as open_:
        owners = []
        for store in ("sqlite", open_.enter_context(postgres_server())):
            folder = tmp_path_factory.mktemp("console-pair")
            owners.append(
                Operator(
                    open_.enter_context(office(folder, releases=("first", "second"), store=store)), "owner"
                )
            )
            open_.callback(owners[-1].client.close)
        yield owners


def alike(page: str) -> str:
    """The words of a page without what is made by chance, by the moment, or by who looked before."""
    told = words(
        re.sub(r"<tbody>.*?</tbody>", "", page, flags=re.S) if "What operators did" in page else page
    )
    told = re.sub(r"[A-Za-z0-9+/]{43}=|[0-9a-f]{12,}|troth_[a-z0-9]{10}", "…", told)
    told = re.sub(r"\d+ [A-Z][a-z]+ 20(?!25)\d\d(, \d\d:\d\d UTC)?", "today", told)
    return re.sub(r"(Entries|In the newest checkpoint|Waiting for a place|first) [\d,]+", r"\1 some", told)


def settled(owner: Operator, path: str) -> str:
    """What a page says when it waits for nothing any more."""
    return alike(awaited(lambda: owner.see(path), lambda page: "data-again" not in page))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_the_same_on_postgres(pair: list[Operator], path: str) -> None:
    on_sqlite, on_postgres = (settled(owner, path) for owner in pair)
    assert on_postgres == on_sqlite


def test_an_auditor_sees_no_form_but_reading_ones(operators: dict[str, Operator]) -> None:
    for path in PAGES:
        forms = re.findall(r'<form method="post" action="([^"]+)"', operators["auditor"].see(path))
        assert {*forms} <= {"/sign-out", "/console/receipt"}, path
    assert "/console/holds" in operators["privacy"].see("/console/retention")


def test_what_is_looked_at_done_and_refused_is_in_the_ledger(operators: dict[str, Operator]) -> None:
    operators["auditor"].see("/console/retention")
    operators["engineer"].get("/console/retention")
    operators["auditor"].send("/console/keys", number="none")
    wanted = {
        ("console.retention", "auditor", "allowed"), ("holds.list", "auditor", "allowed"),
        ("console.retention", "engineer", "denied"), ("keys.revoke", "auditor", "denied"),
    }  # fmt: skip
    awaited(lambda: acts(operators["owner"]), lambda found: wanted <= found)


@pytest.mark.parametrize("path", [*PAGES, "/console/work/none", "/console/releases/none"])
def test_without_a_session_there_is_an_entrance_that_leads_back(shop: World, path: str) -> None:
    answer = httpx.get(shop.address + path)
    assert answer.status_code == 401
    assert f'href="/sign-in?back={path}"' in answer.text
    assert "example.org/shop" not in answer.text


@pytest.mark.parametrize("origin", [None, "https://evil.example.org", "null"])
def test_a_form_of_another_site_changes_nothing(shop: World, owner: Operator, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    form = {"csrf": owner.csrf, "hold": "forged", "everything": "1"}
    assert owner.client.post("/console/holds", data=form, headers=headers).status_code == 403
    guessed = owner.client.post(
        "/console/holds", data={**form, "csrf": "x"}, headers={"Origin": owner.origin}
    )
    assert guessed.status_code == 403
    files = {name: (None, value.encode()) for name, value in form.items()}
    assert owner.client.post("/console/receipt", files=files, headers=headers).status_code == 403
    assert "forged" not in owner.see("/console/retention")


def test_a_session_of_a_person_opens_nothing(shop: World) -> None:
    from troth.web.access.callers import Caller
    from troth.web.access.sessions import new_session

    service = shop.application.service
    assert service is not None
    made = new_session(service.tables, Caller("person", "person:1", "ada", key="1"), service.now(), 60)
    answer = httpx.get(f"{shop.address}/console", cookies={COOKIE: made.cookie})
    assert answer.status_code == 403


def test_the_overview_counts_how_people_stand(owner: Operator) -> None:
    page = once(lambda: owner.see("/console"), "Picture: improve_models")
    told = words(page)
    for state in ("Yes 2 40.0 %", "Undecided 1 20.0 %", "No 1 20.0 %", "Yes, taken back 1 20.0 %"):
        assert state in told
    # Weeks are counted back from today, so that they end on whatever day of the week it is.
    assert re.search(r"2\d September 2025 0 5 0 0 0", told)
    assert re.search(r"2\d November 2025 2 1 1 1 0", told)
    assert "None is asked. Without witnesses" in told


def test_reach_is_counted_by_reason(owner: Operator) -> None:
    told = words(once(lambda: owner.see(f"/console/reach?purpose={PURPOSE}"), "Records in the vault"))
    for row in ("Allowed choice_granted", "Denied refused", "Denied withdrawn", "Denied undecided"):
        assert row in told
    assert "Records in the vault 10 May be used 4 May not 6" in told
    assert owner.get("/console/reach?purpose=everything").status_code == 422


def test_a_release_shows_where_every_record_went_and_the_withdrawn_one_says_why(owner: Operator) -> None:
    listed = owner.see("/console/releases")
    found = re.findall(r'href="(/console/releases/sha256[^"]+)"', listed)
    assert len(found) == 2
    stands, withdrawn = words(owner.see(found[0])), words(owner.see(found[1]))
    assert "4 of 10 records, for general model training" in stands
    assert "Withdrawn" not in stands
    assert f"Withdrawn: built by mistake {HOSTILE}" in withdrawn
    sent = owner.send(f"{found[0]}/verify")
    assert sent.status_code == 303
    told = words(once(lambda: owner.see(sent.headers["location"]), "</ol>"))
    assert "Signer not established" in told
    assert "Passed. The counts add up" in told
    assert "Not checked. A trusted key signed it" in told
    assert owner.send("/console/releases/sha256%3Anothing/verify").status_code == 404


def test_a_release_is_built_from_the_page_and_looked_at(tmp_path: Path) -> None:
    with office(tmp_path) as shop:
        engineer = Operator(shop, "engineer")
        assert 'action="/console/releases"' in engineer.see("/console/releases")
        form = {"name": "from-the-page", "purpose": PURPOSE, "seed": "7", "share": "100", "key": "once"}
        sent = [engineer.send("/console/releases", **form) for _ in range(2)]
        assert {one.status_code for one in sent} == {303}
        assert len({one.headers["location"] for one in sent}) == 1, "sent twice, built once"
        page = once(lambda: engineer.see(sent[0].headers["location"]), "is built")
        assert "The release from-the-page is built: 4 of 10 records." in words(page)
        link = re.search(r'href="(/console/releases/sha256[^"]+)"', page)
        assert link is not None
        assert "4 of 10 records, for general model training" in words(engineer.see(unescape(link[1])))
        for wrong in ({"name": "../escape"}, {"name": ""}, {"seed": "-1"}, {"seed": "x"}, {"share": "0"}, {"share": "nan"},
                      {"share": "101"}, {"purpose": "anything"}):  # fmt: skip
            answer = engineer.send("/console/releases", **{**form, **wrong, "key": "other"})
            assert answer.status_code == 422, wrong
            assert "This cannot be built" in words(answer.text)
        engineer.client.close()


def test_a_change_of_the_terms_is_simulated_on_the_real_history(shop: World, owner: Operator) -> None:
    newest = max(Path(shop.settings.terms).glob("*.toml")).read_text(encoding="utf-8")
    stricter = newest.replace('"pro", ', "")
    assert stricter != newest
    refused = owner.upload("/console/simulate", terms=stricter)
    assert (refused.status_code, "tick at least one purpose" in refused.text) == (422, True)
    sent = owner.upload("/console/simulate", stricter.encode(), terms="", **{f"purpose-{PURPOSE}": "1"})
    assert sent.status_code == 303, words(sent.text)
    told = words(once(lambda: owner.see(sent.headers["location"]), "<svg"))
    assert "Allowed before, denied under yours 4 records of 2 people" in told
    assert "Denied before, allowed under yours 0" in told
    broken = owner.upload("/console/simulate", terms=f"name = {HOSTILE}", **{f"purpose-{PURPOSE}": "1"})
    page = once(lambda: owner.see(broken.headers["location"]), "It did not work")
    assert "<img src=x" not in page


def test_two_versions_are_compared_in_words(owner: Operator) -> None:
    told = words(owner.see("/console/terms?old=2025-05-01&new=2025-09-27"))
    assert "allowed (needed_to_serve) → denied (choice_required)" in told
    assert "Denied in the newer one, allowed before" in told
    assert owner.get("/console/terms?old=1999-01-01").status_code == 404


def test_a_hold_is_placed_once_and_released(operators: dict[str, Operator]) -> None:
    privacy = operators["privacy"]
    assert privacy.send("/console/holds", hold="nothing said of what").status_code == 422
    assert (
        privacy.send(
            "/console/holds", hold="case-7", accounts="ada\n\ncleo\n", until="2026-01-01"
        ).status_code
        == 303
    )
    assert privacy.send("/console/holds", hold="case-7", accounts="ada").status_code == 409
    told = words(privacy.see("/console/retention"))
    assert "case-7 accounts: ada, cleo. Said before 1 January 2026, 00:00 UTC." in told
    assert privacy.send("/console/holds/release", hold="case-7").status_code == 303
    assert "case-7" in told
    after = words(privacy.see("/console/retention?told=released"))
    assert "The hold is released." in after
    assert re.search(r"case-7 .*? released \d", after)


def test_looking_what_is_due_destroys_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as later:
        later.clock.stands_at = later.clock() + 8 * 365 * 86_400_000_000
        privacy = Operator(later, "privacy")
        assert "Nobody has looked yet" in words(privacy.see("/console/retention"))
        for _ in range(2):
            assert privacy.send("/console/retention/look").status_code == 303
            told = words(once(lambda: privacy.see("/console/retention"), "Past their date, and stay"))
        assert "Records past their date that go 2 Of conversations 1 Past their date, and stay 0" not in told
        assert re.search(r"Records past their date that go [1-9]", told), told
        assert re.search(r"Past their date, and stay [1-9]", told), told
        assert "a legal hold" in told
        assert f"of-{HOSTILE}" in told
        urgent = words(privacy.see("/console"))
        assert "records are past their date" in urgent
        privacy.client.close()


def test_requests_that_are_overdue_come_first_and_are_closed(tmp_path: Path) -> None:
    with office(tmp_path, furnished=False) as shop:
        for account in (HOSTILE, "ben"):
            asked = {"kind": "access", "account": account}
            shop.as_("privacy").post("/v1/requests", json=asked).raise_for_status()
        early = Operator(shop, "privacy")
        page = early.see("/console/requests")
        assert HOSTILE in words(page)
        assert "<img src=x" not in page
        assert "overdue" not in words(page)
        number = re.findall(r'name="request" value="([^"]+)"', page)[0]
        shop.clock.stands_at = shop.clock() + 40 * 86_400_000_000
        late = Operator(shop, "privacy")
        assert len(re.findall(r"overdue by \d+ days", words(late.see("/console/requests")))) == 2
        assert "2 or more requests" not in words(late.see("/console"))
        assert "2 requests of people are overdue" in words(late.see("/console"))
        assert late.send("/console/requests", request=number, state="lost").status_code == 422
        assert late.send("/console/requests", request=number, state="answered").status_code == 303
        assert number[:12] not in late.see("/console/requests")
        assert "forgotten" in words(late.see("/console/requests?state=answered"))
        assert late.send("/console/requests", request=number, state="refused").status_code == 409
        early.client.close()
        late.client.close()


def test_a_receipt_is_checked_pasted_or_as_a_file_and_a_changed_one_is_not_ours(
    shop: World, owner: Operator, tmp_path: Path
) -> None:
    receipt = shop.as_("product").get("/v1/receipts", params={"account": HOSTILE}).content
    pasted = owner.upload("/console/receipt", text=receipt.decode().replace("\n", "\r\n").rstrip())
    given = owner.upload("/console/receipt", receipt, text="")
    for answer in (pasted, given):
        assert "It is of this ledger, and holds" in words(answer.text)
        assert f"the account {HOSTILE}" in words(answer.text)
        assert "<script>alert" not in answer.text
    changed = owner.upload("/console/receipt", receipt.replace(b"granted", b"refused"))
    assert "It is not shown to be of this ledger" in words(changed.text)
    assert "What it says" not in words(changed.text)
    with office(tmp_path, furnished=False) as elsewhere:
        other = Operator(elsewhere, "owner")
        assert "It is not shown to be of this ledger" in words(other.upload("/console/receipt", receipt).text)
        other.client.close()


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"\x00" * 1000, b"<script>alert(1)</script>" * 100, HOSTILE.encode()]
)
def test_what_is_no_receipt_is_said_to_be_none(owner: Operator, data: bytes) -> None:
    answer = owner.upload("/console/receipt", data)
    assert answer.status_code in (200, 422)
    assert "It is of this ledger" not in answer.text
    assert "<script>alert" not in answer.text


def test_damaged_and_oversized_forms_are_refused(owner: Operator) -> None:
    headers = {"Origin": owner.origin, "Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n\x00\r\n--x--", b"--y--"):
        assert owner.client.post("/console/receipt", content=body, headers=headers).status_code in (403, 422)
    bare = {**headers, "Content-Type": "multipart/form-data"}
    assert owner.client.post("/console/receipt", content=b"--x--", headers=bare).status_code == 422
    assert owner.upload("/console/receipt", b"a" * 1_200_000).status_code == 413
    assert owner.send("/console/receipt", text="a").status_code == 415


def test_a_key_is_revoked_by_the_owner_and_then_opens_nothing(shop: World, owner: Operator) -> None:
    number = shop.keys["admin"].key.id
    assert f"troth_{number}_" in owner.see("/console/keys")
    assert shop.keys["admin"].text not in owner.see("/console/keys")
    assert owner.send("/console/keys", number=number).status_code == 303
    time.sleep(1.0)
    assert shop.as_("admin").get("/v1/terms").status_code == 401
    assert re.search(rf"troth_{number}_….*?revoked", words(owner.see("/console/keys?told=revoked")))


def test_what_was_sent_to_a_webhook_is_listed_and_sent_again(shop: World, owner: Operator) -> None:
    hook = {"url": "https://hooks.example.org/x?<b>", "events": ["choice.made"]}
    made = shop.as_("engineer").post("/v1/webhooks", json=hook).json()
    assert made["secret"] not in owner.see("/console/webhooks")
    shop.choose("ada", "refused").raise_for_status()
    path = f"/console/webhooks/{made['id']}"
    page = once(lambda: owner.see(path), "choice.made")
    delivery = re.search(r'name="delivery" value="([^"]+)"', page)
    assert delivery is not None
    assert owner.send(path, delivery=delivery[1]).status_code == 303
    assert owner.send("/console/webhooks", webhook=made["id"]).status_code == 303
    assert "ended" in words(owner.see("/console/webhooks"))


@pytest.mark.parametrize("path", PAGES)
def test_no_foreign_name_becomes_code(owner: Operator, path: str) -> None:
    read = Tags()
    read.feed(owner.see(path))
    assert "img" not in read.names
    for name, attributes in read.found:
        assert not [one for one in attributes if one == "style" or one.startswith("on")], (name, attributes)
        if name == "script":
            assert attributes["src"].startswith("/static/")
        if name in ("a", "form"):
            assert re.match(r"/|#", attributes.get("href", attributes.get("action", "/"))), attributes


def test_without_oidc_the_console_is_closed_and_says_why(tmp_path: Path) -> None:
    with office(tmp_path, oidc=False, furnished=False) as closed:
        owner = Operator(closed, "owner")
        for path in PAGES:
            answer = owner.get(path)
            assert answer.status_code == 503
            assert "Add [oidc] to service.toml" in words(answer.text)
        owner.client.close()


def test_a_new_shop_has_nothing_to_show_and_says_so(tmp_path: Path) -> None:
    with office(tmp_path, furnished=False) as empty:
        owner = Operator(empty, "owner")
        for path in PAGES:
            assert owner.get(path).status_code == 200, path
        assert "The vault holds no records" in once(
            lambda: owner.see("/console/reach"), "Records in the vault"
        )
        assert "There are none" in words(owner.see("/console/releases"))
        once(lambda: owner.see("/console"), "Picture: improve_models")
        owner.client.close()
