"""AWS KMS, as far as a root keeper needs it: keys that carry a mark, what they wrap, and their deletion.

Whoever has the credentials can do all of it, and cancel a deletion while it waits.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from troth.errors import VaultError
from troth.types.moment import Moment, moment_of
from troth.vault.keys.wrapped import WrappedRoot

WINDOW_DAYS = 7
"""The shortest time that KMS waits before it deletes a key (AWS KMS, ScheduleKeyDeletion)."""
TAG = "troth-root"

_ENDING = ("PendingDeletion", "PendingReplicaDeletion")
_WAITS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between looks at a change that KMS has taken and does not show yet: it is consistent only after a while."""


def kms_client(region: str, endpoint: str = "", profile: str = "") -> Any:
    """A client of KMS, with the credentials that AWS's own tools would take (environment, profile, role of the machine).

    Raises `VaultError` where region, endpoint or profile are of no use.
    """
    patience = Config(
        connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3}
    )
    try:
        session = boto3.Session(region_name=region, profile_name=profile or None)
        return session.client("kms", endpoint_url=endpoint or None, config=patience)
    except (BotoCoreError, ValueError) as problem:
        raise VaultError(
            f"AWS KMS cannot be used: {problem}", remedy="look at region, endpoint and profile in troth.toml"
        ) from problem


class Kms:
    """The keys of a keeper in KMS. Everything raises `VaultError` where KMS refuses or cannot be reached."""

    def __init__(self, client: Any, pause: Callable[[float], None]) -> None:
        """A client of `kms_client`; ``pause`` waits for so many seconds."""
        self._client = client
        self._pause = pause

    def make(self, version: int, mark: str) -> str:
        """A new key with a mark; its id."""
        with _told("make a key"):
            made = self._client.create_key(Description=f"troth root {version}", Tags=[_tag(mark)])
        return str(made["KeyMetadata"]["KeyId"])

    def wrap(self, key: str, root: WrappedRoot, content: bytes) -> str:
        """The content under a key, bound to the root's version and mark."""
        with _told("wrap the root"):
            sealed = self._patiently(
                lambda: self._client.encrypt(KeyId=key, Plaintext=content, EncryptionContext=_context(root))
            )
        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def unwrap(self, root: WrappedRoot) -> bytes:
        """The content of a wrapped root."""
        with _told("open the root"):
            opened: bytes = self._patiently(lambda: self._open(root))
        return opened

    def tried(self, root: WrappedRoot) -> str:
        """What KMS says when it is asked to open a root whose key is to be deleted, as a sentence."""
        try:
            self._open(root)
        except ClientError as problem:
            return f"Asked to open the root afterwards, it refused ({_code(problem)})."
        except (BotoCoreError, VaultError) as problem:
            return f"Whether it still opens the root was not learned ({type(problem).__name__})."
        return "Asked to open the root afterwards, it still did: it heeds a deletion only after a while."

    def has(self, key: str) -> bool:
        """Whether there is a key that is not deleted and does not wait for it."""
        found = self._described(key)
        return found is not None and found["KeyState"] not in _ENDING

    def ending(self, key: str) -> bool:
        """Whether a key waits for its deletion: it is not used again."""
        found = self._described(key)
        return found is not None and found["KeyState"] in _ENDING

    def keys(self, root: WrappedRoot | None, mark: str) -> list[str]:
        """The keys that carry a mark.

        The key that the file names counts only where it carries the mark: otherwise whoever can write the file could have
        any other key deleted. Without it all keys are asked in turn, as after an interrupted making.
        """
        with _told("list keys and their tags"):
            if root is not None and root.key and _tag(mark) in self._tags(root.key):
                return [root.key]
            pages = self._client.get_paginator("list_keys").paginate()
            listed = [str(key["KeyId"]) for page in pages for key in page["Keys"]]
            return [key for key in listed if _tag(mark) in self._tags(key)]

    def delete(self, key: str) -> Moment | None:
        """Have a key deleted, unless it will be: when KMS does so, and None where there is no such key any more."""
        found = self._described(key)
        if found is None:
            return None
        if found["KeyState"] not in _ENDING:
            with _told("delete a key"):
                self._client.schedule_key_deletion(KeyId=key, PendingWindowInDays=WINDOW_DAYS)
        for wait in (*_WAITS, 0.0):
            found = self._described(key)
            if found is not None and found["KeyState"] in _ENDING and "DeletionDate" in found:
                return moment_of(found["DeletionDate"].astimezone(UTC))
            self._pause(wait)
        raise VaultError(
            f"KMS was asked to delete the key {key}, and does not show it",
            remedy="look at the key in the AWS console, and do it again",
        )

    def _described(self, key: str) -> Mapping[str, Any] | None:
        with _told("tell of a key"):
            try:
                found: Mapping[str, Any] = self._client.describe_key(KeyId=key)["KeyMetadata"]
            except self._client.exceptions.NotFoundException:
                return None
        return found

    def _tags(self, key: str) -> list[Any]:
        pages = self._client.get_paginator("list_resource_tags").paginate(KeyId=key)
        try:
            return [tag for page in pages for tag in page["Tags"]]
        except ClientError as problem:
            # Deleted, or of somebody else in this account: ours were made with these credentials, and list their tags.
            if _code(problem) in ("AccessDeniedException", "NotFoundException"):
                return []
            raise

    def _open(self, root: WrappedRoot) -> bytes:
        try:
            sealed = base64.b64decode(root.wrapped, validate=True)
        except binascii.Error:
            raise VaultError(
                f"version {root.version} of the wrapped root is damaged", remedy=_RESTORE
            ) from None
        found = self._client.decrypt(KeyId=root.key, CiphertextBlob=sealed, EncryptionContext=_context(root))
        return bytes(found["Plaintext"])

    def _patiently(self, call: Callable[[], Any]) -> Any:
        """Call again where KMS does not know a key yet that was made just now."""
        for wait in _WAITS:
            try:
                return call()
            except self._client.exceptions.NotFoundException:
                self._pause(wait)
        return call()


