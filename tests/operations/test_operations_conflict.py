"""Where a signal's no meets a yes, the no stands and the explanation names both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from troth.cli.main import troth
from troth.operations.decide import DecideInputs
from troth.operations.explain import Explanation, explain
from troth.types.moment import parse_moment

OPENED = {"event": "account.opened", "at": "2025-03-01T09:00:00Z", "account": "ada", "plan": "pro"}
YES = {
    "event": "choice.made",
    "at": "2025-09-05T10:00:00Z",
    "account": "ada",
    "choice": "improve_models",
    "value": "granted",
}
SAID = {
    "event": "record.said",
    "at": "2025-09-06T10:00:00Z",
    "record": "r",
    "conversation": "c",
    "account": "ada",
}
SIGNAL = {
    "event": "signal.received",
    "at": "2025-09-07T10:00:00Z",
    "account": "ada",
    "signal": "aipref",
    "value": "disallowed",
}
NO = {"event": "choice.made", "at": "2025-09-07T10:00:00Z", "account": "ada", "conversation": "c",
      "choice": "improve_models", "value": "refused"}  # fmt: skip


def written(folder: Path, *events: dict[str, Any]) -> str:
    path = folder / "history.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return str(path)


def explained(folder: Path, *events: dict[str, Any]) -> Explanation:
    path = written(folder, *events)
    at = parse_moment("2025-09-20T00:00:00Z")
    return explain("r", DecideInputs("anthropic-consumer", {}, (path,), (), "train.general", at))


def test_a_signal_against_a_yes_is_named(tmp_path: Path) -> None:
    found = explained(tmp_path, OPENED, YES, SAID, SIGNAL)
    assert found.decision.reason == "signal_refused"
    assert found.conflict.startswith(
        "aipref said no; without that it would be allowed by chosen (choice_granted)"
    )
    assert found.conflict.endswith("The no stands.")
    assert {fact.name: fact.value for fact in found.facts}["aipref"] == "yes"


@pytest.mark.parametrize(
    "events", [(OPENED, SAID, SIGNAL), (OPENED, YES, SAID), (OPENED, YES, SAID, SIGNAL, NO)]
)
def test_where_nothing_else_allows_it_there_is_no_conflict(
    tmp_path: Path, events: tuple[dict[str, Any], ...]
) -> None:
    assert explained(tmp_path, *events).conflict == ""


def test_a_no_for_the_conversation_is_explained_and_no_choice_of_the_account_alters_it(
    tmp_path: Path,
) -> None:
    found = explained(tmp_path, OPENED, YES, SAID, NO)
    facts = {fact.name: (fact.value, fact.words) for fact in found.facts}
    assert found.decision.reason == "conversation_refused"
    assert found.decision.clause == "Help 10023548"
    assert facts["improve_models.here"][0] == "conversation"
    assert "for its conversation or its project" in facts["improve_models.here"][1]
    assert str(found.change).startswith("No choice alters it")


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_line_says_it(tmp_path: Path, as_json: bool) -> None:
    talk = {
        "conversation_id": "c", "account": "ada",
        "messages": [{"role": "user", "content": "Are pears ripe?", "timestamp": "2025-09-06T10:00:00Z"}],
    }  # fmt: skip
    (tmp_path / "chats.jsonl").write_text(json.dumps(talk) + "\n", encoding="utf-8")
    given = ["explain", "--record", "c/0", "--terms", "anthropic-consumer", "--history", written(tmp_path, OPENED, YES, SIGNAL),
             "--records", str(tmp_path / "chats.jsonl"), "--purpose", "train.general", "--at", "2025-09-20"]  # fmt: skip
    done = CliRunner().invoke(troth, [*given, "--json"] if as_json else given)
    assert done.exit_code == 0, done.output
    told = (
        json.loads(done.stdout)["conflict"]
        if as_json
        else done.stdout.partition("Conflict\n")[2].splitlines()[0]
    )
    assert "aipref said no" in told
    assert "(choice_granted)" in told
