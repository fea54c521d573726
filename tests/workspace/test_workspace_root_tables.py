"""The tables of troth.toml that say who keeps the root: read strictly, written back, and opened."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from troth.errors import StoreError, VaultError
from troth.operations.workspace.roots.keepers import open_keepers
from troth.operations.workspace.settings import Settings, read_settings, write_settings
from troth.vault.keys.chosen import AwsKmsRoot, FileRoot, Pkcs11Root, RootChoice, TransitRoot

TOKEN = Pkcs11Root("/usr/lib/maker.so", "the token", pin_env="SHOP_PIN")
KMS = AwsKmsRoot("eu-central-1", profile="shop")
TRANSIT = TransitRoot("https://vault.example.org:8200", "troth-shop", namespace="shop/")


def settings(folder: Path, root: RootChoice, second: RootChoice | None = None) -> Settings:
    return Settings(folder, "example.org/shop", "sqlite", "ledger", root, second)


def written(folder: Path, tables: str) -> Settings:
    write_settings(settings(folder, FileRoot()))
    file = folder / "troth.toml"
    file.write_text(file.read_text() + tables)
    return read_settings(folder)


@pytest.mark.parametrize("root", [FileRoot(), FileRoot("/mnt/key"), TOKEN, KMS, TRANSIT], ids=str)
@pytest.mark.parametrize("second", [None, FileRoot(name="aside"), TransitRoot("http://[::1]:8200", "k", name="ö\"\n")], ids=str)  # fmt: skip
def test_the_tables_are_read_as_they_were_written(
    root: RootChoice, second: RootChoice | None, tmp_path: Path
) -> None:
    wanted = settings(tmp_path, root, second)
    write_settings(wanted)
    assert read_settings(tmp_path) == wanted


def test_without_a_table_the_root_is_in_a_file_of_the_workspace(tmp_path: Path) -> None:
    write_settings(settings(tmp_path, FileRoot()))
    assert "[root]" not in (tmp_path / "troth.toml").read_text()
    (keeper,) = open_keepers(read_settings(tmp_path), lambda: 0, {})
    keeper.make(1)
    assert (tmp_path / "vault" / "root" / "root.1").is_file()
    assert keeper.name == "local"


def test_the_documented_tables_are_read(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "root-keepers.md"
    blocks = [block.split("```")[0] for block in page.read_text().split("```toml\n")[1:]]
    assert len(blocks) >= 4
    for block in blocks:
        found = written(tmp_path, "\n" + block)
        assert found.root != FileRoot() or found.second_root is not None


@pytest.mark.parametrize(
    "tables",
    [
        '[root]\nkind = "paper"\n',
        "[root]\n",
        '[root]\nkind = "pkcs11"\nmodule = "m.so"\n',
        '[root]\nkind = "pkcs11"\nmodule = "m.so"\ntoken = "t"\npin = "1234"\n',
        '[root]\nkind = "aws-kms"\nregion = 7\n',
        '[root]\nkind = "transit"\naddress = "https://a"\nkey = "k"\ntoken = "s.secret"\n',
        '[third-root]\nkind = "file"\n',
        'root = "file"\n',
        '[second-root]\nkind = "file"\n',
        '[root]\nkind = "file"\nname = "one"\n[second-root]\nkind = "aws-kms"\nregion = "r"\nname = "one"\n',
        '[root]\nkind = "file"\nfolder = "k/"\n[second-root]\nkind = "file"\nfolder = "k"\nname = "two"\n',
    ],
)
def test_what_a_table_cannot_say_is_refused(tables: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        written(tmp_path, tables)
    assert refused.value.remedy
    assert str(tmp_path) in str(refused.value)


def test_two_keepers_are_opened_in_order_each_in_its_folder(tmp_path: Path) -> None:
    found = settings(tmp_path, FileRoot("/elsewhere"), TRANSIT)
    first, second = open_keepers(found, lambda: 0, {"VAULT_TOKEN": "s.token"})
    assert (first.name, second.name) == ("local", "transit")
    assert first.versions() == second.versions() == []


@pytest.mark.parametrize(("root", "module", "extra"), [(TOKEN, "pkcs11", "pkcs11"), (KMS, "boto3", "aws")])
def test_a_package_that_is_missing_is_named(
    root: RootChoice, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ours in ("pkcs11", "token", "kms", "aws_kms"):
        monkeypatch.delitem(sys.modules, f"troth.vault.keys.{ours}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(VaultError, match=rf"troth\[{extra}\]"):
        open_keepers(settings(tmp_path, root), lambda: 0, {"SHOP_PIN": "1"})


def test_a_secret_is_taken_from_the_environment_that_the_table_names(tmp_path: Path) -> None:
    pytest.importorskip("pkcs11", reason="pip install 'troth[pkcs11]' gets python-pkcs11")
    with pytest.raises(VaultError, match="SHOP_PIN"):
        open_keepers(settings(tmp_path, TOKEN), lambda: 0, {"TROTH_PKCS11_PIN": "1"})
