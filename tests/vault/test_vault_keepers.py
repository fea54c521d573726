"""Every root keeper keeps the same promises: what is made is there, what is destroyed is not, whatever interrupts it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import keeper_worlds
import msgspec
import pytest
from keeper_worlds import World

from troth.errors import VaultError
from troth.types.moment import DAY
from troth.vault.keys.keeper import RootKeeper
from troth.vault.keys.keyring import create_keyring, open_keyring
from troth.vault.keys.transit_http import Transit

TRANSIT = "transit-documented-interface-not-a-server"
KINDS = ("file", "softhsm", "moto-kms", TRANSIT)
REMOTE = KINDS[1:]
WAYS = {
    "file": lambda _: keeper_worlds.files(),
    "softhsm": keeper_worlds.softhsm,
    "moto-kms": keeper_worlds.moto_kms,
    TRANSIT: lambda _: keeper_worlds.transit_documented_interface(),
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """The worlds that were asked for so far; each is set up once."""
    with ExitStack() as stack:
        yield _Making(stack, tmp_path_factory)


class _Making(dict[str, World]):
    def __init__(self, stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._stack = stack
        self._folders = folders

    def __missing__(self, kind: str) -> World:
        way = WAYS[kind](self._folders.mktemp("world"))
        self[kind] = way if isinstance(way, World) else self._stack.enter_context(way)
        return self[kind]


@pytest.fixture
def world(request: pytest.FixtureRequest, worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch) -> World:
    found = worlds[request.param]
    for variable, value in {**found.environ, "NO_PROXY": "127.0.0.1"}.items():
        monkeypatch.setenv(variable, value)
    return _for_one_keyring(found, request.node.name)


def _for_one_keyring(world: World, test: str) -> World:
    """A transit key serves one keyring: each test names its own."""
    if not hasattr(world.choice, "key"):
        return world
    name = "".join(sign if sign.isalnum() else "-" for sign in test)
    return World(msgspec.structs.replace(world.choice, key=name), world.environ, world.wrong)


every = pytest.mark.parametrize("world", KINDS, indirect=True)
remote = pytest.mark.parametrize("world", REMOTE, indirect=True)


@every
def test_a_root_is_kept_from_one_opening_to_the_next(world: World, tmp_path: Path) -> None:
    world.keeper(tmp_path / "root").make(1)
    keeper = world.keeper(tmp_path / "root")
    keeper.make(2)
    assert keeper.versions() == [1, 2]
    roots = {keeper.get(1), keeper.get(2), world.keeper(tmp_path / "root").get(1)}
    assert len(roots) == 2
    assert all(len(root) == 32 for root in roots)


@every
def test_a_destroyed_root_is_gone_and_the_others_are_not(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    keeper.make(2)
    kept = keeper.get(2)
    before = keeper_worlds.clock()
    evidence = keeper.destroy(1)
    assert keeper.versions() == [2]
    assert world.keeper(tmp_path / "root").get(2) == kept
    for one in (keeper, world.keeper(tmp_path / "root")):
        with pytest.raises(VaultError):
            one.get(1)
    assert (evidence.keeper, evidence.version) == (keeper.name, 1)
    assert (evidence.effective or evidence.scheduled or 0) >= before
    assert evidence.how


@every
def test_the_newest_root_can_be_destroyed_and_made_again_with_other_bytes(
    world: World, tmp_path: Path
) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    keeper.make(2)
    first, second = keeper.get(1), keeper.get(2)
    keeper.destroy(2)
    assert keeper.versions() == [1]
    assert keeper.get(1) == first
    keeper.make(2)
    assert keeper.get(2) != second
    assert keeper.get(1) == first


@every
def test_a_version_is_not_made_over_one_that_is_there(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    root = keeper.get(1)
    with pytest.raises(VaultError):
        keeper.make(1)
    assert keeper.get(1) == root


@every
def test_what_was_never_made_is_refused(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    assert keeper.versions() == []
    for ask in (keeper.get, keeper.destroy):
        with pytest.raises(VaultError) as refused:
            ask(3)
        assert refused.value.remedy


@every
def test_each_keeper_says_what_makes_a_root_destroyed(world: World, tmp_path: Path) -> None:
    statement = world.keeper(tmp_path / "root").statement
    assert len(statement) > 100
    assert statement.endswith(".")
    assert world.keeper(tmp_path / "root", "another").name == "another"


@every
def test_a_root_is_destroyed_whose_file_is_damaged(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    keeper.make(2)
    kept = keeper.get(2)
    (damaged,) = [file for file in (tmp_path / "root").iterdir() if ".1." in f"{file.name}."]
    damaged.write_bytes(b"\x00not what it was")
    assert keeper.versions() == [1, 2]
    with pytest.raises(VaultError):
        keeper.get(1)
    keeper.destroy(1)
    assert keeper.versions() == [2]
    assert keeper.get(2) == kept


@remote
def test_every_flipped_byte_of_a_wrapped_root_is_refused(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    root = keeper.get(1)
    (file,) = (tmp_path / "root").iterdir()
    whole = file.read_bytes()
    start = whole.index(b'"wrapped":"') + len(b'"wrapped":"')
    for at in {start, start + 12, (start + len(whole)) // 2, len(whole) - 8}:
        changed = b"A" if whole[at : at + 1] != b"A" else b"B"
        file.write_bytes(whole[:at] + changed + whole[at + 1 :])
        with pytest.raises(VaultError):
            keeper.get(1)
    file.write_bytes(whole)
    assert keeper.get(1) == root


@remote
def test_a_wrapped_root_does_not_pass_for_another_version(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    keeper.make(2)
    first, second = (next((tmp_path / "root").glob(f"wrapped.{n}.*")) for n in (1, 2))
    one, two = (json.loads(file.read_bytes()) for file in (first, second))
    first.write_text(json.dumps({**two, "version": 1}))
    second.write_text(json.dumps({**one, "version": 2}))
    for version in (1, 2):
        with pytest.raises(VaultError):
            keeper.get(version)


@remote
def test_a_restored_copy_of_a_destroyed_wrapped_root_opens_nothing(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    (file,) = (tmp_path / "root").iterdir()
    copy = file.read_bytes()
    keeper.make(2)
    keeper.destroy(1)
    file.write_bytes(copy)
    assert keeper.versions() == [2]
    with pytest.raises(VaultError):
        keeper.get(1)


@remote
def test_the_root_is_in_no_file(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    root = keeper.get(1)
    forms = (root, root.hex().encode(), base64.b64encode(root)[:-4])
    for file in (tmp_path / "root").iterdir():
        assert not any(form in file.read_bytes() for form in forms)
        assert file.stat().st_mode & 0o077 == 0


@remote
def test_the_file_of_a_wrapped_root_is_as_documented(world: World, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "root-keepers.md").read_text()
    documented = json.loads(page.split("```json\n")[1].split("```")[0])
    world.keeper(tmp_path / "root").make(3)
    (file,) = (tmp_path / "root").iterdir()
    found = json.loads(file.read_bytes())
    assert list(found) == list(documented)
    assert found["version"] == 3
    assert found["key"]
    file.write_text(json.dumps({**found, "more": 1}))
    with pytest.raises(VaultError):
        world.keeper(tmp_path / "root").get(3)


@remote
def test_wrong_credentials_are_told_plainly(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = world.keeper(tmp_path / "root")
    right.make(1)
    root = right.get(1)
    for variable, value in world.wrong.items():
        monkeypatch.setenv(variable, value)
    wrong = World(world.choice, world.wrong, world.wrong).keeper(tmp_path / "root")
    for ask in (wrong.versions, lambda: wrong.get(1), lambda: wrong.make(2), lambda: wrong.destroy(1)):
        with pytest.raises(VaultError) as refused:
            ask()
        assert any(word in str(refused.value) for word in ("PIN", "credentials", "token in the environment"))
        assert not any(secret in str(refused.value) for secret in world.wrong.values() if len(secret) < 10)
    for variable, value in world.environ.items():
        monkeypatch.setenv(variable, value)
    assert right.get(1) == root


def test_a_secret_that_is_missing_is_named(tmp_path: Path, worlds: dict[str, World]) -> None:
    for kind, variable in (("softhsm", "TROTH_PKCS11_PIN"), (TRANSIT, "VAULT_TOKEN")):
        with pytest.raises(VaultError, match=variable):
            World(worlds[kind].choice, {}, {}).keeper(tmp_path)


@every
def test_it_keeps_a_keyring(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    create_keyring(folder, [world.keeper(tmp_path / "root")])
    keyring = open_keyring(folder, [world.keeper(tmp_path / "root")])
    slots = list(keyring.allot(300))
    keys = keyring.keys(slots)
    done = keyring.destroy(slots[:10])
    assert (done.count, done.new) == (10, done.old + 1)
    assert [one.version for one in done.evidence] == [done.old]
    keyring.close()
    keyring = open_keyring(folder, [world.keeper(tmp_path / "root")])
    assert keyring.keys(slots) == [None] * 10 + keys[10:]
    keyring.close()
    assert world.keeper(tmp_path / "root").versions() == [done.new]


@pytest.mark.parametrize("kinds", [("softhsm", "moto-kms"), ("file", "softhsm")], ids=str)
def test_two_keepers_hold_one_root(
    kinds: tuple[str, str], worlds: dict[str, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in kinds:
        for variable, value in worlds[kind].environ.items():
            monkeypatch.setenv(variable, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keepers = [worlds[kind].keeper(tmp_path / kind) for kind in kinds]
    (tmp_path / "vault").mkdir()
    create_keyring(tmp_path / "vault", keepers)
    keyring = open_keyring(tmp_path / "vault", keepers)
    slots = list(keyring.allot(5))
    keys = keyring.keys(slots)
    done = keyring.destroy(slots[:1])
    keyring.close()
    assert {one.keeper for one in done.evidence} == {keeper.name for keeper in keepers}
    keyring = open_keyring(tmp_path / "vault", keepers[::-1])
    assert keyring.keys(slots) == [None, *keys[1:]]
    keyring.close()


def _killed(world: World, folder: Path, work: str, version: int, step: int) -> bool:
    """Do it in a process that is killed before a step; whether it came to the end instead."""
    here = Path(keeper_worlds.__file__).parent
    script = [sys.executable, str(here / "keepers_kill.py"), msgspec.json.encode(world.choice).decode()]
    done = subprocess.run(
        [*script, str(folder), work, str(version), str(step)],
        env={**os.environ, **world.environ},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr.decode()
    return done.stdout == b"done"


@every
def test_kill_at_every_step_of_making(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    keeper = world.keeper(folder)
    keeper.make(1)
    root = keeper.get(1)
    for step in range(40):
        ended = _killed(world, folder, "make", 2, step)
        assert keeper.versions() in ([1, 2], [1])
        assert keeper.get(1) == root
        if ended:
            break
        _undo(keeper)
        keeper.make(2)
        assert len(keeper.get(2)) == 32
        keeper.destroy(2)
    assert step >= 2
    assert keeper.versions() == [1, 2]


@remote
def test_what_was_begun_and_killed_is_made_over(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    for version in range(2, 20):
        if _killed(world, tmp_path / "root", "make", version, version - 2):
            break
        if version in keeper.versions():
            with pytest.raises(VaultError):
                keeper.get(version)
        keeper.make(version)
        assert len(keeper.get(version)) == 32
        assert keeper.versions() == list(range(1, version + 1))
    assert version > 4


@every
def test_kill_at_every_step_of_destroying(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    keeper = world.keeper(folder)
    keeper.make(1)
    for step in range(40):
        keeper.make(step + 2)
        kept = keeper.get(step + 2)
        ended = _killed(world, folder, "destroy", step + 1, step)
        if step + 1 in keeper.versions():
            assert not ended
            keeper.destroy(step + 1)
        assert keeper.versions() == [step + 2]
        assert keeper.get(step + 2) == kept
        with pytest.raises(VaultError):
            keeper.get(step + 1)
        if ended:
            break
    assert step >= 2


@every
def test_kill_between_making_and_destroying(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    keeper = world.keeper(folder)
    keeper.make(1)
    root = keeper.get(1)
    assert _killed(world, folder, "make", 2, 1000)
    assert not _killed(world, folder, "destroy", 1, 0)
    again = world.keeper(folder)
    assert again.versions() == [1, 2]
    assert again.get(1) == root
    again.destroy(1)
    assert again.versions() == [2]


def _undo(keeper: RootKeeper) -> None:
    """What the keyring does on opening with a version of a rotation that was never written."""
    if 2 in keeper.versions():
        keeper.destroy(2)
    assert keeper.versions() == [1]


@pytest.mark.parametrize("world", ["softhsm"], indirect=True)
def test_the_key_of_a_root_is_on_the_token_never_to_leave_it_and_then_not(
    world: World, tmp_path: Path
) -> None:
    import pkcs11
    from pkcs11 import Attribute, ObjectClass

    def seen() -> list[Mapping[Attribute, object]]:
        library = pkcs11.lib(world.choice.module)
        with library.get_token(token_label=world.choice.token).open(user_pin=keeper_worlds.PIN) as session:
            wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: "troth root 41"}
            asked = [Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.VALUE_LEN]
            found = [one.get_attributes(asked) for one in session.get_objects(wanted)]
        library.finalize()
        return found

    keeper = world.keeper(tmp_path / "root")
    keeper.make(41)
    (key,) = seen()
    assert key[Attribute.ALWAYS_SENSITIVE] is True
    assert key[Attribute.NEVER_EXTRACTABLE] is True
    assert key[Attribute.VALUE_LEN] == 32
    evidence = keeper.destroy(41)
    assert seen() == []
    assert evidence.scheduled is None
    assert evidence.effective is not None


@pytest.mark.parametrize("world", ["softhsm"], indirect=True)
def test_a_token_or_library_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    world.keeper(tmp_path / "root").make(1)
    for other, word in (
        (msgspec.structs.replace(world.choice, token="nowhere"), "attach it"),
        (msgspec.structs.replace(world.choice, module=str(tmp_path / "no.so")), "library"),
    ):
        keeper = World(other, world.environ, {}).keeper(tmp_path / "root")
        with pytest.raises(VaultError, match=word):
            keeper.get(1)


@pytest.mark.parametrize("world", ["moto-kms"], indirect=True)
def test_kms_deletes_a_key_after_seven_days_and_the_evidence_says_so(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    (file,) = (tmp_path / "root").iterdir()
    key, copy = json.loads(file.read_bytes())["key"], file.read_bytes()
    now = keeper_worlds.clock()
    evidence = keeper.destroy(1)
    assert evidence.scheduled is not None
    assert abs(evidence.scheduled - now - 7 * DAY) < DAY // 100
    assert evidence.effective is None
    assert "kms:CancelKeyDeletion" in evidence.how
    assert key in evidence.how
    file.write_bytes(copy)
    again = keeper.destroy(1)  # as after a kill before the file was removed
    assert again.scheduled == evidence.scheduled


@pytest.mark.parametrize("world", ["moto-kms"], indirect=True)
def test_a_file_that_names_another_key_gets_no_other_key_deleted(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    keeper.make(2)
    kept = keeper.get(2)
    first, second = (next((tmp_path / "root").glob(f"wrapped.{n}.*")) for n in (1, 2))
    other = json.loads(second.read_bytes())["key"]
    own = json.loads(first.read_bytes())["key"]
    first.write_text(json.dumps({**json.loads(first.read_bytes()), "key": other}))
    evidence = keeper.destroy(1)
    assert own in evidence.how
    assert other not in evidence.how
    assert keeper.get(2) == kept


@pytest.mark.parametrize("world", ["moto-kms"], indirect=True)
def test_kms_out_of_reach_is_told(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.keeper(tmp_path / "root").make(1)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    with pytest.raises(VaultError, match="credentials"):
        world.keeper(tmp_path / "root").get(1)
    with pytest.raises(VaultError, match="region, endpoint and profile"):
        World(msgspec.structs.replace(world.choice, profile="nobody"), {}, {}).keeper(tmp_path / "root")


transit = pytest.mark.parametrize("world", [TRANSIT], indirect=True)


@transit
def test_a_transit_key_that_was_used_before_is_refused(world: World, tmp_path: Path) -> None:
    keeper = world.keeper(tmp_path / "root")
    keeper.make(1)
    other = world.keeper(tmp_path / "other")
    with pytest.raises(VaultError, match="alone"):
        other.make(1)
    assert len(keeper.get(1)) == 32


@transit
@pytest.mark.parametrize("flaw", ["exportable", "allow_plaintext_backup"])
def test_a_transit_key_that_can_leave_the_server_is_refused(world: World, tmp_path: Path, flaw: str) -> None:
    address = f"{world.choice.address}/v1/transit/keys/{world.choice.key}"
    head = {"X-Vault-Token": world.environ["VAULT_TOKEN"]}
    keeper_worlds.post(address, json.dumps({flaw: True}).encode(), head)
    with pytest.raises(VaultError, match="exported or backed up"):
        world.keeper(tmp_path / "root").make(1)


@pytest.mark.parametrize(
    "address", ["http://vault.example.org:8200", "vault.example.org", "file:///etc/passwd", "https://", "http://[::1", ""]
)  # fmt: skip
def test_a_transit_engine_is_asked_over_https_only(address: str, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="https"):
        Transit(address, "transit", "key", "token")


def test_a_transit_engine_out_of_reach_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(VaultError, match="cannot be reached"):
        Transit("http://127.0.0.1:1", "transit", "key", "token").read()
