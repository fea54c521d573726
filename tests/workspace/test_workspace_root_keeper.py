"""The root goes to other keepers: nothing is lost on the way, nothing of the old root is left, and the ledger says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keeper_kill
import pytest
from shops import Shop

from killing import in_memory, run_script
from troth.errors import StoreError, UsageError, VaultError
from troth.operations.workspace.erasure.erase import ErasureRequest, erase
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import opened
from troth.operations.workspace.roots.keeper import hand_over, keepers_of, read_tables

HOME, SAFE, BOTH = keeper_kill.HOME, keeper_kill.SAFE, keeper_kill.BOTH


def given(shop: Shop, tables: str) -> None:
    file = shop.folder / "keepers.toml"
    file.write_text(tables, encoding="utf-8")
    hand_over(shop.workspace, file)


def readable(shop: Shop) -> int:
    with opened(shop.workspace) as found:
        return sum(batch.num_rows for batch in found.vault.records())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as made:
        yield made


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    ingest(shop.workspace, [str(shop.logs)])
    return shop


def test_the_root_moves_and_the_old_one_is_gone(stocked: Shop) -> None:
    given(stocked, SAFE)
    assert keeper_kill.roots(stocked.folder) == ["safe/root.2"]
    assert readable(stocked) == 6
    (told,) = keeper_kill.told(stocked.workspace)
    assert told.root == (1, 2)
    assert [(one.kind, one.name) for one in told.keepers] == [("file", "safe")]
    assert [(one.keeper, one.version) for one in told.evidence] == [("local", 1)]
    assert told.evidence[0].effective is not None
    (kept,) = keepers_of(stocked.workspace).keepers
    assert (kept.name, kept.kind, kept.versions) == ("safe", "file", (2,))


def test_the_root_of_before_opens_nothing_of_today(stocked: Shop) -> None:
    old = (stocked.workspace / "vault" / "root" / "root.1").read_bytes()
    given(stocked, SAFE)
    given(stocked, HOME)
    live = stocked.workspace / "vault" / "root" / "root.3"
    live.write_bytes(old.replace((1).to_bytes(8, "big"), (3).to_bytes(8, "big")))
    with pytest.raises(VaultError):
        readable(stocked)


def test_a_second_keeper_comes_and_the_first_goes(stocked: Shop) -> None:
    given(stocked, BOTH)
    assert keeper_kill.roots(stocked.folder) == ["safe/root.2", "shop/vault/root/root.2"]
    given(stocked, SAFE)
    assert keeper_kill.roots(stocked.folder) == ["safe/root.3"]
    evidence = keeper_kill.told(stocked.workspace)[-1].evidence
    assert sorted((one.keeper, one.version) for one in evidence) == [("local", 2), ("safe", 2)]
    assert all(one.effective for one in evidence)


def test_an_erasure_afterwards_destroys_the_root_of_the_new_keeper(stocked: Shop) -> None:
    given(stocked, BOTH)
    erase(ErasureRequest(stocked.workspace, "anthropic-consumer", "asked for", conversation="of-ada"))
    assert keeper_kill.roots(stocked.folder) == ["safe/root.3", "shop/vault/root/root.3"]
    assert readable(stocked) == 4


def test_who_has_it_open_with_the_old_keepers_stops(stocked: Shop) -> None:
    with opened(stocked.workspace) as found:
        given(stocked, SAFE)
        with pytest.raises(VaultError):
            found.keyring.keys([0])
        with pytest.raises(VaultError):
            found.keyring.destroy([1])
    assert readable(stocked) == 6


@pytest.mark.parametrize(
    ("tables", "wanted"),
    [
        (HOME, "nothing to change"),
        (f'{HOME}name = "local"\nfolder = "vault/root"\n', "nothing to change"),
        (f'{HOME}[second-root]\nkind = "file"\nfolder = "../safe"\n', "one name, or one folder"),
        (f'{HOME}[second-root]\nkind = "file"\nname = "x"\nfolder = "vault/../vault/root"\n', "one folder"),
        (f'{HOME}name = "other"\n', "holds roots already"),
        ('[second-root]\nkind = "file"\nname = "x"\n', "tables of root keepers"),
        ('[root]\nkind = "paper"\n', "tables of root keepers"),
        ("", "tables of root keepers"),
        ("\x00", "tables of root keepers"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(stocked: Shop, tables: str, wanted: str) -> None:
    settings = (stocked.workspace / "troth.toml").read_bytes()
    with pytest.raises((UsageError, VaultError), match=wanted):
        given(stocked, tables)
    assert (stocked.workspace / "troth.toml").read_bytes() == settings
    assert keeper_kill.roots(stocked.folder) == ["shop/vault/root/root.1"]
    assert readable(stocked) == 6


def test_the_roots_of_another_workspace_are_left_alone(stocked: Shop) -> None:
    (stocked.folder / "safe").mkdir()
    theirs = stocked.folder / "safe" / "root.2"
    theirs.write_bytes(b"the root of another workspace")
    with pytest.raises(VaultError, match="holds roots already"):
        given(stocked, SAFE)
    assert theirs.read_bytes() == b"the root of another workspace"


def test_a_note_that_somebody_else_wrote_is_refused_and_destroys_nothing(stocked: Shop) -> None:
    (stocked.folder / "safe").mkdir()
    theirs = stocked.folder / "safe" / "root.2"
    theirs.write_bytes(b"the root of another workspace")
    note = stocked.workspace / "vault" / "keepers.json"
    note.write_text(
        '{"note":{"old":{"root":{"kind":"file"}},"new":{"root":{"kind":"file","folder":"../safe"}}},"mark":"00"}'
    )
    with pytest.raises(VaultError, match="not made by this vault"):
        readable(stocked)
    assert theirs.exists()
    note.write_text("{")
    with pytest.raises(VaultError, match="cannot be read"):
        readable(stocked)
    note.unlink()
    assert readable(stocked) == 6


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml"):
        read_tables(tmp_path / "none.toml")
    with pytest.raises(StoreError):
        keepers_of(tmp_path)


@pytest.mark.parametrize(("way", "stride"), [("replace", "3"), ("add", "11"), ("remove", "11")])
def test_killed_at_its_steps_one_side_has_the_root_and_nothing_is_lost(
    folder: Path, way: str, stride: str
) -> None:
    done = run_script(Path(__file__).with_name("keeper_kill.py"), str(folder), way, "1", stride)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
