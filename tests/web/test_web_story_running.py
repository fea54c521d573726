"""What a newcomer runs: the example in one command, and the steps of docs/embedding.md."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from chromium import free_port, started_chromium

from waiting import PATIENCE, awaited

ROOT = Path(__file__).resolve().parents[2]
TROTH = Path(sys.executable).with_name("troth")
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


@dataclass(frozen=True)
class Followed:
    """The page on embedding, followed as far as step 2: a workspace, a key, and the service."""

    folder: Path
    service: str
    product: str
    number: str
    secret: str

    def here(self, text: str) -> str:
        """A text of the page with the ports that are free on this machine."""
        return text.replace("http://127.0.0.1:8080", self.service).replace(
            "http://127.0.0.1:3000", self.product
        )


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """What is installed is left out: the package and its client are there already."""
    folder, port, own = tmp_path_factory.mktemp("embedding"), free_port(), free_port()
    first, second, _ = blocks("console")
    typed = re.findall(r"^\$ (.*)$", first + second, flags=re.MULTILINE)
    assert typed[:3] == [
        "python3 -m venv ~/troth && . ~/troth/bin/activate", "pip install '.[web]' clients/python", "mkdir ~/ask && cd ~/ask",
    ]  # fmt: skip
    init, settings, key, serve = typed[3:]
    assert settings == "cat > shop/service.toml <<'END'"
    _typed(init, folder)
    text = re.search(r"<<'END'\n(.*?)END\n", first, flags=re.DOTALL)[1]  # type: ignore[index]
    text = text.replace("8080", str(port)).replace("3000", str(own))
    (folder / "shop" / "service.toml").write_text(text, encoding="utf-8")
    made = _typed(key, folder)
    told = [re.search(rf"^{name} +(\S+)", made, flags=re.MULTILINE)[1] for name in ("number", "token secret")]  # type: ignore[index]
    command = [str(TROTH), *serve.replace("8080", str(port)).split()[1:]]
    running = served(command, folder)
    try:
        yield Followed(folder, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{own}", *told)
    finally:
        assert ended(running) == 0


def _typed(line: str, folder: Path) -> str:
    """What a command of the page says."""
    program, *words = line.split()
    assert program == "troth"
    return subprocess.run([TROTH, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_token_of_the_page_is_taken_in_both_languages(followed: Followed) -> None:
    told = ("ada", followed.number, followed.secret, followed.service)
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)  # noqa: S102 - the page's own code is what is tested
    tokens = [names["person_token"](*told)]
    node = shutil.which("node")
    if node is not None:
        script = f"{blocks('js')[0]}\nconsole.log(personToken(...process.argv.slice(1)));"
        command = [node, "--input-type=module", "-e", script, *told]
        tokens.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    for token in tokens:
        answer = httpx.get(f"{followed.service}/v1/question", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["stage"]) == (200, "signup")


def test_the_product_of_the_page_asks_in_a_browser_and_asks_once(followed: Followed) -> None:
    """Steps 3, 4 and 6 word for word: product.py, page.html, and the form that leads to the privacy centre."""
    one, two, _ = (followed.here(block) for block in blocks("python"))
    code = f"{one}\n\n{two}".replace("3000", followed.product.rpartition(":")[2])
    (followed.folder / "product.py").write_text(code, encoding="utf-8")
    page, form = (followed.here(block) for block in blocks("html"))
    form = re.sub(r'.*name="back".*\n', "", form)  # step 6: the same form without it
    (followed.folder / "page.html").write_text(
        page + form.replace("A NEW TOKEN", "THE TOKEN THAT YOUR SERVER MADE"), encoding="utf-8"
    )
    assert re.findall(r"^\$ (.*)$", blocks("console")[2], flags=re.MULTILINE) == [
        "cd ~/ask", "export KEY_NUMBER=... TOKEN_SECRET=...", "python3 product.py",
    ]  # fmt: skip
    env = {**os.environ, "KEY_NUMBER": followed.number, "TOKEN_SECRET": followed.secret}
    command = [sys.executable, "product.py"]
    with (
        subprocess.Popen(command, cwd=followed.folder, env=env, stderr=subprocess.DEVNULL) as product,
        started_chromium() as browser,
    ):
        try:
            open_page = browser.new_page()
            open_page.set_default_timeout(PATIENCE * 1000)
            told: list[str] = []
            open_page.on("console", lambda said: told.append(said.text))
            _wait_for(followed.product)
            open_page.goto(followed.product)
            open_page.click("troth-ask .answer[data-answer=no]")
            open_page.wait_for_selector("troth-ask [role=status]")
            assert "answered refused" in told
            with open_page.expect_response(lambda told: "/v1/question" in told.url) as again:
                open_page.reload()
            assert not again.value.json()["show"]
            assert open_page.query_selector("troth-ask dialog[open]") is None
            open_page.click("text=Choose about training")
            open_page.wait_for_url(f"{followed.service}/privacy")
            assert "You said no" in open_page.inner_text("main")
        finally:
            product.terminate()


def _wait_for(address: str) -> None:
    def listens() -> bool:
        try:
            httpx.get(address)
        except httpx.ConnectError:
            return False
        return True

    awaited(listens)


def test_the_form_of_the_page_leads_to_the_question_and_back(followed: Followed) -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)  # noqa: S102 - the page's own code is what is tested
    token = names["person_token"]("bea", followed.number, followed.secret, followed.service)
    html = followed.here(blocks("html")[1])
    back = re.search(r'name="back" value="([^"]+)"', html)[1].replace("&amp;", "&")  # type: ignore[index]
    action = re.search(r'action="([^"]+)"', html)[1]  # type: ignore[index]
    entered = httpx.post(action, data={"token": token, "back": back}, headers={"Origin": followed.product})
    assert entered.headers["location"] == f"/ask?locale=en&return={followed.product}/"
    cookie = entered.headers["set-cookie"].partition(";")[0]
    asked = httpx.get(followed.service + entered.headers["location"], headers={"Cookie": cookie})
    assert asked.status_code == 200
    assert f'value="{followed.product}/"' in asked.text


def test_the_client_of_the_page_tells_what_happened(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "clients" / "python" / "src"))
    key = json.loads(_typed("troth key new --workspace shop --role product client --json", followed.folder))[
        "key"
    ]
    code = followed.here(blocks("python")[2]).replace("troth_…", key)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own code is what is tested
    names["troth"].close()
    answer = httpx.get(
        f"{followed.service}/v1/continue",
        params={"account": "ada"},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.json()["why"] != "signup", "the account is known now"


@pytest.mark.parametrize("name", ["ask.png", "privacy.png"])
def test_the_pictures_of_the_documentation_are_there(name: str) -> None:
    assert (ROOT / "docs" / "images" / name).read_bytes().startswith(b"\x89PNG")
