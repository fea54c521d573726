"""Webhooks: signed, sent until they arrive, replayed, and never sent inside."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from web_worlds import World

from troth.errors import RefusedError
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.web.access.secret import Secret
from troth.web.hooks.signing import signed_headers
from troth.web.hooks.table import (
    KEPT,
    WAITS,
    ToTell,
    add_webhook,
    end_delivery,
    end_webhook,
    list_deliveries,
    plan_deliveries,
    replay_delivery,
    take_delivery,
    told_up_to,
)
from troth.web.hooks.targets import Lookup, check_target, post
from troth.web.tables.open import open_tables
from waiting import awaited

SECRET = Secret(bytes(32))


@dataclass
class Receiver:
    """A server of somebody else."""

    url: str = ""
    status: int = 204
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def of(found: Receiver, account: str) -> list[dict[str, object]]:
    events = [json.loads(body) for _, body in list(found.seen)]
    return [one for one in events if one["data"].get("account") == account]


def test_a_choice_is_told_as_a_signed_cloud_event_and_can_be_told_again(world: World) -> None:
    with receiver() as found:
        made = world.as_("engineer").post("/v1/webhooks", json={"url": found.url, "events": ["choice.made"]})
        assert made.status_code == 201
        secret = made.json()["secret"]
        world.choose("hooked", "refused")
        world.open_account("hooked")
        awaited(lambda: of(found, "hooked"))
        (event,) = of(found, "hooked")
        assert (event["specversion"], event["type"]) == ("1.0", "troth.choice.made")
        headers, body = next((h, b) for h, b in found.seen if b"hooked" in b)
        told = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.digest(key, told, "sha256")).decode()
        assert headers["webhook-signature"] == f"v1,{signature}"
        assert headers["webhook-id"] == event["id"]
        number = made.json()["id"]

        def sent() -> dict[str, object] | None:
            page = world.as_("auditor").get(f"/v1/webhooks/{number}/deliveries").json()
            return next(
                (one for one in page["deliveries"] if one["event"] == event["id"] and one["state"] == "sent"),
                None,
            )

        awaited(sent)
        delivery = sent()
        assert delivery is not None
        assert world.as_("engineer").post(f"/v1/deliveries/{delivery['id']}/replay").status_code == 202
        awaited(lambda: len(of(found, "hooked")) == 2)
        assert of(found, "hooked")[0] == of(found, "hooked")[1]
        listed = world.as_("engineer").get("/v1/webhooks").json()["webhooks"]
        assert all("secret" not in one for one in listed)
        assert world.as_("engineer").delete(f"/v1/webhooks/{number}").status_code == 200


def test_what_was_erased_is_not_told_any_more(world: World) -> None:
    with receiver() as found:
        found.status = 500
        made = (
            world.as_("engineer")
            .post("/v1/webhooks", json={"url": found.url, "events": ["choice.made"]})
            .json()
        )
        world.open_account("erased")
        world.choose("erased", "refused")
        awaited(lambda: of(found, "erased"))
        closed = {
            "event": "account.closed",
            "id": "close-erased",
            "at": "2026-01-01T00:00:00Z",
            "account": "erased",
        }
        world.record(closed)
        erase(ErasureRequest(world.folder, "anthropic-consumer", "asked for", account="erased"))

        def states() -> dict[str, str]:
            told = world.as_("engineer").get(f"/v1/webhooks/{made['id']}/deliveries").json()["deliveries"]
            return {one["id"]: one["state"] for one in told}

        def replayed() -> None:
            for name in states():
                world.as_("engineer").post(f"/v1/deliveries/{name}/replay")
            awaited(lambda: {*states().values()} == {"gone"})

        replayed()  # after this no attempt is under way that began before the erasure
        found.seen.clear()
        replayed()
        assert of(found, "erased") == []
        world.as_("engineer").delete(f"/v1/webhooks/{made['id']}")


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.org/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://192.168.1.1/",
     "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://[fe80::1]/",
     "https://user:pass@hooks.example.org/", "file:///etc/passwd", "gopher://x/", "https://", "https://a b/",
     "https://hooks.example.org/#x", "https://hooks.example.org:99999/", "https://224.0.0.1/"],
)  # fmt: skip
def test_a_webhook_leads_to_no_place_inside(url: str) -> None:
    with pytest.raises(RefusedError):
        check_target(url, inside=False)


def at(*addresses: str) -> Lookup:
    """Every name leads to these addresses."""
    return lambda *_: list(addresses)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.7", "::1"], ["::ffff:127.0.0.1"], ["100.64.0.1"], []]
)
def test_a_name_that_leads_inside_after_all_is_not_called(addresses: list[str]) -> None:
    with pytest.raises(RefusedError):
        post("https://hooks.example.org/", {}, b"", at(*addresses), inside=False)


def test_a_redirect_is_not_followed() -> None:
    with receiver() as found:
        found.status = 307
        assert post(found.url, {}, b"{}", at("127.0.0.1"), inside=True) == 307
        assert len(found.seen) == 1


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of standardwebhooks.com's reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_delivery_is_tried_with_longer_and_longer_waits_and_then_given_up(tmp_path: Path) -> None:
    tables = open_tables("sqlite", tmp_path)
    add_webhook(tables, SECRET, "w1", "https://hooks.example.org/", ["choice.made"], 1)
    event = ToTell("e1", "choice.made", 7)
    plan_deliveries(tables, [event, ToTell("e2", "hold.placed", 8)], 9, 10)
    plan_deliveries(tables, [event], 9, 10)
    assert told_up_to(tables) == 9
    at = 10
    for wait in WAITS:
        taken = take_delivery(tables, at)
        assert taken is not None
        assert take_delivery(tables, at) is None
        end_delivery(tables, taken, 500, at)
        assert take_delivery(tables, at + wait - 1) is None
        at += wait
    last = take_delivery(tables, at)
    assert last is not None
    end_delivery(tables, last, None, at)
    (found,) = list_deliveries(tables, "w1", None, 10)
    assert (found.state, found.attempts, found.event) == ("failed", len(WAITS) + 1, "e1")
    replay_delivery(tables, found.id, at)
    again = take_delivery(tables, at)
    assert again is not None
    end_delivery(tables, again, 204, at)
    assert list_deliveries(tables, "w1", None, 10)[0].state == "sent"
    end_webhook(tables, "w1", at)
    plan_deliveries(tables, [ToTell("e3", "choice.made", 10)], 11, at + KEPT + 20)
    assert list_deliveries(tables, "w1", None, 10) == []
    tables.close()
