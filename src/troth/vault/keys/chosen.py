"""Which keepers hold the root: what the tables ``[root]`` and ``[second-root]`` of a workspace may say, and its keeper.

Whoever can write these tables can make the keyring refuse to open. Secrets are never in them: they name the variables of
the environment that hold a PIN or a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from troth.errors import VaultError
from troth.types.moment import Moment
from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.local import LocalKeeper
from troth.vault.keys.transit import TransitKeeper
from troth.vault.keys.transit_http import Transit


class FileRoot(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="file"
):
    """Roots in files of this machine."""

    folder: str = ""
    name: str = ""


class Pkcs11Root(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename="kebab",
    tag_field="kind",
    tag="pkcs11",
):
    """Roots wrapped by keys on a PKCS#11 token: the library of its maker, and the token's label."""

    module: str
    token: str
    pin_env: str = "TROTH_PKCS11_PIN"
    folder: str = ""
    name: str = ""


class AwsKmsRoot(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    tag="aws-kms",
):
    """Roots wrapped by keys in AWS KMS, with the credentials that AWS's own tools would take."""

    region: str
    endpoint: str = ""
    profile: str = ""
    folder: str = ""
    name: str = ""


class TransitRoot(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename="kebab",
    tag_field="kind",
    tag="transit",
):
    """Roots wrapped by a named key of a transit engine, which serves this keyring alone."""

    address: str
    key: str
    mount: str = "transit"
    namespace: str = ""
    token_env: str = "VAULT_TOKEN"  # noqa: S105 - the name of a variable
    folder: str = ""
    name: str = ""


RootChoice: TypeAlias = FileRoot | Pkcs11Root | AwsKmsRoot | TransitRoot

IN_FILES = FileRoot()
"""The keeper where nothing else is said."""

_NAMES = {FileRoot: "local", Pkcs11Root: "pkcs11", AwsKmsRoot: "aws-kms", TransitRoot: "transit"}


def keeper_name(choice: RootChoice) -> str:
    """The keeper's name: the table's ``name``, and otherwise that of its kind."""
    return choice.name or _NAMES[type(choice)]


def open_keeper(
    choice: RootChoice, folder: Path, clock: Callable[[], Moment], environ: Mapping[str, str]
) -> RootKeeper:
    """The keeper of a table, with its files in a folder. ``clock`` gives the present moment (UTC).

    Raises `VaultError` where a package or a secret is missing, or the keeper cannot be reached by these settings.
    """
    name = keeper_name(choice)
    match choice:
        case FileRoot():
            return LocalKeeper(folder, clock, name)
        case TransitRoot():
            token = _secret(environ, choice.token_env, "the token of the transit engine")
            engine = Transit(choice.address, choice.mount, choice.key, token, choice.namespace)
            return TransitKeeper(engine, folder, clock, name)
        case Pkcs11Root():
            return _pkcs11(choice, folder, clock, environ)
        case AwsKmsRoot():
            return _aws_kms(choice, folder, clock)


def _pkcs11(
    choice: Pkcs11Root, folder: Path, clock: Callable[[], Moment], environ: Mapping[str, str]
) -> RootKeeper:
    try:
        from troth.vault.keys.pkcs11 import Pkcs11Keeper  # noqa: PLC0415 - an extra brings its package
    except ModuleNotFoundError as problem:
        raise _missing("pkcs11", problem) from None
    pin = _secret(environ, choice.pin_env, "the PIN of the token")
    return Pkcs11Keeper(choice.module, choice.token, pin, folder, clock, keeper_name(choice))


def _aws_kms(choice: AwsKmsRoot, folder: Path, clock: Callable[[], Moment]) -> RootKeeper:
    try:
        from troth.vault.keys.aws_kms import AwsKmsKeeper  # noqa: PLC0415 - an extra brings its package
        from troth.vault.keys.kms import kms_client  # noqa: PLC0415 - as above
    except ModuleNotFoundError as problem:
        raise _missing("aws", problem) from None
    client = kms_client(choice.region, choice.endpoint, choice.profile)
    return AwsKmsKeeper(client, folder, clock, keeper_name(choice))


def _secret(environ: Mapping[str, str], variable: str, what: str) -> str:
    secret = environ.get(variable, "")
    if not secret:
        raise VaultError(
            f"{what} is not in the environment", remedy=f"set {variable}; it does not belong into troth.toml"
        )
    return secret


def _missing(extra: str, problem: ModuleNotFoundError) -> VaultError:
    return VaultError(
        f"the package {problem.name} is not installed", remedy=f"install it with pip install 'troth[{extra}]'"
    )
