"""Sealed releases of a workspace: reading decides again, what was erased is gone, and what leaves is logged first."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shops import Shop, open_shop, withdrawal

from troth.errors import ReleaseError, StoreError, TermsError, UsageError, VerificationError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.build import BuildRequest, build_release
from troth.operations.decide import silent
from troth.operations.verify import VerifyRequest, verify_all
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.releases import export_release as exporting
from troth.operations.workspace.releases import grant
from troth.operations.workspace.releases.export_release import export_release
from troth.operations.workspace.releases.read_release import (
    PassedOver,
    ReadReport,
    ReadRequest,
    read_release,
    reading,
)
from troth.operations.workspace.releases.withdraw import withdraw_release
from troth.types.moment import parse_moment
from troth.verify.report import Outcome

RECIPIENT = "Service providers"
TERMS = "anthropic-consumer"


def asked(shop: Shop, name: str = "first", purpose: str = "train.general", **more: object) -> ReadRequest:
    return ReadRequest(shop.workspace, str(shop.folder / name), purpose, **more)  # type: ignore[arg-type]


def told(report: ReadReport) -> tuple[int, dict[str, int], int]:
    """Opened, withheld by reason, and gone."""
    assert report.rows == report.opened + sum(report.withheld.values()) + report.gone
    return report.opened, dict(report.withheld), report.gone


def read_rows(shop: Shop, name: str = "first") -> list[dict[str, object]]:
    with reading(asked(shop, name)) as (_, batches):
        return [row for batch in batches for row in batch.to_pylist()]


def erase(shop: Shop, *conversations: str) -> None:
    """Destroy the keys of conversations, and nothing else."""
    with opened(shop.workspace) as found:
        slots = found.handles.slots("conversation", conversations, make=False)
        found.keyring.destroy([slot for slot in slots.values() if slot is not None])


def later(shop: Shop, *events: dict[str, object]) -> None:
    shop.record(*events, name="later.jsonl")


def exports(shop: Shop) -> list[dict[str, object]]:
    with opened(shop.workspace) as found:
        return [msgspec.json.decode(row.payload) for row in found.store.opened(kinds=("export",))]


def whole_ledger(shop: Shop) -> None:
    assert not audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent).findings


# --- what is in the files -----------------------------------------------------------------------------


def test_no_file_of_a_release_of_a_workspace_has_what_was_said(shop: Shop) -> None:
    built = shop.build("first")
    assert built.release.sealed
    files = [path for path in (shop.folder / "first").rglob("*") if path.is_file()]
    assert len(files) == 6
    for path in [*files, built.page, shop.folder / "first.receipt"]:
        data = path.read_bytes()
        assert b"about pears" not in data, path
        assert b"ripe in autumn" not in data, path


def test_the_same_workspace_and_inputs_give_the_same_cells(shop: Shop) -> None:
    first, again = shop.build("first"), shop.build("again")
    assert first.release.ledger != again.release.ledger  # the first build is in the ledger meanwhile
    third = shop.build("third", checkpoint=first.release.ledger.size)
    assert third.manifest == first.manifest
    shards = [pq.read_table(shop.folder / name / "shards/part-00000.parquet") for name in ("first", "third")]
    assert shards[0].equals(shards[1])


def test_verifying_needs_no_key_and_takes_the_workspace_for_the_texts(shop: Shop) -> None:
    shop.build("first")
    request = VerifyRequest(
        shop.folder / "first", terms=TERMS, options={}, records=(str(shop.logs),), log_key=shop.log_key,
        ledger=str(shop.ledger), history=(str(shop.folder / "events.jsonl"),),
    )  # fmt: skip
    stranger = verify_all(request).release
    operator = verify_all(
        VerifyRequest(
            shop.folder / "first",
            terms=TERMS,
            options={},
            records=(str(shop.logs),),
            workspace=shop.workspace,
        )
    ).release
    assert stranger is not None
    assert operator is not None
    for report in (stranger, operator):
        found = {step.number: (step.outcome, step.findings) for step in report.steps}
        assert all(found[number] == (Outcome.PASSED, ()) for number in (3, 4, 5, 6, 7, 8, 9)), found
    not_checked = {step.number: " ".join(step.not_checked) for step in stranger.steps}
    assert "the texts of 4 records: they are sealed, and were not compared" in not_checked[8]
    assert "sealed" not in " ".join(" ".join(step.not_checked) for step in operator.steps)


# --- reading ------------------------------------------------------------------------------------------


def test_everything_is_opened_while_everybody_still_allows_it(shop: Shop) -> None:
    shop.build("first")
    report = read_release(asked(shop))
    assert told(report) == (4, {}, 0)
    texts = [row["text"] for row in read_rows(shop)]
    assert texts == [
        "A question about pears, basket A.", "Pears of basket A are ripe in autumn.",
        "A question about pears, basket C.", "Pears of basket C are ripe in autumn.",
    ]  # fmt: skip


def test_who_withdraws_after_the_build_is_withheld_counted_and_named(shop: Shop) -> None:
    shop.build("first")
    later(shop, withdrawal("ada", "2025-12-02T00:00:00Z"))
    report = read_release(asked(shop))
    assert told(report) == (2, {"withdrawn": 2}, 0)
    assert [(one.record, one.conversation, one.reason) for one in report.named] == [
        ("of-ada/0", "of-ada", "withdrawn"), ("of-ada/1", "of-ada", "withdrawn"),
    ]  # fmt: skip
    assert {row["conversation"] for row in read_rows(shop)} == {"of-cleo"}
    later(shop, {**withdrawal("ada", "2025-12-03T00:00:00Z"), "value": "granted"})
    # A yes that begins now does not reach back to what was said before it.
    assert told(read_release(asked(shop)))[0] == 2


def test_what_is_erased_is_gone_whatever_the_decision_says(shop: Shop) -> None:
    shop.build("first")
    erase(shop, "of-cleo")
    report = read_release(asked(shop))
    assert told(report) == (2, {}, 2)
    assert [(one.record, one.reason) for one in report.named] == [
        ("of-cleo/0", "erased"),
        ("of-cleo/1", "erased"),
    ]
    later(shop, withdrawal("cleo", "2025-12-02T00:00:00Z"), withdrawal("ada", "2025-12-02T00:00:00Z"))
    assert told(read_release(asked(shop))) == (0, {"withdrawn": 2}, 2)


def test_erasing_reaches_every_release_at_once(shop: Shop) -> None:
    shop.build("first")
    shop.build("second", seed=8)
    backup = shop.folder / "backup"
    shutil.copytree(shop.folder / "first", backup)
    erase(shop, "of-ada", "of-cleo")
    for name in ("first", "second", "backup"):
        assert told(read_release(asked(shop, name))) == (0, {}, 4)


def test_every_record_passed_over_is_listed(shop: Shop, tmp_path: Path) -> None:
    shop.build("first")
    later(shop, withdrawal("ada", "2025-12-02T00:00:00Z"))
    erase(shop, "of-cleo")
    out = tmp_path / "passed.jsonl"
    read_release(asked(shop), out=out)
    listed = [msgspec.json.decode(line, type=PassedOver) for line in out.read_bytes().splitlines()]
    assert Counter(one.reason for one in listed) == {"withdrawn": 2, "erased": 2}
    assert all(one.clause for one in listed if one.reason == "withdrawn")


def test_at_another_time_nothing_is_opened(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a time before a withdrawal would open what was withdrawn."""
    shop.build("first")
    later(shop, withdrawal("ada", "2025-12-02T00:00:00Z"))

    def refused(*_: object) -> None:
        pytest.fail("a cell was opened")

    monkeypatch.setattr(grant, "open_rows", refused)
    assert told(read_release(asked(shop), at=parse_moment("2025-12-01T12:00:00Z"))) == (4, {}, 0)
    assert told(read_release(asked(shop), at=parse_moment("2025-12-03T00:00:00Z"))) == (
        2,
        {"withdrawn": 2},
        0,
    )
    late = read_release(asked(shop), at=parse_moment("2035-12-03T00:00:00Z"))
    assert told(late) == (0, {"withdrawn": 2, "gone": 2}, 0)  # their time is over; nothing is erased yet
    with reading(asked(shop), parse_moment("2025-12-01T12:00:00Z")) as (_, batches):
        assert list(batches) == []


