"""Sealed releases: what stays plain, what does not, the same bytes every time, and no key or text in any file."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_worlds import contents, inputs_for, photo, said, talk

from cheap_filter import cheap_filter
from sealed_world import Slots, recorded, slots_of
from troth.build import shards
from troth.build.pipeline import build
from troth.errors import ReleaseError
from troth.proof.merkle import root_of
from troth.release.manifest import Release
from troth.release.rows import SHARD_SCHEMA, canonical_rows
from troth.release.sealed_rows import (
    HIDDEN_COLUMNS,
    PLAIN_COLUMNS,
    SEALED_MEMBERS,
    SEALED_SCHEMA,
    canonical_sealed_rows,
    open_rows,
    release_key,
    seal_rows,
)
from troth.release.tree import leaves

MARKER = "quokka-marker-7319"
DIGEST = "sha256:" + "5a" * 32


def world(conversations: int = 6) -> list[dict[str, Any]]:
    """Conversations of which every hidden column says something; media, and a text that the filter changes."""
    words = ["apples", "boats", "cedars", "drums", "elks", "figs", "geese", "harps"]
    rows = []
    for number in range(conversations):
        about = " ".join(words[number % 8 :] + words[: number % 8])
        rows += talk(
            f"c-{number:03}",
            f"{MARKER} {number}: tell me of {about} {number * 977}",
            f"{about} it is, {number}.",
        )
        rows[-1] |= {"parent": f"c-{number:03}/0", "model": f"{MARKER}-model", "tool": f"{MARKER}-tool"}
    rows += talk("c-mail", f"{MARKER}: write to ann@example.org about the wine and the bread, please")
    return rows


def sealed(folder: Path, rows: list[dict[str, Any]], slots: Slots | None = None, **options: Any) -> Release:
    folder.mkdir(parents=True, exist_ok=True)
    made = recorded(folder, slots or slots_of(rows))
    return build(inputs_for(folder, rows, recorded=made, **options), cheap_filter())


def shard_rows(release: Path) -> pa.Table:
    return pa.concat_tables([pq.read_table(path) for path in sorted(release.glob("shards/*"))])


def opened(release: Path, made: Release, slots: Slots) -> pa.RecordBatch:
    (batch,) = shard_rows(release).combine_chunks().to_batches()
    keys = {slot: release_key(slots.key(slot), made.inputs_digest) for slot in slots.of.values()}
    found = open_rows(batch, keys, made.inputs_digest)
    assert not found.gone
    assert not found.refused
    return found.rows


def test_the_manifest_says_whether_a_release_is_sealed(tmp_path: Path) -> None:
    rows = world()
    plain = build(inputs_for(tmp_path / "plain", rows), cheap_filter())
    assert (plain.sealed, plain.ledger, plain.membership) == (False, None, None)
    made = sealed(tmp_path / "sealed", rows)
    assert made.sealed
    assert made.ledger is not None
    payload = json.loads((tmp_path / "sealed/release/manifest.json").read_bytes())["payload"]
    assert json.loads(base64.b64decode(payload))["predicate"]["sealed"] is True


def test_what_was_said_is_the_same_in_a_plain_and_in_a_sealed_release(tmp_path: Path) -> None:
    rows = [*world(), photo("c-000", 2, b"GIF89a a pear"), said("c-000", 3, None), said("c-000", 4, "")]
    slots = slots_of(rows)
    plain = build(inputs_for(tmp_path / "plain", rows, purpose="review.human"), cheap_filter())
    made = sealed(tmp_path / "sealed", rows, slots, purpose="review.human")
    assert (made.counts, made.statistics) == (plain.counts, plain.statistics)
    assert made.filter == plain.filter
    before, after = shard_rows(tmp_path / "plain/release"), opened(tmp_path / "sealed/release", made, slots)
    names = [name for name in SHARD_SCHEMA.names if name != "salt"]
    assert before.select(names).to_pylist() == after.select(names).to_pylist()


def test_the_columns_that_deciding_ordering_and_counting_read_stay_plain(tmp_path: Path) -> None:
    rows = world()
    slots = slots_of(rows)
    sealed(tmp_path, rows, slots)
    found = shard_rows(tmp_path / "release")
    assert found.schema.equals(SEALED_SCHEMA)
    assert found.schema.metadata[b"troth.format"] == b"sealed-shard/1"
    assert set(HIDDEN_COLUMNS).isdisjoint(found.column_names)
    assert set(PLAIN_COLUMNS) | {"slot", "sealed", "salt"} == set(found.column_names)
    for conversation, slot in zip(found["conversation"].to_pylist(), found["slot"].to_pylist(), strict=True):
        assert slot == slots.of[conversation]


def test_the_tree_is_over_rows_with_the_digest_of_the_cell(tmp_path: Path) -> None:
    made = sealed(tmp_path, world())
    (shard,) = made.shards
    rows = shard_rows(tmp_path / "release").combine_chunks()
    hashes = leaves(rows["salt"].to_pylist(), canonical_sealed_rows(rows))
    assert root_of(hashes).hex() == shard.root
    assert list(json.loads(canonical_sealed_rows(rows)[0])) == list(SEALED_MEMBERS)


def test_the_same_inputs_give_the_same_bytes_whatever_the_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_ROWS", 5)
    rows = world(12)
    slots = slots_of(rows)
    first = sealed(tmp_path / "one", rows, slots)
    again = sealed(tmp_path / "two", list(reversed(rows)), slots, jobs=3)
    assert len(first.shards) > 3
    assert first == again
    assert contents(tmp_path / "one/release") == contents(tmp_path / "two/release")


def test_another_release_of_the_same_records_has_other_cells(tmp_path: Path) -> None:
    rows = world()
    slots = slots_of(rows)
    sealed(tmp_path / "one", rows, slots)
    sealed(tmp_path / "two", rows, slots, seed=8)
    one, two = (shard_rows(tmp_path / name / "release") for name in ("one", "two"))
    assert one["record"] == two["record"]
    assert not set(one["sealed"].to_pylist()) & set(two["sealed"].to_pylist())
    assert not {cell[1:17] for cell in one["sealed"].to_pylist()} & {
        cell[1:17] for cell in two["sealed"].to_pylist()
    }


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_file_of_a_sealed_release_has_a_text_or_a_key(
    tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_ROWS", 5)
    rows = world()
    slots = slots_of(rows)
    made = sealed(tmp_path, rows, slots, jobs=jobs)
    assert made.filter.records == 1
    wanted = [MARKER.encode(), b"apples", b"ann@example.org", b"[EMAIL_1]"]
    keys = [slots.key(slot) for slot in slots.of.values()]
    keys += [release_key(key, made.inputs_digest) for key in keys]
    wanted += keys + [key.hex().encode() for key in keys]
    found = contents(tmp_path / "release")
    assert len(found) > 4
    for name, data in found.items():
        assert not [secret for secret in wanted if secret in data], name
    assert [
        path.name for path in tmp_path.iterdir() if path.name.startswith(".")
    ] == []  # no scratch stays behind
    plain = build(inputs_for(tmp_path / "plain", rows), cheap_filter())
    assert plain.counts == made.counts
    shown = pq.read_table(tmp_path / "plain/release/shards/part-00000.parquet")["text"].to_pylist()
    assert any(MARKER in text for text in shown)  # and in a plain one it would be found


def test_keys_go_to_the_shards_and_into_no_task_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the release is written, no file of the build has a key; `repr` of a task shows none either."""
    rows = world()
    slots = slots_of(rows)
    secrets = [slots.key(slot) for slot in slots.of.values()]
    looked = []

    def looking(task: shards.ShardTask) -> shards.Written:
        assert task.sealing is not None
        held = [*secrets, *task.sealing.keys]
        for path in task.work.parent.rglob("*"):
            if path.is_file():
                looked.append(path.name)
                assert not [key for key in held if key in path.read_bytes()], path
        assert not [key for key in held if repr(key) in repr(task)]
        return shards.write_shard(task)

    monkeypatch.setattr("troth.build.pipeline.write_shard", looking)
    sealed(tmp_path, rows, slots)
    assert looked


