"""Operators sign in at a real OpenID provider (npm's oidc-provider, on the loopback), and nobody else does."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browsers import Browser
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from web_worlds import LOOSE, Clock, World, make_keys, running, settings_of

from troth.errors import RefusedError
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import now
from troth.web.access.oidc import SignIn
from troth.web.access.provider import Configuration, Provider
from troth.web.access.secret import Secret
from troth.web.access.sessions import COOKIE
from troth.web.app import create_app
from troth.web.settings import Oidc, read_service_settings
from troth.web.tables.open import Tables, open_tables
from waiting import awaited

FOLDER = Path(__file__).parent / "oidc"
CLIENT = "troth-console"
ROLES = {"owner": ["olga"], "auditor": ["anton"]}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def provider(redirect: str) -> Iterator[str]:
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("the provider is not here: npm ci --prefix tests/web/oidc")
    port = free_port()
    command = ["node", str(FOLDER / "provider.mjs"), str(port), CLIENT, redirect]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert "listening" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service whose operators sign in at the provider."""
    folder = tmp_path_factory.mktemp("oidc") / "shop"
    init_workspace(folder, "example.org/shop")
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with provider(f"{origin}/sign-in/return") as issuer:
        settings_of(
            folder,
            {**LOOSE, "origin": origin, "oidc": {"issuer": issuer, "client-id": CLIENT, "roles": ROLES}},
        )
        keys = make_keys(folder)
        settings = read_service_settings(folder)
        application = create_app(folder, settings)
        with running(application, port) as address:
            yield World(folder, address, application, Clock(), keys, settings)


def sign_in(console: World, browser: Browser, name: str, back: str = "/console") -> httpx.Response:
    """Everything that somebody does at the provider; gives the answer to coming back."""
    begun = browser.get(f"{console.address}/sign-in?back={back}")
    assert begun.status_code == 303
    page = browser.follow(browser.get(begun.headers["location"]))
    page = browser.follow(browser.submit(page, login=name, password="any"))
    done = browser.follow(browser.submit(page))
    return browser.get(done.headers["location"])


def test_an_operator_signs_in_and_has_the_role_that_the_provider_tells(console: World) -> None:
    browser = Browser()
    answer = sign_in(console, browser, "anton", "/console/holds")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/holds")
    assert browser.get(f"{console.address}/v1/holds").status_code == 200
    assert browser.get(f"{console.address}/v1/keys").status_code == 200
    cookie = {"Cookie": f"{COOKIE}={browser.cookies[console.address][COOKIE]}"}
    body = {"hold": "x", "accounts": ["y"]}
    assert (
        httpx.post(f"{console.address}/v1/holds", json=body, headers=cookie).json()["type"]
        == "/problems/csrf"
    )


def test_signing_in_is_an_act_that_names_nobody(console: World) -> None:
    browser = Browser()
    sign_in(console, browser, "olga")

    def signed_in(acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in acts if one["act"] == "operators.sign-in" and one["role"] == "owner"]

    acts = awaited(lambda: browser.get(f"{console.address}/v1/acts").json()["acts"], signed_in)
    first = signed_in(acts)[0]
    assert first["by"].startswith("operator:")
    assert "olga" not in str(acts)


def test_somebody_without_a_role_is_not_let_in(console: World) -> None:
    browser = Browser()
    answer = sign_in(console, browser, "stranger")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    assert COOKIE not in browser.cookies.get(console.address, {})


def test_a_sign_in_counts_once_and_in_the_browser_that_began_it(console: World) -> None:
    thief, victim = Browser(), Browser()
    begun = victim.get(f"{console.address}/sign-in")
    page = victim.follow(victim.get(begun.headers["location"]))
    page = victim.follow(victim.submit(page, login="olga", password="any"))
    back = victim.follow(victim.submit(page)).headers["location"]
    assert thief.get(back).status_code == 401
    assert victim.get(back).status_code == 401, "what was tried elsewhere is over"
    other = Browser()
    forged = back.replace(parse_qs(urlsplit(back).query)["state"][0], "guess")
    assert other.get(forged).status_code == 401
    assert other.get(f"{console.address}/sign-in/return?error=access_denied").status_code == 403


