"""What may go of a few conversations is decided without reading the others, and comes out the same."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from shops import Shop
from test_workspace_erasure import TERMS, gone, taken, talk

from troth.operations.workspace.erasure.judged import judged
from troth.operations.workspace.history import event_of, events_table
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.init import init_workspace
from troth.operations.workspace.opened import Workspace, now, opened
from troth.store.sealed import SealedStore
from troth.terms.archive import load
from troth.types.moment import format_moment, parse_moment

ACCOUNTS, TALKS = ("ada", "ben", "cleo", "dora"), tuple(f"t{n}" for n in range(5))
START = parse_moment("2023-06-01T00:00:00Z")
DAY = 86_400_000_000
COLUMNS = "record, conversation, account, said, keep_until, duty_until, standing, stored, rule, clause"


class History:
    """Whatever may happen, at any time, to a few people, conversations and one organisation."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def at(self) -> str:
        return format_moment(START + self.random.randrange(1_200) * DAY)

    def event(self, number: int) -> dict[str, Any]:
        pick = self.random.choice
        who, name = pick(ACCOUNTS), pick(TALKS)
        kinds: tuple[dict[str, Any], ...] = (
            {"event": "account.changed", "account": who, "plan": pick(("pro", "free", "work")), "age": pick(("adult", "minor"))},
            {"event": "account.changed", "account": who, "plan": "work", "organisation": "firm"},
            {"event": "account.closed", "account": who},
            {"event": "organisation.changed", "organisation": "firm", "plan": "work", "retention": pick(("P30D", "P1Y"))},
            {"event": "choice.made", "account": who, "choice": "improve_models", "value": pick(("granted", "refused")), "mechanism": "settings"},
            {"event": f"conversation.{pick(('flagged', 'cleared', 'reviewed', 'deleted', 'rated'))}", "conversation": name},
            {"event": "conversation.rated", "conversation": name, "account": who},
            {"event": f"conversation.{pick(('started', 'joined'))}", "conversation": name, "account": who},
            {"event": "record.deleted", "record": f"{name}/{pick((0, 1, 2))}"},
            {"event": "record.said", "record": f"told-{name}-{number}", "conversation": name, "account": who},
            {"event": "hold.placed", "hold": f"h{number}", **pick(({"accounts": [who]}, {"conversations": [name]}, {"plans": ["work"]}, {}))},
        )  # fmt: skip
        return {
            "at": self.at(),
            "id": f"e{number}",
            **self.random.choices(kinds, (3, 2, 1, 2, 3, 4, 2, 3, 2, 6, 1))[0],
        }

    def lines(self) -> list[dict[str, Any]]:
        """Some conversations are in the vault, and some are not."""
        return [
            talk(name, *((self.random.choice((*ACCOUNTS, None)), f"{name} {n}") for n in range(3)), at=self.random.choice((self.at(), "")))
            for name in TALKS[:3]
        ]  # fmt: skip


def verdicts(workspace: Workspace, conversations: list[str] | None) -> list[tuple[Any, ...]]:
    head = workspace.store.head()
    assert head is not None
    with judged(workspace, load(TERMS, {}), conversations, now(), head.size) as found:
        query = f"SELECT {COLUMNS} FROM judged ORDER BY record, conversation, account"
        return found.connection.execute(query).fetchall()


@pytest.mark.parametrize("seed", range(3))
def test_on_the_events_about_some_the_same_is_decided_as_on_all(tmp_path: Path, seed: int) -> None:
    shop, history = Shop(tmp_path), History(seed)
    init_workspace(shop.workspace, "example.org/shop")
    shop.record(*(history.event(number) for number in range(60)))
    lines = history.lines()
    shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    ingest(shop.workspace, [str(shop.logs)])
    shop.record(*(history.event(number) for number in range(60, 90)), name="more.jsonl")
    with opened(shop.workspace) as found:
        whole = verdicts(found, None)
        told = {row[1] for row in whole}
        for some in ([TALKS[0]], [TALKS[1], TALKS[3]], list(TALKS)):
            rows = verdicts(found, some)
            assert [row for row in rows if row[1] in told] == [row for row in whole if row[1] in some]
            assert all(not row[7] for row in rows if row[1] not in told)
    assert {row[6] for row in whole} > {"hold"} or seed, "the worlds are too plain to tell anything"


def test_one_of_many_is_erased_without_opening_the_events_of_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)

    def whole(*_: object) -> None:
        raise AssertionError("the whole history was read")

    monkeypatch.setattr(SealedStore, "events", whole)
    assert gone(shop, conversation="of-ada").conversations == 1
    assert gone(shop, account="ben").conversations == 1


def test_events_are_the_same_in_a_table_as_one_by_one(shop: Shop) -> None:
    history = History(7)
    shop.record(*(history.event(number) for number in range(80)), {
        "event": "hold.placed", "at": "0001-01-01T00:00:00Z", "hold": "old", "since": "2025-01-01T00:00:00.5Z",
        "until": "9999-12-31T23:59:59.999999Z", "regions": ["DE"], "recorded_at": "2025-01-01T00:00:00.000001Z",
    })  # fmt: skip
    with opened(shop.workspace) as found:
        for payloads in found.store.events(None):
            table = events_table(payloads)
            for payload, row in zip(payloads, table.to_pylist(), strict=True):
                event = event_of(payload)
                lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
                assert {**row, **lists} == {name: getattr(event, name) for name in event.__struct_fields__}
    assert events_table([]).num_rows == 0
