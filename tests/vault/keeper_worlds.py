"""Root keepers against the real thing where there is one: a SoftHSM token, AWS KMS in moto's server, files of this machine.

The transit engine is only its documented interface (transit_as_documented.py): no server of it was run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
import transit_as_documented

from troth.vault.keys.chosen import AwsKmsRoot, FileRoot, Pkcs11Root, RootChoice, TransitRoot, open_keeper
from troth.vault.keys.keeper import RootKeeper

HERE = Path(__file__).parent
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "246813"

# What docs/root-keepers.md says the user of the keys needs, and nothing more.
PERMISSIONS = ["CreateKey", "TagResource", "Encrypt", "Decrypt", "DescribeKey", "ScheduleKeyDeletion", "ListKeys", "ListResourceTags"]  # fmt: skip


def clock() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True)
class World:
    """A kind of keeper: its table, the environment with its secrets, and the same with secrets that are wrong."""

    choice: RootChoice
    environ: Mapping[str, str]
    wrong: Mapping[str, str]

    def keeper(self, folder: Path, name: str | None = None) -> RootKeeper:
        choice = self.choice if name is None else type(self.choice)(**{**_fields(self.choice), "name": name})
        return open_keeper(choice, folder, clock, self.environ)


def _fields(choice: RootChoice) -> dict[str, Any]:
    return {field: getattr(choice, field) for field in choice.__struct_fields__}


def files() -> World:
    return World(FileRoot(), {}, {})


@contextmanager
def softhsm(folder: Path) -> Iterator[World]:
    """A new SoftHSM token."""
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM 2 is not here; on Debian apt-get install softhsm2 gets it")
    pytest.importorskip("pkcs11", reason="pip install 'troth[pkcs11]' gets python-pkcs11")
    (folder / "tokens").mkdir(parents=True)
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environ = {"SOFTHSM2_CONF": str(config), "TROTH_PKCS11_PIN": PIN}
    token = "troth test"
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", token, "--so-pin", "987654", "--pin", PIN],
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
    )
    yield World(Pkcs11Root(module, token), environ, {**environ, "TROTH_PKCS11_PIN": "000000"})


@contextmanager
def moto_kms(folder: Path) -> Iterator[World]:
    """AWS KMS in moto's server, which checks signatures, and a user who may do only what the docs say."""
    boto3 = pytest.importorskip("boto3", reason="pip install 'troth[aws]' gets boto3")
    from botocore.config import Config

    pytest.importorskip("moto.server", reason="pip install moto flask flask-cors gets moto's server")
    with _process([sys.executable, str(HERE / "moto_kms.py")]) as port:
        endpoint = f"http://127.0.0.1:{port}"
        anybody = boto3.Session("any", "any", region_name="eu-central-1")
        direct = Config(proxies={})
        iam = anybody.client("iam", endpoint_url=endpoint, config=direct)
        iam.create_user(UserName="troth")
        rule = {"Effect": "Allow", "Action": [f"kms:{one}" for one in PERMISSIONS], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        iam.put_user_policy(UserName="troth", PolicyName="root", PolicyDocument=policy)
        key = iam.create_access_key(UserName="troth")["AccessKey"]
        # From now on every request needs a valid signature, and a permission.
        post(f"{endpoint}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        environ = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        wrong = {**environ, "AWS_SECRET_ACCESS_KEY": "another"}
        yield World(AwsKmsRoot("eu-central-1", endpoint), environ, wrong)


@contextmanager
def transit_documented_interface() -> Iterator[World]:
    """The documented interface of the transit engine, and no server of it."""
    with _process([sys.executable, str(HERE / "transit_as_documented.py")]) as port:
        environ = {"VAULT_TOKEN": transit_as_documented.TOKEN}
        # A key serves one keyring alone: every folder of a test has its own.
        yield World(TransitRoot(f"http://127.0.0.1:{port}", "told"), environ, {"VAULT_TOKEN": "s.other"})


def post(address: str, body: bytes, head: Mapping[str, str]) -> None:
    """Ask a server of these tests on loopback, past any proxy."""
    build_opener(ProxyHandler({})).open(Request(address, body, dict(head)), timeout=10).close()  # noqa: S310


@contextmanager
def _process(command: list[str]) -> Iterator[int]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)
