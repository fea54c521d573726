"""Text that would be code where it lands: in every field that is taken, on every page, in every address; and fields nobody asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from consoles import HOSTILE, Operator, office
from store_servers import postgres_server
from web_worlds import World, served

import troth.web.pages
from troth.history.vocabulary import EVENTS
from troth.operations.workspace.opened import now
from troth.operations.workspace.receipts.lineage import add_lineage
from troth.web.access.callers import PERSON, Caller
from troth.web.access.keys import new_key
from troth.web.access.rights import RIGHTS
from troth.web.access.sessions import COOKIE, new_session
from troth.web.api.endpoint import Endpoint
from troth.web.api.interface import ENDPOINTS
from troth.web.keeping import opened_tables

TALK = f"talk {HOSTILE}"
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE api_key; --",
    '" OR ""="',
    "x') UNION SELECT * FROM session --",
    "\\' OR 1=1 --",
    "%",
    "_",
)
ODD = (
    HOSTILE,
    "http://[",
    "//evil.example",
    "javascript:alert(1)",
    "%00",
    "a" * 3_000,
    "-1",
    "é\u202e",
    *SQL,
)
"""What is put into every parameter of every page."""
PATHS = {name: quote(HOSTILE, safe="") for name in
         ("version", "digest", "conversation", "request", "job", "hold", "webhook", "delivery", "key")}  # fmt: skip


class Looked(HTMLParser):
    """What of a page a browser would run, load or send, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.links: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.wrong += [f"<{tag} {name}>" for name in told if name == "style" or name.startswith("on")]
        if tag in ("iframe", "object", "embed", "base", "style") or (tag == "meta" and "http-equiv" in told):
            self.wrong.append(f"<{tag}>")
        for name in told.keys() & {"href", "src", "action", "formaction", "data"}:
            loaded = tag in ("img", "script", "link")
            if not re.match(r"(/static/|data:)" if loaded else r"/(?!/)|#", told[name]):
                self.wrong.append(f"<{tag} {name}={told[name]}>")
        if tag == "a":
            self.links.append(told.get("href", "#"))
        self.script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.wrong.append(f"<script>{data}")

    def handle_endtag(self, tag: str) -> None:
        self.script = self.script and tag != "script"


