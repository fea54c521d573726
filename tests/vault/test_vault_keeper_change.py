"""The root goes from a file to keepers that are real, or stand for one, and back: a token, KMS in moto's server."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

import keeper_worlds
import msgspec
import pytest

from troth.errors import VaultError
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import opened
from troth.operations.workspace.roots.keeper import HandedOver, hand_over, keepers_of
from troth.vault.keys.chosen import FileRoot, RootChoice


def given(shop: Path, root: RootChoice) -> HandedOver:
    entries = msgspec.to_builtins(root)
    lines = "".join(f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in entries.items())
    (shop.parent / "keepers.toml").write_text(f"[root]\n{lines}", encoding="utf-8")
    return hand_over(shop, shop.parent / "keepers.toml")


@pytest.mark.parametrize("world", ["softhsm", "moto_kms"])
def test_from_a_file_and_back(world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: AbstractContextManager[keeper_worlds.World] = getattr(keeper_worlds, world)(tmp_path / "world")
    with made as found:
        for variable, value in {**found.environ, "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(variable, value)
        shop = tmp_path / "shop"
        init_workspace(shop, "example.org/shop")
        with opened(shop) as workspace:
            keys = workspace.keyring.keys([0])
        there = given(shop, found.choice)
        assert [one.version for one in there.told.evidence] == [1]
        assert list((shop / "vault" / "root").glob("root.*")) == []
        (kept,) = keepers_of(shop).keepers
        assert kept.versions == (2,)
        with opened(shop) as workspace:
            assert workspace.keyring.keys([0]) == keys
        secret = next(iter(found.environ.keys() & {"TROTH_PKCS11_PIN", "AWS_SECRET_ACCESS_KEY"}))
        with monkeypatch.context() as without:
            without.setitem(os.environ, secret, "wrong")
            with pytest.raises(VaultError):
                keepers_of(shop)
        back = given(shop, FileRoot())
        (told,) = back.told.evidence
        assert (told.keeper, told.version) == (kept.name, 2)
        assert (told.scheduled is not None) == (world == "moto_kms")
        with opened(shop) as workspace:
            assert workspace.keyring.keys([0]) == keys
