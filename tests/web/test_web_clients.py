"""The clients: made from the interface as it is, and doing against a real service what they say."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from web_worlds import World

from troth.web.access.rights import RIGHTS

CLIENTS = Path(__file__).resolve().parents[2] / "clients"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(CLIENTS / "python" / "src"))
    import troth_client

    return troth_client


def test_what_is_published_is_what_the_interface_makes_of_it_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CLIENTS / "generator"))
    made = runpy.run_path(str(CLIENTS / "generator" / "__main__.py"), run_name="generator")["made"]()
    assert len(made) == 3
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is old: python clients/generator"


def test_the_python_client_has_a_method_for_every_operation(client: ModuleType) -> None:
    missing = [act for act in RIGHTS if not hasattr(client.Client, act.replace(".", "_"))]
    assert missing == []


def test_a_person_is_asked_and_answers_through_the_python_client(world: World, client: ModuleType) -> None:
    world.open_account("client-ada")
    key = world.keys["product"]
    token = client.person_token(
        "client-ada", key=key.key.id, secret=key.token_secret, audience=world.settings.audience
    )
    with client.Client(world.address, token) as troth:
        asked = troth.question_show(locale="fr")
        assert (asked["show"], asked["notice"]["locale"]) == (True, "fr")
        body = {"choice": asked["notice"]["choice"], "value": "refused"}
        first, again = (troth.choices_make(body, once="the-answer") for _ in range(2))
        assert first == again
        assert troth.question_show()["why"] == "answered"
        assert "troth" in troth.receipts_show()
        with pytest.raises(client.ProblemError) as refused:
            troth.question_show(account="somebody-else")
        assert (refused.value.status, refused.value.problem["type"]) == (403, "/problems/forbidden")
        assert refused.value.problem["remedy"]


def test_an_id_cannot_lead_to_another_address(world: World, client: ModuleType) -> None:
    with (
        client.Client(world.address, world.keys["product"].text) as troth,
        pytest.raises(client.ProblemError) as refused,
    ):
        troth.conversations_delete("../keys/1?x=#", account="client-ada")
    assert refused.value.status == 404
    assert world.as_("owner").get("/v1/keys").json()["keys"][0].get("revoked") is None


def test_a_request_whose_answer_was_lost_is_sent_again_and_counts_once(
    world: World, client: ModuleType
) -> None:
    world.open_account("client-lost")
    sent: list[str | None] = []
    waited: list[float] = []

    class Losing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            sent.append(request.headers.get("idempotency-key"))
            if len(sent) < 3:
                answer.close()
                raise httpx.ReadError("the connection ended", request=request)
            return answer

    with httpx.Client(transport=Losing()) as http:
        troth = client.Client(world.address, world.keys["product"].text, http=http, pause=waited.append)
        troth.choices_make({"choice": "improve_models", "value": "granted", "account": "client-lost"})
    assert len(set(sent)) == 1
    assert sent[0]
    assert waited == [0.25, 0.5]
    history = world.as_("product").get("/v1/choices/history", params={"account": "client-lost"}).json()
    assert len(history["choices"]) == 1


def test_a_service_that_has_no_answer_at_all_is_an_error_after_three_tries(client: ModuleType) -> None:
    waited: list[float] = []
    busy = httpx.MockTransport(lambda _: httpx.Response(503, text="a proxy", headers={"Retry-After": "99"}))
    with httpx.Client(transport=busy) as http:
        troth = client.Client("http://127.0.0.1:1", "troth_x", http=http, pause=waited.append)
        with pytest.raises(client.ProblemError) as refused:
            troth.terms_list()
    assert refused.value.status == 503
    assert waited == [10.0, 10.0]


SCRIPT = """
import { Troth, TrothProblem } from "%(folder)s/index.js";
import { personToken } from "%(folder)s/token.js";
const told = JSON.parse(process.argv[1]);
const { address, audience, key, secret } = told;
const lost = { left: 1 };
const losing = async (...given) => {
  const answer = await fetch(...given);
  if (given[1].method === "POST" && lost.left-- > 0) { await answer.text(); throw new TypeError("the connection ended"); }
  return answer;
};
const troth = new Troth({ address, credentials: () => personToken("node-ada", { key, secret, audience }), fetch: losing,
  pause: async () => {} });
const asked = await troth.questionShow({ locale: "ja" });
const made = await troth.choicesMake({ choice: asked.notice.choice, value: "refused" });
let refused = null;
try { await troth.choicesStanding({ account: "other" }); }
catch (problem) { refused = problem instanceof TrothProblem && [problem.status, problem.problem.type]; }
const receipt = await troth.receiptsShow();
console.log(JSON.stringify({ locale: asked.notice.locale, value: made.value, refused, receipt: receipt.length > 100 }));
"""


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node here")
    return found


def test_the_typescript_client_runs_as_it_is_published(world: World, node: str) -> None:
    world.open_account("node-ada")
    key = world.keys["product"]
    told: dict[str, Any] = {
        "address": world.address,
        "audience": world.settings.audience,
        "key": key.key.id,
        "secret": key.token_secret,
    }
    script = SCRIPT % {"folder": (CLIENTS / "typescript").as_uri()}
    run = subprocess.run(  # noqa: PLW1510 - the assertion shows what it said
        [node, "--input-type=module", "-e", script, json.dumps(told)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "locale": "ja",
        "value": "refused",
        "refused": [403, "/problems/forbidden"],
        "receipt": True,
    }
    history = world.as_("product").get("/v1/choices/history", params={"account": "node-ada"}).json()
    assert len(history["choices"]) == 1


def test_the_package_publishes_what_it_names(node: str) -> None:
    package = json.loads((CLIENTS / "typescript" / "package.json").read_text(encoding="utf-8"))
    named = [package["main"], package["types"]]
    named += [path for door in package["exports"].values() for path in door.values()]
    for path in named:
        assert path.removeprefix("./") in package["files"]
        assert (CLIENTS / "typescript" / path).is_file()
    assert not {"dependencies", "devDependencies"} & package.keys()


def test_the_types_hold_what_a_product_writes() -> None:
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("there is no TypeScript compiler here: npm install --global typescript")
    options = [
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--types",
        "",
    ]
    run = subprocess.run(  # noqa: PLW1510 - the assertion shows what it said
        [compiler, *options, "usage.ts"], cwd=CLIENTS / "typescript", capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