def looked(page: str) -> Looked:
    found = Looked()
    found.feed(page)
    if "onerror=alert(2)>49" in page:
        found.wrong.append("a template was filled in twice")
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A shop in which everybody who may write anything wrote what would be code."""
    with office(tmp_path_factory.mktemp("hostile"), releases=("first",)) as found:
        found.record(*started())
        fill(found)
        yield found


def started() -> Iterator[dict[str, Any]]:
    at = "2025-10-25T00:00:00Z"
    both = {"conversation": TALK, "account": HOSTILE}
    yield {"event": "conversation.started", "id": f"start {HOSTILE}", "at": at, "project": HOSTILE, **both}
    yield {"event": "record.said", "id": f"said {HOSTILE}", "at": at, "record": f"r {HOSTILE}", **both}


def fill(shop: World) -> None:
    """Send it in every field that is a text: of events, of bodies; and where operators name things at the command line."""
    taken = refused = 0
    for kind, told in EVENTS.items():
        for name in told.fields:
            number = f"{kind} {name} {HOSTILE}"[:500]
            event = {"event": kind, "id": number, "at": "2025-10-26T00:00:00Z", "account": HOSTILE, "conversation": TALK,
                     "record": f"r {HOSTILE}", "organisation": HOSTILE, "plan": "pro", "audience": "group"}  # fmt: skip
            only = {field: event[field] for field in ("event", "id", "at", *told.required) if field in event}
            answer = shop.as_("product").post("/v1/events", json={"events": [{**only, name: HOSTILE}]})
            assert answer.status_code in (201, 403, 409, 422), answer.text
            taken, refused = taken + (answer.status_code == 201), refused + (answer.status_code != 201)
    assert taken > 5, "the fields that are free text take it"
    assert refused > 5, "those that are words of a vocabulary do not"
    documented = responses(shop)
    for endpoint in ENDPOINTS:
        for body in bodies(endpoint):
            answer = best(shop, endpoint).request(endpoint.method, filled(endpoint), json=body)
            assert str(answer.status_code) in documented[endpoint.act], (
                f"{endpoint.act} {body}: {answer.text}"
            )
    with opened_tables(shop.folder) as (tables, secret):
        new_key(tables, secret, "product", HOSTILE, now())
    for made in re.findall(
        r"sha256:[0-9a-f]{64}", shop.as_("product").get("/v1/uses", params={"account": HOSTILE}).text
    )[:1]:
        add_lineage(shop.folder, f"sha256:{'ab' * 32}", "model", HOSTILE, (made,))


def responses(world: World) -> dict[str, set[str]]:
    """The statuses that each operation says it answers with."""
    paths = httpx.get(f"{world.address}/openapi.json").json()["paths"]
    return {one["operationId"]: set(one["responses"]) for path in paths.values() for one in path.values()}


def bodies(endpoint: Endpoint) -> Iterator[Any]:
    """The example of an endpoint with each of its texts exchanged, and each field that it may have besides."""
    if endpoint.body is None:
        return
    fields = getattr(endpoint.body, "__struct_fields__", ())
    for name in fields:
        body = dict(endpoint.example or {})
        body[name] = [HOSTILE] if isinstance(body.get(name), list) or name.endswith("s") else HOSTILE
        yield {**body, **({"account": HOSTILE} if "account" in fields else {})}


def best(world: World, endpoint: Endpoint) -> httpx.Client:
    """A client that may."""
    return world.as_("product" if "product" in RIGHTS[endpoint.act].every else "owner")


def filled(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name, value in PATHS.items():
        path = path.replace("{" + name + "}", value)
    return path


@pytest.fixture(scope="module")
def visitors(shop: World) -> Iterator[dict[str, httpx.Client]]:
    """The owner at the console, and the person with the hostile name in the privacy centre."""
    service = shop.application.service
    assert service is not None
    made = new_session(service.tables, Caller(PERSON, "person:1", HOSTILE, key="1"), service.now(), 1800)
    owner = Operator(shop, "owner").client
    person = httpx.Client(base_url=shop.address, cookies={COOKIE: made.cookie}, timeout=30)
    yield {"/console": owner, "/privacy": person}
    owner.close()
    person.close()


def crawl(client: httpx.Client, start: str) -> dict[str, str]:
    """Every page that links lead to, by address."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting and len(found) < 60:
        address = waiting.pop(0)
        answer = client.get(address)
        assert answer.status_code < 500, address
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found[address] = answer.text
        for link in looked(answer.text).links:
            whole = urljoin(address, link.partition("#")[0])
            kind = re.sub(r"sha256[^/?]*|[0-9a-f]{32}", "…", whole)
            known = {re.sub(r"sha256[^/?]*|[0-9a-f]{32}", "…", one) for one in (*found, *waiting)}
            if whole.startswith(start) and kind not in known:
                waiting.append(whole)
    return found


@pytest.mark.parametrize("start", ["/console", "/privacy"])
def test_what_anybody_wrote_is_text_on_every_page(visitors: dict[str, httpx.Client], start: str) -> None:
    pages = crawl(visitors[start], start)
    assert len(pages) >= 5
    assert {address: looked(page).wrong for address, page in pages.items()} == {
        address: [] for address in pages
    }
    told = "".join(pages.values())
    assert told.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 3, "it is there, as text"


