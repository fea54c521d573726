"""Keyrings for tests. Who attacks them stands in `key_attacker`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import VaultError
from troth.vault.keys.keeper import Evidence
from troth.vault.keys.keyring import Keyring, create_keyring, open_keyring
from troth.vault.keys.local import LocalKeeper

NOW = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


def clock() -> int:
    return NOW


@dataclass(frozen=True)
class World:
    """A folder of keys, and folders of roots beside it."""

    folder: Path
    keepers: int = 1

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def database(self) -> Path:
        return self.keys / "keys.db"

    def root_folder(self, number: int = 0) -> Path:
        return self.folder / f"roots{number}"

    def keeper(self, number: int = 0) -> LocalKeeper:
        return LocalKeeper(self.root_folder(number), clock, "local" if number == 0 else f"local{number}")

    def all_keepers(self) -> list[LocalKeeper]:
        return [self.keeper(number) for number in range(self.keepers)]

    def create(self) -> World:
        create_keyring(self.keys, self.all_keepers())
        return self

    def open(self) -> Keyring:
        return open_keyring(self.keys, self.all_keepers())

    @contextmanager
    def opened(self) -> Iterator[Keyring]:
        keyring = self.open()
        try:
            yield keyring
        finally:
            keyring.close()

    def versions(self) -> list[list[int]]:
        return [keeper.versions() for keeper in self.all_keepers()]

    def files(self) -> list[Path]:
        """Every file of the keys; not those of the roots."""
        return sorted(path for path in self.keys.iterdir() if path.is_file())

    def roots(self) -> list[tuple[str, int, bytes]]:
        """The roots that are held and can be read now: keeper, version, bytes."""
        found = []
        for keeper in self.all_keepers():
            for version in keeper.versions():
                try:
                    found.append((keeper.name, version, keeper.get(version)))
                except VaultError:  # a root half overwritten is no use to an attacker either
                    continue
        return found

    def data(self) -> list[bytes]:
        return [path.read_bytes() for path in self.files()]


@dataclass
class Breaking:
    """A keeper in front of another that fails when it is told to."""

    inner: LocalKeeper
    fails: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def statement(self) -> str:
        return self.inner.statement

    def versions(self) -> list[int]:
        self._may_fail("versions")
        return self.inner.versions()

    def make(self, version: int) -> None:
        self._may_fail("make")
        self.inner.make(version)

    def get(self, version: int) -> bytes:
        self._may_fail("get")
        return self.inner.get(version)

    def destroy(self, version: int) -> Evidence:
        self._may_fail("destroy")
        return self.inner.destroy(version)

    def _may_fail(self, what: str) -> None:
        if what in self.fails:
            raise VaultError(f"the power went before {what}", remedy="switch it on again")


def keys_of(keyring: Keyring, slots: Iterable[int]) -> dict[int, bytes | None]:
    wanted = list(slots)
    return dict(zip(wanted, keyring.keys(wanted), strict=True))