def test_another_purpose_is_decided_for_itself(shop: Shop) -> None:
    shop.build("first")
    assert told(read_release(asked(shop, purpose="sell"))) == (0, {"not_sold": 4}, 0)
    assert told(read_release(asked(shop, purpose="serve"))) == (4, {}, 0)
    with pytest.raises(UsageError, match="no purpose"):
        read_release(asked(shop, purpose="train"))


def test_keys_are_asked_for_once_for_a_shard(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.vault.keys.keyring import Keyring

    shop.build("first")
    calls = []
    keys = Keyring.keys

    def counted(self: Keyring, slots: list[int]) -> list[bytes | None]:
        calls.append(len(slots))
        return keys(self, slots)

    with reading(asked(shop)) as (report, batches):
        monkeypatch.setattr(Keyring, "keys", counted)
        assert sum(batch.num_rows for batch in batches) == report.opened == 4
    assert calls == [2]


# --- conversations of several people ------------------------------------------------------------------

SHARED = [
    {
        "role": "user",
        "content": "Shall we plant the pear tree?",
        "timestamp": "2025-10-20T10:00:00Z",
        "account": "ada",
    },
    {"role": "user", "content": "Yes, by the wall.", "timestamp": "2025-10-20T10:00:01Z", "account": "cleo"},
]


def shared_records(path: Path, *, second: str = "text") -> None:
    """One conversation of ada and cleo, as records; cleo's is of another kind, perhaps."""
    from troth.types.record import RECORD_SCHEMA

    rows = [
        {"record": f"both/{place}", "conversation": "both", "account": turn["account"],
         "at": parse_moment(turn["timestamp"]), "role": "user", "kind": ("text", second)[place], "product": "chat",
         "channel": "first_party", "position": place, "text": turn["content"]}
        for place, turn in enumerate(SHARED)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, RECORD_SCHEMA), path)