def test_a_conversation_that_is_erased_meanwhile_stops_the_build(tmp_path: Path) -> None:
    rows = world()
    slots = slots_of(rows)
    slots.erase("c-003")
    with pytest.raises(ReleaseError, match="is erased: its key is gone"):
        sealed(tmp_path, rows, slots)
    assert not (tmp_path / "release").exists()


def test_a_conversation_without_a_slot_stops_the_build(tmp_path: Path) -> None:
    rows = world()
    made = recorded(tmp_path, slots_of(rows))
    pq.write_table(pa.table({"conversation": ["c-000"], "slot": [1]}), tmp_path / "slots.parquet")
    with pytest.raises(ReleaseError, match="no slot"):
        build(inputs_for(tmp_path, rows, recorded=made), cheap_filter())
    assert not (tmp_path / "release").exists()


def test_keys_are_asked_for_once_for_a_whole_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_ROWS", 6)
    rows = world()
    slots = slots_of(rows)
    made = sealed(tmp_path, rows, slots)
    to_filter, *to_seal = slots.asked
    assert len(to_seal) == len(made.shards) > 1
    assert (
        sorted(to_filter) == sorted(slot for asked in to_seal for slot in asked) == sorted(slots.of.values())
    )


def test_a_release_without_rows_can_be_sealed_too(tmp_path: Path) -> None:
    rows = world(1)
    made = sealed(tmp_path, rows, deny={row["conversation"]: "refused" for row in rows})
    assert made.sealed
    assert made.shards == ()


