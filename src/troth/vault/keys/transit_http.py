"""The transit engine of HashiCorp Vault and OpenBao over its HTTP interface: one named key, and what is asked of it.

Written from the published interface (developer.hashicorp.com/vault/api-docs/secret/transit, openbao.org/api-docs/secret/
transit); not run against a server. Whoever stands between can read nothing over https, and can keep answers away.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from troth.errors import VaultError

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that are read."""
TIMEOUT = 15.0
"""Seconds that an answer may take."""

_Form = TypeVar("_Form")
_CIPHERTEXT = re.compile(r"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+\Z", re.ASCII)


class TransitKey(msgspec.Struct, frozen=True):
    """What the engine tells of a named key; its other words are not needed. Versions of keys count from 1."""

    type: str
    latest_version: int
    min_decryption_version: int
    min_encryption_version: int
    exportable: bool
    allow_plaintext_backup: bool
    derived: bool = False
    min_available_version: int = 0


class _Sealed(msgspec.Struct, frozen=True):
    ciphertext: str


class _Opened(msgspec.Struct, frozen=True):
    plaintext: str


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


class Transit:
    """One named key of a transit engine."""

    def __init__(self, address: str, mount: str, key: str, token: str, namespace: str = "") -> None:
        """``address`` is the server's. Raises `VaultError` where it is neither https nor this machine."""
        _check_address(address)
        self.key = key
        self._address = address.rstrip("/")
        self._prefix = f"{self._address}/v1/{quote(mount.strip('/'))}"
        self._name = quote(key, safe="")
        self._head = {"X-Vault-Token": token, "X-Vault-Request": "true", "Content-Type": "application/json"}
        if namespace:
            self._head["X-Vault-Namespace"] = namespace

    def read(self) -> TransitKey | None:
        """The key as it is; None where there is no such key."""
        answer = self._ask("GET", f"keys/{self._name}", None)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return self._data(answer, "tell of the key", TransitKey)

    def create(self) -> None:
        """Make the key, of AES-256-GCM, which the engine gives to nobody."""
        form = {"type": "aes256-gcm96", "exportable": False, "allow_plaintext_backup": False}
        self._do("make the key", f"keys/{self._name}", form)

    def rotate(self) -> None:
        """Give the key a new version."""
        self._do("rotate the key", f"keys/{self._name}/rotate", {})

    def encrypt(self, plaintext: bytes) -> str:
        """The plaintext under the newest version of the key."""
        form = {"plaintext": base64.b64encode(plaintext).decode()}
        answer = self._ask("POST", f"encrypt/{self._name}", form)
        return self._data(answer, "wrap the root", _Sealed).ciphertext

    def decrypt(self, ciphertext: str) -> bytes | None:
        """The plaintext; None where the engine says that it does not open this (400)."""
        answer = self._ask("POST", f"decrypt/{self._name}", {"ciphertext": ciphertext})
        if answer.status == HTTPStatus.BAD_REQUEST:
            return None
        text = self._data(answer, "open the root", _Opened).plaintext
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise self._unclear("open the root") from None

    def rewrap(self, ciphertext: str) -> str:
        """The same plaintext under the newest version of the key; it stays at the server."""
        answer = self._ask("POST", f"rewrap/{self._name}", {"ciphertext": ciphertext})
        return self._data(answer, "wrap the root anew", _Sealed).ciphertext

    def trim(self, version: int) -> None:
        """Have every version of the key before this one refused, and deleted for good."""
        form = {"min_decryption_version": version, "min_encryption_version": version}
        self._do("refuse old versions of the key", f"keys/{self._name}/config", form)
        self._do(
            "delete old versions of the key", f"keys/{self._name}/trim", {"min_available_version": version}
        )

    def _do(self, what: str, path: str, form: dict[str, Any]) -> None:
        answer = self._ask("POST", path, form)
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise self._failed(answer, what)

    def _ask(self, method: str, path: str, form: dict[str, Any] | None) -> _Answer:
        body = None if form is None else json.dumps(form).encode()
        # `_check_address` lets only http and https through.
        request = Request(f"{self._prefix}/{path}", body, self._head, method=method)  # noqa: S310
        try:
            try:
                answer = build_opener(_NoRedirect).open(request, timeout=TIMEOUT)
            except HTTPError as refusal:
                answer = refusal
            with answer:
                return _Answer(answer.status, answer.read(LARGEST_ANSWER))
        except (OSError, HTTPException, ValueError) as problem:
            raise VaultError(
                f"the transit engine at {self._address} cannot be reached: {problem}",
                remedy="look at address and network, and do it again",
            ) from problem

    def _data(self, answer: _Answer, what: str, form: type[_Form]) -> _Form:
        if answer.status != HTTPStatus.OK:
            raise self._failed(answer, what)
        try:
            return msgspec.convert(json.loads(answer.body)["data"], form)
        except (ValueError, TypeError, KeyError, msgspec.ValidationError):
            raise self._unclear(what) from None

    def _unclear(self, what: str) -> VaultError:
        return VaultError(
            f"the transit engine at {self._address} was asked to {what}, and its answer is not one of its interface",
            remedy="look at address and mount in troth.toml",
        )

    def _failed(self, answer: _Answer, what: str) -> VaultError:
        return VaultError(
            f"the transit engine at {self._address} does not {what}: {answer.status} {_said(answer.body)}".rstrip(),
            remedy=_REMEDIES.get(answer.status, "look it up in the documentation of the transit engine"),
        )


_REMEDIES: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "look at the key with bao read or vault read",
    HTTPStatus.FORBIDDEN: "give a token in the environment whose policy allows it (docs/root-keepers.md)",
    HTTPStatus.NOT_FOUND: "look at mount and key in troth.toml",
    HTTPStatus.TEMPORARY_REDIRECT: "give the address of the active server: nothing is sent after a redirect",
    HTTPStatus.SERVICE_UNAVAILABLE: "unseal the server",
}


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: token and root go where troth.toml says, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        """Leave the answer what it is."""


def key_version(ciphertext: str) -> int:
    """The version of the key that wrapped a ciphertext, ``vault:v3:…``. Raises `VaultError` where it does not say."""
    found = _CIPHERTEXT.match(ciphertext)
    if not found:
        raise VaultError(
            "the wrapped root is not a ciphertext of a transit engine",
            remedy="restore its file from a backup, or open the keyring with another keeper of its root",
        )
    return int(found[1])


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        raise VaultError(
            f"the transit engine at {address!r} is not at an https address",
            remedy="name one with https: its token and the root go over this connection",
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(body: bytes) -> str:
    """The engine's errors in one line; anything else than its JSON is left out."""
    try:
        errors = json.loads(body)["errors"]
    except (ValueError, TypeError, KeyError):
        return ""
    text = "; ".join(str(one) for one in errors) if isinstance(errors, list) else ""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:500]