def build_from(shop: Shop, records: Path, name: str) -> int:
    request = BuildRequest(
        terms=TERMS, options={}, history=(), records=(str(records),), purpose="train.general",
        at=parse_moment("2025-12-01T00:00:00Z"), seed=7, out=shop.folder / name, workspace=shop.workspace,
    )  # fmt: skip
    return build_release(request).release.counts.released


def test_who_objects_takes_the_others_of_the_conversation_along(shop: Shop) -> None:
    records = shop.folder / "both.parquet"
    shared_records(records)
    assert build_from(shop, records, "first") == 2
    assert told(read_release(asked(shop)))[0] == 2
    later(shop, withdrawal("cleo", "2025-12-02T00:00:00Z"))
    assert told(read_release(asked(shop))) == (0, {"other_party": 1, "withdrawn": 1}, 0)


def test_a_person_whose_records_all_stayed_out_is_asked_where_the_vault_knows_them(shop: Shop) -> None:
    """cleo's part is of a kind that stays out; cleo withdraws; ada's part must not be opened."""
    records = shop.folder / "both.parquet"
    shared_records(records, second="connector")
    assert build_from(shop, records, "first") == 1
    # The release alone does not tell that cleo is in it. Nobody can be asked, so it is withheld.
    assert told(read_release(asked(shop))) == (0, {"others_unknown": 1}, 0)
    ingest(shop.workspace, (str(records),))
    assert told(read_release(asked(shop))) == (1, {}, 0)
    later(shop, withdrawal("cleo", "2025-12-02T00:00:00Z"))
    assert told(read_release(asked(shop))) == (0, {"other_party": 1}, 0)


# --- what is refused ----------------------------------------------------------------------------------


def test_a_withdrawn_release_is_not_read(shop: Shop) -> None:
    shop.build("first")
    withdraw_release(shop.workspace, str(shop.folder / "first"), "built from the wrong logs")
    with pytest.raises(ReleaseError, match="withdrawn: built from the wrong logs"):
        read_release(asked(shop))