def test_a_session_that_was_put_upon_an_operator_is_not_the_one_they_get(console: World) -> None:
    attacker, victim = Browser(), Browser()
    sign_in(console, attacker, "anton")
    planted = attacker.cookies[console.address][COOKIE]
    victim.cookies[console.address] = {COOKIE: planted}
    assert sign_in(console, victim, "olga").status_code == 303
    assert victim.cookies[console.address][COOKIE] != planted
    assert attacker.get(f"{console.address}/v1/holds").status_code == 401, (
        "what was planted is worth nothing more"
    )


def test_the_challenge_state_and_nonce_of_a_sign_in_are_its_own(console: World) -> None:
    asked = [
        parse_qs(urlsplit(Browser().get(f"{console.address}/sign-in").headers["location"]).query)
        for _ in range(2)
    ]
    for one in asked:
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [f"{console.address}/sign-in/return"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


@dataclass
class Forger:
    """A provider whose tokens a test makes as it likes."""

    sign_in: SignIn
    key: RSAKey
    claims: dict[str, Any]
    signer: Any
    header: dict[str, Any]


ISSUER = "https://login.example.org"


@pytest.fixture
def forger(tmp_path: Path) -> Iterator[Forger]:
    init_workspace(tmp_path / "w", "example.org/shop")
    tables: Tables = open_tables("sqlite", tmp_path / "w")
    key = RSAKey.generate_key(2048, {"kid": "k1"})
    told: dict[str, Any] = {}

    def fetch(address: str, form: bytes | None) -> bytes:
        if address.endswith("configuration"):
            import msgspec

            return msgspec.json.encode(Configuration(ISSUER, f"{ISSUER}/a", f"{ISSUER}/t", f"{ISSUER}/k"))
        if address.endswith("/k"):
            import json

            return json.dumps(KeySet([key]).as_dict(private=False)).encode()
        token = jwt.encode(made.header, made.claims, made.signer, algorithms=["RS256", "HS256"])
        return b'{"id_token": "%b"}' % token.encode()

    settings = Oidc(ISSUER, CLIENT, roles={"owner": ["boss"]})
    made = Forger(
        SignIn(settings, "https://own.example.org", None, tables, Secret(bytes(32)), Provider(ISSUER, fetch)),
        key, told, key, {"alg": "RS256", "kid": "k1"},
    )  # fmt: skip
    yield made
    tables.close()


def attempt(forger: Forger, **changed: Any) -> str:
    at = now()
    begun = forger.sign_in.begin("/console", at)
    asked = parse_qs(urlsplit(begun.address).query)
    seconds = at // 1_000_000
    forger.claims.update({"iss": ISSUER, "aud": CLIENT, "sub": "s", "exp": seconds + 60, "iat": seconds,
                          "nonce": asked["nonce"][0], "roles": ["boss"], **changed})  # fmt: skip
    return forger.sign_in.finish("code", asked["state"][0], begun.browser, at).caller.role


def test_a_right_token_signs_in(forger: Forger) -> None:
    assert attempt(forger) == "owner"


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://evil.example.org"}, {"aud": "other"}, {"aud": [CLIENT, "other"]}, {"azp": "other"}, {"exp": 1},
     {"iat": 10**11}, {"nonce": "other"}, {"nonce": None}, {"sub": ""}, {"roles": ["nobody"]}, {"roles": "owner"},
     {"roles": None}, {"exp": "soon"}],
)  # fmt: skip
def test_a_token_that_is_not_ours_signs_nobody_in(forger: Forger, changed: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        attempt(forger, **changed)


def test_a_token_of_another_key_or_with_our_secret_signs_nobody_in(forger: Forger) -> None:
    from joserfc.jwk import OctKey

    forger.signer = RSAKey.generate_key(2048, {"kid": "k1"})
    with pytest.raises(RefusedError):
        attempt(forger)
    forger.signer, forger.header = (
        OctKey.import_key("a shared secret of enough length!"),
        {"alg": "HS256", "kid": "k1"},
    )
    with pytest.raises(RefusedError):
        attempt(forger)


def test_a_provider_that_is_another_one_or_cannot_be_reached_closes_the_console(tmp_path: Path) -> None:
    def other(address: str, form: bytes | None) -> bytes:
        return b'{"issuer":"https://evil.example.org","authorization_endpoint":"https://e","token_endpoint":"https://e","jwks_uri":"https://e"}'

    def nobody(address: str, form: bytes | None) -> bytes:
        raise OSError("no route")

    for fetch in (other, nobody):
        with pytest.raises(RefusedError) as told:
            Provider(ISSUER, fetch).configuration()
        assert told.value.kind == "closed"
