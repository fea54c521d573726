"""One service for the tests that do not harm it, and its log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import started_chromium
from playwright.sync_api import Browser
from web_worlds import World, served

from troth.web.logs import LOG


@pytest.fixture(scope="session")
def log() -> Iterator[list[str]]:
    """The lines of the service's log."""
    lines: list[str] = []
    LOG.configure(as_json=True, write=lines.append)
    yield lines
    LOG.configure(as_json=False)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, log: list[str]) -> Iterator[World]:
    """A served workspace with SQLite."""
    with served(
        tmp_path_factory.mktemp("web"), **{"allowed-origins": ["https://product.example.org"]}
    ) as found:
        yield found


@pytest.fixture(scope="session")
def elsewhen(tmp_path_factory: pytest.TempPathFactory, log: list[str]) -> Iterator[World]:
    """Another one, for the tests that move its clock: what a service has stamped is never before what it stamped earlier."""
    with served(tmp_path_factory.mktemp("elsewhen")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one. Each file has its own: what one leaves open ends with it."""
    with started_chromium() as found:
        yield found