def test_a_release_of_another_workspace_is_not_read(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = open_shop(tmp_path / "other")
    other.build("first")
    with pytest.raises(UsageError, match="no release"):
        read_release(asked(shop, "other/first"))


def test_a_plain_release_and_no_release_are_not_read(shop: Shop) -> None:
    request = BuildRequest(
        terms=TERMS, options={}, history=(str(shop.folder / "events.jsonl"),), records=(str(shop.logs),),
        purpose="train.general", at=parse_moment("2025-12-01T00:00:00Z"), seed=7, out=shop.folder / "plain",
    )  # fmt: skip
    assert not build_release(request).release.sealed
    for name in ("plain", "nothing"):
        with pytest.raises(UsageError, match="no release"):
            read_release(asked(shop, name))


def test_other_terms_than_those_of_the_release_are_refused(shop: Shop) -> None:
    shop.build("first")
    with pytest.raises(UsageError, match="not the terms of the release"):
        read_release(asked(shop, terms="openai", options={}))
    with pytest.raises((TermsError, UsageError)):
        read_release(asked(shop, terms="no-such-terms"))
    with pytest.raises(UsageError, match="made with shared_conversation=every_party, and not own_part"):
        read_release(asked(shop, options={"shared_conversation": "own_part"}))
    assert told(read_release(asked(shop, terms=TERMS)))[0] == 4


def test_a_changed_shard_is_refused_and_named(shop: Shop) -> None:
    shop.build("first")
    shard = shop.folder / "first/shards/part-00000.parquet"
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(
        VerificationError, match=r"part-00000\.parquet: is not the file that the manifest names"
    ):
        read_release(asked(shop))
    shard.unlink()
    with pytest.raises(VerificationError, match="not the file"):
        read_release(asked(shop))


# --- export -------------------------------------------------------------------------------------------


def test_what_leaves_is_plain_allowed_and_logged(shop: Shop) -> None:
    shop.build("first")
    erase(shop, "of-cleo")
    out = shop.folder / "out.parquet"
    done = export_release(asked(shop, purpose="serve"), RECIPIENT, out)
    assert told(done.report) == (2, {}, 2)
    assert done.clause
    found = pq.read_table(out)
    assert found["text"].to_pylist() == [
        "A question about pears, basket A.",
        "Pears of basket A are ripe in autumn.",
    ]
    assert "salt" not in found.column_names
    assert exports(shop) == [
        {
            "content": {"release": done.report.release},
            "purpose": "serve",
            "recipient": RECIPIENT,
            "records": 2,
        }
    ]
    export_release(asked(shop, purpose="serve"), RECIPIENT, shop.folder / "again.parquet")
    assert len(exports(shop)) == 2  # each time it is done, it is logged
    whole_ledger(shop)


@pytest.mark.parametrize(
    ("recipient", "purpose", "said"),
    [
        ("Somebody Else", "serve", "does not allow serve by 'Somebody Else': for serve it names"),
        (RECIPIENT, "train.general", "does not allow train.general by 'Service providers': for train.general it names nobody"),
        (RECIPIENT.lower(), "serve", "does not allow serve"),
        ("", "serve", "does not allow serve"),
    ],
)  # fmt: skip
def test_a_recipient_of_whom_the_terms_say_nothing_gets_nothing(
    shop: Shop, recipient: str, purpose: str, said: str
) -> None:
    shop.build("first")
    out = shop.folder / "out.parquet"
    with pytest.raises(UsageError, match=said):
        export_release(asked(shop, purpose=purpose), recipient, out)
    assert not out.exists()
    assert exports(shop) == []


def test_nothing_is_written_where_it_cannot_be_logged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.build("first")

    def refused(*_: object) -> None:
        raise StoreError("the disk is full", remedy="make room")

    monkeypatch.setattr(exporting, "sequence_pending", refused)
    monkeypatch.setattr(exporting, "whole_file", lambda _: pytest.fail("written before it was logged"))
    with pytest.raises(StoreError):
        export_release(asked(shop, purpose="serve"), RECIPIENT, shop.folder / "out.parquet")
    assert not (shop.folder / "out.parquet").exists()


def test_an_erasure_between_the_entry_and_the_file_stops_the_export(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.build("first")
    commit = exporting.sequence_pending

    def and_then_erased(*given: object) -> object:
        done = commit(*given)  # type: ignore[arg-type]
        erase(shop, "of-ada")
        return done

    monkeypatch.setattr(exporting, "sequence_pending", and_then_erased)
    with pytest.raises(ReleaseError, match="2 records were erased while they were written"):
        export_release(asked(shop, purpose="serve"), RECIPIENT, shop.folder / "out.parquet")
    assert not [path for path in shop.folder.iterdir() if "out.parquet" in path.name]


def test_an_export_to_a_file_that_exists_is_refused_before_anything(shop: Shop) -> None:
    shop.build("first")
    out = shop.folder / "out.parquet"
    out.write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists"):
        export_release(asked(shop, purpose="serve"), RECIPIENT, out)
    assert out.read_bytes() == b"mine"
    assert exports(shop) == []


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from troth.operations.workspace.releases import export_release as exporting
from troth.operations.workspace.releases.read_release import ReadRequest
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
where = sys.argv[3]
if where == "before the entry":
    exporting.act = die
elif where == "before the ledger has it":
    exporting.sequence_pending = die
elif where == "before the file":
    exporting._write = die
else:
    Path.replace = die
folder = Path(sys.argv[2])
exporting.export_release(ReadRequest(folder / "shop", str(folder / "first"), "serve"), "Service providers", folder / "out.parquet")
"""


@pytest.mark.parametrize(
    "where", ["before the entry", "before the ledger has it", "before the file", "before it has its name"]
)
def test_an_export_that_is_killed_never_leaves_a_file_that_the_ledger_does_not_know(
    shop: Shop, where: str
) -> None:
    shop.build("first")
    arguments = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(shop.folder), where]
    done = subprocess.run(arguments, capture_output=True, check=False, env=os.environ.copy())
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    left = [path for path in shop.folder.iterdir() if "out.parquet" in path.name]
    assert not (shop.folder / "out.parquet").exists()
    assert bool(exports(shop)) == (where != "before the entry")
    if left:
        assert exports(shop)
    export_release(asked(shop, purpose="serve"), RECIPIENT, shop.folder / "out.parquet")
    whole_ledger(shop)
    assert json.dumps(exports(shop))