def test_tools_are_told_the_columns_that_there_are(tmp_path: Path) -> None:
    sealed(tmp_path, world())
    told = json.loads((tmp_path / "release/croissant.json").read_text(encoding="utf-8"))
    (records,) = [one for one in told["recordSet"] if one["name"] == "records"]
    assert [one["name"] for one in records["field"]] == SEALED_SCHEMA.names
    shutil.rmtree(tmp_path / "release")


TEXT = st.none() | st.text(max_size=200)
HIDDEN = st.fixed_dictionaries(
    {name: st.none() | st.binary(max_size=300) if name == "bytes" else TEXT for name in HIDDEN_COLUMNS}
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), HIDDEN), min_size=1, max_size=8))
def test_what_is_sealed_comes_back_whatever_it_is(told: list[tuple[int, dict[str, Any]]]) -> None:
    rows = [
        {**dict.fromkeys(SHARD_SCHEMA.names), "record": f"r{place}", "conversation": f"c{slot}", "role": "user",
         "kind": "text", "product": "chat", "channel": "first_party", "position": place, "reason": "choice_granted",
         "rule": "r", "clause": "c", "salt": b"", **hidden}
        for place, (slot, hidden) in enumerate(told)
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, SHARD_SCHEMA)
    slots = [slot for slot, _ in told]
    keys = {slot: bytes([slot]) * 32 for slot in slots}
    cells = seal_rows(table, slots, keys, DIGEST)
    batch = cells.append_column("salt", table["salt"]).select(SEALED_SCHEMA.names).cast(SEALED_SCHEMA)
    (batch,) = batch.combine_chunks().to_batches()
    found = open_rows(batch, keys, DIGEST)
    assert found.places == tuple(range(len(rows)))
    assert found.rows.to_pylist() == table.to_pylist()
    assert canonical_rows(found.rows) == canonical_rows(table)
    gone = open_rows(batch, {}, DIGEST)
    assert gone.gone == tuple(range(len(rows)))
    assert gone.rows.num_rows == 0
