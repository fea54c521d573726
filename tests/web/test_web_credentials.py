"""Keys, tokens of persons and what is refused: who shows nothing valid reaches nothing, and no log tells a key."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from web_worlds import World

from troth.errors import UsageError
from troth.operations.workspace.opened import now
from troth.web.access.keys import NewKey, list_keys, new_key, revoke_key
from troth.web.keeping import opened_tables


def with_token(world: World, token: str) -> httpx.Response:
    return httpx.get(f"{world.address}/v1/choices", headers={"Authorization": f"Bearer {token}"})


def with_key(world: World, key: str, path: str = "/v1/terms") -> httpx.Response:
    return httpx.get(f"{world.address}{path}", headers={"Authorization": f"Bearer {key}"})


def make(world: World, role: str = "product", **more: object) -> NewKey:
    with opened_tables(world.folder) as (tables, secret):
        return new_key(tables, secret, role, "made for a test", now(), **more)  # type: ignore[arg-type]


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def hand_made(header: object, claims: object, secret: bytes) -> str:
    """A token signed with HMAC-SHA256, whatever a library would refuse to sign."""
    told = f"{part(header)}.{part(claims)}"
    signature = hmac.digest(secret, told.encode(), "sha256")
    return f"{told}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_a_token_is_the_person_and_nobody_else(world: World) -> None:
    world.open_account("tess")
    found = with_token(world, world.token("tess"))
    assert (found.status_code, found.json()["account"]) == (200, "tess")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aud": "https://elsewhere.example.org"}, "audience"),
        ({"exp": 1}, "expired"),
        ({"exp": 10**12}, "lives longer"),
        ({"iat": 10**10, "exp": None}, "not hold"),
        ({"nbf": 10**11}, "not valid yet"),
        ({"sub": ""}, "no account"),
        ({"sub": "a\nb"}, "no account"),
        ({"jti": ""}, "no number"),
        ({"sub": 7}, "not hold"),
        ({"role": "owner"}, "not hold"),
        ({"aud": ["a", "b"]}, "not hold"),
    ],
)
def test_a_token_that_is_not_as_it_must_be_is_refused(
    world: World, changed: dict[str, object], why: str
) -> None:
    answer = with_token(world, world.token("tess", **changed))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert why in answer.json()["detail"]


def test_no_algorithm_but_the_key_s_own_is_taken(world: World) -> None:
    key = world.keys["product"].key
    now_ = int(time.time())
    claims = {"sub": "tess", "aud": world.settings.audience, "exp": now_ + 60, "jti": "x"}
    unsigned = f"{part({'alg': 'none', 'kid': key.id})}.{part(claims)}."
    assert with_token(world, unsigned).status_code == 401
    assert with_token(world, unsigned + "AA").status_code == 401
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    signer = make(world, public_key=pem)
    confused = hand_made({"alg": "HS256", "kid": signer.key.id}, claims, pem.encode())
    assert with_token(world, confused).status_code == 401
    own = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    right = jwt.encode(
        {"alg": "Ed25519", "kid": signer.key.id}, claims, OKPKey.import_key(own), algorithms=["Ed25519"]
    )
    assert with_token(world, right).json()["account"] == "tess"
    other = jwt.encode(
        {"alg": "Ed25519", "kid": key.id}, claims, OKPKey.import_key(own), algorithms=["Ed25519"]
    )
    assert with_token(world, other).status_code == 401


def test_a_token_of_one_product_is_none_of_another(world: World) -> None:
    one, other = make(world, tokens=True), make(world, tokens=True)
    claims = {"sub": "tess", "aud": world.settings.audience, "exp": int(time.time()) + 60, "jti": "x"}
    token = jwt.encode(
        {"alg": "HS256", "kid": other.key.id}, claims, OctKey.import_key(one.token_secret or "")
    )
    assert with_token(world, token).status_code == 401
    silent = make(world)
    token = jwt.encode(
        {"alg": "HS256", "kid": silent.key.id}, claims, OctKey.import_key(one.token_secret or "")
    )
    assert "vouches for nobody" in with_token(world, token).json()["detail"]


def test_a_header_that_names_more_than_it_may_is_no_token(world: World) -> None:
    secret = (world.keys["product"].token_secret or "").encode()
    plain = {"alg": "HS256", "kid": world.keys["product"].key.id}
    claims = {"sub": "tess", "aud": world.settings.audience, "exp": int(time.time()) + 60, "jti": "x"}
    assert with_token(world, hand_made(plain, claims, secret)).status_code == 200
    for more in (
        {"jku": "https://evil.example.org"},
        {"x5u": "https://evil.example.org"},
        {"jwk": {}},
        {"crit": ["exp"]},
    ):
        assert with_token(world, hand_made({**plain, **more}, claims, secret)).status_code == 401
    assert with_token(world, "a.b").status_code == 401
    assert with_token(world, "a" * 9_000).status_code in (401, 431)


def test_a_revoked_key_opens_nothing_within_a_second_nor_do_tokens_it_vouches_for(world: World) -> None:
    made = make(world, tokens=True)
    claims = {"sub": "tess", "aud": world.settings.audience, "exp": int(time.time()) + 60, "jti": "x"}
    token = jwt.encode(
        {"alg": "HS256", "kid": made.key.id}, claims, OctKey.import_key(made.token_secret or "")
    )
    assert with_key(world, made.text).status_code == 200
    assert with_token(world, token).status_code == 200
    with opened_tables(world.folder) as (tables, _):
        revoke_key(tables, made.key.id, now())
        revoke_key(tables, made.key.prefix, now())
    time.sleep(1.0)
    assert with_key(world, made.text).status_code == 401
    assert with_token(world, token).status_code == 401


def test_a_key_with_scopes_may_these_and_nothing_else(world: World) -> None:
    made = make(world, scopes=("terms",))
    assert with_key(world, made.text).status_code == 200
    refused = with_key(world, made.text, "/v1/question?account=tess")
    assert (refused.status_code, "'ask'" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize("change", [lambda k: k[:-1] + ("A" if k[-1] != "A" else "B"), lambda k: k[:20], lambda k: k + "x",
                                    lambda k: k.replace("_", "-"), lambda k: k.upper()])  # fmt: skip
def test_a_key_that_is_not_whole_is_none(world: World, change: object) -> None:
    answer = with_key(world, change(world.keys["owner"].text))  # type: ignore[operator]
    assert answer.status_code == 401
    assert answer.json()["detail"] in ("this key is not valid", "this token is not valid: it is not a token")


def test_keys_are_stored_as_keyed_hashes_and_stand_in_no_file_and_no_log(
    world: World, log: list[str]
) -> None:
    with_key(world, world.keys["owner"].text, "/v1/holds")
    with_key(world, "troth_aaaaaaaaaa_" + "A" * 43)
    secrets = [made.text[-43:] for made in world.keys.values()]
    secrets.append(world.keys["product"].token_secret or "")
    text = "".join(log)
    files = b"".join(path.read_bytes() for path in Path(world.folder).rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in text
        assert secret.encode() not in files
    assert "tess" not in text
    assert '"route": "/v1/choices"' in text
    with opened_tables(world.folder) as (tables, _):
        assert all(key.token_secret is None for key in list_keys(tables))


@pytest.mark.parametrize(
    ("role", "more"),
    [("king", {}), ("person", {}), ("product", {"scopes": ("everything",)}), ("product", {"organisation": "acme"}),
     ("admin", {}), ("owner", {"tokens": True}), ("product", {"public_key": "no key"})],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(world: World, role: str, more: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        make(world, role, **more)


def test_figures_are_for_operators_keys(world: World) -> None:
    assert httpx.get(f"{world.address}/metrics").status_code == 401
    assert world.as_("product").get("/metrics").status_code == 403
    text = world.as_("engineer").get("/metrics").text
    assert 'route="/v1/choices"' in text
    assert "tess" not in text