_RESTORE = "restore its file from a backup, or open the keyring with another keeper of its root"
_CREDENTIALS = "give valid AWS credentials in the environment, and set the clock right"
_NOT_LET_IN = (401, 403)
"""HTTP statuses by which what stands before KMS refuses credentials, in whatever words."""
_REMEDIES = {
    "AccessDeniedException": "give its user the permissions named in docs/root-keepers.md",
    "InvalidClientTokenId": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredTokenException": "renew the AWS credentials",
    "InvalidCiphertextException": _RESTORE,
    "DisabledException": "enable the KMS key",
}


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except ClientError as problem:
        code = _code(problem)
        said = " ".join(str(problem.response.get("Error", {}).get("Message", "")).split())[:300]
        unknown = (
            _CREDENTIALS if _status(problem) in _NOT_LET_IN else "look it up in the documentation of AWS KMS"
        )
        raise VaultError(
            f"AWS KMS refuses to {what}: {code} {said}".rstrip(), remedy=_REMEDIES.get(code, unknown)
        ) from problem
    except BotoCoreError as problem:
        raise VaultError(
            f"AWS KMS cannot be asked to {what}: {problem}",
            remedy="give AWS credentials in the environment, look at region and network, and do it again",
        ) from problem


def _status(problem: ClientError) -> int:
    return int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _code(problem: ClientError) -> str:
    return str(problem.response.get("Error", {}).get("Code", "unknown"))


def _tag(mark: str) -> dict[str, str]:
    return {"TagKey": TAG, "TagValue": mark}


def _context(root: WrappedRoot) -> dict[str, str]:
    return {"troth-root": root.mark, "troth-version": str(root.version)}
