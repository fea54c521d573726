"""Format 2 of a history: choices for a conversation or project, what was shown, machine signals; in both kinds of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from troth.errors import HistoryError
from troth.history import read
from troth.history.history import digest_of_events
from troth.history.read import open_history, read_history

CHOICE = {
    "event": "choice.made",
    "at": "2025-09-05T10:00:00Z",
    "choice": "improve_models",
    "value": "refused",
}
OF_TALK = {**CHOICE, "conversation": "c1"}
OF_PROJECT = {**CHOICE, "project": "atlas", "account": "ada"}
SHOWN = {
    **CHOICE, "account": "ada", "notice_digest": f"sha256:{'0a' * 32}", "layout_digest": f"sha256:{'1b' * 32}",
    "locale": "zh-Hant-TW", "shown_at": "2025-09-05T09:59:58.5Z",
}  # fmt: skip
SIGNAL = {
    "event": "signal.received",
    "at": "2025-09-05T10:00:00Z",
    "account": "ada",
    "signal": "gpc",
    "value": "1",
}
STARTED = {
    "event": "conversation.started",
    "at": "2025-09-05T09:00:00Z",
    "conversation": "c1",
    "account": "ada",
}
OPENED = {"event": "account.opened", "at": "2025-03-01T09:00:00Z", "account": "ada", "plan": "pro"}

GOOD: dict[str, dict[str, Any]] = {
    "for a conversation": OF_TALK,
    "for a conversation, by an account": {**OF_TALK, "account": "ada"},
    "for a project": OF_PROJECT,
    "as it was shown": SHOWN,
    "shown at that very instant": {**SHOWN, "shown_at": CHOICE["at"]},
    "for a conversation, as it was shown": {**SHOWN, "conversation": "c1"},
    "global privacy control": SIGNAL,
    "an AI preference for a conversation": {
        **SIGNAL,
        "signal": "aipref",
        "value": "unknown",
        "conversation": "c1",
    },
    "begun in a project": {**STARTED, "project": "atlas"},
}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nobody's": (CHOICE, "names one of account and organisation"),
    "an account's and an organisation's": (
        {**CHOICE, "account": "ada", "organisation": "acme"},
        "names one of account and organisation",
    ),
    "a conversation and an organisation": ({**OF_TALK, "organisation": "acme"}, "no organisation"),
    "a conversation and a project": ({**OF_PROJECT, "conversation": "c1"}, "names one of them"),
    "a project of nobody": ({**CHOICE, "project": "atlas"}, "has no account"),
    "a project of an organisation": ({**CHOICE, "project": "atlas", "organisation": "acme"}, "no organisation"),
    "a short digest": ({**SHOWN, "notice_digest": "sha256:0a"}, "notice_digest"),
    "a digest in capitals": ({**SHOWN, "layout_digest": f"sha256:{'1B' * 32}"}, "layout_digest"),
    "a digest and more": ({**SHOWN, "notice_digest": f"sha256:{'0a' * 32}\n"}, "notice_digest"),
    "a locale that is none": ({**SHOWN, "locale": "de_DE"}, "BCP 47"),
    "an empty locale": ({**SHOWN, "locale": ""}, "locale ''"),
    "shown after the answer": ({**SHOWN, "shown_at": "2025-09-05T10:00:00.000001Z"}, "shown_at is after at"),
    "shown without a zone": ({**SHOWN, "shown_at": "2025-09-05T09:00:00"}, "no zone"),
    "an unknown signal": ({**SIGNAL, "signal": "dnt"}, "signal 'dnt'"),
    "a value of another signal": ({**SIGNAL, "value": "disallowed"}, "value 'disallowed'"),
    "a signal of nobody": ({**SIGNAL, "account": None}, "has no account"),
    "a signal without a value": ({**SIGNAL, "value": None}, "has no value"),
    "a project where there is none": ({**OPENED, "project": "atlas"}, "unknown key 'project'"),
    "a choice with a signal": ({**CHOICE, "account": "ada", "signal": "gpc"}, "unknown key 'signal'"),
}  # fmt: skip


def lines(path: Path, *events: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return str(path)


def parquet(path: Path, *events: dict[str, Any]) -> str:
    names = sorted({name for event in events for name in event})
    columns = [pa.array([event.get(name) for event in events], pa.string()) for name in names]
    pq.write_table(pa.table(columns, names), path)
    return str(path)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_reads_alike_from_lines_and_from_parquet_of_any_size(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = GOOD[name]
    (one,) = read_history([lines(tmp_path / "h.jsonl", event)]).events
    path = parquet(tmp_path / "h.parquet", event)
    assert read_history([path]).events == (one,)

    monkeypatch.setattr(read, "MANY_EVENTS", 1)
    connection = duckdb.connect()
    (query,) = open_history([path], connection).queries
    (row,) = connection.sql(query).to_arrow_table().to_pylist()
    assert {key: value for key, value in row.items() if getattr(one, key) != value} == {}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_in_lines_and_in_large_parquet_alike(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, words = WRONG[name]
    with pytest.raises(HistoryError) as caught:
        read_history([lines(tmp_path / "h.jsonl", OPENED, event)])
    assert words in str(caught.value)

    monkeypatch.setattr(read, "MANY_EVENTS", 1)
    path = parquet(tmp_path / "h.parquet", OPENED, *GOOD.values(), event)
    with pytest.raises(HistoryError) as large:
        open_history([path], duckdb.connect())
    assert str(large.value).startswith(f"{path}:{len(GOOD) + 2}: ")
    assert words in str(large.value)


LOCALES = {
    True: ("en", "de", "pt-BR", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-CH-1996", "ar-u-nu-latn", "en-x-house"),
    False: ("e", "en_GB", "en-", "-en", "en--GB", "english language", "en-GB-oxendict-", "12", "ar-u", "e" * 9, "日本"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("right", "locale"), [(right, one) for right, many in LOCALES.items() for one in many]
)
def test_a_locale_is_a_language_tag(right: bool, locale: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "h.jsonl", {**SHOWN, "locale": locale})
    if right:
        assert read_history([path]).events[0].locale == locale
    else:
        with pytest.raises(HistoryError, match="locale"):
            read_history([path])


def test_a_hostile_locale_is_refused_at_once(tmp_path: Path) -> None:
    path = lines(tmp_path / "h.jsonl", {**SHOWN, "locale": "en" + "-a-bb" * 20_000 + "-"})
    with pytest.raises(HistoryError, match="locale"):
        read_history([path])


def test_older_histories_have_the_digests_that_they_had(tmp_path: Path) -> None:
    """Taken by the version before format 2: what an older history was is cited in releases and ledgers."""
    older = [
        OPENED,
        {**STARTED, "mode": "incognito"},
        {**CHOICE, "account": "ada", "notice": "2025-08-28", "initial_state": "off", "recorded_at": "2025-09-06T00:00:00Z"},
        {**CHOICE, "organisation": "acme", "mechanism": "admin", "id": "e1"},
    ]  # fmt: skip
    history = read_history([lines(tmp_path / "h.jsonl", *older)])
    assert history.digest() == "sha256:743e4290cd0c3b7a59d453046062f6297a71b3b90e9ff7304b681a093349bf62"
    newer = read_history([lines(tmp_path / "n.jsonl", *older, OF_TALK)])
    assert newer.digest() != history.digest()
    assert digest_of_events([event for event in newer.events if not event.narrow]) == history.digest()


def test_a_choice_for_a_place_is_another_event_than_one_of_the_account(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "h.jsonl", {**CHOICE, "account": "ada"}, {**OF_TALK, "account": "ada"}, OF_PROJECT
    )
    events = read_history([path]).events
    assert [event.narrow for event in events] == [False, True, True]
    assert len({digest_of_events([event]) for event in events}) == 3
