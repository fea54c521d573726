"""What a newcomer runs: the example in one command, the steps of docs/embedding.md, and the containers' own commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from chromium import free_port

ROOT = Path(__file__).resolve().parents[2]
TROTH = Path(sys.executable).with_name("troth")
EVERYWHERE = "0.0.0.0"
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_example_runs_with_one_command_and_asks_who_signs_up() -> None:
    command = [sys.executable, str(ROOT / "examples" / "product" / "run.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        told = [running.stdout.readline() for _ in range(2)]
        try:
            service, product = (re.search(r"http://\S+", line)[0] for line in told)  # type: ignore[index]
            with httpx.Client(base_url=product, headers={"Origin": product}) as person:
                assert person.get("/api/state").status_code == 401
                stages = {}
                for name in ("ada", "newcomer"):
                    person.post("/api/sign-up", json={"name": name})
                    state = person.get("/api/state").json()
                    assert (state["may_continue"], state["service"]) == (True, service)
                    header = {"Authorization": f"Bearer {state['token']}"}
                    asked = httpx.get(f"{service}/v1/question", headers=header).json()
                    stages[name] = (asked["show"], asked["stage"])
                    assert asked["deadline"]
                assert stages == {"ada": (True, "existing"), "newcomer": (True, "signup")}
                foreign = person.post(
                    "/api/sign-up", json={"name": "x"}, headers={"Origin": "http://other.example"}
                )
                assert foreign.status_code == 403
        finally:
            running.send_signal(signal.SIGINT)
            rest = running.communicate(timeout=30)[0]
    assert (running.returncode, rest) == (0, "ended; everything was removed\n")


def served(command: list[str], folder: Path) -> subprocess.Popen[str]:
    running = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ.copy(),
    )
    assert running.stdout is not None
    assert "listens" in running.stdout.readline()
    return running


def ended(running: subprocess.Popen[str]) -> int:
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    return running.returncode


def test_the_page_on_embedding_works_as_it_stands(tmp_path: Path) -> None:
    """Its commands, its settings, its token in both languages, and the addresses that it names."""
    port = free_port()
    first, second = blocks("console")
    settings = re.search(r"<<'END'\n(.*?)END\n", first, flags=re.DOTALL)
    assert settings is not None
    init = re.search(r"^\$ troth (init .*)$", first, flags=re.MULTILINE)
    key = re.search(r"^\$ troth (key new .*)$", second, flags=re.MULTILINE)
    serve = re.search(r"^\$ troth (serve .*)$", second, flags=re.MULTILINE)
    assert init is not None
    assert key is not None
    assert serve is not None
    subprocess.run([TROTH, *init[1].split()], cwd=tmp_path, check=True, capture_output=True)
    text = settings[1].replace("8080", str(port))
    (tmp_path / "shop" / "service.toml").write_text(text, encoding="utf-8")
    made = subprocess.run(
        [TROTH, *key[1].split()], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    number, secret = (
        re.search(rf"^{name} +(\S+)", made, flags=re.MULTILINE)[1] for name in ("number", "token secret")
    )  # type: ignore[index]
    service = f"http://127.0.0.1:{port}"
    running = served([str(TROTH), *serve[1].replace("8080", str(port)).split()], tmp_path)
    try:
        names: dict[str, Any] = {}
        exec(blocks("python")[0], names)  # noqa: S102 - the page's own code is what is tested
        tokens = [names["person_token"]("ada", number, secret, service)]
        node = shutil.which("node")
        if node is not None:
            script = f"{blocks('js')[0]}\nconsole.log(personToken(...process.argv.slice(1)));"
            told = [node, "--input-type=module", "-e", script, "ada", number, secret, service]
            tokens.append(subprocess.run(told, check=True, capture_output=True, text=True).stdout.strip())
        for token in tokens:
            answer = httpx.get(f"{service}/v1/question", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["stage"]) == (200, "signup")
        html = "".join(blocks("html")).replace("8080", str(port))
        assert httpx.get(re.search(r'src="(http\S+troth-ask\.js)"', html)[1]).status_code == 200  # type: ignore[index]
        form = {
            "token": tokens[0],
            "back": re.search(r'name="back" value="([^"]+)"', html)[1].replace("&amp;", "&"),  # type: ignore[index]
        }
        entered = httpx.post(
            re.search(r'action="([^"]+)"', html)[1],  # type: ignore[index]
            data=form,
            headers={"Origin": "http://127.0.0.1:3000"},
        )
        assert entered.headers["location"] == "/ask?locale=en&return=http://127.0.0.1:3000/"
        cookie = entered.headers["set-cookie"].partition(";")[0]
        asked = httpx.get(service + entered.headers["location"], headers={"Cookie": cookie})
        assert asked.status_code == 200
        assert 'value="http://127.0.0.1:3000/"' in asked.text
        events = re.search(r"events_record\(\s*(\{.*?\})\s*\)\n", blocks("python")[1], flags=re.DOTALL)
        assert events is not None
        assert eval(events[1])["events"][0]["event"] == "account.opened"  # noqa: S307
    finally:
        assert ended(running) == 0


def test_the_steps_of_the_containers_are_commands_of_this_version(tmp_path: Path) -> None:
    """Docker is not run. What is copied is there, what pip is asked for is offered, and init and serve do what they say."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    for what, told in lines:
        if what == "COPY" and not told.startswith("--from"):
            *sources, _ = told.split()
            assert all((ROOT / source).exists() for source in sources), told
    (asked,) = (
        re.search(r'"\.\[(.*)\]"', told)[1] for what, told in lines if what == "RUN" and "pip" in told
    )  # type: ignore[index]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(asked.split(",")) <= set(project["optional-dependencies"])
    assert "web" in asked
    version = next(told for what, told in lines if what == "FROM").partition(":")[2].partition("-")[0]
    assert f">={version}" in project["requires-python"]

    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert (
        ROOT / "deploy" / compose["troth"]["build"]["context"] / compose["troth"]["build"]["dockerfile"]
    ).is_file()
    port = free_port()
    data = str(tmp_path)

    def here(command: list[str]) -> list[str]:
        plain = [
            part.replace("/data", data).replace(EVERYWHERE, "127.0.0.1").replace("8080", str(port))
            for part in command
        ]
        return [re.sub(r"\$\{TROTH_ORIGIN:-(.*)\}", r"\1", part) for part in plain]

    init = here(compose["init"]["command"])
    place = init.index("--store")
    assert init[place + 1].startswith("postgresql://troth:${TROTH_DB_PASSWORD")
    init[place + 1] = "sqlite"
    subprocess.run([TROTH, *init], check=True, capture_output=True)
    (tmp_path / "shop" / "service.toml").write_text(
        'format = 1\nterms = "anthropic-consumer"\norigin = "https://privacy.example.org"\n', encoding="utf-8"
    )
    (entry,) = (json.loads(told) for what, told in lines if what == "ENTRYPOINT")
    (command,) = (json.loads(told) for what, told in lines if what == "CMD")
    assert entry == ["troth"]
    assert command == compose["troth"]["command"]
    running = served([str(TROTH), *here(command)], tmp_path)
    try:
        (check,) = (told for what, told in lines if what == "HEALTHCHECK")
        healthy = json.loads(check[check.index("[") :].replace("8080", str(port)))
        assert healthy[0] == "python"
        subprocess.run([sys.executable, *healthy[1:]], check=True)
    finally:
        assert ended(running) == 0


@pytest.mark.parametrize("name", ["ask.png", "privacy.png"])
def test_the_pictures_of_the_documentation_are_there(name: str) -> None:
    assert (ROOT / "docs" / "images" / name).read_bytes().startswith(b"\x89PNG")