def parameters() -> set[str]:
    """The names of all parameters that pages read."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in Path(troth.web.pages.__file__).parent.rglob("*.py")
    )
    return set(re.findall(r'(?:query_params\.get\(|param\(visit, )"([a-z_]+)"', text)) | {"old", "new"}


@pytest.mark.parametrize("start", ["/console", "/privacy", "/ask"])
def test_no_parameter_of_a_page_becomes_code_or_breaks_it(
    visitors: dict[str, httpx.Client], start: str
) -> None:
    client = visitors["/console" if start == "/console" else "/privacy"]
    names = parameters()
    assert {"return", "told", "conversation", "preview", "cursor", "purpose"} <= names
    for address in {urlsplit(one).path for one in crawl(client, start)} if start != "/ask" else {"/ask"}:
        for odd in ODD:
            answer = client.get(address, params=dict.fromkeys(names, odd))
            assert answer.status_code < 500, (address, odd)
            assert looked(answer.text).wrong == [], (address, odd)
            assert "evil" not in answer.headers.get("location", "")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.act)
def test_a_field_that_an_endpoint_does_not_have_is_refused_and_not_dropped(
    world: World, endpoint: Endpoint
) -> None:
    """Mass assignment: nobody sets what the service sets itself, whatever it is called."""
    client, path = best(world, endpoint), re.sub(r"\{\w+\}", "none", endpoint.path)
    for more in ("id", "role", "at", "who", "allowed", "organisation_admin", "__class__", "state_", "secret"):
        if endpoint.body is None:
            answer = client.request(endpoint.method, path, params={more: "owner"})
        else:
            answer = client.request(endpoint.method, path, json={**(endpoint.example or {}), more: "owner"})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid"), more


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "sqlite":
        with served(tmp_path_factory.mktemp("sql")) as found:
            yield found
    else:
        with postgres_server() as url, served(tmp_path_factory.mktemp("sql-pg"), url) as found:
            yield found


def test_sql_in_a_value_is_a_value(store: World) -> None:
    """Each is answered as a name that nobody has, on both engines; and everything is still there afterwards."""
    store.open_account("victim")
    store.talk("victim", "victim-talk")
    store.choose("victim", "refused").raise_for_status()
    keys = store.as_("owner").get("/v1/keys").json()
    for endpoint in (one for one in ENDPOINTS if one.method == "GET"):
        names = [name for name in ("account", "conversation") if name in endpoint.query.__struct_fields__]
        for sql in SQL:
            answers = []
            for value in ("nobody-at-all", sql):
                path = re.sub(r"\{\w+\}", quote(value, safe=""), endpoint.path)
                answer = best(store, endpoint).get(path, params={names[0]: value} if names else {})
                told = answer.text.replace(json.dumps(value, ensure_ascii=False), '"X"')
                # The number of a request is its own, and the order of the buttons is drawn by the account.
                told = re.sub(r'"request":"[0-9a-f]+"|"layout":.*', "", told)
                answers.append((answer.status_code, told))
            if names or "{" in endpoint.path:
                assert answers[0] == answers[1], (endpoint.act, sql)
            assert answers[1][0] < 500
    for sql in SQL:
        store.choose(sql, "refused", key=f"key{SQL.index(sql)}").raise_for_status()
        store.record({"event": "account.opened", "id": sql, "at": "2025-01-01T00:00:00Z", "account": sql})
        history = store.as_("product").get("/v1/choices/history", params={"account": sql}).json()["choices"]
        assert [one["value"] for one in history] == ["refused"], "a pattern matches nobody else"
        assert store.as_("owner").request("DELETE", f"/v1/keys/{quote(sql, safe='')}").status_code == 404
        header = {"Authorization": f"Bearer troth_{sql}", "Idempotency-Key": quote(sql)}
        assert httpx.get(f"{store.address}/v1/terms", headers=header).status_code == 401
    assert store.as_("owner").get("/v1/keys").json() == keys
    assert (
        len(store.as_("product").get("/v1/choices/history", params={"account": "victim"}).json()["choices"])
        == 1
    )


def test_a_webhook_whose_address_is_half_a_one_is_refused_and_breaks_nothing(world: World) -> None:
    for url in ("http://[", "https://[::1", "https://a:b/", "https://\u2100.example/"):
        answer = world.as_("engineer").post("/v1/webhooks", json={"url": url, "events": ["choice.made"]})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid"), url


@pytest.mark.parametrize("name", ["a/b", "../keys/1", "/v1/keys", "a%2Fb", "?account=x#", HOSTILE])
def test_an_id_is_whatever_the_product_calls_it_and_no_address(world: World, name: str) -> None:
    world.open_account("slashes")
    world.talk("slashes", name)
    product, privacy = world.as_("product"), world.as_("privacy")
    keys = world.as_("owner").get("/v1/keys").json()["keys"]
    deleted = product.delete(f"/v1/conversations/{quote(name, safe='')}", params={"account": "slashes"})
    assert (deleted.status_code, deleted.json()["conversation"]) == (200, name)
    privacy.post("/v1/holds", json={"hold": name, "conversations": [name]}).raise_for_status()
    released = privacy.delete(f"/v1/holds/{quote(name, safe='')}")
    assert (released.json()["hold"], released.json()["stands"]) == (name, False)
    assert world.as_("owner").get("/v1/keys").json()["keys"] == keys
